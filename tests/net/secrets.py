#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""secrets.py - no password and no key is shown: by no command, in no file, to no process

Every secret has the same word in it, at every place where one can stand, right and wrong.
"""

import json
import os
import subprocess
import sys

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), d) for d in (".", "../store")]
from case import PIP, PYTHON, Case, run  # noqa: E402
from interpreters import VENVCTL  # noqa: E402
from server import ProxyHandler, Server  # noqa: E402

SECRET = "verborgen"
# A script that looks for the word in the arguments of every process, and not in what this
# test says itself (only its own children are venvctl's).  No other test, which may run
# meanwhile, has that word.
LOOKS = PIP + b"""import glob, os
word = b"ver" + b"borgen"
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        with open(path, "rb") as f:
            said = f.read()
    except OSError:
        continue
    if word in said and os.path.dirname(path) != "/proc/self":
        with open(os.environ["VIRTUAL_ENV"] + "/found", "ab") as f:
            f.write(said.replace(b"\\0", b" ") + b"\\n")
open(os.environ["VIRTUAL_ENV"] + "/ran", "a").write(repr(sorted(k for k in os.environ if word.decode() in os.environ[k])))
"""
# Addresses with a secret, right and wrong.
ADDRESSES = (
    "https://u:verborgen@h.example/x.py", "https://verborgen@h.example/x.py",
    "https://h.example/x.py?sig=verborgen", "https://h.example/x.py?a=b/verborgen",
    "https://h.example/x.py#verborgen", "https://u:ge@verborgen@h.example/x.py",
    "https://u:pw/verborgen@h.example/x.py", "ftp://u:verborgen@h.example/x.py",
    "htps://h.example/x.py?verborgen", "//u:verborgen@h.example/x.py", "https:/u:verborgen@h.example/x",
    "https:u:verborgen@h.example/x", "https://u:verborgen@h.example:port/x",
    "https://u:verborgen@[::/x", "https://u:verborgen@h example/x", "u:verborgen@h.example/x",
    "file://u:verborgen@h.example/x", "https://" + "u" * 600 + ":verborgen@h.example/x",
    "https://u:verborgen%00@h.example/", "https://h.example/?'verborgen", "https://h.example/? verborgen",
)


class Tests:
    def __init__(self, ca):
        self.ca = ca
        self.server = Server(LOOKS, ca.good)

    def one(self, test):
        case = Case(self.ca.ca)
        case.env["HTTPS_PROXY"] = ""
        try:
            return test(case)
        finally:
            case.scratch.remove()

    def run(self, c, *argv, **env):
        p = subprocess.run([VENVCTL, *argv], env=dict(c.env, **env), cwd=c.scratch.dir,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, universal_newlines=True)
        self.said(argv, p.stdout)
        return p.returncode, p.stdout

    def said(self, who, text):
        for line in text.split("\n"):
            assert SECRET not in line, "%s: %s" % (who, line)

    def nothing_kept(self, c, *but):
        """No file of the case but those that this test made has it, in its name or itself."""
        for directory, _, files in os.walk(c.scratch.dir):
            for name in files:
                path = os.path.join(directory, name)
                if os.path.basename(path) in but or os.path.islink(path):
                    continue
                with open(path, "rb") as f:
                    assert SECRET.encode() not in f.read() and SECRET not in path, path

    def test_every_address_wherever_it_is_given(self, c):
        for address in ADDRESSES:
            for where in ("getpip.url", "getpip.index-url", "getpip.find-links", "getpip.sha256",
                          "getpip.urls", "getpip.no-index", "network.proxy", "network.proxi",
                          "network.ca-file", "network.timeout", "network.no-proxy"):
                self.run(c, "create", "-n", "-v", "-p", PYTHON, "--plugin=getpip", "-o",
                         where + "=" + address, "env")
            for where in ("script.source", "script.scripts", "script.placeholders"):
                self.run(c, "create", "-n", "-p", PYTHON, "--plugin=script", "-o",
                         where + "=" + address, "env")

    def test_every_address_where_it_does_not_belong(self, c):
        for address in ADDRESSES:
            link = "wheels:packages=a,find-links=" + address
            for argv in (["--plugin=" + link], ["--plugin=wheels:packages=" + address],
                         ["--plugin=wheels:requirements=" + address],
                         ["--plugin=files:source=" + address], ["--plugin=getpip:" + address],
                         ["--plugin=" + address], ["-o", address], ["-o", "x." + address],
                         ["-o", "getpip.index-url:" + address], ["--proxy=" + address],
                         ["--existing=" + address], ["-p", address], ["--json", "-o",
                         "network.proxi=" + address], ["--json", "--plugin=" + link],
                         ["--log-file=" + address], ["--activators=" + address]):
                self.run(c, "create", "-n", "-p", PYTHON, *argv, "env")
            self.run(c, "config", "show", "--proxy=" + address)
            self.run(c, "plugins", "info", "--" + address)

    def test_what_the_site_configured(self, c):
        for address in ADDRESSES:
            ours = "args = %s\nenv =\n    TOKEN=verborgen\n    verborgen\n" % SECRET
            one = {"getpip": "url = %s\nindex-url = %s\nargs = verborgen\nfind-links =\n    %s\n"
                             % ((address,) * 3),
                   "script": "source = %s\n%s" % (address, ours),
                   "wheels": "packages = a\nfind-links =\n    %s\n" % address,
                   "ezsetup": "url = %s\nargs = verborgen\n" % address,
                   "nobody": "url = %s\ntoken = verborgen\n" % address}
            c.site("[network]\nproxy = %s\n%s" % (address, "".join(
                "[plugin:%s]\n%s" % item for item in one.items())))
            self.run(c, "config", "show")
            self.run(c, "config", "show", "--json")
            self.run(c, "config", "show", "--show-origin")
            self.run(c, "config", "check")
            self.run(c, "config", "check", c.path("etc", "venvctl.ini"))
            self.run(c, "plugins", "list")
            for name in one:
                self.run(c, "plugins", "info", name)
                self.run(c, "plugins", "info", "--json", name)
                for more in ["-n"], ["-n", "--json"], ["--offline", "-v"], ["--offline", "--json"]:
                    self.run(c, "create", "-p", PYTHON, "--plugin", name, *more, "env")
        self.nothing_kept(c, "venvctl.ini")

    def test_what_is_shown_is_still_of_use(self, c):
        c.site("[network]\nproxy = http://u:verborgen@proxy.example:3128\n[plugin:getpip]\n"
               "url = https://m.example/get-pip.py?sig=verborgen\n[plugin:script]\n"
               "source = https://m.example/a.py\nargs = verborgen --x\n")
        _, text = self.run(c, "config", "show")
        for line in ("network.proxy = http://proxy.example:3128",
                     "plugin:getpip.url = https://m.example/get-pip.py?...",
                     "plugin:script.args = (secret)"):
            assert line + "\n" in text, text
        for plugin, line in (("getpip", "url = https://m.example/get-pip.py?..."),
                             ("script", "source = https://m.example/a.py")):
            _, text = self.run(c, "plugins", "info", plugin)
            assert line + "\n" in text, text
            _, text = self.run(c, "create", "-n", "-p", PYTHON, "--plugin", plugin, "env")
            assert line + " (" in text, text
        _, text = self.run(c, "create", "-p", PYTHON, "--plugin=getpip", "-o",
                           "getpip.url=ftp://u:verborgen@h/x", "--json", "env")
        said = json.loads(text)["error"]["message"]
        assert "'ftp://h/x' is no value for 'getpip.url'" in said, said
        _, text = self.run(c, "create", "-p", PYTHON, "-o", "network.proxi=http://u:verborgen@h",
                           "env")
        assert "-o network.proxi: there is no option 'proxi'" in text, text

    def test_a_create_with_secrets_everywhere(self, c):
        proxy = Server(b"", handler=ProxyHandler)
        c.site("[network]\nproxy = http://u:verborgen@localhost:%d\n[plugin:getpip]\n"
               "url = %s?sig=verborgen\nindex-url = https://u:verborgen@localhost/simple\n"
               "find-links =\n    https://u:verborgen@localhost/links\n    %s\n"
               "[plugin:setup]\nuse = script\nsource = %s?a=b/verborgen\nenv = TOKEN=verborgen\n"
               % (proxy.port, self.server.url("/file/get-pip.py"), c.path("a b"),
                  self.server.url("/file/setup.py")))
        try:
            for n, more in enumerate((["-v", "-v"], ["--json"], [])):
                status, text = self.run(c, "create", "-p", PYTHON, "--plugin=getpip",
                                        "--add-plugin=setup", *more, "env%d" % n)
                assert status == 0, (status, text)
                env = c.path("env%d" % n)
                assert not os.path.exists(os.path.join(env, "found")), \
                    open(os.path.join(env, "found")).read()
                with open(os.path.join(env, "ran")) as f:
                    ran = f.read()
                assert "TOKEN" in ran, ran
                os.unlink(os.path.join(env, "ran"))
        finally:
            proxy.close()
        assert c.cached() and proxy.seen, (c.cached(), proxy.seen)
        assert os.path.exists(c.path("log")), os.listdir(c.scratch.dir)
        self.nothing_kept(c, "venvctl.ini")

    def test_failures_of_the_network(self, c):
        proxy = Server(b"", handler=ProxyHandler)
        for path in ("/none/x.py", "/short/x.py", "/loop/x.py", "/patience/x.py",
                     "/to/x.py?https://u:verborgen@localhost/y", "/to/x.py?ftp://u:verborgen@h/y",
                     "/to/x.py?https://localhost:1/?verborgen"):
            more = "" if "?" in path else "?verborgen"
            for option in ("-v", "network.proxy=http://u:verborgen@localhost:%d" % proxy.port,
                           "network.proxy=http://u:verborgen@localhost:1"):
                status = c.create("getpip.url=" + self.server.url(path + more), option,
                                  "network.retries=0", "-v")
                assert status in (7, 8), c.said
                self.said(path, c.said)
        proxy.close()
        self.nothing_kept(c)


run(Tests)
