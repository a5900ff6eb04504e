#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nginx.py - getpip from a real web server: TLS and HTTP as others speak them

nginx stands before the server of the other tests, whose misbehaviour it passes on.
"""

import os
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import BODY, DIGEST, WRONG, Case  # noqa: E402
from interpreters import Scratch, Tap  # noqa: E402
from server import Authority, Server, wait_for  # noqa: E402

CONFIG = """
daemon off;
master_process off;
pid {dir}/pid;
error_log {dir}/error.log;
events {{ worker_connections 64; }}
http {{
    log_format told escape=none '$server_protocol $ssl_protocol $status $request_uri $http_if_none_match';
    access_log {dir}/access.log told;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    default_type text/plain;
    gzip on;
    gzip_types text/plain;
    gzip_min_length 1;
    root {dir}/www;
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_intercept_errors off;
{servers}
}}
"""
SERVER = """
    server {{
        listen 127.0.0.1:{port} {listen};
        {tls}
        location /file/ {{ }}
        location /away/ {{ return 302 https://localhost:{port}/file/get-pip.py; }}
        location /relative/ {{ return 307 /away/x.py; }}
        location /down/ {{ return 301 http://localhost:{plain}/file/get-pip.py; }}
        location /closed/ {{ return 444; }}
        location / {{ proxy_pass http://127.0.0.1:{behind}; }}
    }}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Nginx:
    """As what each port speaks: http, tls11, tls12, tls13, old (HTTP/1.1)."""

    def __init__(self, scratch, program, ca):
        self.path = scratch.path
        self.behind = Server(BODY)
        self.ports = {name: free_port() for name in ("http", "tls11", "tls12", "tls13", "old")}
        os.makedirs(self.path("www", "file"))
        with open(self.path("www", "file", "get-pip.py"), "wb") as f:
            f.write(BODY)
        weak = "ssl_ciphers ALL:@SECLEVEL=0; ssl_protocols TLSv1 TLSv1.1;"
        servers = "".join(SERVER.format(
            port=self.ports[name], plain=self.ports["http"], behind=self.behind.port,
            listen=listen, tls=tls) for name, listen, tls in (
                ("http", "", ""), ("tls11", "ssl", weak),
                ("tls12", "ssl http2", "ssl_protocols TLSv1.2;"),
                ("tls13", "ssl http2", "ssl_protocols TLSv1.3;"),
                ("old", "ssl", "ssl_protocols TLSv1.2 TLSv1.3;")))
        with open(self.path("nginx.conf"), "w") as f:
            f.write(CONFIG.format(dir=scratch.dir, certificate=ca.good[0], key=ca.good[1],
                                  servers=servers))
        self.process = subprocess.Popen([program, "-p", scratch.dir, "-c", "nginx.conf", "-e",
                                         self.path("error.log")], stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        wait_for(self.is_ready)

    def is_ready(self):
        assert self.process.poll() is None, self.process.stderr.read().decode()
        try:
            socket.create_connection(("127.0.0.1", self.ports["old"])).close()
            return True
        except OSError:
            return False

    def url(self, port, path="/file/get-pip.py"):
        return "getpip.url=%s://localhost:%d%s" % (
            "http" if port == "http" else "https", self.ports[port], path)

    def log(self):
        with open(self.path("access.log")) as f:
            return f.read().splitlines()

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.behind.close()


class Tests:
    def __init__(self, scratch, program):
        self.ca = Authority(scratch.dir)
        self.nginx = Nginx(scratch, program, self.ca)
        self.url = self.nginx.url

    def one(self, test):
        case = Case(self.ca.ca)
        try:
            return test(case)
        finally:
            case.scratch.remove()

    def test_http2_over_tls_1_3_then_an_etag(self, c):
        c.works(self.url("tls13"), "getpip.sha256=" + DIGEST, env="env1")
        assert self.nginx.log()[-1].startswith("HTTP/2.0 TLSv1.3 200 "), self.nginx.log()
        c.works(self.url("tls13"), "-v", env="env2")
        last = self.nginx.log()[-1].split()
        assert last[:3] == ["HTTP/2.0", "TLSv1.3", "304"] and last[4].startswith('"'), last
        assert "has not changed" in c.said, c.said
        # Changed: the new one comes, and the old digest does not do for it.
        c.fails(7, "SHA-256", self.url("tls13"), "getpip.sha256=" + WRONG)

    def test_tls_1_2(self, c):
        c.works(self.url("tls12"))
        assert self.nginx.log()[-1].startswith("HTTP/2.0 TLSv1.2 200 "), self.nginx.log()

    def test_http_1_1(self, c):
        c.works(self.url("old"))
        assert self.nginx.log()[-1].startswith("HTTP/1.1 TLSv1.3 200 "), self.nginx.log()

    def test_tls_1_1_is_refused(self, c):
        """Also where the machine's own settings would let it pass."""
        with open(c.path("openssl.cnf"), "w") as f:
            f.write("openssl_conf = d\n[d]\nssl_conf = s\n[s]\nsystem_default = t\n"
                    "[t]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
        lines = len(self.nginx.log())
        c.fails(7, "cannot fetch", self.url("tls11"), OPENSSL_CONF=c.path("openssl.cnf"))
        assert len(self.nginx.log()) == lines, "a request was sent"

    def test_redirects(self, c):
        for port in "old", "tls13":
            c.works(self.url(port, "/away/x.py"), env=port)
            c.works(self.url(port, "/relative/x.py"), env=port + "r")

    def test_a_redirect_to_http(self, c):
        c.fails(7, "which is refused", self.url("tls13", "/down/x.py"))

    def test_404(self, c):
        c.fails(7, "the server answered 404", self.url("tls13", "/file/none.py"))

    def test_503_then_200(self, c):
        c.works(self.url("old", "/busy/x.py"), "-v")
        assert "the server answered 503: trying again in 2 s" in c.said, c.said

    def test_what_is_behind_fails(self, c):
        for port in "old", "tls13":
            for path, says in (("/short/x.py", "cannot fetch"), ("/big/x.py", "cannot fetch"),
                               ("/closed/x.py", "cannot fetch"), ("/patience/x.py", "503")):
                c.fails(7, says, self.url(port, path), "network.retries=0")
            c.fails(7, "more than 1048576 bytes", self.url(port, "/endless/x.py"),
                    "network.max-download=1M")
            c.fails(7, "Less than 1 bytes/sec", self.url(port, "/slow/x.py"),
                    "network.stall-timeout=1", "network.retries=0")

    def test_http_where_the_site_allows_it(self, c):
        c.fails(8, "http-hosts", self.url("http"))
        c.site("[policy]\nhttp-hosts = localhost:%d\n" % self.nginx.ports["http"])
        c.works(self.url("http"))

    def test_an_authority_that_is_not_trusted(self, c):
        c.fails(7, "certificate", self.url("tls13"), SSL_CERT_FILE=self.ca.own[0])


def main():
    tap = Tap()
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if not program:
        tap.each(Tests, "needs nginx")
        tap.done()
    scratch = Scratch("nginx")
    tests = None
    try:
        tests = Tests(scratch, program)
        tap.each(tests)
    finally:
        if tests:
            tests.nginx.close()
        scratch.remove()
    tap.done()


main()
