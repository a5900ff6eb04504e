#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""promises.py - an installer that ended well has installed what it promised

And what is no script at all is told as what it is, with who sent it.
"""

import gzip
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import BODY, DIGEST, PIP, Case, run  # noqa: E402
from server import Handler, Server  # noqa: E402

PAGE = b"""\xef\xbb\xbf
  <!DOCTYPE html><html><head><title>Log in</title></head><body>Welcome</body></html>
"""


class Strange(Handler):
    """Answers that are no script, or not all of one."""

    def raw(self, body, **headers):
        """Up to the end of the connection: nothing says how long it should be."""
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_empty(self):
        self.send(200)

    def do_blank(self):
        self.raw(b"\r\n\r\n")

    def do_cut(self):
        self.raw(b"import os\n# and the rest is missing\n")

    def do_page(self):
        self.send(200, PAGE, Content_Type="text/html; charset=utf-8")

    def do_encoded(self):
        self.raw(gzip.compress(self.server.body), Content_Encoding="gzip")

    def do_encoded_in_part(self):
        self.raw(gzip.compress(self.server.body)[:-20], Content_Encoding="gzip")

    def do_strangely(self):
        self.raw(self.server.body, Content_Encoding="rot13")

    def do_archive(self):
        self.raw(gzip.compress(self.server.body))


class Tests:
    def __init__(self, ca):
        self.ca = ca
        self.server = Server(BODY, ca.good, Strange)

    def one(self, test):
        case = Case(self.ca.ca)
        try:
            return test(case)
        finally:
            case.scratch.remove()

    def url(self, path, plugin="getpip"):
        return "%s.%s=%s" % (plugin, "source" if plugin == "script" else "url",
                             self.server.url(path))

    def local(self, c, text, name="x.py"):
        with open(c.path(name), "wb") as f:
            f.write(text)
        return c.path(name)

    def test_an_empty_answer(self, c):
        for path in "/empty/get-pip.py", "/blank/get-pip.py":
            c.fails(7, "is an empty file and no script: 'localhost:%d' sent it" %
                    self.server.port, self.url(path))
            assert "Installing pip ...failed." in c.said and "done" not in c.said, c.said

    def test_a_script_that_was_cut(self, c):
        c.fails(6, "'get-pip.py' ended well, but there is no pip", self.url("/cut/get-pip.py"))
        assert c.said.startswith("Installing pip ...failed.\n"), c.said
        assert c.create(self.url("/cut/get-pip.py"), "--json") == 6

    def test_ezsetup_that_installs_nothing(self, c):
        c.fails(6, "there is no setuptools", self.url("/cut/ez_setup.py", "ezsetup"),
                plugin="ezsetup")

    def test_a_script_that_provides_pip(self, c):
        c.site("[plugin:ours]\nuse = script\nprovides = pip\n")
        c.fails(6, "plugin 'ours': it ended well, but pip does not work",
                "ours.source=" + self.local(c, b""), plugin="ours")
        c.site("[plugin:ours]\nuse = script\nprovides = setuptools\n")
        c.fails(6, "plugin 'ours': it ended well, but setuptools does not work",
                "ours.source=" + self.local(c, b""), plugin="ours")
        # What it provides to no name that venvctl knows is between the site and its steps.
        c.site("[plugin:ours]\nuse = script\nprovides = certificates\n")
        assert c.create("ours.source=" + self.local(c, b""), plugin="ours") == 0, c.said

    def test_a_pip_that_does_not_run(self, c):
        broken = PIP.replace(b"print('pip 1.0')", b"1 2")
        c.fails(6, "pip does not work in the environment: SyntaxError",
                "getpip.url=" + self.local(c, broken))

    def test_a_pip_of_the_system_is_not_the_environments(self, c):
        c.site("[plugin:ours]\nuse = script\nprovides = pip\n")
        # One that every Python of this user would import.
        site = self.local(c, b"__file__ = '/elsewhere/pip.py'\n", "pip.py")
        text = "import sys, sysconfig\nopen(sysconfig.get_path('purelib') + '/x.pth', " \
               "'w').write(%r)\n" % os.path.dirname(site)
        c.fails(6, "it is not in the environment, but ",
                "ours.source=" + self.local(c, text.encode()), plugin="ours")

    def test_pip_that_is_not_wanted_is_not_asked_for(self, c):
        c.site("[plugin:ours]\nuse = script\nprovides = pip\n")
        source = "ours.source=" + self.local(c, b"")
        assert c.create(source, "--no-pip", plugin="ours") == 0, c.said

    def test_a_page_in_place_of_a_script(self, c):
        to = self.url("/to/get-pip.py?" + self.server.url("/page/login", "127.0.0.1"))
        for url, host in (self.url("/page/get-pip.py"), "localhost"), (to, "127.0.0.1"):
            c.fails(7, "is a page (HTML) and no script: '%s:%d' sent it" %
                    (host, self.server.port), url)
            assert "hint: does this network ask for a log-in" in c.said, c.said
            assert "SyntaxError" not in c.said and not c.cached(), c.said
        # A wrong digest says less.
        c.fails(7, "is a page (HTML)", self.url("/page/get-pip.py"), "getpip.sha256=" + DIGEST)
        for kind in "python", "none":
            c.fails(7, "is a page (HTML)", self.url("/page/setup", "script"),
                    "script.interpreter=" + kind, plugin="script")

    def test_what_is_compressed_unasked(self, c):
        c.works(self.url("/encoded/get-pip.py"), "getpip.sha256=" + DIGEST, env="first")
        assert self.server.seen[-1][1]["Accept-Encoding"] == "identity"
        c.fails(6, "getpip", self.url("/encoded-in-part/get-pip.py"))
        c.fails(7, "content encoding", self.url("/strangely/get-pip.py"))
        c.fails(7, "is compressed (gzip) and no script", self.url("/archive/get-pip.py"))


run(Tests)
