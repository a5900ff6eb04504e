// SPDX-License-Identifier: MIT

// hello-go - a plugin in Go: go build -buildmode=c-shared -o ../hello-go.so
package main

// Definitions in this comment would be compiled twice, since functions below are exported:
// only static ones can be here, and the plugin itself is defined in plugin.c.

/*
#cgo pkg-config: venvctl-plugin
#cgo CFLAGS: -std=c99 -fvisibility=hidden
#include <stdlib.h>
#include <venvctl/plugin.h>

// Go cannot call a pointer to a function.
static int write_file(const struct venv_host *host, struct venv_session *session,
		      const char *path, const void *data, size_t len, uint32_t mode)
{
	return host->write_file(session, path, data, len, mode);
}

static void set_error(const struct venv_host *host, struct venv_session *session,
		      const char *message)
{
	host->error(session, message);
}
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"
)

type hello struct {
	host    *C.struct_venv_host
	session *C.struct_venv_session
	prompt  string
}

// C may not keep a pointer to what is Go's, so that it gets a handle.
//
//export helloOpen
func helloOpen(host *C.struct_venv_host, session *C.struct_venv_session,
	ctx *C.struct_venv_context) C.uintptr_t {
	h := &hello{host, session, C.GoString(ctx.prompt)}
	return C.uintptr_t(cgo.NewHandle(h))
}

//export helloClose
func helloClose(data C.uintptr_t) {
	cgo.Handle(data).Delete()
}

// A hook runs on the thread that called it, as services have to; a goroutine does not.
//
//export helloSeed
func helloSeed(data C.uintptr_t) (result C.int) {
	h := cgo.Handle(data).Value().(*hello)
	// No panic may leave a hook: the host is C.
	defer func() {
		if p := recover(); p != nil {
			message := C.CString(fmt.Sprint(p))
			defer C.free(unsafe.Pointer(message))
			C.set_error(h.host, h.session, message)
			result = C.VENV_ERR_FAILED
		}
	}()
	return h.write("hello-go", "hello from Go, "+h.prompt+"\n")
}

func (h *hello) write(path, text string) C.int {
	cpath, ctext := C.CString(path), C.CString(text)
	defer C.free(unsafe.Pointer(cpath))
	defer C.free(unsafe.Pointer(ctext))
	return C.write_file(h.host, h.session, cpath, unsafe.Pointer(ctext),
		C.size_t(len(text)), 0o666)
}

func main() {}
