// SPDX-License-Identifier: MIT

// go-deeds.go - what hello-go does besides, as HELLO_GO_DO says: what Go's runtime brings along,
// and faults
package main

/*
#include <venvctl/plugin.h>

static int cancelled(const struct venv_host *host, struct venv_session *session)
{
	return host->cancelled(session);
}
*/
import "C"

import (
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"time"
)

// What it has when the hook is over, so that the collector leaves it alone.
var kept []*os.File

// All of this leaves threads and descriptors that are the runtime's.
func ordinary() {
	var all sync.WaitGroup
	for i := 0; i < 50; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			// The thread ends with the goroutine.
			runtime.LockOSThread()
			os.ReadFile("/proc/self/status")
			time.Sleep(time.Millisecond)
		}()
	}
	all.Wait()
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	if err := exec.Command("/bin/true").Run(); err != nil {
		panic(err)
	}
	runtime.GC()
}

func (h *hello) deed() {
	var nothing *hello

	ordinary()
	switch os.Getenv("HELLO_GO_DO") {
	case "pipe":
		from, to, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		kept = append(kept, from, to)
	case "notify":
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	case "setenv":
		os.Setenv("HELLO_GO", "1")
	case "exit":
		os.Exit(0)
	case "panic":
		nothing.prompt = ""
	case "goroutine":
		go func() { nothing.prompt = "" }()
		time.Sleep(time.Minute)
	case "deaf":
		// From here on the interrupt is a message to nobody.
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
		os.Stderr.WriteString("waiting\n")
		for {
			time.Sleep(time.Second)
		}
	case "wait":
		os.Stderr.WriteString("waiting\n")
		for C.cancelled(h.host, h.session) == 0 {
		}
	}
}
