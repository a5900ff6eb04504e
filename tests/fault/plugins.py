# SPDX-License-Identifier: MIT
"""plugins.py - faulty plugins: what `plugins check` says of each, and what a create does

One line a fault, which is a row of the table: the words of the check, then the exit status
and the words of a create, and whether there is an environment afterwards.  The check says
one line for a fault, whatever it does how often.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import PREFIX, VENVCTL, Scratch, Tap  # noqa: E402

PYTHON = "/usr/bin/python3"
CC = os.environ.get("CC", "cc").split()
SOURCES = os.path.join(os.environ["top_srcdir"], "tests", "plugins")
INCLUDE = os.path.join(os.environ["top_srcdir"], "include")
MOCK = os.path.join(PREFIX, "mocks", "mock-faults.so")
HOOK = "plugin 'mock-faults': its hook '%s' "
# A sanitizer makes an exit of a crash unless it is told not to.
NO_HANDLERS = {"ASAN_OPTIONS": "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:"
                               "handle_sigill=0:detect_leaks=0"}
SANITIZED = b"__asan_init" in open(VENVCTL, "rb").read() or \
            b"__tsan_init" in open(VENVCTL, "rb").read()

NOTHING, WHOLE = "as before", "made"


class Fault:
    """A row: how the plugin is made faulty, what is said of it, and what becomes of a create.

    DO in the hook AT; or LOAD while it is loaded; or BUILD, options of the compiler.
    """

    def __init__(self, name, check, status, says="", tree=None, do="nothing", at="seed",
                 load=None, build=None, broken=None, make=None, where=False, level=None,
                 interrupt=False, skip_sanitized=False):
        self.name = name
        self.level = level or ("ok" if check is None else "FAILED")
        self.check = check
        self.status = status
        self.says = says
        self.tree = tree or (NOTHING if status else WHOLE)
        self.do, self.at, self.load, self.build = do, at, load, build
        self.broken, self.make, self.where = broken, make, where
        self.interrupt = interrupt
        self.skip_sanitized = skip_sanitized


def deed(do, check, status=0, says="", at="seed", **more):
    return Fault("%s: %s" % (at, do), check, status, says, do=do, at=at, **more)


def loading(do, check, status, says="", **more):
    return Fault("while it is loaded: %s" % do, check, status, says, load=do, **more)


def built(name, check, status, says, *defines, **more):
    return Fault("built with %s" % name, check, status, says, build=defines, **more)


def broken(name, says, *defines):
    """One that cannot be loaded: both say the same."""
    return Fault(name, says, 5, says, broken=defines)


def harmless(do, check, put_back="", at="seed", words="", **more):
    """The create is made; WORDS of a warning, or what was PUT_BACK."""
    if put_back:
        words = HOOK % at + "changed %s: put back" % put_back
    return deed(do, check, 0, words, at, **more)


def option(text):
    return "-DOPTION={ %s }, VENV_OPTION_END" % text


def rewritten(change):
    """The file, with CHANGE made to its bytes."""
    def make(path):
        with open(path, "rb") as f:
            data = bytearray(f.read())
        data = change(data)
        with open(path, "wb") as f:
            f.write(data)
    return make


def machine(data):
    data[18] = 0x16
    return data


SAME_NAME = '"one", VENV_OPTION_STRING, 0, NULL, "one", NULL, NULL'
FAULTS = [
    # The file.
    Fault("a file that is empty", "not an ELF file", 5, "not an ELF file", make=rewritten(lambda d: b"")),
    Fault("a file of text", "not an ELF file", 5, "not an ELF file",
          make=rewritten(lambda d: b"int main;\n")),
    Fault("a program that is no plugin", "not a venvctl plugin", 5, "not a venvctl plugin",
          make=lambda path: shutil.copy("/bin/true", path)),
    Fault("a file that is cut off", "truncated", 5, "truncated",
          make=rewritten(lambda d: d[:2000])),
    Fault("a file of another machine", "for another kind of machine", 5,
          "for another kind of machine", make=rewritten(machine)),
    Fault("a file that others can write", "is writable by others", 5, "is writable by others",
          make=lambda path: os.chmod(path, 0o666)),
    Fault("a file of another name", "its file has to be called 'mock-faults.so'", 5,
          "its file has to be called 'mock-faults.so'",
          make=lambda path: os.rename(path, os.path.join(os.path.dirname(path), "acme.so"))),
    Fault("a function that is nowhere", "undefined symbol: mock_faults_lacks", 5,
          "undefined symbol: mock_faults_lacks", build=["-DLACKS"]),
    # The structure.
    broken("a structure of another ABI", "of another ABI than its note", "-DABI=VENV_PLUGIN_ABI(2, 0)"),
    broken("a structure that is too small", "smaller than that of ABI 1.0", "-DSIZE=8"),
    broken("an entry that returns nothing", "its entry function returns nothing", "-DRETURN=NULL"),
    broken("an entry of another name", "no entry function of its name",
           "-DENTRY=mock_other_LTX_venv_plugin_v1"),
    broken("another name than its note", "its name is not that of its note", '-DNAME="other"'),
    broken("no name", "its name is not that of its note", "-DNAME=NULL"),
    broken("options of an impossible size", "its options have an impossible size", "-DSTRIDE=8"),
    broken("options without an end", "its list of options has no end",
           "-DOPTION=[0 ... 299] = { %s }" % SAME_NAME),
    broken("an option that nobody can write", "a name that no user could write",
           option('"a_b", VENV_OPTION_STRING, 0, NULL, "x", NULL, NULL')),
    broken("an option of no type", "a type that this venvctl does not know",
           option('"one", 8, 0, NULL, "x", NULL, NULL')),
    broken("a choice of nothing", "an option with choices has none",
           option('"one", VENV_OPTION_CHOICE, 0, NULL, "x", NULL, NULL')),
    broken("an option twice", "the option 'one' is declared twice",
           option('%s }, { %s' % (SAME_NAME, SAME_NAME))),
    broken("an option 'use'", "every plugin has an option 'use'",
           option('"use", VENV_OPTION_STRING, 0, NULL, "x", NULL, NULL')),
    broken("an option 'enabled'", "every plugin has an option 'enabled'",
           option('"enabled", VENV_OPTION_STRING, 0, NULL, "x", NULL, NULL')),
    broken("a default of another type", "expected a number",
           option('"one", VENV_OPTION_INT, 0, "three", "x", NULL, NULL')),
    broken("a default that is no choice", "expected one of: one",
           option('"one", VENV_OPTION_CHOICE, 0, "three", "x", NULL,'
                  ' (const char *const[]){ "one", NULL }')),
    broken("an option that has to be set, with a default",
           "the option 'one' has to be set, and has a default",
           option('"one", VENV_OPTION_STRING, VENV_OPTION_REQUIRED, "1", "x", NULL, NULL')),
    # What reads badly is told, and taken.
    built("an option without help", "option more: it has no help", 0, "",
          '-DOPTION={ "more", VENV_OPTION_STRING, 0, NULL, "", NULL, NULL }', level="warning"),
    built("help with a capital", "option more: its help begins with a capital", 0, "",
          '-DOPTION={ "more", VENV_OPTION_STRING, 0, NULL, "More", NULL, NULL }', level="warning"),
    built("help with a full stop", "option more: its help ends with a full stop", 0, "",
          '-DOPTION={ "more", VENV_OPTION_STRING, 0, NULL, "more.", NULL, NULL }', level="warning"),
    built("help of two lines", "option more: its help has more than one line", 0, "",
          '-DOPTION={ "more", VENV_OPTION_STRING, 0, NULL, "more\\nmore", NULL, NULL }',
          level="warning"),
    built("no summary", "summary: it has none", 0, "", "-DNO_SUMMARY", level="warning"),
    built("a second export", "beside its entry: mock_faults_helper", 0, "", "-DEXPORTS",
          level="warning"),
    # While it is loaded.
    loading("exit", "ended while it was being loaded", 5, "ended the process with status 0"),
    loading("_exit", "ended while it was being loaded", 5, "ended the process with status 0"),
    loading("crash", "crashed while it was being loaded", 5, "crashed (Segmentation fault)"),
    loading("hang", "hung while it was being loaded", 130, "loading it did not stop", interrupt=True),
    loading("umask", "it changed the umask", 0, "loading it changed the umask: put back"),
    loading("chdir", "it changed the working directory", 0,
            "loading it changed the working directory: put back"),
    loading("handler", "it changed what signals do: 10", 0),
    loading("setenv", "it changed the environment: FAULTY=1", 0),
    loading("thread", "it left a thread", 0),
    loading("stdout", "it wrote to standard output", 0, "said by a hook"),
    loading("home", "it left '.faulty' in the home directory", 0),
    # What ends or holds up the process.
    deed("exit", "it ended the process", 6, HOOK % "open" + "ended the process with status 0", "open"),
    deed("exit", "it ended the process", 6, HOOK % "seed" + "ended the process with status 0"),
    deed("exit", "it ended the process", 6, HOOK % "post_setup" + "ended the process with status 0",
         "post_setup"),
    deed("exit", "it ended the process", 6, HOOK % "close" + "ended the process with status 0",
         "close", tree=WHOLE),
    deed("_exit", "it ended the process", 6, "ended the process with status 0"),
    deed("exit-3", "it ended the process", 6, "ended the process with status 3", "setup_scripts"),
    deed("daemon", "it ended the process", 6, "ended the process with status 0"),
    deed("crash", "it crashed (Segmentation fault)", 6, "crashed (Segmentation fault)"),
    deed("crash", "it crashed (Segmentation fault)", 6, "crashed (Segmentation fault)", "post_setup"),
    deed("overflow", "it crashed (Segmentation fault)", 6, "crashed (Segmentation fault)",
         skip_sanitized=True),
    deed("abort", "it crashed (Aborted)", 6, "crashed (Aborted)"),
    deed("divide", "it crashed (Floating point exception)", 6, "crashed (Floating point exception)"),
    deed("kill", "it crashed (Killed)", 6, "was killed (Killed)"),
    deed("deaf", "cancelled at call 2: it did not stop within 5 seconds", 0),
    # What a process has.
    harmless("umask", "it changed the umask", "the umask"),
    harmless("chdir", "it changed the working directory", "the working directory"),
    harmless("locale", "it changed the locale", "the locale"),
    harmless("thread-locale", "it changed the locale"),
    harmless("sigmask", "it changed which signals are blocked: 1 2 3", "which signals are blocked"),
    harmless("handler", "it changed what signals do: 10"),
    harmless("handlers", "it changed what signals do: 10 12 13"),
    harmless("setenv", "it changed the environment: FAULTY=1, FAULTY_TOO=1"),
    harmless("unsetenv", "it changed the environment, where there was PATH="),
    harmless("descriptor", "it left descriptors open: "),
    harmless("descriptors", "it left descriptors open: "),
    harmless("close-stdin", "it closed descriptors: 0"),
    harmless("close-stdout", "it closed descriptors: 1"),
    harmless("close-stderr", "it closed descriptors: 2"),
    deed("close-all", "it closed descriptors that are not its own", 6, "plugin 'mock-faults': the process ended with status 1"),
    harmless("itimer", "it left a timer"),
    harmless("timer", "it left a timer"),
    harmless("limit", "it changed a limit of the process"),
    harmless("session", "it left the process group"),
    harmless("subreaper", "it made the process a subreaper"),
    harmless("thread", "it left a thread"),
    harmless("child", "it left a process"),
    harmless("orphan", "it left a process"),
    harmless("zombie", "it left a child that nobody waits for"),
    harmless("leak", "it takes more memory with each environment", skip_sanitized=True),
    harmless("stdout", "it wrote to standard output"),
    harmless("stderr", "it wrote to standard output"),
    # Files where none belong.
    harmless("home", "it left '.faulty' in the home directory"),
    harmless("homes", "it left '.faulty', '.faulty-too' in the home directory"),
    harmless("home-deep", "it left '.config/faulty/settings' in the home directory"),
    harmless("tmp", "it left 'faulty' in the directory of temporary files"),
    harmless("cwd", "it left 'faulty' in the working directory"),
    harmless("beside", "it left 'beside' in the directory of the environment"),
    deed("final", "appeared while it was being made", 4, "appeared while it was being made", tree="stays"),
    harmless("where", "/mine/faulty'", where=True),
    harmless("where-deep", "/mine/.config/faulty/settings'", where=True),
    harmless("where-remove", "/mine/mine'", where=True),
    # The environment.
    harmless("stage-path", "the path of the staging directory is in 'share/prefix'"),
    harmless("stage-link", "the path of the staging directory is in 'bin/tool'"),
    harmless("cfg", "its hook 'seed' changed pyvenv.cfg by itself"),
    harmless("cfg", "its hook 'post_setup' changed pyvenv.cfg by itself", at="post_setup"),
    deed("cfg-remove", "its hook 'seed' changed pyvenv.cfg by itself", 0, tree="damaged"),
    harmless("context", "its hook 'seed' changed the context"),
    harmless("context-text", "its hook 'open' changed the context", at="open"),
    harmless("table", "its option table or a text of it has changed"),
    harmless("strings", "its option table or a text of it has changed"),
    built("a project that it does not install", "it provides 'setuptools', which is not in the environment",
          0, "", '-DPROVIDES="setuptools"'),
    built("an undo that takes nothing back", "undo: it left '.faulty' in the home directory", 0, "",
          "-DUNDO", do="home", at="post_setup"),
    built("requires what is nowhere", "requires 'acme-gone', which no plugin", 5,
          "requires 'acme-gone', which no plugin", '-DREQUIRES="acme-gone"'),
    built("an option that has to be set", "needs the option 'more'", 2, "needs the option 'more'",
          '-DOPTION={ "more", VENV_OPTION_STRING, VENV_OPTION_REQUIRED, NULL, "more", NULL, NULL }',
          level="UNTRIED"),
    # Before publication.
    deed("early", "cannot run before the environment is published", 6,
         "cannot run before the environment is published"),
    deed("early-final", "cannot run before the environment is published", 6,
         "cannot run before the environment is published"),
    harmless("early-sh", "its hook 'seed' ran the environment's python before publication"),
    harmless("early-fork", "its hook 'seed' ran the environment's python before publication"),
    harmless("early-sh", "its hook 'setup_scripts' ran the environment's python before publication",
             at="setup_scripts"),
    # Services.
    harmless("undeclared", "it asks for the option 'colour', which it does not declare"),
    deed("path-up", "not a path inside the environment", 6, "not a path inside the environment"),
    deed("path-absolute", "not a path inside the environment", 6, "not a path inside the environment"),
    deed("path-cfg", "is venvctl's own", 6, "is venvctl's own"),
    deed("path-python", "is venvctl's own", 6, "is venvctl's own"),
    deed("path-staging", "is venvctl's own", 6, "is venvctl's own"),
    deed("own-key", "cannot be set as a key of pyvenv.cfg", 8, "cannot be set as a key of pyvenv.cfg",
         level="UNTRIED"),
    deed("key-value", "cannot hold the value", 8, "cannot hold the value", level="UNTRIED"),
    deed("late-key", "cannot be changed after publication", 6, "cannot be changed after publication",
         "post_setup"),
    deed("run-relative", "needs an absolute path", 6, "needs an absolute path"),
    deed("run-missing", "cannot run '/nowhere/program'", 6, "cannot run '/nowhere/program'"),
    deed("run-fails", "'sh' ended with status 3", 6, "'sh' ended with status 3"),
    deed("tree-missing", "'/nowhere'", 8, "'/nowhere'", level="UNTRIED"),
    harmless("stray", "it calls host->write_file on another thread than its hook's",
             words="called host->write_file on another thread"),
    harmless("write", "its hook 'close' calls host->write_file, which is refused there", at="close"),
    deed("ignores", "failure of call 2, host->write_file: it went on", 0, level="warning"),
    deed("dies-of-failure", "failure of call 2, host->write_file: it crashed", 0),
    deed("network", "offline", 0),
    # Results.
    deed("result-5", "its hook 'seed' returned 5, which it may not", 6, "returned 5, which it may not"),
    deed("result-40", "its hook 'seed' returned -40, which it may not", 6,
         "returned -40, which it may not"),
    deed("result-skip", "its hook 'seed' returned 1, which it may not", 6, "returned 1, which it may not"),
    deed("silent", "it failed", 6, "plugin 'mock-faults': it failed"),
    deed("nobody-asked", "cancelled", 6, "plugin 'mock-faults': cancelled"),
    deed("late-later", "said VENV_LATER after it had written", 6, "said VENV_LATER after it had written"),
    Fault("built without post_setup: its seed says VENV_LATER", "but it has no post_setup", 6,
          "but it has no post_setup", at="post_setup", build=["-DNO_POST_SETUP"]),
    deed("long-message", "xxxx", 6, "xxxx"),
]


class NotHere(Exception):
    """What the row needs is not to be had by this user on this machine."""


class Row:
    def __init__(self, fault, number):
        self.fault = fault
        self.scratch = Scratch("faults%d" % number)
        self.path = self.scratch.path
        self.env = dict(self.scratch.env, **NO_HANDLERS)
        self.env["VENVCTL_CACHE_DIR"] = CACHE
        self.plugin = MOCK
        self.name = "mock-faults"
        for name in "work", "tmp", "mine":
            os.mkdir(self.path(name))
        self.env["TMPDIR"] = self.path("tmp")
        # What a user has there.
        with open(self.path("mine", "mine"), "w") as f:
            f.write("mine\n")
        if fault.load:
            self.env["MOCK_FAULTS_LOAD"] = fault.load
        self.build()
        self.configure()

    def build(self):
        f = self.fault
        if not (f.build or f.broken or f.make):
            return
        source = "mock-broken" if f.broken else "mock-faults"
        self.plugin = self.path("plugin", source + ".so")
        self.name = source
        os.mkdir(self.path("plugin"))
        if f.make:
            shutil.copy(MOCK, self.plugin)
            f.make(self.plugin)
            if not os.path.exists(self.plugin):
                self.plugin = self.path("plugin", "acme.so")
            return
        argv = CC + ["-shared", "-fPIC", "-w", "-D_GNU_SOURCE", "-fvisibility=hidden",
                     "-I" + INCLUDE] + list(f.build or f.broken)
        subprocess.run(argv + [os.path.join(SOURCES, source + ".c"), "-o", self.plugin], check=True)

    def configure(self):
        f = self.fault
        if f.broken:
            return
        os.makedirs(self.path("home", ".config", "venvctl"))
        with open(self.path("home", ".config", "venvctl", "venvctl.ini"), "w") as ini:
            ini.write("[plugin:mock-faults]\ndo = %s\nat = %s\n" % (f.do, f.at))
            if f.where:
                ini.write("where = %s\n" % self.path("mine"))

    def venvctl(self, *args):
        return subprocess.run([VENVCTL] + list(args), env=self.env, cwd=self.path("work"),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True)

    def check(self):
        f = self.fault
        # The user's own directory is watched where it is the working directory, HOME or TMPDIR.
        if f.where:
            self.env["TMPDIR"] = self.path("mine")
        p = self.venvctl("plugins", "check", self.plugin)
        self.env["TMPDIR"] = self.path("tmp")
        said = p.stdout + p.stderr
        if os.getuid() != 0 and (f.where and "by whomever" in said or f.do == "network"
                                 and "the network cannot be taken away here" in said):
            raise NotHere("this user has no namespaces here")
        lines = [line.strip() for line in p.stdout.splitlines()]
        failed = [line for line in lines if line.startswith("FAILED")]
        warned = [line for line in lines if line.startswith("warning")]
        untried = [line for line in lines if line.startswith("UNTRIED")]
        # What it could not try is no success: it ends as a create does.
        status = {"FAILED": 1, "UNTRIED": f.status}.get(f.level, 0)
        assert p.returncode == status, (p.returncode, said)
        assert len(untried) == (f.level == "UNTRIED"), said
        assert len(failed) == (f.level == "FAILED"), said
        if f.level == "warning":
            assert len(warned) == 1, said
        row = {"FAILED": failed, "warning": warned, "UNTRIED": untried}.get(f.level, ["ok"])
        assert row and (f.check is None or f.check in row[0]), said
        assert os.listdir(self.path("tmp")) == [], os.listdir(self.path("tmp"))
        with open(self.path("mine", "mine")) as mine:
            assert mine.read() == "mine\n"
        assert os.listdir(self.path("mine")) == ["mine"], os.listdir(self.path("mine"))
        assert os.listdir(self.path("work")) == [], os.listdir(self.path("work"))
        return re.sub(r"\s+", " ", row[0])[:110]

    def interrupted(self, argv):
        """Twice, as a user who does not want to wait."""
        p = subprocess.Popen(["env", "--default-signal=INT"] + argv, env=self.env,
                             cwd=self.path("work"), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             universal_newlines=True)
        for _ in range(2):
            time.sleep(1)
            p.send_signal(signal.SIGINT)
        out, err = p.communicate()
        # A shell says it so.
        p.returncode = 128 - p.returncode if p.returncode < 0 else p.returncode
        return subprocess.CompletedProcess(argv, p.returncode, out, err)

    def create(self):
        f = self.fault
        args = ["create", "--without-pip", "-p", PYTHON, "--plugin", self.plugin, "env"]
        p = self.interrupted([VENVCTL] + args) if f.interrupt else self.venvctl(*args)
        said = p.stdout + p.stderr
        assert p.returncode == f.status, (p.returncode, said)
        assert f.says in p.stderr, said
        self.tree(f.tree)
        lines = [line for line in p.stderr.splitlines() if f.says in line]
        words = (lines[0] if f.says else p.stderr.splitlines()[0] if p.stderr else "")
        return "%d %s" % (p.returncode, words[:150])

    def tree(self, want):
        work = self.path("work")
        env = os.path.join(work, "env")
        names = set(os.listdir(work))
        left = [n for where, dirs, files in os.walk(work) for n in dirs + files
                if n.startswith(".venvctl-")]
        assert not left, "left behind: %s" % left
        assert names <= {"env", "faulty", "beside"}, names
        if want == NOTHING:
            assert "env" not in names
        elif want == WHOLE:
            out = subprocess.run([os.path.join(env, "bin", "python3"), "-c",
                                  "import sys; print(sys.prefix)"], env=self.scratch.env,
                                 stdout=subprocess.PIPE, check=True, universal_newlines=True)
            assert out.stdout.strip() == env, out.stdout

    def end(self):
        self.scratch.remove()


def row(fault, number):
    r = Row(fault, number)
    try:
        said = r.check()
        did = r.create()
    finally:
        r.end()
    return "%s | check: %s | create: %s | %s" % (fault.name, said, did, fault.tree)


def tried(fault, number):
    if SANITIZED and fault.skip_sanitized:
        return None, fault.name, "sanitizers"
    try:
        return True, row(fault, number), ""
    except NotHere as e:
        return None, fault.name, str(e)
    except Exception as e:  # a row that cannot be tried has failed
        return False, fault.name, "%s: %s" % (type(e).__name__, e)


def main():
    global CACHE
    tap = Tap()
    shared = Scratch("faults")
    CACHE = shared.path("cache")
    todo = list(enumerate(FAULTS))
    wanted = os.environ.get("FAULT")
    if wanted:
        todo = [(n, f) for n, f in todo if re.search(wanted, f.name)]
    results = [None] * len(FAULTS)
    lock = threading.Lock()
    # Those that wait for something first.
    todo.sort(key=lambda t: t[1].do == "deaf" or t[1].load == "hang")

    def work():
        while True:
            with lock:
                if not todo:
                    return
                n, fault = todo.pop()
            results[n] = tried(fault, n)

    threads = [threading.Thread(target=work) for _ in range(min(4, (os.cpu_count() or 1) + 1))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for result in results:
        if result and result[0] is None:
            tap.skip(result[1], result[2])
        elif result:
            tap.result(*result)
    shared.remove()
    tap.done()


if __name__ == "__main__":
    main()
