# SPDX-License-Identifier: MIT
"""builder_cases.py - pyvenvctl.EnvBuilder, in the Python that runs this

Run by envbuilder.py with each interpreter; each test has a directory of its own.
"""

import glob
import inspect
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import venv as stdlib
from unittest import mock

import pyvenvctl as venv


def packages(context):
    """The directory site-packages, which the context itself has since 3.12."""
    return glob.glob(os.path.join(context.env_dir, "lib", "p*", "site-packages"))[0]


class Case(unittest.TestCase):
    def setUp(self):
        self.top = os.path.realpath(tempfile.mkdtemp(prefix="venvctl-python-"))
        self.addCleanup(shutil.rmtree, self.top)
        self.env = os.path.join(self.top, "env")

    def path(self, *names):
        return os.path.join(self.env, *names)

    def listing(self):
        found = {}
        for top, dirs, files in os.walk(self.env):
            for name in dirs + files:
                path = os.path.join(top, name)
                text = os.readlink(path) if os.path.islink(path) else \
                    None if name in dirs else open(path, "rb").read()
                found[os.path.relpath(path, self.env)] = text
        return found

    def old_directory(self, with_env=False):
        """A directory with something in it, and what that is."""
        if with_env:
            venv.EnvBuilder(symlinks=True).create(self.env)
        os.makedirs(self.path("mine"))
        with open(self.path("mine", "file"), "w") as f:
            f.write("mine")
        return self.listing()

    def is_ours(self):
        with open(self.path("pyvenv.cfg")) as f:
            self.assertIn("venvctl = ", f.read())

    def prefix(self):
        return subprocess.check_output([self.path("bin", "python"), "-c",
                                        "import sys; print(sys.prefix)"],
                                       universal_newlines=True).strip()


class Interface(Case):
    def test_the_signature_and_the_methods_are_those_of_venv(self):
        for name in "EnvBuilder", "create", "main":
            self.assertEqual(inspect.signature(getattr(venv, name)),
                             inspect.signature(getattr(stdlib, name)))
        for name in dir(stdlib.EnvBuilder):
            if inspect.isfunction(getattr(stdlib.EnvBuilder, name)):
                self.assertEqual(list(inspect.signature(getattr(venv.EnvBuilder, name)).parameters),
                                 list(inspect.signature(getattr(stdlib.EnvBuilder, name)).parameters))
        self.assertTrue(issubclass(venv.EnvBuilder, stdlib.EnvBuilder))
        self.assertEqual(vars(venv.EnvBuilder(prompt="x")), vars(stdlib.EnvBuilder(prompt="x")))

    def test_create(self):
        venv.create(self.env, symlinks=True, with_pip=True, prompt="mine")
        self.is_ours()
        self.assertEqual(self.prefix(), self.env)
        out = subprocess.check_output([self.path("bin", "pip"), "--version"])
        self.assertIn(self.env.encode(), out)

    def test_main(self):
        second = os.path.join(self.top, "second")
        venv.main(["--without-pip", "--prompt", "p q", self.env, second])
        self.is_ours()
        with open(os.path.join(second, "pyvenv.cfg")) as f:
            self.assertIn("p q", f.read())
        with self.assertRaises(SystemExit), mock.patch("sys.stderr"):
            venv.main(["--nonsense"])

    def test_the_context_is_that_of_venv(self):
        seen = []

        def keep(base):
            class Keeps(base):
                def post_setup(self, context):
                    seen.append(dict(vars(context), prompt=context.prompt))
            Keeps(symlinks=True, prompt="it's").create(self.env)
            shutil.rmtree(self.env)
            # Of venv's own templates; some versions leave it there.
            seen[-1].pop("script_path", None)

        keep(stdlib.EnvBuilder)
        keep(venv.EnvBuilder)
        self.assertEqual(seen[0], seen[1])

    def test_system_site_packages_and_upgrade(self):
        venv.create(self.env, system_site_packages=True, symlinks=True)
        with open(self.path("pyvenv.cfg")) as f:
            self.assertIn("include-system-site-packages = true\n", f.read())
        os.unlink(self.path("bin", "python"))
        venv.EnvBuilder(upgrade=True, symlinks=True).create(self.env)
        self.assertEqual(self.prefix(), self.env)
        # An upgrade of nothing makes one, as with venv.
        shutil.rmtree(self.env)
        venv.EnvBuilder(upgrade=True, symlinks=True).create(self.env)
        self.assertEqual(self.prefix(), self.env)

    def test_another_thread(self):
        thread = threading.Thread(target=venv.create, args=(self.env,))
        thread.start()
        thread.join()
        self.is_ours()


class Methods(Case):
    def test_post_setup_runs_the_environments_python(self):
        class Extended(venv.EnvBuilder):
            def post_setup(self, context):
                self.said = subprocess.check_output(
                    [context.env_exe, "-c", "import sys; print(sys.prefix)"],
                    universal_newlines=True).strip()
        b = Extended(symlinks=True, with_pip=True)
        b.create(self.env)
        self.assertEqual(b.said, self.env)
        self.assertTrue(os.path.exists(self.path("bin", "pip")))

    def test_a_builder_that_installs_by_scripts_and_reports_progress(self):
        # Of the shape of ExtendedEnvBuilder, the example in the documentation of venv, which is
        # CPython's: documentation.py runs that one where it is installed.
        class Reports(venv.EnvBuilder):
            def __init__(self, *args, **kw):
                self.progress = kw.pop("progress")
                self.scripts = kw.pop("scripts")
                super().__init__(*args, **kw)

            def read(self, stream, source):
                for line in stream:
                    self.progress(line.strip(), source)
                stream.close()

            def post_setup(self, context):
                for name, code in self.scripts:
                    path = os.path.join(context.bin_path, name)
                    with open(path, "w") as f:
                        f.write(code)
                    self.progress("run " + name, "main")
                    p = subprocess.Popen([context.env_exe, name], cwd=context.bin_path,
                                         universal_newlines=True, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE)
                    readers = [threading.Thread(target=self.read, args=pair) for pair in (
                        (p.stdout, "stdout"), (p.stderr, "stderr"))]
                    for reader in readers:
                        reader.start()
                    p.wait()
                    for reader in readers:
                        reader.join()
                    os.unlink(path)

        said = []
        scripts = [(name, "import sys; print(sys.prefix); print(%r, file=sys.stderr)" % name)
                   for name in ("one.py", "two.py")]
        b = Reports(symlinks=True, with_pip=True, scripts=scripts,
                    progress=lambda *words: said.append(words))
        b.create(self.env)
        self.is_ours()
        self.assertEqual(sorted(said), sorted(
            pair for name, _ in scripts for pair in (
                ("run " + name, "main"), (self.env, "stdout"), (name, "stderr"))))
        self.assertEqual([words[0] for words in said if words[1] == "main"],
                         ["run one.py", "run two.py"])
        self.assertFalse(os.path.exists(self.path("bin", "two.py")))
        self.assertTrue(os.path.exists(self.path("bin", "pip")))

    def test_each_method_is_called_where_venv_calls_it(self):
        names = [n for n in ("ensure_directories", "create_git_ignore_file",
                             "create_configuration", "setup_python", "_setup_pip",
                             "setup_scripts", "post_setup", "upgrade_dependencies")
                 if hasattr(stdlib.EnvBuilder, n)]

        def calls(base):
            called = []

            def method(name):
                def call(self, argument):
                    called.append(name)
                    if name not in ("_setup_pip", "upgrade_dependencies"):
                        return getattr(base, name)(self, argument)
                return call
            kw = dict(symlinks=True, with_pip=True, system_site_packages=True)
            if "upgrade_dependencies" in names:
                kw["upgrade_deps"] = True
            if "create_git_ignore_file" in names:
                kw["scm_ignore_files"] = {"git"}
            type("Calls", (base,), {n: method(n) for n in names})(**kw).create(self.env)
            self.assertEqual(self.prefix(), self.env)
            shutil.rmtree(self.env)
            return called

        self.assertEqual(calls(venv.EnvBuilder), calls(stdlib.EnvBuilder))

    def test_an_overridden_stage_works_on_the_directory_itself(self):
        class Files(venv.EnvBuilder):
            def setup_scripts(self, context):
                super().setup_scripts(context)
                with open(os.path.join(context.bin_path, "hello"), "w") as f:
                    f.write("#!%s\n" % context.env_exe)
        Files(symlinks=True).create(self.env)
        self.is_ours()
        self.assertEqual(open(self.path("bin", "hello")).read(), "#!%s\n" % self.path("bin", os.path.basename(
            getattr(sys, "_base_executable", sys.executable))))
        self.assertTrue(os.path.exists(self.path("bin", "activate.nu")))

    def test_a_stage_left_out_is_left_out(self):
        class Bare(venv.EnvBuilder):
            def setup_scripts(self, context):
                pass
        Bare(symlinks=True).create(self.env)
        self.assertFalse(os.path.exists(self.path("bin", "activate")))
        self.assertEqual(self.prefix(), self.env)

    def test_what_the_context_says_is_done(self):
        class Changes(venv.EnvBuilder):
            def ensure_directories(self, env_dir):
                context = super().ensure_directories(env_dir)
                context.python_exe = "other"
                context.env_exe = os.path.join(context.bin_path, "other")
                context.prompt = "(changed) "
                return context

            def post_setup(self, context):
                self.seen = context.env_exe, context.prompt
        b = Changes(symlinks=True)
        b.create(self.env)
        self.assertEqual(b.seen, (self.path("bin", "other"), "(changed) "))
        self.assertTrue(os.path.exists(self.path("bin", "other")))
        with open(self.path("bin", "activate")) as f:
            self.assertIn("changed", f.read())

    def test_install_scripts_and_replace_variables(self):
        scripts = os.path.join(self.top, "scripts", "common")
        os.makedirs(scripts)
        with open(os.path.join(scripts, "mine"), "w") as f:
            f.write("__VENV_NAME__ __MINE__\n")

        class Own(venv.EnvBuilder):
            def setup_scripts(self, context):
                super().setup_scripts(context)
                self.install_scripts(context, os.path.dirname(scripts))

            def replace_variables(self, text, context):
                return super().replace_variables(text.replace("__MINE__", "own"), context)
        Own(symlinks=True).create(self.env)
        with open(self.path("bin", "mine")) as f:
            self.assertRegex(f.read(), "^'?env'? own\n$")
        self.assertTrue(os.path.exists(self.path("bin", "activate")))

    def test_symlink_or_copy(self):
        class Links(venv.EnvBuilder):
            links = 0

            def symlink_or_copy(self, *args, **kw):
                self.links += 1
                return super().symlink_or_copy(*args, **kw)
        b = Links(symlinks=True)
        b.create(self.env)
        self.assertGreaterEqual(b.links, 2)
        self.assertEqual(self.prefix(), self.env)

    def test_a_method_of_the_instance(self):
        b = venv.EnvBuilder(symlinks=True, with_pip=True)
        b._setup_pip = mock.Mock()
        b.create(self.env)
        b._setup_pip.assert_called_once()
        self.assertFalse(os.path.exists(self.path("bin", "pip")))


class Failures(Case):
    METHODS = ("ensure_directories", "create_configuration", "setup_python", "setup_scripts",
               "post_setup", "_setup_pip")

    def failing(self, name, error, **kw):
        def method(self, argument):
            result = getattr(venv.EnvBuilder, name)(self, argument)
            if name == "post_setup":
                open(os.path.join(packages(argument), "made-by-post-setup"), "w").close()
            raise error
            return result
        return type("Fails", (venv.EnvBuilder,), {name: method})(
            symlinks=True, with_pip=name == "_setup_pip", **kw)

    def each(self, prepare, methods=METHODS[:-1], **kw):
        for name in methods:
            # In the library's transaction, and in one of Python's.
            more = [KeyboardInterrupt(), SystemExit(3)] if name in (
                "post_setup", "setup_scripts") else []
            for error in [KeyError("mine")] + more:
                with self.subTest(method=name, error=error):
                    if os.path.exists(self.env):
                        shutil.rmtree(self.env)
                    before = prepare()
                    with self.assertRaises(type(error)) as caught:
                        self.failing(name, error, **kw).create(self.env)
                    self.assertIs(caught.exception, error)
                    self.assertEqual(self.listing(), before)
                    self.assertEqual(os.path.exists(self.env), bool(before))
                    self.assertEqual(os.listdir(self.top), ["env"] if before else [])

    def test_of_a_new_directory(self):
        self.each(dict, self.METHODS)

    def test_of_a_new_directory_below_others(self):
        self.env = os.path.join(self.top, "a", "b", "env")
        for name in "setup_scripts", "post_setup":
            with self.assertRaises(KeyError):
                self.failing(name, KeyError()).create(self.env)
            self.assertEqual(os.listdir(self.top), [])

    def test_of_pip_in_an_environment_that_was_there(self):
        if sys.implementation.name == "pypy":
            self.skipTest("Debian's ensurepip of PyPy writes in share, which is no environment's")
        self.each(lambda: self.old_directory(True), ["_setup_pip"])

    def test_of_a_directory_that_was_cleared(self):
        self.each(self.old_directory, clear=True)

    def test_of_a_directory_with_other_things(self):
        self.each(self.old_directory)

    def test_of_an_environment_that_was_there(self):
        self.each(lambda: self.old_directory(True), prompt="other")

    def test_a_builder_that_failed_is_used_again(self):
        b = self.failing("post_setup", KeyError())
        with self.assertRaises(KeyError):
            b.create(self.env)
        b.post_setup = lambda context: None
        b.create(self.env)
        self.is_ours()

    def test_a_child_that_fails_is_a_CalledProcessError(self):
        class Broken(venv.EnvBuilder):
            def _setup_pip(self, context):
                with open(os.path.join(packages(context), "broken.pth"), "w") as f:
                    f.write("import os; print('broken', flush=True); os._exit(3)\n")
                super()._setup_pip(context)
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            Broken(symlinks=True, with_pip=True).create(self.env)
        self.assertEqual(caught.exception.returncode, 3)
        self.assertIn(b"broken", caught.exception.output)
        self.assertIn("ensurepip", caught.exception.cmd)
        self.assertFalse(os.path.exists(self.env))

    def test_what_cannot_be_a_target(self):
        with self.assertRaises(ValueError):
            venv.create(os.path.join(self.top, "a:b"))
        with open(self.env, "w"):
            pass
        with self.assertRaises((ValueError, OSError)):
            venv.create(self.env)
        with open(self.env) as f:
            self.assertEqual(f.read(), "")


class Interrupted(Case):
    def test_ctrl_c_ends_a_create_at_once(self):
        """While a wheel is compiled for an empty cache, in the library."""
        cache = os.path.join(self.top, "cache")
        code = "import sys, pyvenvctl\npyvenvctl.create(sys.argv[1], with_pip=True)\n"
        p = subprocess.Popen([sys.executable, "-B", "-c", code, self.env],
                             env=dict(os.environ, VENVCTL_CACHE_DIR=cache),
                             # What runs in the background of a shell may ignore it.
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                             stderr=subprocess.PIPE, universal_newlines=True)
        deadline = time.monotonic() + 60
        while not any(name.endswith((".py", ".pyc")) for _, _, files in os.walk(cache)
                      for name in files):
            self.assertIsNone(p.poll(), "it ended before its wheel was unpacked")
            self.assertLess(time.monotonic(), deadline)
        p.send_signal(signal.SIGINT)
        said = p.communicate()[1]
        self.assertEqual(p.returncode, -signal.SIGINT, said)
        self.assertTrue(said.endswith("KeyboardInterrupt\n"), said)
        self.assertFalse([n for n in os.listdir(self.top) if n != "cache"])

    def test_the_handler_of_another_wakes_up_as_before(self):
        reads, writes = os.pipe()
        os.set_blocking(writes, False)
        signal.set_wakeup_fd(writes)
        try:
            venv.create(self.env)
            self.assertEqual(signal.set_wakeup_fd(-1), writes)
        finally:
            signal.set_wakeup_fd(-1)
            os.close(reads)
            os.close(writes)


class Cases(unittest.TextTestResult):
    """A line a test, for envbuilder.py."""

    def tell(self, word, test, why=""):
        name = test.id().split(".")[-1][5:].replace("_", " ")
        print(word, "\t", name, "\t", repr(why), file=sys.stdout, flush=True)

    def addSuccess(self, test):
        self.tell("ok", test)

    def addSkip(self, test, why):
        self.tell("skip", test, why)

    def addFailure(self, test, err):
        self.tell("not ok", test, self._exc_info_to_string(err, test))

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.tell("not ok", test, str(subtest) + self._exc_info_to_string(err, test))


if __name__ == "__main__":
    unittest.main(testRunner=unittest.TextTestRunner(
        stream=sys.stderr, resultclass=Cases), verbosity=0)
