#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""alike.py - a real pip in a child reaches its index as venvctl reaches its downloads

The script comes from an HTTPS server of this test and runs the pip of the environment
against an index on the same server: whatever proxy, exceptions or certificates there are,
both go the same way.
"""

import os
import subprocess
import sys

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), d) for d in (".", "../store")]
from case import PYTHON, Case  # noqa: E402
import interpreters  # noqa: E402
from interpreters import VENVCTL, Scratch, Skip, Tap  # noqa: E402
from server import Authority, Handler, ProxyHandler, Server  # noqa: E402
from wheelmaker import Wheel  # noqa: E402

SCRIPT = b"""import os, subprocess, sys
sys.exit(subprocess.call([sys.executable, "-m", "pip", "--disable-pip-version-check",
                          "--retries=0", "install", "--no-deps", "acme"]))
"""
NAME = "acme-1.0-py3-none-any.whl"


class Index(Handler):
    def do_simple(self):
        self.send(200, b"<!DOCTYPE html><html><body><a href='/wheel/%s'>x</a></body></html>"
                  % NAME.encode(), Content_Type="text/html")

    def do_wheel(self):
        self.send(200, self.server.wheel)


class Tests:
    def __init__(self, ca, scratch, python):
        self.ca = ca
        self.python = python
        self.server = Server(SCRIPT, ca.good, Index)
        with open(Wheel(version="1.0").add("acme.py", "x = 1\n").write(scratch.dir), "rb") as f:
            self.server.wheel = f.read()

    def one(self, test):
        case = Case(self.ca.ca)
        proxy = Server(b"", handler=ProxyHandler)
        for name in list(case.env):
            if name.startswith("PIP_") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
                del case.env[name]
        case.env["PIP_INDEX_URL"] = self.server.url("/simple/")
        case.env["PIP_CONFIG_FILE"] = os.devnull
        try:
            return test(case, proxy)
        finally:
            proxy.close()
            case.scratch.remove()

    def create(self, c, env, *options, status=0, **more):
        argv = [VENVCTL, "create", "-p", self.python, "--plugin=ensurepip", "--add-plugin=script"]
        for option in ("script.source=" + self.server.url("/file/x.py"),) + options:
            argv += ["-o", option]
        p = subprocess.run(argv + [c.path(env)], env=dict(c.env, **more), cwd=c.scratch.dir,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, universal_newlines=True)
        assert p.returncode == status, "status %d: %s" % (p.returncode, p.stdout)
        return p.stdout

    def address(self, proxy):
        return "http://localhost:%d" % proxy.port

    def test_certificates_of_a_variable_alone(self, c, proxy):
        self.create(c, "env")
        # Nobody was asked whom to trust: both fail.
        self.create(c, "none", status=7, SSL_CERT_FILE="")

    def test_certificates_of_the_configuration(self, c, proxy):
        self.create(c, "env", "network.ca-file=" + self.ca.ca, SSL_CERT_FILE=self.ca.own[0],
                    REQUESTS_CA_BUNDLE=self.ca.own[0])

    def test_certificates_that_pip_was_told_of(self, c, proxy):
        try:
            out = self.create(c, "env", status=6, PIP_CERT=self.ca.own[0])
        except AssertionError:
            said = c.scratch.must(c.path("env", "bin", "python"), "-m", "pip", "--version").split()
            if tuple(map(int, said[1].split(".")[:2])) < (24, 2):
                raise
            raise Skip("this pip takes what OpenSSL is told of as well") from None
        assert "ertificate" in out or "CERTIFICATE" in out, out

    def test_the_proxy_of_the_configuration(self, c, proxy):
        self.create(c, "env", "network.proxy=" + self.address(proxy),
                    https_proxy="http://localhost:1", HTTPS_PROXY="http://localhost:1",
                    PIP_PROXY="http://localhost:1")
        # The script, the index' page, the wheel.
        assert len(proxy.seen) >= 2, proxy.seen

    def test_hosts_without_a_proxy(self, c, proxy):
        where = "network.proxy=" + self.address(proxy)
        for n, variable in enumerate(("no_proxy", "NO_PROXY")):
            self.create(c, "env%d" % n, where, **{variable: "a.example, localhost"})
        self.create(c, "env2", where, "network.no-proxy=localhost:%d" % self.server.port)
        c.env["https_proxy"] = self.address(proxy)
        self.create(c, "env3", "network.no-proxy=localhost", no_proxy="other.example")
        assert not proxy.seen, proxy.seen
        # What is configured takes the place of the variable.
        self.create(c, "env4", "network.no-proxy=other.example", no_proxy="localhost")
        assert len(proxy.seen) >= 2, proxy.seen

    def test_no_proxy_at_all(self, c, proxy):
        self.create(c, "env", "network.proxy=", https_proxy="http://localhost:1")


def direct(ca):
    """Each form of an item: how many connections the proxy saw."""
    server = Server(b"", ca.good)
    case = Case(ca.ca)
    proxy = Server(b"", handler=ProxyHandler)
    url = server.url("/none/x.py", "%s")
    failed = []
    try:
        for host, items in (
                ("localhost", ("*", "localhost", "LOCALHOST.", ".localhost", "*.localhost",
                               "a,localhost", "a localhost", "localhost:%d" % server.port)),
                ("127.0.0.1", ("127.0.0.1", "127.0.0.0/8", "10.0.0.0/8,127.0.0.1/32",
                               "0.0.0.0/0", "127.0.0.1:%d" % server.port)),
                ("[::1]", ("::1", "[::1]", "::/64", "[::1]:%d" % server.port, "::1/128"))):
            for good in True, False:
                for item in items if good else (
                        "ocalhost", "localhost.a", "localhost:1", "127.0.0.2", "128.0.0.0/1",
                        "127.0.0.2/32", "::2", "::2/127", "127.0.0.1/", "/8", ":", "*x", "[",
                        "127.0.0.1/33", "::1/129", "a*", ".", "localhost/8"):
                    before = len(proxy.seen)
                    case.create("getpip.url=" + url % host, "network.retries=0",
                                "network.proxy=http://localhost:%d" % proxy.port,
                                no_proxy=item)
                    if (len(proxy.seen) == before) != good:
                        failed.append((host, item, case.said))
    finally:
        case.scratch.remove()
        proxy.close()
        server.close()
    assert not failed, failed


def plan(ca):
    """-n shows the address that a create asks for."""
    case = Case(ca.ca)
    case.site("[policy]\nallowed-hosts = bootstrap.pypa.io\n")
    try:
        for python in interpreters.find():
            want = "https://bootstrap.pypa.io%s/get-pip.py" % (
                "" if python.xy >= (3, 10) else "/pip/%d.%d" % python.xy)
            out = case.scratch.must(VENVCTL, "create", "-n", "-p", python.path,
                                    "--plugin=getpip", case.path("env"), env=case.env)
            assert "url = %s (built in)\n" % want in out, out
            out = case.scratch.must(VENVCTL, "create", "-n", "--json", "-p", python.path,
                                    "--plugin=getpip", case.path("env"), env=case.env)
            assert '"fetches": "%s"' % want in out or '"fetches":"%s"' % want in out, out
            out = case.scratch.must(
                VENVCTL, "create", "-n", "-p", python.path, "--plugin=getpip", "-o",
                "getpip.url=https://bootstrap.pypa.io/{python-version}/x.py", case.path("env"),
                env=case.env)
            assert "url = https://bootstrap.pypa.io/%d.%d/x.py (-o)\n" % python.xy in out, out
    finally:
        case.scratch.remove()


def main():
    tap = Tap()
    scratch = Scratch("ca")
    try:
        ca = Authority(scratch.dir)
        found = [p for p in interpreters.find() if p.xy >= (3, 8) and not p.is_pypy
                 and p.path != PYTHON]
        if found:
            tap.each(Tests(ca, scratch, found[0].path))
        else:
            tap.each(Tests, "no CPython with ensurepip beside the system's")
        tap.check("every form of a host that gets no proxy", direct, ca)
        tap.check("the plan shows the address of each Python", plan, ca)
    finally:
        scratch.remove()
    tap.done()


main()
