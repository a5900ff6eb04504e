#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""proxies.py - proxies of every kind, and that nobody reads their passwords"""

import base64
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import BODY, Case, run  # noqa: E402
from interpreters import VENVCTL  # noqa: E402
from server import ProxyHandler, Server  # noqa: E402

SECRET = "geh%40im"
CREDENTIALS = base64.b64encode(b"u:geh@im").decode()


class Asking(ProxyHandler):
    """A proxy that wants to know who it is."""

    def do_CONNECT(self):
        self.server.asked += 1
        if self.headers.get("Proxy-Authorization") == "Basic " + CREDENTIALS:
            super().do_CONNECT()
            return
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Length", "0")
        self.end_headers()


class Tests:
    def __init__(self, ca):
        self.ca = ca
        self.good = Server(BODY, ca.good)
        self.url = "getpip.url=" + self.good.url("/file/x.py")

    def one(self, test):
        case = Case(self.ca.ca)
        proxy = Server(b"", handler=Asking)
        secure = Server(b"", self.ca.good, handler=Asking)
        proxy.asked = secure.asked = 0
        try:
            return test(case, proxy, secure)
        finally:
            proxy.close()
            secure.close()
            case.scratch.remove()

    def is_secret(self, c, *texts):
        log = c.path("log")
        if os.path.exists(log):
            with open(log) as f:
                texts += (f.read(),)
        for text in (c.said,) + texts:
            assert "geh" not in text and CREDENTIALS not in text, text

    def test_a_proxy_that_knows_us(self, c, proxy, secure):
        address = "http://u:%s@localhost:%d" % (SECRET, proxy.port)
        c.works(self.url, "-v", "-v", https_proxy=address)
        self.is_secret(c)
        c.works(self.url, "-v", "network.proxy=" + address, env="env2")
        self.is_secret(c)
        c.site("[network]\nproxy = %s\n" % address)
        c.works(self.url, "-v", env="env3", https_proxy="http://localhost:1")
        self.is_secret(c)
        assert len(proxy.seen) == 3 and "x.py" not in str(proxy.seen), proxy.seen

    def test_a_proxy_that_does_not_know_us(self, c, proxy, secure):
        for address in ("http://localhost:%d", "http://u:geheim@localhost:%d"):
            before = proxy.asked
            c.fails(7, "407", self.url, "-v", "network.proxy=" + address % proxy.port)
            self.is_secret(c)
            assert proxy.asked == before + 1, "it was tried again"

    def test_a_proxy_over_tls(self, c, proxy, secure):
        address = "https://u:%s@localhost:%d" % (SECRET, secure.port)
        c.works(self.url, "-v", "network.proxy=" + address, env="env1")
        self.is_secret(c)
        assert secure.seen, "it was not asked"
        # Its certificate is verified like any other.
        c.fails(7, "certificate", self.url, "network.proxy=" + address,
                SSL_CERT_FILE=self.ca.own[0])
        self.is_secret(c)

    def test_no_proxy(self, c, proxy, secure):
        address = "http://u:%s@localhost:%d" % (SECRET, proxy.port)
        c.works(self.url, https_proxy=address, no_proxy="a.example,localhost")
        c.works(self.url, "network.proxy=" + address, NO_PROXY="localhost", env="env2")
        c.works(self.url, all_proxy=address, no_proxy="*", env="env3")
        assert not proxy.asked
        c.works(self.url, https_proxy=address, no_proxy="ocalhost", env="env4")
        assert proxy.asked == 1

    def test_a_proxy_that_is_not_there(self, c, proxy, secure):
        for address in ("http://u:geheim@localhost:1", "https://u:geheim@localhost:1",
                        "http://u:geheim@nowhere.invalid:1", "socks5h://u:geheim@localhost:1"):
            c.fails(7, "cannot fetch", self.url, "-v", "network.retries=0",
                    "network.proxy=" + address)
            self.is_secret(c)

    def test_an_address_that_is_none(self, c, proxy, secure):
        for address in ("rot13://u:geheim@localhost:1", "http://u:geheim@local host:1",
                        "http://u:geheim@localhost:port", "http://u:geheim@[::"):
            c.fails(7, "cannot fetch", self.url, "-v", "network.retries=0",
                    "network.proxy=" + address)
            self.is_secret(c)

    def test_who_looks_at_the_configuration(self, c, proxy, secure):
        c.site("[network]\nproxy = http://u:%s@localhost:%d\n[plugin:getpip]\n"
               "url = https://u:geheim@localhost/x.py?key=geheim\n"
               "index-url = https://u:geheim@localhost/\n" % (SECRET, proxy.port))
        for command in (["config", "show"], ["config", "show", "--json"],
                        ["config", "show", "--show-origin", "network.proxy"],
                        ["create", "-n", c.path("env")],
                        ["create", "-n", "--json", "--plugin=getpip", c.path("env")],
                        ["create", "--json", "-v", "--plugin=getpip", c.path("env")]):
            p = subprocess.run([VENVCTL] + command, env=c.env, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, universal_newlines=True)
            c.said = p.stderr
            self.is_secret(c, p.stdout)
            if command[:2] == ["config", "show"]:
                assert "localhost:%d" % proxy.port in p.stdout, p.stdout


run(Tests)
