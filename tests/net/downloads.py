#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""downloads.py - getpip and ezsetup against servers that fail in every way

Every failure ends with the right exit status and leaves nothing: no environment, no
temporary file, no part of a file in the cache.
"""

import hashlib
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "matrix"), os.path.join(HERE, "..", "store")]
import interpreters  # noqa: E402
from case import BODY, DIGEST, PIP, PYTHON, WRONG, Case, run  # noqa: E402
from interpreters import VENVCTL  # noqa: E402
from server import ProxyHandler, Server, wait_for  # noqa: E402
from wheelmaker import Wheel  # noqa: E402

class Tests:
    def __init__(self, ca):
        self.ca = ca
        self.good = Server(BODY, ca.good)
        self.http = Server(BODY)

    def case(self):
        return Case(self.ca.ca)

    def one(self, test):
        case = self.case()
        try:
            return test(case)
        finally:
            case.scratch.remove()

    def url(self, path):
        return "getpip.url=" + self.good.url(path)

    # ---- what works ----

    def test_a_script_is_fetched_run_in_bin_and_removed(self, c):
        c.works(self.url("/file/get-pip.py"), "getpip.sha256=" + DIGEST, "getpip.version=24.0",
                "getpip.args=--one", "getpip.args=two words")
        ran = open(c.path("env", "ran")).read()
        where = c.path("env", "bin")
        assert ran == repr([where + "/get-pip.py", "pip==24.0", "--one", "two words"]) + where, ran
        assert c.said == "Installing pip ...done.\n", c.said

    def test_any_of_several_digests_is_enough(self, c):
        c.works(self.url("/file/get-pip.py"), "getpip.sha256=" + WRONG,
                "getpip.sha256=" + DIGEST.upper())

    def test_the_digest_of_an_unverified_download_is_told(self, c):
        c.works(self.url("/file/get-pip.py"), "-v")
        assert "[plugin:getpip]" in c.said and "sha256 = " + DIGEST in c.said, c.said
        assert "said by the script" in c.said

    def test_a_name_that_bin_has_is_not_overwritten(self, c):
        c.works(self.url("/file/activate"))
        assert "venvctl-getpip.py" in open(c.path("env", "ran")).read()
        assert os.path.getsize(c.path("env", "bin", "activate")) > len(BODY)

    def test_python_version_in_the_address(self, c):
        c.works(self.url("/file/{python-version}/get-pip.py"))
        version = subprocess.run([PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                                 stdout=subprocess.PIPE, universal_newlines=True).stdout.strip()
        assert self.good.seen[-1][0] == "/file/%s/get-pip.py" % version

    def test_a_redirect_on_https_is_followed(self, c):
        c.works(self.url("/to/get-pip.py?" + self.good.url("/file/other.py")))

    def test_ca_file_of_the_configuration(self, c):
        c.works(self.url("/file/get-pip.py"), "network.ca-file=" + self.ca.ca,
                SSL_CERT_FILE=self.ca.own[0])

    def test_http_where_the_site_allows_the_host(self, c):
        c.site("[policy]\nhttp-hosts = localhost\n")
        c.works("getpip.url=" + self.http.url("/file/get-pip.py"))

    def test_a_file_of_this_machine(self, c):
        with open(c.path("a b.py"), "wb") as f:
            f.write(BODY)
        c.works("getpip.url=file://" + c.path("a%20b.py"), "getpip.sha256=" + DIGEST)
        c.works("getpip.url=" + c.path("a b.py"), "--offline", env="env2")

    def test_a_file_with_the_wrong_digest(self, c):
        with open(c.path("x.py"), "wb") as f:
            f.write(BODY)
        c.fails(7, "has the SHA-256", "getpip.url=" + c.path("x.py"), "getpip.sha256=" + WRONG)

    def test_a_server_that_is_busy_is_asked_again_when_it_says(self, c):
        began = time.monotonic()
        c.works(self.url("/busy/get-pip.py"), "-v")
        assert "trying again in 2 s" in c.said, c.said
        assert time.monotonic() - began >= 2
        assert self.good.count("/busy") == 2

    def test_proxy_of_the_environment_and_of_the_configuration(self, c):
        proxy = Server(b"", handler=ProxyHandler)
        where = "localhost:%d" % self.good.port
        try:
            c.works(self.url("/file/get-pip.py"), https_proxy="http://u:geheim@127.0.0.1:%d" % proxy.port)
            assert [s[0] for s in proxy.seen] == [where], proxy.seen
            assert "geheim" not in c.said
            c.works(self.url("/file/p.py"), "network.proxy=http://127.0.0.1:%d" % proxy.port,
                    env="env2")
            assert len(proxy.seen) == 2
            c.works(self.url("/file/q.py"), https_proxy="http://127.0.0.1:%d" % proxy.port,
                    no_proxy="localhost", env="env3")
            assert len(proxy.seen) == 2
        finally:
            proxy.close()

    def test_a_terminal_shows_size_and_rate(self, c):
        ours, theirs = pty.openpty()
        p = subprocess.Popen([VENVCTL, "create", "-p", PYTHON, "--plugin=getpip", "-o",
                              self.url("/steady/get-pip.py"), c.path("env")],
                             env=dict(c.env, TERM="xterm"), stdin=theirs, stdout=theirs,
                             stderr=theirs)
        os.close(theirs)
        text = b""
        try:
            while True:
                text += os.read(ours, 65536)
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert p.wait() == 0, text
        assert re.search(rb"Installing pip \.\.\.\x1b7 get-pip.py .* of 1.0 MB, \d.*/s", text), text
        # It is taken away again, and the line is as anybody else sees it.
        assert b"\x1b8\x1b[K.done.\r\n" in text, text

    def test_a_plan_shows_addresses_and_asks_the_policy(self, c):
        connections = len(self.good.seen)
        out = subprocess.run([VENVCTL, "create", "-n", "--plugin=getpip", c.path("env")], env=c.env,
                             stdout=subprocess.PIPE, check=True, universal_newlines=True).stdout
        assert "url = https://" in out and "(built in)" in out, out
        address = self.url("/file/x.py?key=geheim")
        c.site("[policy]\nallowed-hosts = localhost\n")
        out = subprocess.run([VENVCTL, "create", "-n", "--plugin=getpip", "-o", address,
                              c.path("env")], env=c.env, stdout=subprocess.PIPE, check=True,
                             universal_newlines=True).stdout
        assert "url = %s (-o)" % self.good.url("/file/x.py?...") in out, out
        assert "allowed-hosts in %s:2" % c.path("etc", "venvctl.ini") in out, out
        c.site("[policy]\nallowed-hosts = other.example\n")
        c.fails(8, "venvctl.ini:2", address, "-n")
        c.site("[policy]\nrequire-sha256 = yes\n")
        c.fails(8, "venvctl.ini:2", address, "-n")
        assert len(self.good.seen) == connections

    def test_a_plan_ends_as_create_would(self, c):
        with open(c.path("pins"), "w") as f:
            f.write("a==1 --hash=sha256:%s\n" % WRONG)
        with open(c.path("open.py"), "w") as f:
            f.write("")
        os.chmod(c.path("open.py"), 0o666)
        link = "find-links=https://h.example/a-1-py3-none-any.whl"
        require, hosts = "require-sha256 = yes", "allowed-hosts = other.example"
        for policy, status, plugin, option in (
                ("", 2, "getpip", "getpip.url=https://u:p@h.example/x.py"),
                ("", 2, "getpip", "getpip.url=ftp://h.example/x.py"),
                ("", 8, "getpip", "getpip.url=http://h.example/x.py"),
                ("", 2, "getpip", "getpip.url=/nowhere/x.py"),
                ("", 8, "getpip", "getpip.url=" + c.path("open.py")),
                ("", 8, "script", "script.source=" + c.path("open.py")),
                (require, 8, "getpip", "-v"),
                (hosts, 8, "getpip", "-v"),
                (hosts, 0, "getpip", "--no-pip"),
                (hosts, 8, "wheels:packages=a," + link, "-v"),
                (require, 8, "wheels:packages=a," + link, "-v"),
                (hosts, 8, "wheels:requirements=%s,%s" % (c.path("pins"), link), "-v")):
            c.site("[policy]\n%s\n" % policy if policy else "")
            for n in ["-n"], []:
                found = c.create(option, *n, plugin=plugin)
                assert found == status, "%s %s %s: status %d, not %d: %s" % (
                    policy, plugin, option, found, status, c.said)
        c.site("[policy]\n%s\n" % require)
        plugin = "wheels:requirements=%s,%s" % (c.path("pins"), link)
        assert c.create("-n", plugin=plugin) == 0, c.said
        c.site("[plugin:getpip]\nurl = https://u:p@h.example/x.py\n")
        assert c.create("-n") == c.create() == 8, c.said

    # ---- the cache ----

    def test_what_has_not_changed_is_not_sent_again(self, c):
        c.works(self.url("/etag/get-pip.py"))
        c.works(self.url("/etag/get-pip.py"), "-v", env="env2")
        assert "has not changed" in c.said, c.said
        assert self.good.seen[-1][1].get("If-None-Match")

    def test_a_damaged_copy_is_fetched_again(self, c):
        c.works(self.url("/etag/get-pip.py"))
        with open(c.path("cache", "download", DIGEST), "ab") as f:
            f.write(b"import nothing")
        c.works(self.url("/etag/get-pip.py"), env="env2")
        with open(c.path("cache", "download", DIGEST), "rb") as f:
            assert f.read() == BODY

    def test_a_known_digest_needs_no_network(self, c):
        c.works(self.url("/file/get-pip.py"))
        before = len(self.good.seen)
        c.works(self.url("/file/get-pip.py"), "getpip.sha256=" + DIGEST, env="env2")
        assert len(self.good.seen) == before

    def test_offline_finds_what_was_fetched(self, c):
        c.works(self.url("/file/get-pip.py"))
        before = len(self.good.seen)
        c.works(self.url("/file/get-pip.py"), "--offline", env="env2")
        assert len(self.good.seen) == before

    def test_offline_without_a_copy(self, c):
        c.fails(7, "hint: ", self.url("/file/get-pip.py"), "--offline")
        assert "Installing" not in c.said

    def test_offline_with_a_damaged_copy(self, c):
        c.works(self.url("/file/get-pip.py"), env="first")
        with open(c.path("cache", "download", DIGEST), "ab") as f:
            f.write(b"import nothing")
        c.fails(7, "not in the cache", self.url("/file/get-pip.py"), "--offline")

    def test_a_copy_that_fails_leaves_the_good_file_in_the_cache(self, c):
        big = hashlib.sha256(BODY + b"#" * (1 << 20)).hexdigest()
        options = self.url("/steady/get-pip.py"), "getpip.sha256=" + big
        c.works(*options, env="first")
        # No file may become larger than 100 KiB: the copy cannot be written.
        c.limit = 100 << 10
        c.fails(1, "cannot copy '%s' from the cache" % self.good.url("/steady/get-pip.py"),
                *options)
        c.limit = None
        assert big in c.cached(), c.cached()
        c.works(*options, "--offline")

    def test_a_digest_of_a_plugin_is_compared_without_case(self, c):
        mock = os.path.join(os.environ["TEST_PREFIX"], "mocks", "mock-digest.so")
        wheel = Wheel().add("acme.py", "x = 1\n").write(c.path("tmp"))
        shutil.move(wheel, c.path(os.path.basename(wheel)))
        wheel = c.path(os.path.basename(wheel))
        with open(wheel, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        asked = "mock-digest.wheel=" + wheel
        assert c.create(asked, "mock-digest.digest=" + digest.upper(), plugin=mock) == 0, c.said
        url = "mock-digest.url=" + self.good.url("/file/x.py")
        assert c.create(url, "mock-digest.digest=" + DIGEST.upper(), plugin=mock, env="e2") == 0, c.said
        # By its digest alone: nobody is at this address.
        url = "mock-digest.url=https://localhost:1/x.py"
        assert c.create(url, "mock-digest.digest=" + DIGEST.upper(), plugin=mock, env="e3") == 0, c.said
        # What is no digest names no file of the cache, nor one beside it.
        with open(c.path("cache", "mine"), "w") as f:
            f.write("mine")
        for bad in ("../mine", "mine", "", DIGEST[1:], wheel):
            for what in (asked, url):
                assert c.create(what, "mock-digest.digest=" + bad, plugin=mock, env="e4") == 2, c.said
                assert "is no digest: expected" in c.said, c.said
        assert os.path.exists(c.path("cache", "mine"))

    def test_plugins_check_finds_no_fault(self, c):
        plugins = os.path.join(os.environ["TEST_PREFIX"], "lib", "venvctl", "plugins")
        for name in ("getpip", "ezsetup"):
            c.site("[plugin:%s]\nurl = %s\n" % (name, self.good.url("/etag/script.py")))
            # Python 3.12 and later have no use for ezsetup.
            if name == "ezsetup" and sys.version_info >= (3, 12):
                continue
            out = c.scratch.must(VENVCTL, "plugins", "check", os.path.join(plugins, name + ".so"),
                                 env=dict(c.env, PATH="/usr/bin:/bin"))
            assert "FAILED" not in out and "ok       failing services" in out, out

    # ---- what must fail ----

    def test_wrong_digest(self, c):
        c.fails(7, DIGEST, self.url("/file/get-pip.py"), "getpip.sha256=" + WRONG)
        assert not c.cached()

    def test_a_certificate_that_is_over(self, c):
        self.fails_tls(c, self.ca.expired, "localhost")

    def test_a_certificate_signed_by_itself(self, c):
        self.fails_tls(c, self.ca.own, "localhost")

    def test_a_certificate_of_another_host(self, c):
        self.fails_tls(c, self.ca.stranger, "localhost")

    def test_a_certificate_of_an_authority_that_is_not_trusted(self, c):
        c.fails(7, "certificate", self.url("/file/get-pip.py"), SSL_CERT_FILE=self.ca.own[0])

    def fails_tls(self, c, certificate, host):
        server = Server(BODY, certificate)
        try:
            c.fails(7, "trusted certificates: ", "getpip.url=" + server.url("/file/get-pip.py", host))
            assert not server.seen, "a request was sent"
        finally:
            server.close()

    def test_redirect_to_http(self, c):
        c.fails(7, "which is refused", self.url("/to/x.py?" + self.http.url("/file/x.py")))

    def test_redirect_to_http_of_a_host_where_http_is_allowed(self, c):
        c.site("[policy]\nhttp-hosts = localhost\n")
        c.fails(7, "which is refused", self.url("/to/x.py?" + self.http.url("/file/x.py")))

    def test_redirect_to_a_file(self, c):
        c.fails(7, "which is refused", self.url("/to/x.py?file:///etc/passwd"))

    def test_redirect_to_a_host_that_is_not_allowed(self, c):
        c.site("[policy]\nallowed-hosts = localhost\n")
        before = len(self.good.seen)
        away = self.url("/to/x.py?" + self.good.url("/file/x.py", "127.0.0.1"))
        c.fails(8, "venvctl.ini:2", away)
        assert len(self.good.seen) == before + 1
        # Of several files the one that refuses it, wherever it was read.
        os.mkdir(c.path("etc", "conf.d"))
        for name, hosts in (("1", "localhost 127.0.0.1"), ("2", "127.0.0.1 localhost a.example")):
            with open(c.path("etc", "conf.d", name + ".ini"), "w") as f:
                f.write("[policy]\nallowed-hosts = %s\n" % hosts)
        c.fails(8, "allowed-hosts in " + c.path("etc", "venvctl.ini") + ":2", away)

    def test_redirects_without_end(self, c):
        c.fails(7, "too many redirects", self.url("/loop/x.py"))

    def test_endless_body(self, c):
        c.fails(7, "more than 1048576 bytes", self.url("/endless/x.py"), "network.max-download=1M")

    def test_announced_as_too_big(self, c):
        c.fails(7, "more than", self.url("/big/x.py"))

    def test_body_that_stalls(self, c):
        c.fails(7, "Less than 1 bytes/sec", self.url("/slow/x.py"), "network.stall-timeout=1",
                "network.retries=0")

    def test_body_that_never_ends(self, c):
        c.fails(7, "timed out after", self.url("/drip/x.py"), "network.timeout=2")

    def test_truncated_body(self, c):
        c.fails(7, "bytes remaining", self.url("/short/x.py"), "network.retries=0")
        assert not c.cached()

    def test_404(self, c):
        before = self.good.count("/missing")
        c.fails(7, "the server answered 404", self.url("/missing/x.py"))
        assert self.good.count("/missing") == before + 1, "it was tried again"

    def test_304_that_was_not_asked_for(self, c):
        c.fails(7, "the server answered 304", self.url("/unasked/x.py"))

    def test_a_server_that_asks_for_too_much_patience(self, c):
        c.fails(7, "the server answered 503", self.url("/patience/x.py"))

    def test_a_server_that_never_says_anything(self, c):
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            c.fails(7, "timeout", "getpip.url=https://localhost:%d/x.py" % mute.getsockname()[1],
                    "network.connect-timeout=1", "network.retries=0")

    def test_what_pip_is_told_of_the_network(self, c):
        with open(c.path("x.py"), "w") as f:
            f.write(PIP.decode() + "import os\nopen('../ran', 'w').write(' '.join(os.environ.get(n, '-') for n in "
                    "('PIP_CERT', 'https_proxy', 'PIP_NO_INDEX', 'PIP_QUIET')))\n")
        url = "getpip.url=" + c.path("x.py")
        c.works(url, env="env1", PIP_QUIET="2")
        c.works(url, "network.ca-file=" + self.ca.own[0], "network.proxy=http://p:1", "--offline")
        ran = [open(c.path(env, "ran")).read() for env in ("env1", "env")]
        assert ran == [self.ca.ca + " - - 2", self.ca.own[0] + " http://p:1 1 -"], ran

    def test_the_script_of_each_python(self, c):
        """Its address is in the refusal: nothing is asked of that host."""
        c.site("[policy]\nallowed-hosts = localhost\n")
        host = "https://bootstrap.pypa.io"
        for python in interpreters.find():
            want = "/get-pip.py" if python.xy >= (3, 10) else "/pip/%d.%d/get-pip.py" % python.xy
            c.fails(8, "'%s%s': this host is not allowed" % (host, want),
                    python=python.path)

    def test_nobody_listens(self, c):
        c.fails(7, "cannot fetch", "getpip.url=https://localhost:1/x.py", "network.retries=0")

    def test_a_script_that_fails(self, c):
        c.fails(6, "ended with status 3", self.url("/file/get-pip.py"), SCRIPT_EXIT="3")
        assert c.said.startswith("Installing pip ...failed.\n"), c.said
        assert "said by the script" in c.said and "hint: its whole output is in" in c.said, c.said

    def test_the_last_lines_of_a_failure_and_where_all_of_them_are(self, c):
        with open(c.path("x.py"), "w") as f:
            f.write("for i in range(50): print('line', i)\nraise SystemExit(1)\n")
        c.fails(6, "its whole output is in '%s'" % c.path("log"), "getpip.url=" + c.path("x.py"))
        assert "line 49" in c.said and "line 30" in c.said and "line 29" not in c.said, c.said
        assert open(c.path("log")).read().count("line") == 50

    def test_a_log_of_what_went_well(self, c):
        c.works(self.url("/file/x.py"), "--log-file=" + c.path("mine"))
        assert "said by the script" in open(c.path("mine")).read()
        assert "said by the script" not in c.said

    def test_the_cache_is_emptied(self, c):
        c.works(self.url("/file/x.py"))
        assert c.cached()
        c.scratch.venvctl("cache", "clean")
        assert not c.cached()

    def test_quiet_and_json_say_nothing(self, c):
        c.works(self.url("/file/x.py"), "-q")
        assert c.said == "", c.said
        c.works(self.url("/file/x.py"), "--json", env="env2")
        assert c.said == "", c.said

    def test_a_script_that_fails_in_an_environment_that_is_kept(self, c):
        assert c.create(self.url("/file/get-pip.py"), "--on-failure=keep", SCRIPT_EXIT="3") == 6
        assert os.path.exists(c.path("env", "ran"))
        assert not os.path.exists(c.path("env", "bin", "get-pip.py"))

    def test_an_existing_environment_is_as_before_after_a_failure(self, c):
        c.works(self.url("/file/get-pip.py"))
        os.unlink(c.path("env", "ran"))
        with open(c.path("env", "mine"), "w") as f:
            f.write("kept")
        assert c.create(self.url("/missing/x.py")) == 7
        assert not os.path.exists(c.path("env", "ran")) and os.path.exists(c.path("env", "mine"))
        c.is_clean()

    def test_credentials_are_refused_and_not_shown(self, c):
        c.fails(2, "refused", "getpip.url=https://me:geheim@localhost/x.py?key=geheim")
        assert "geheim" not in c.said, c.said
        c.fails(7, "404", self.url("/missing/x.py?key=geheim"))
        assert "geheim" not in c.said, c.said

    def test_interrupted(self, c):
        for sig in (signal.SIGINT, signal.SIGTERM):
            before = self.good.count("/slow")
            p = subprocess.Popen([VENVCTL, "create", "-p", PYTHON, "--plugin=getpip", "-o",
                                  self.url("/slow/x.py"), c.path("env")], env=c.env,
                                 stderr=subprocess.PIPE)
            wait_for(lambda: self.good.count("/slow") > before)
            p.send_signal(sig)
            p.communicate(timeout=20)
            assert p.returncode == -sig, p.returncode
            assert not os.path.exists(c.path("env"))
            c.is_clean()

    # ---- policy ----

    def test_policy_requires_a_digest(self, c):
        c.site("[policy]\nrequire-sha256 = yes\n")
        c.fails(8, "require-sha256 in %s:2" % c.path("etc", "venvctl.ini"),
                self.url("/file/get-pip.py"))
        assert "Installing" not in c.said
        c.works(self.url("/file/get-pip.py"), "getpip.sha256=" + DIGEST)

    def test_policy_requires_a_digest_of_an_untrusted_file(self, c):
        c.site("[policy]\nrequire-sha256 = yes\n")
        with open(c.path("x.py"), "wb") as f:
            f.write(BODY)
        os.chmod(c.path("x.py"), 0o666)
        c.fails(8, "writable by others", "getpip.url=" + c.path("x.py"))
        os.chmod(c.path("x.py"), 0o644)
        c.works("getpip.url=" + c.path("x.py"))

    def test_policy_of_hosts(self, c):
        c.site("[policy]\nallowed-hosts = mirror.example\n")
        c.fails(8, "venvctl.ini:2", self.url("/file/get-pip.py"))
        assert "Installing" not in c.said
        c.site("[policy]\nallowed-hosts = LOCALHOST:%d\n" % self.good.port)
        c.works(self.url("/file/get-pip.py"))

    def test_policy_of_another_port(self, c):
        c.site("[policy]\nallowed-hosts = localhost:1\n")
        c.fails(8, "venvctl.ini:2", self.url("/file/get-pip.py"))

    def test_policy_of_http_hosts(self, c):
        c.site("[policy]\nhttp-hosts = mirror.example\n")
        c.fails(8, "venvctl.ini:2", "getpip.url=" + self.http.url("/file/x.py"))

    def test_http_without_any_policy(self, c):
        c.fails(8, "http-hosts", "getpip.url=" + self.http.url("/file/x.py"))

    def test_limits_of_the_site_cannot_be_raised(self, c):
        c.site("[policy]\nmax-download = 100\ntimeout = 2\n")
        c.fails(7, "more than 100 bytes", self.url("/file/x.py"), "network.max-download=1G")
        c.site("[policy]\ntimeout = 2\n")
        c.fails(7, "timed out after", self.url("/drip/x.py"), "network.timeout=1000")

    # ---- ezsetup, and what is wanted ----

    def test_ezsetup_has_no_address_of_its_own(self, c):
        c.fails(8, "wheels", plugin="ezsetup")

    def test_ezsetup_then_getpip_and_archives(self, c):
        old = c.path("old.py")
        with open(old, "w") as f:
            f.write(PIP.decode() +
                    "open('setuptools-1.tar.gz', 'w'); open('../order', 'a').write('ez ')\n")
        with open(c.path("pip.py"), "w") as f:
            f.write(PIP.decode() + "open('../order', 'a').write('pip')\n")
        status = c.create("--add-plugin=ezsetup", "ezsetup.url=" + old,
                          "getpip.url=" + c.path("pip.py"))
        assert status == 0, c.said
        assert open(c.path("env", "order")).read() == "ez pip"
        assert not os.path.exists(c.path("env", "bin", "setuptools-1.tar.gz"))
        # One from before is not ezsetup's to remove, and a failure removes its own.
        open(c.path("env", "bin", "setuptools-0.tar.gz"), "w").close()
        with open(old, "a") as f:
            f.write("raise SystemExit(1)\n")
        assert c.create("ezsetup.url=" + old, "--on-failure=keep", plugin="ezsetup") == 6
        assert os.path.exists(c.path("env", "bin", "setuptools-0.tar.gz"))
        assert not os.path.exists(c.path("env", "bin", "setuptools-1.tar.gz"))

    def test_no_pip_and_no_setuptools(self, c):
        assert c.create(self.url("/file/x.py"), "--no-pip") == 0, c.said
        assert "not wanted" in c.said and not os.path.exists(c.path("env", "ran"))
        c.works(self.url("/file/x.py"), "--no-setuptools", env="env2")
        assert "--no-setuptools" in open(c.path("env2", "ran")).read()
        # As nodist in the documentation of venv: neither of them.
        assert c.create("--no-setuptools", "--plugin=ezsetup", self.url("/file/x.py"),
                        env="env3") == 0, c.said
        assert "pip is not wanted" in c.said and "setuptools is not wanted" in c.said, c.said
        assert not os.path.exists(c.path("env3", "ran"))

    def test_the_index_reaches_pip_and_nobody_reads_it(self, c):
        with open(c.path("x.py"), "w") as f:
            f.write(PIP.decode() + "import os, sys\nopen('../ran', 'w').write(os.environ['PIP_INDEX_URL'] + "
                    "' '.join(sys.argv[1:]))\n")
        c.works("getpip.url=" + c.path("x.py"), "getpip.index-url=https://u:geheim@m.example/",
                "getpip.no-index=yes", "getpip.find-links=" + c.path("tmp"), "-v")
        ran = open(c.path("env", "ran")).read()
        assert ran == "https://u:geheim@m.example/--no-index --find-links " + c.path("tmp"), ran
        assert "geheim" not in c.said


run(Tests)
