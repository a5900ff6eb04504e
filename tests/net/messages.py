#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""messages.py - who failed and with what, how long that took, and what is no address at all"""

import os
import re
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import BODY, DIGEST, Case, run  # noqa: E402
from interpreters import VENVCTL  # noqa: E402
from server import Handler, ProxyHandler, Server  # noqa: E402


class Busy(Handler):
    def do_later(self):
        if self.server.count("/later") < 2:
            self.send(503, b"later", Retry_After="6")
        else:
            self.send(200, self.server.body)

    def do_log_in(self):
        self.send(511, b"who are you?")

    def do_index(self):
        self.send(200, b"<!DOCTYPE html><a href=x>x</a>", Content_Type="text/html")


class Asking(ProxyHandler):
    """A proxy that wants to know who it is, of https and of http."""

    def do_CONNECT(self):
        self.send_response(self.server.answer)
        self.send_header("Proxy-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_CONNECT


class Tests:
    def __init__(self, ca):
        self.ca = ca
        self.good = Server(BODY, ca.good, Busy)
        self.http = Server(BODY)

    def one(self, test):
        case = Case(self.ca.ca)
        try:
            return test(case)
        finally:
            case.scratch.remove()

    def url(self, path, host="localhost"):
        return "getpip.url=" + self.good.url(path, host)

    # ---- who ----

    def test_a_proxy_that_refuses(self, c):
        proxy = Server(b"", handler=Asking)
        address = "http://localhost:%d" % proxy.port
        c.site("[policy]\nhttp-hosts = localhost\n")
        try:
            for url in self.good.url("/file/x.py"), self.http.url("/file/x.py"):
                proxy.answer = 407
                c.fails(7, "the proxy '%s/': it answered 407, it wants a user name" % address,
                        "getpip.url=" + url, "network.proxy=http://u:geheim@localhost:%d" % proxy.port)
                assert "geheim" not in c.said and "server answered" not in c.said, c.said
            proxy.answer = 403
            c.fails(7, "the proxy '%s/': it answered 403" % address, self.url("/file/x.py"),
                    "network.proxy=" + address)
        finally:
            proxy.close()

    def test_a_certificate_of_the_proxy(self, c):
        for certificate, why, hint in ((self.ca.expired, "expired", False),
                                       (self.ca.own, "self-signed", True)):
            proxy = Server(b"", certificate, ProxyHandler)
            address = "https://localhost:%d" % proxy.port
            try:
                c.fails(7, "the proxy '%s/': " % address, self.url("/file/x.py"),
                        "network.proxy=" + address)
                assert why in c.said and ("hint: a site's own" in c.said) == hint, c.said
            finally:
                proxy.close()
        # The server's own is not the proxy's; what it is libcurl 7.88 loses inside TLS.
        proxy = Server(b"", self.ca.good, ProxyHandler)
        server = Server(BODY, self.ca.expired)
        try:
            c.fails(7, "localhost:%d" % server.port, "getpip.url=" + server.url("/file/x.py"),
                    "network.retries=0", "network.proxy=https://localhost:%d" % proxy.port)
            assert "the proxy '" not in c.said, c.said
        finally:
            proxy.close()
            server.close()

    def test_a_proxy_that_is_not_there(self, c):
        for proxy in "http://localhost:1", "https://localhost:1", "http://nowhere.invalid:1":
            c.fails(7, "the proxy '%s/': " % proxy, self.url("/file/x.py"), "network.retries=0",
                    "network.proxy=" + proxy)

    def test_which_certificates_were_trusted(self, c):
        own = self.ca.own[0]
        c.fails(7, "trusted certificates: '%s' (SSL_CERT_FILE)" % own, self.url("/file/x.py"),
                SSL_CERT_FILE=own)
        assert "hint: a site's own certificates are named by ca-file" in c.said, c.said
        c.site("[network]\nca-file = %s\n" % own)
        c.fails(7, "trusted certificates: '%s' (ca-file in %s:2)" % (
            own, c.path("etc", "venvctl.ini")), self.url("/file/x.py"))
        c.site("")
        c.fails(7, "trusted certificates: the system's", self.url("/file/x.py"), SSL_CERT_FILE="")

    def test_a_hint_only_where_it_can_help(self, c):
        for certificate, hint in ((self.ca.expired, False), (self.ca.stranger, False),
                                  (self.ca.own, True)):
            server = Server(BODY, certificate)
            try:
                c.fails(7, "trusted certificates: ", "getpip.url=" + server.url("/file/x.py"))
                assert ("hint: " in c.said) == hint, c.said
            finally:
                server.close()

    def test_certificates_that_cannot_be_read(self, c):
        nothing = c.path("nothing.pem")
        c.fails(7, "'%s' (ca-file in -o): No such file" % nothing, self.url("/file/x.py"),
                "network.ca-file=" + nothing)
        c.fails(7, "'%s' (SSL_CERT_FILE): not a file" % c.path("tmp"), self.url("/file/x.py"),
                SSL_CERT_FILE=c.path("tmp"))
        open(nothing, "w").close()
        c.fails(7, "there is no certificate in '%s'" % nothing, self.url("/file/x.py"),
                "network.ca-file=" + nothing)

    def test_why_a_redirect_is_refused(self, c):
        c.site("[policy]\nhttp-hosts = localhost\nallowed-hosts = localhost\n")
        for to, status, why in (
                (self.http.url("/file/x.py"), 7, "it leads from https to http"),
                ("ftp://localhost/x", 7, "only https is fetched"),
                ("https://u:p@localhost/x", 7, "a user name or password in a URL is refused"),
                ("http://other.example/x", 7, "plain http is not allowed for this host"),
                ("https://127.0.0.1/x", 8, "this host is not allowed by allowed-hosts in"),
                ("https://b%C3%BCcher.example/", 7, "its host has to be written in ASCII")):
            c.fails(status, "which is refused: " + why, self.url("/to/x.py?" + to))

    def test_the_network_that_asks_for_a_log_in(self, c):
        c.fails(7, "the server answered 511, this network asks for a log-in first",
                self.url("/log-in/x.py"))

    def test_a_wheel_that_is_none(self, c):
        link = "wheels:packages=acme,find-links="
        c.fails(7, "'%s' is no wheel: 'localhost:%d' sent a page (HTML)" % (
            self.good.url("/index/acme-1-py3-none-any.whl"), self.good.port),
            plugin=link + self.good.url("/index/acme-1-py3-none-any.whl?k=geheim"))
        assert "geheim" not in c.said, c.said
        c.fails(7, "sent something else", plugin=link + self.good.url("/file/acme-1-py3-none-any.whl"))
        for n in [], ["-n"]:
            c.fails(2, "'%s' in 'find-links' is not the address of a wheel: index pages are not "
                    "read" % self.good.url("/simple/acme/"), *n,
                    plugin=link + self.good.url("/simple/acme/"))

    def test_where_a_download_has_no_directory(self, c):
        c.env["TMPDIR"] = c.path("none")
        assert c.create("script.source=" + self.good.url("/file/x.py"), plugin="script") == 1
        assert "in '%s': No such file or directory" % c.path("none") in c.said, c.said

    def test_waiting_that_lasts_is_told(self, c):
        c.works(self.url("/later/x.py"))
        assert "warning: cannot fetch" in c.said and "trying again in 6 s" in c.said, c.said
        c.works(self.url("/busy/x.py"), env="short")
        assert "trying again" not in c.said, c.said

    # ---- what is no address ----

    def test_the_key_and_the_file_of_an_address_that_is_none(self, c):
        ini = c.path("etc", "venvctl.ini")
        for url in "https://h:port/x.py", "https://[::/x.py", "https://h h/x.py":
            c.site("[plugin:getpip]\n\nurl = %s\n" % url)
            c.fails(8, "'getpip.url' in %s:3: cannot fetch '%s'" % (ini, url))
            c.fails(8, "'getpip.url' in %s:3: " % ini, "-n")
        for url in "ftp://h/x.py", "htps://h/x.py", "https:/h/x.py", "file://h/x.py":
            c.site("[plugin:getpip]\n\nurl = %s\n" % url)
            c.fails(8, "%s:3: '%s' is no value for 'getpip.url': expected a path, or a URL" % (ini, url))
            assert c.scratch.run(VENVCTL, "config", "check", env=c.env)[0] == 8

    def test_hosts_in_other_letters(self, c):
        for n in [], ["-n"]:
            c.fails(2, "cannot fetch 'https://b\u00fccher.example/x.py': its host has to be written "
                    "in ASCII (xn--...)", "getpip.url=https://b\u00fccher.example/x.py", *n)
            c.fails(2, "ASCII", "getpip.url=https://b%C3%BCcher.example/x.py", *n)
        assert c.create("getpip.url=https://xn--bcher-kva.example/x.py", "-n") == 0, c.said

    def test_files_as_addresses(self, c):
        with open(c.path("a b.py"), "wb") as f:
            f.write(BODY)
        for n, start in enumerate(("file://", "file://localhost", "file:", "FILE://LOCALHOST")):
            c.works("getpip.url=" + start + c.path("a%20b.py"), "getpip.sha256=" + DIGEST,
                    env="env%d" % n)
        c.fails(2, "names no file of this machine", "getpip.url=file://%s%%00.py" % c.path("a b.py"))

    def test_a_name_that_is_too_long(self, c):
        for n in 256, 300, 5000:
            c.works(self.url("/file/" + "x" * n), env="env%d" % n)
            with open(c.path("env%d" % n, "ran")) as f:
                assert "/venvctl-getpip.py'" in f.read()
        c.works(self.url("/file/" + "x" * 255))

    # ---- hosts of policy ----

    def test_hosts_that_no_address_can_have(self, c):
        ini = c.path("etc", "venvctl.ini")
        for key in "allowed-hosts", "http-hosts":
            for host in ("https://h", "h/", "a:b:c", "h:99999", "h:0", "h:", "h:080", ":1", "[::1",
                         "[::1]x", "[h]", "::1", "a,b", "*.h", "*", ".h", "b\u00fccher.example", "h?x"):
                c.site("[policy]\n%s = good.example %s\n" % (key, host))
                status, out = c.scratch.run(VENVCTL, "config", "check", ini, env=c.env)
                assert status == 8 and "%s:2: '%s' is no value for '%s': expected HOST or " \
                    "HOST:PORT" % (ini, host, key) in out, (status, out)
                assert host[0] != "*" or "'*' stands for no others: list each" in out, out
                assert c.create("-n") == 8, c.said
            c.site("[policy]\n%s = h H.example. 127.0.0.1:1 [::1] [::1]:65535 a_b-c xn--x\n" % key)
            assert c.scratch.run(VENVCTL, "config", "check", env=c.env)[0] == 0
        for hosts, status in (("* a .a *.a a:1 [::1]:2 ::1 10.0.0.0/8 ::/0 fe80::/10", 0),
                              ("https://h", 8), ("h/8", 8), ("10.0.0.0/33", 8), ("a:b", 8),
                              ("*a", 8), ("a,b", 8)):
            c.site("[network]\nno-proxy = %s\n" % hosts)
            found, out = c.scratch.run(VENVCTL, "config", "check", env=c.env)
            assert found == status, (hosts, found, out)

    # ---- how long ----

    def test_a_name_that_is_not_there(self, c):
        name = "nowhere.invalid"
        try:
            socket.getaddrinfo(name, 443)
        except socket.gaierror as e:
            known = e.errno == socket.EAI_NONAME
        else:
            known = True
        began = time.monotonic()
        c.fails(7, "Could not resolve host: " + name, "getpip.url=https://%s/x.py" % name, "-v",
                "network.retries=1")
        # Where no resolver answers it is tried again.
        assert ("trying again" in c.said) == (not known), c.said
        assert not known or time.monotonic() - began < 5

    def test_no_limit(self, c):
        c.works(self.url("/steady/x.py"), "network.timeout=0", "network.connect-timeout=0",
                "network.stall-timeout=0", env="first")
        c.site("[policy]\ntimeout = 2\n")
        c.fails(7, "timed out after", self.url("/drip/y.py"), "network.timeout=0")

    def test_the_manual_says_how_long(self, c):
        page = os.path.join(os.environ["top_srcdir"], "docs", "man", "venvctl-installers.7.scd")
        with open(page) as f:
            text = f.read()
        # 1, 2 and 4 seconds between four tries.
        began = time.monotonic()
        c.fails(7, "cannot fetch", "getpip.url=https://localhost:1/x.py", "-v")
        took = time.monotonic() - began
        assert c.said.count("trying again in") == 3 and 7 <= took < 20, (took, c.said)
        assert re.search(r"nobody listens[^\n]*\n:  *7 s", text), "no row of 7 s"


run(Tests)
