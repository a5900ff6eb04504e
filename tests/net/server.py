# SPDX-License-Identifier: MIT
"""server.py - servers on the loopback that behave, and some that do not"""

import hashlib
import http.server
import os
import socket
import ssl
import subprocess
import threading
import time


class Authority:
    """A certificate authority of this test alone, and what it signs."""

    def __init__(self, directory):
        self.dir = directory
        self.ca = os.path.join(directory, "ca.pem")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
                     "-subj", "/CN=venvctl test CA")
        self.good = self.issue("good", "DNS:localhost,IP:127.0.0.1")
        self.expired = self.issue("expired", "DNS:localhost", "20200101000000Z")
        self.stranger = self.issue("stranger", "DNS:other.example")
        self.own = os.path.join(directory, "own.pem"), os.path.join(directory, "own.key")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", "own.key", "-out", "own.pem", "-days", "2",
                     "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")

    def openssl(self, *args):
        subprocess.run(("openssl",) + args, cwd=self.dir, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def issue(self, name, names, end="20990101000000Z"):
        self.write("ca.cnf", "[ca]\ndefault_ca=a\n[a]\ndatabase=index\nserial=serial\n"
                   "new_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\n"
                   "default_md=sha256\npolicy=p\nunique_subject=no\nx509_extensions=x\n"
                   "rand_serial=yes\n[p]\ncommonName=supplied\n"
                   "[x]\nsubjectAltName=%s\n" % names)
        self.write("index", "")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-in", name + ".csr",
                     "-out", name + ".pem", "-startdate", "20190101000000Z", "-enddate", end)
        return os.path.join(self.dir, name + ".pem"), os.path.join(self.dir, name + ".key")


class Handler(http.server.BaseHTTPRequestHandler):
    """The first segment of the path says how to behave: /BEHAVIOUR/NAME."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.close_connection = True
        behaviour = self.path.split("/")[1].split("?")[0].replace("-", "_")
        try:
            getattr(self, "do_" + behaviour, self.missing)()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass

    def missing(self):
        self.send(404, b"no such thing")

    def do_file(self):
        self.send(200, self.server.body)

    def do_etag(self):
        tag = '"%s"' % hashlib.sha256(self.server.body).hexdigest()
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.send_header("ETag", tag)
            self.end_headers()
        else:
            self.send(200, self.server.body, ETag=tag)

    def do_unasked(self):
        self.send_response(304)
        self.end_headers()

    def do_endless(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"10000\r\n" + b"#" * 0x10000 + b"\r\n")

    def do_big(self):
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()

    def do_slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"# and then nothing\n")
        self.wfile.flush()
        self.server.stop.wait(30)

    def do_drip(self):
        """Never stalls, and never ends."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while not self.server.stop.wait(0.1):
            self.wfile.write(b"#\n")
            self.wfile.flush()

    def do_steady(self):
        """Well, and long enough to be watched."""
        body = self.server.body + b"#" * (1 << 20)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        step = len(body) // 8 + 1
        for at in range(0, len(body), step):
            self.wfile.write(body[at:at + step])
            self.server.stop.wait(0.1)

    def do_short(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body) + 100))
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_busy(self):
        """503 at first, then well; at once, or after what Retry-After says."""
        if self.server.count("/busy") < 2:
            self.send(503, b"later", Retry_After="2")
        else:
            self.send(200, self.server.body)

    def do_patience(self):
        self.send(503, b"much later", Retry_After="86400")

    def do_to(self):
        """A redirect to what the query says."""
        self.send(302, Location=self.path.split("?", 1)[1])

    def do_loop(self):
        self.send(302, Location=self.path)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, body, certificate=None, handler=Handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.body = body
        self.seen = []
        self.stop = threading.Event()
        self.port = self.server_address[1]
        self.scheme = "https" if certificate else "http"
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        # Here, in the thread of the connection: a handshake must not hold the others up.
        try:
            if self.tls:
                request = self.tls.wrap_socket(request, server_side=True)
            self.RequestHandlerClass(request, client_address, self)
            if self.tls:
                request.unwrap()
        except (OSError, ValueError):
            pass

    def handle_error(self, request, client_address):
        pass

    def count(self, start):
        return sum(1 for path, _ in self.seen if path.startswith(start))

    def url(self, path, host="localhost"):
        return "%s://%s:%d%s" % (self.scheme, host, self.port, path)

    def close(self):
        self.stop.set()
        self.shutdown()
        self.server_close()


class ProxyHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_CONNECT(self):
        self.server.seen.append((self.path, dict(self.headers)))
        host, port = self.path.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as to:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=self.copy, args=(to, self.connection))
            back.start()
            self.copy(self.connection, to)
            back.join()

    @staticmethod
    def copy(source, target):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("what was waited for did not happen")
        time.sleep(0.02)
