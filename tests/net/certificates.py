#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""certificates.py - the certificates that a system trusts, where each kind of system has them

The directory /etc of these runs is an empty one, but for what is put there.
"""

import os
import subprocess

from case import BODY, PYTHON, VENVCTL, Case, run
from interpreters import Skip  # noqa: E402
from server import Server

# $1 is the file of certificates, $2 where it is to lie ("" for nowhere).
INSIDE = """
set -e
hosts=$(cat /etc/hosts)
certificates=$(cat "$1")
cp /etc/ld.so.cache /etc/nsswitch.conf "$3"
mount -t tmpfs none /etc
cp "$3"/ld.so.cache "$3"/nsswitch.conf /etc
echo "$hosts" >/etc/hosts
if [ "$2" ]; then
    mkdir -p "${2%/*}"
    echo "$certificates" >"$2"
fi
shift 3
exec "$@"
"""


class Tests:
    def __init__(self, authority):
        self.ca = authority
        self.server = Server(BODY, authority.good)
        self.unshare = ["unshare", "-m"] + ([] if os.geteuid() == 0 else ["-r"])
        done = subprocess.run(self.unshare + ["mount", "-t", "tmpfs", "none", "/etc"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.can = done.returncode == 0

    def one(self, test):
        if not self.can:
            raise Skip("no mounts here")
        case = Case(self.ca.ca)
        del case.env["SSL_CERT_FILE"]
        try:
            test(case)
        finally:
            case.scratch.remove()

    def get(self, c, place):
        """The exit status of a create that fetches; was it run?"""
        p = subprocess.run(
            self.unshare + ["sh", "-c", INSIDE, "sh", self.ca.ca, place, c.scratch.dir,
                            VENVCTL, "create", "-p", PYTHON, "--plugin", "getpip", "-o",
                            "getpip.url=" + self.server.url("/file/get-pip.py"), c.path("env")],
            env=c.env, cwd=c.scratch.dir, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        self.said = p.stderr
        return p.returncode, os.path.exists(c.path("env", "ran"))

    def found(self, c, place):
        assert self.get(c, place) == (0, True), self.said

    def test_of_Debian(self, c):
        self.found(c, "/etc/ssl/certs/ca-certificates.crt")

    def test_of_Fedora(self, c):
        self.found(c, "/etc/pki/tls/certs/ca-bundle.crt")

    def test_of_Fedora_without_the_old_name(self, c):
        self.found(c, "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem")

    def test_of_SUSE(self, c):
        self.found(c, "/etc/ssl/ca-bundle.pem")

    def test_of_Alpine(self, c):
        self.found(c, "/etc/ssl/cert.pem")

    def test_of_nobody(self, c):
        assert self.get(c, "") == (7, False), self.said

    def test_SSL_CERT_FILE_is_stronger(self, c):
        c.env["SSL_CERT_FILE"] = self.ca.own[0]
        assert self.get(c, "/etc/ssl/cert.pem") == (7, False), self.said


run(Tests)
