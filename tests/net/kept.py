#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kept.py - what stays: the copy that worked, no process, logs that say what is in them"""

import hashlib
import os
import re
import signal
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import BODY, DIGEST, Case, run  # noqa: E402
from server import Handler, Server, wait_for  # noqa: E402

PAGE = b"<html>Log in</html>"
BROKEN = b"import os\n"


class Changing(Handler):
    """One address, at which the test puts something else now and then."""

    def do_same(self):
        self.send(200, self.server.now, ETag='"%s"' % hashlib.sha256(self.server.now).hexdigest())


class Cutting(Server):
    """Cuts the first connections off when they have said hello."""
    cuts = ()

    def finish_request(self, request, client_address):
        if self.cuts:
            how, self.cuts = self.cuts[0], self.cuts[1:]
            request.recv(1)
            if how == "reset":
                request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.close()
            return
        super().finish_request(request, client_address)


class Tests:
    def __init__(self, ca):
        self.ca = ca
        self.server = Server(BODY, ca.good, Changing)

    def one(self, test):
        case = Case(self.ca.ca)
        try:
            return test(case)
        finally:
            case.scratch.remove()

    def local(self, c, text):
        with open(c.path("x.py"), "w") as f:
            f.write(text)
        return "script.source=" + c.path("x.py")

    def test_the_copy_that_worked_is_the_one_that_is_kept(self, c):
        url = "getpip.url=" + self.server.url("/same/get-pip.py")
        self.server.now = BODY
        c.works(url, env="one")
        for bad, status in (PAGE, 7), (BROKEN, 6), (b"raise SystemExit(3)\n", 6):
            self.server.now = bad
            assert c.create(url) == status, c.said
            before = len(self.server.seen)
            c.works(url, "--offline", env="offline%s" % len(bad))
            assert len(self.server.seen) == before
        # The server is asked with the tag of what is kept, and has something else.
        self.server.now = BODY + b"# newer\n"
        c.works(url, env="two")
        assert DIGEST in self.server.seen[-1][1]["If-None-Match"], self.server.seen[-1]
        c.works(url, "--offline", "-v", env="three")
        assert hashlib.sha256(self.server.now).hexdigest() in c.said, c.said

    def test_a_later_step_that_fails_is_no_success(self, c):
        url = "getpip.url=" + self.server.url("/same/later.py")
        self.server.now = BODY
        assert c.create(url, "--add-plugin=script", self.local(c, "1 / 0\n")) == 6, c.said
        c.fails(7, "not in the cache", url, "--offline")

    def test_a_handshake_that_is_cut_off_is_tried_again(self, c):
        for how in "reset", "end":
            server = Cutting(BODY, self.ca.good)
            server.cuts = (how,)
            try:
                c.works("getpip.url=" + server.url("/file/x.py"), "-v", env=how)
                assert "trying again in 1 s" in c.said, c.said
                server.cuts = (how,) * 9
                c.fails(7, "cannot fetch", "getpip.url=" + server.url("/file/y.py"),
                        "network.retries=1")
                assert len(server.cuts) == 7, server.cuts
            finally:
                server.close()

    def test_a_handshake_about_which_they_disagree_is_not(self, c):
        began = time.monotonic()
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def talk():
            while True:
                try:
                    with listener.accept()[0] as s:
                        s.recv(1000)
                        s.sendall(b"HTTP/1.0 400 no TLS here\r\n\r\n")
                except OSError:
                    return
        threading.Thread(target=talk, daemon=True).start()
        c.fails(7, "cannot fetch", "getpip.url=https://localhost:%d/x.py" %
                listener.getsockname()[1], "-v")
        listener.close()
        assert "trying again" not in c.said and time.monotonic() - began < 7, c.said

    def test_no_child_outlives_the_rollback(self, c):
        text = """import os, subprocess, sys, time
out = subprocess.DEVNULL if %r else None
p = subprocess.Popen([sys.executable, "-c", %r], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
open(%r, "w").write(str(p.pid))
time.sleep(0.3)
%s
"""
        for quiet in True, False:
            for stubborn in "", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); ":
                for end in "sys.exit(1)", "os.kill(os.getpid(), 9)":
                    child = stubborn + "import time; time.sleep(100)"
                    c.fails(6, "ended", self.local(c, text % (quiet, child, c.path("pid"), end)),
                            plugin="script")
                    with open(c.path("pid")) as f:
                        pid = int(f.read())
                    wait_for(lambda: not self.runs(pid), 3)
        # What a step that went well left running is the site's business.
        assert c.create(self.local(c, text % (True, child, c.path("pid"), "")),
                        plugin="script") == 0, c.said
        with open(c.path("pid")) as f:
            pid = int(f.read())
        assert self.runs(pid)
        os.kill(pid, signal.SIGKILL)

    @staticmethod
    def runs(pid):
        try:
            with open("/proc/%d/stat" % pid) as f:
                return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
        except OSError:
            return False

    def test_a_log_of_very_much(self, c):
        text = "for i in range(3000000): print('line', i)\nraise SystemExit(%d)\n"
        c.fails(6, "hint: the beginning and the end of its output are in '%s'" % c.path("log"),
                self.local(c, text % 1), plugin="script")
        assert "line 2999999" in c.said and "line 2999979" not in c.said, c.said[-300:]
        self.is_cut(c.path("log"), 3000000)
        # Without a failure the log that was asked for is the same.
        assert c.create(self.local(c, text % 0), "--log-file=" + c.path("mine"),
                        plugin="script") == 0
        self.is_cut(c.path("mine"), 3000000)

    def is_cut(self, log, n):
        with open(log) as f:
            text = f.read()
        all_of_it = sum(len("line %d\n" % i) for i in range(n))
        found = re.search(r"\n\[venvctl: (\d+) bytes are left out here\]\n", text)
        assert found, text[-200:]
        assert len(text) - len(found.group(0)) + int(found.group(1)) == all_of_it, len(text)
        assert text.startswith("line 0\nline 1\n") and text.endswith("line %d\n" % (n - 1))
        assert 1 << 20 < len(text) < 4 << 20, len(text)
        for line in text[:found.start()].split("\n")[:-1] + text[found.end():].split("\n")[:-1]:
            assert re.match(r"line \d+$", line), line

    def test_a_log_of_not_so_much_is_whole(self, c):
        c.fails(6, "hint: its whole output is in", self.local(
            c, "for i in range(200000): print('line', i)\nraise SystemExit(1)\n"), plugin="script")
        with open(c.path("log")) as f:
            assert f.read() == "".join("line %d\n" % i for i in range(200000))

    def test_a_line_without_end(self, c):
        text = "print('first'); print('x\\u20ac' * 25000000); print('last')\nraise SystemExit(1)\n"
        source = self.local(c, text)
        c.env["PYTHONIOENCODING"] = "utf-8"
        options = source, "--pass-env=PYTHONIOENCODING"
        c.fails(6, "more bytes]", *options, plugin="script")
        assert len(c.said) < 4000 and "last" in c.said, len(c.said)
        c.fails(6, "[... the rest of the line is left out]", "-v", *options, plugin="script")
        assert len(c.said) < 6000 and "first" in c.said, len(c.said)
        assert os.path.getsize(c.path("log")) < 8 << 20

    def test_old_logs_go(self, c):
        del c.env["VENVCTL_LOG_FILE"]
        c.env["XDG_STATE_HOME"] = c.path("state")
        # Root's have a place of their own.
        logs = c.env["TEST_LOGDIR"] = c.path("state", "venvctl", "log")
        os.makedirs(logs)
        for i in range(60):
            open(os.path.join(logs, "20200101T0000%02d-1.log" % i), "w").close()
        mine = [os.path.join(logs, n) for n in ("notes.log", "20200101T000000-x.log")]
        for path in mine:
            open(path, "w").close()
        c.fails(6, "its whole output is in", self.local(c, "print('x'); 1 / 0\n"),
                plugin="script")
        left = sorted(n for n in os.listdir(logs) if re.match(r"\d{8}T\d{6}-\d+\.log$", n))
        assert len(left) == 50 and "20200101T000010-1.log" not in left, left
        assert all(os.path.exists(path) for path in mine)


run(Tests)
