# SPDX-License-Identifier: MIT
"""clients.py - the lines of venvctl-clients(7), typed, with the tools that they are for

Each tool comes from the package index, or from Debian; one that cannot be had is skipped by its
name. What is printed at the end is the table of them. CLIENTS=tox,nox runs those alone.
"""
import concurrent.futures
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
from interpreters import VENVCTL, Scratch, Skip, Tap, tried  # noqa: E402

PAGE = os.path.join(SOURCES, "docs", "man", "venvctl-clients.7.scd")
PROJECT = """[project]
name = "app"
version = "1"
requires-python = ">=3.10"
dependencies = ["six"]
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
py-modules = ["app"]
"""
SHOW = "import sys; print('prefix=' + sys.prefix)"


def page():
    """Name of the client, the script of its lines."""
    clients, name, inside = {}, None, False
    for line in open(PAGE):
        if line.startswith("## "):
            name = line[3:].strip()
        elif line.startswith("```"):
            inside = not inside
        elif inside:
            clients[name] = clients.get(name, "") + re.sub(r"^\$ ", "", line)
    return clients


def newest_python():
    """Tools want a newer Python than venvctl does."""
    versions = os.path.join(os.path.expanduser("~"), ".pyenv", "versions")
    names = sorted(os.listdir(versions)) if os.path.isdir(versions) else []
    for python in ["/usr/bin/python3"] + [os.path.join(versions, n, "bin", "python3")
                                          for n in reversed(names)]:
        if not subprocess.call([python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]):
            return python
    sys.exit("no Python from 3.11 on is here")


PYTHON = newest_python()


class Client:
    """One tool: what it is installed from, what lies in the project, what has to be so then."""

    packages = []       # from the index, into an environment of the tool's own
    inside = []         # from the index, into the environment
    env = "env"         # in the project
    there = False       # it is made before the line is typed
    create = []         # options of that

    def __init__(self, name, script):
        self.name, self.script, self.version = name, script, ""

    def path(self, *names):
        return os.path.join(self.project, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as f:
            f.write(text)

    def bash(self, script):
        return self.scratch.must("bash", "-ec", script, cwd=self.project, env=self.scratch.env)

    def pip(self, python, *packages):
        status, said = self.scratch.run(python, "-m", "pip", "install", "-q", *packages)
        if status:
            raise Skip("%s cannot be had: %s" % (packages[0], said.strip().splitlines()[-1]))

    def package_version(self, python, package):
        return self.scratch.must(python, "-c", "import sys; from importlib.metadata import version;"
                                 "print(version(sys.argv[1]))", package.split("[")[0]).strip()

    def get(self):
        """The tool, in bin of an environment of its own."""
        if not self.packages:
            return
        self.tool = self.scratch.path("tool")
        python = os.path.join(self.tool, "bin", "python")
        self.scratch.venvctl("create", "-q", "-p", PYTHON, self.tool)
        self.pip(python, *self.packages)
        self.version = self.package_version(python, self.packages[0])
        self.scratch.env["PATH"] = os.path.join(self.tool, "bin") + ":" + self.scratch.env["PATH"]

    def prepare(self):
        pass

    def check(self, said):
        pass

    def is_ours(self, env=None):
        """That environment is one of venvctl's, and nothing is wrong with it."""
        env = env or self.path(self.env)
        with open(os.path.join(env, "pyvenv.cfg")) as f:
            cfg = f.read()
        assert re.search("^venvctl = ", cfg, re.M), cfg
        prefix = self.scratch.must(os.path.join(env, "bin", "python"), "-c",
                                   "import sys; print(sys.prefix)").strip()
        assert prefix == env, prefix
        self.scratch.venvctl("check", env)

    def has(self, module):
        self.scratch.must(self.path(self.env, "bin", "python"), "-c", "import " + module)

    def run(self):
        self.scratch = Scratch("client")
        try:
            env = self.scratch.env
            env.update((k, v) for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_CERT")))
            links = self.scratch.path("links")
            os.mkdir(links)
            for link in "virtualenv", "pyvenv", "venvctl":
                os.symlink(VENVCTL, os.path.join(links, link))
            env["PATH"] = links + ":" + env["PATH"]
            self.project = self.scratch.path("project")
            os.mkdir(self.project)
            if self.there:
                self.scratch.venvctl("create", "-q", "-p", PYTHON, *self.create,
                                     self.path(self.env))
            if self.inside:
                python = self.path(self.env, "bin", "python")
                self.pip(python, *self.inside)
                self.version = self.package_version(python, self.inside[0])
            self.get()
            self.prepare()
            said = self.bash(self.script)
            self.is_ours()
            self.check(said)
        finally:
            self.scratch.remove()


class Ansible(Client):
    packages = ["ansible-core"]

    def prepare(self):
        self.scratch.env.update(
            ANSIBLE_HOME=self.scratch.path("ansible"), ANSIBLE_NOCOLOR="1",
            ANSIBLE_LOCALHOST_WARNING="false", ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            ANSIBLE_PYTHON_INTERPRETER=PYTHON)
        self.script = self.script.strip().replace("=/srv/app", "=" + self.project)
        said = self.bash(self.script + " --check")
        assert "CHANGED" in said and not os.path.exists(self.path(self.env)), said

    def check(self, said):
        assert "CHANGED" in said, said
        self.has("six")
        with open(self.path("env", "pyvenv.cfg")) as f:
            cfg = f.read()
        assert "include-system-site-packages = true" in cfg, cfg
        made = [os.path.join(d, n) for d, _, names in os.walk(self.path("env")) for n in names
                if n == "six.py"]
        assert made and os.stat(made[0]).st_mode & 0o777 == 0o640, made
        said = self.bash(self.script)
        assert "SUCCESS" in said and '"changed": false' in said, said
        said = self.bash(self.script + " --check")
        assert '"changed": false' in said, said


class Virtualenvwrapper(Client):
    packages = ["virtualenvwrapper"]

    def prepare(self):
        self.scratch.env["WORKON_HOME"] = self.scratch.path("envs")
        self.scratch.env["VIRTUALENVWRAPPER_PYTHON"] = self.tool + "/bin/python"
        # Its functions end with other statuses than 0 where nothing failed.
        self.script = "set +e\n" + self.script + \
            "python -c 'import sys; print(sys.prefix)'; deactivate; lsvirtualenv -b\n"

    def is_ours(self, env=None):
        super().is_ours(self.scratch.path("envs", "app"))

    def check(self, said):
        assert said.split()[-2:] == [self.scratch.path("envs", "app"), "app"], said


class Direnv(Client):
    """One of Debian's packages, unpacked and not installed."""

    env = ".venv"

    def get(self):
        if not shutil.which("apt-get"):
            raise Skip("direnv comes from Debian")
        status, said = self.scratch.run("apt-get", "download", "-q", "direnv")
        deb = [n for n in os.listdir(self.scratch.dir) if n.endswith(".deb")]
        if status or not deb:
            raise Skip("direnv cannot be had: %s" % said.strip().splitlines()[-1])
        self.version = deb[0].split("_")[1]
        self.scratch.must("dpkg", "-x", deb[0], self.scratch.path("deb"))
        self.scratch.env["PATH"] = self.scratch.path("deb/usr/bin") + ":" + self.scratch.env["PATH"]

    def check(self, said):
        assert "from %s/.venv/" % self.project in said, said


class WithPyvenvctl(Client):
    """One that makes its environments with virtualenv."""

    def get(self):
        self.packages = self.packages + ["virtualenv"]
        super().get()
        site = self.scratch.must(os.path.join(self.tool, "bin", "python"), "-c",
                                 "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        self.write(site + "/pyvenvctl-0.1.0.dist-info/METADATA",
                   "Metadata-Version: 2.1\nName: pyvenvctl\nVersion: 0.1.0\n")
        self.write(site + "/pyvenvctl-0.1.0.dist-info/entry_points.txt",
                   "[virtualenv.create]\nvenvctl = pyvenvctl_virtualenv:Creator\n"
                   "[virtualenv.seed]\nvenvctl = pyvenvctl_virtualenv:Seeder\n")
        # Into the sources nothing is written.
        shutil.copytree(os.path.join(SOURCES, "python"), self.scratch.path("python"))
        self.write(site + "/pyvenvctl.pth", self.scratch.path("python") + "\n")

    def is_ours(self, env=None):
        found = [d for top in (self.project, self.scratch.path("home"))
                 for d, _, names in os.walk(top) if "pyvenv.cfg" in names]
        assert found, "it made none"
        for env in found:
            super().is_ours(env)


class Tox(WithPyvenvctl):
    packages = ["tox"]

    def prepare(self):
        # tox lets through what it is told to.
        self.scratch.env["TOX_OVERRIDE"] = "testenv.pass_env=TEST_SYSCONFDIR,VENVCTL_CACHE_DIR"
        self.write("tox.ini", "[tox]\nskipsdist = true\nenvlist = a\n[testenv]\n"
                   "commands = python show.py\n")
        self.write("show.py", SHOW)

    def check(self, said):
        assert "prefix=" + self.path(".tox", "a") in said, said


class Nox(WithPyvenvctl):
    packages = ["nox"]

    def prepare(self):
        self.write("noxfile.py", 'import nox\n@nox.session\ndef t(session):\n'
                   '    session.run("python", "-c", "%s")\n' % SHOW)

    def check(self, said):
        assert "prefix=" + self.path(".nox", "t") in said, said


class PreCommit(WithPyvenvctl):
    packages = ["pre-commit"]

    def prepare(self):
        if not shutil.which("git"):
            raise Skip("git is not installed")
        begin = ("git init -q . && git config user.email a@example.org && git config user.name a && "
                 "git add . && git commit -qm it")
        hook = self.scratch.path("hook")
        self.write(hook + "/.pre-commit-hooks.yaml",
                   "- {id: show, name: show, entry: show, language: python, always_run: true, "
                   "verbose: true}\n")
        self.write(hook + "/setup.py", "from setuptools import setup\n"
                   "setup(name='show', version='1', scripts=['show'])\n")
        self.write(hook + "/show", "#!/usr/bin/env python\n%s\n" % SHOW)
        os.chmod(os.path.join(hook, "show"), 0o755)
        self.bash("cd ../hook && " + begin)
        commit = self.bash("git -C ../hook rev-parse HEAD").strip()
        self.write(".pre-commit-config.yaml", "repos:\n- repo: file://%s\n  rev: %s\n"
                   "  hooks: [{id: show}]\n" % (hook, commit))
        self.bash(begin)

    def check(self, said):
        assert "prefix=" + self.scratch.path("home", ".cache", "pre-commit") in said, said


class Hatch(WithPyvenvctl):
    packages = ["hatch"]

    def prepare(self):
        self.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\n'
                   '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
                   '[tool.hatch.envs.default]\nskip-install = true\npath = "own"\n')

    def check(self, said):
        assert "from " + self.path("own") in said, said


class InProject(Client):
    """One that installs the project into the environment that is there."""

    env = ".venv"

    def prepare(self):
        self.write("pyproject.toml", PROJECT)
        self.write("app.py", "import six\n")

    def check(self, said):
        self.has("six")
        self.has("app")


class Poetry(InProject):
    packages = ["poetry"]

    def prepare(self):
        """Without dependencies: poetry asks for them by another interface than pip's."""
        self.write("pyproject.toml", PROJECT.replace('"six"', ""))
        self.write("app.py", "import sys\n")

    def check(self, said):
        self.has("app")


class Pdm(InProject):
    # pdm 2.29 does not fit to the hishel that it lets pip choose.
    packages = ["pdm", "hishel<2"]


class Pipenv(InProject):
    packages = ["pipenv"]

    def prepare(self):
        self.write("Pipfile", '[packages]\nsix = "*"\n')

    def check(self, said):
        self.has("six")


class Pipx(Client):
    packages = ["pipx"]

    def is_ours(self, env=None):
        super().is_ours(self.scratch.path("home/.local/share/pipx/venvs/pycowsay"))

    def check(self, said):
        assert "hello" in self.scratch.must(self.scratch.path("home/.local/bin/pycowsay"), "hello")


class Cibuildwheel(Client):
    packages = ["cibuildwheel"]

    def check(self, said):
        """The same, as it says it itself: its function has our virtualenv in place of its own."""
        self.write("virtualenv.py", "import os, sys\n"
                   "os.execvp('virtualenv', ['virtualenv'] + sys.argv[1:])\n")
        self.write("wheels.py", """
import json
from pathlib import Path
from packaging.version import Version
from cibuildwheel import venv
said, call = [], venv.call
def spy(*args, **more):
    if "virtualenv.py" in str(args[2]):
        said.extend(str(a) for a in args[3:])
        call(*args, **more)
venv.call = spy
venv._ensure_virtualenv = lambda version: (Path("virtualenv.py").absolute(), Version("20.30"))
venv.virtualenv("3.11", Path("/usr/bin/python3"), Path("its own"), None, use_uv=False)
print(json.dumps(said))
""")
        passed = json.loads(self.scratch.must(self.tool + "/bin/python", "wheels.py",
                                              cwd=self.project).splitlines()[-1])
        ours = self.script.split()[1:]
        # Which Python, and where, is another matter.
        assert passed[:-2] == ours[:-2], (passed, ours)
        super().is_ours(self.path("its own"))


class Airflow(Client):
    def get(self):
        package = "apache-airflow-providers-standard"
        status, said = self.scratch.run(PYTHON, "-m", "pip", "download", "-q", "--no-deps", package)
        wheels = [n for n in os.listdir(self.scratch.dir) if n.endswith(".whl")]
        if status or not wheels:
            raise Skip("%s cannot be had: %s" % (package, said.strip().splitlines()[-1]))
        self.version = wheels[0].split("-")[1]
        shutil.unpack_archive(self.scratch.path(wheels[0]), self.scratch.path("airflow"), "zip")

    def check(self, said):
        """The same, from its own source: without all of Airflow it cannot be imported."""
        with open(self.scratch.path("airflow/airflow/providers/standard/utils",
                                    "python_virtualenv.py")) as f:
            source = re.search(r"def _generate_venv_cmd.*?\n    return cmd\n", f.read(), re.S)
        scope = {}
        exec(source.group(), scope)
        passed = scope["_generate_venv_cmd"]("env", "python3", True)
        assert passed[:3] == ["python3", "-m", "venv"], passed
        assert "pyvenv " + " ".join(passed[3:]) == self.script.strip().split("&& ")[1], passed


class Uses(Client):
    """One that installs something, or looks at what is there."""

    there = True

    def prepare(self):
        self.write("app.py", "import six\nx: str = six.ensure_str('text')\nprint(x)\n")


class Pip(Uses):
    def check(self, said):
        self.version = self.package_version(self.path("env/bin/python"), "pip")
        self.has("six")


class PipPython(Uses):
    packages = ["pip"]

    def get(self):
        super().get()
        # The one that came with it may be too old for --python.
        self.pip(self.tool + "/bin/python", "--upgrade", "pip")
        self.version = self.package_version(self.tool + "/bin/python", "pip")

    def check(self, said):
        self.has("six")


class Uv(Uses):
    packages, create = ["uv"], ["--without-pip"]

    def prepare(self):
        self.scratch.env.update(UV_PYTHON_DOWNLOADS="never", UV_CACHE_DIR=self.scratch.path("uv"))
        if "PIP_CERT" in self.scratch.env:
            self.scratch.env.setdefault("SSL_CERT_FILE", self.scratch.env["PIP_CERT"])
        super().prepare()

    def check(self, said):
        self.has("six")


class UvProject(Uv):
    env = ".venv"

    def prepare(self):
        super().prepare()
        self.write("pyproject.toml", PROJECT)

    def check(self, said):
        assert "Removed" not in said and "Creating" not in said, said
        self.has("six")
        if "print" in self.script:
            assert said.splitlines()[-1] == self.path(self.env), said


class Virtualenv(Uses):
    packages = ["virtualenv"]

    def is_ours(self, env=None):
        """It is virtualenv's then, whole, and venvctl reads it."""
        info = json.loads(self.scratch.venvctl("info", "--json", self.path("env")))
        assert info["state"] == "ok" and info["creator"]["name"] == "virtualenv", info
        self.scratch.venvctl("create", "-q", "-p", PYTHON, self.path("env"))
        super().is_ours()

    def check(self, said):
        self.has("pip")


class Build(Uses):
    def prepare(self):
        self.write("pyproject.toml", PROJECT)
        self.write("app.py", "import six\n")

    def check(self, said):
        self.version = self.package_version(self.path("env/bin/python"), "build")
        assert sorted(os.listdir(self.path("dist"))) == ["app-1-py3-none-any.whl", "app-1.tar.gz"]


class PipTools(Uses):
    inside = ["pip-tools"]

    def prepare(self):
        self.write("requirements.in", "six\n")

    def check(self, said):
        self.has("six")


class PyInstaller(Uses):
    inside = ["pyinstaller", "six"]

    def prepare(self):
        super().prepare()
        if not shutil.which("objdump"):
            raise Skip("PyInstaller needs objdump")
        status, _ = self.scratch.run(self.path("env/bin/python"), "-c", "import ctypes, sys; "
                                     "ctypes.CDLL('libpython%d.%d.so.1.0' % sys.version_info[:2])")
        if status:
            raise Skip("PyInstaller needs a shared libpython, and there is none of %s" % PYTHON)

    def check(self, said):
        assert said.splitlines()[-1] == "text", said


class Ipykernel(Uses):
    inside = ["ipykernel"]

    def check(self, said):
        self.write("ask.py", """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="app")
client.execute_interactive("import sys; print('prefix=' + sys.prefix)", timeout=60)
manager.shutdown_kernel(now=True)
""")
        said = self.scratch.must(self.path("env/bin/python"), "ask.py", cwd=self.project)
        assert "prefix=" + self.path("env") in said, said


class VenvPack(Uses):
    packages = ["venv-pack"]

    def check(self, said):
        os.mkdir(self.path("there"))
        with tarfile.open(self.path("env.tar.gz")) as packed:
            packed.extractall(self.path("there"))
        self.bash('. there/bin/activate && [ "$VIRTUAL_ENV" = "$PWD/there" ] && '
                  'python -m pip --version | grep -F "from $PWD/there/"')


class Mypy(Uses):
    packages, inside = ["mypy"], ["types-six"]

    def prepare(self):
        super().prepare()
        # Which type that is can be known from the environment alone.
        self.write("wrong.py", "import six\nx: int = six.ensure_str('text')\n")
        status, said = self.scratch.run("bash", "-c", self.script.replace("app.py", "wrong.py"),
                                        cwd=self.project)
        assert status and "int" in said and "str" in said, said


class Pyright(Mypy):
    packages = ["pyright[nodejs]"]

    def prepare(self):
        status, said = self.scratch.run("pyright", "--version", cwd=self.project)
        if status:
            raise Skip("pyright cannot be had: " + said.strip().splitlines()[-1])
        super().prepare()


class Ty(Mypy):
    packages = ["ty"]


CLIENTS = {
    "ansible.builtin.pip": Ansible, "virtualenvwrapper": Virtualenvwrapper, "direnv": Direnv,
    "tox": Tox, "nox": Nox, "pre-commit": PreCommit, "hatch": Hatch, "poetry": Poetry, "pdm": Pdm,
    "pipenv": Pipenv, "pipx": Pipx, "cibuildwheel": Cibuildwheel, "Airflow": Airflow, "pip": Pip,
    "pip --python": PipPython, "uv pip": Uv, "uv sync": UvProject, "uv run": UvProject,
    "virtualenv": Virtualenv, "build": Build, "pip-tools": PipTools, "PyInstaller": PyInstaller,
    "ipykernel": Ipykernel, "venv-pack": VenvPack, "mypy": Mypy, "pyright": Pyright, "ty": Ty,
}


def one(client):
    return tried(client.name, client.run), client.version


def main():
    tap = Tap()
    scripts = page()
    tap.result(sorted(scripts) == sorted(CLIENTS), "the page has these clients, and no others",
               " ".join(sorted(set(scripts) ^ set(CLIENTS))))
    only = os.environ.get("CLIENTS", "").split(",")
    clients = [CLIENTS[name](name, script) for name, script in scripts.items()
               if name in CLIENTS and (only == [""] or name in only)]
    table = []
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for (ok, name, detail), version in pool.map(one, clients):
            tap.result(ok, name, detail)
            words = {True: "works", None: "skipped", False: "FAILS"}[ok]
            table.append("# %-20s %-12s %s" % (name, version or "-", words))
    print("#\n# %s, Python: %s" % (datetime.date.today(), PYTHON))
    print("\n".join(table))
    tap.done()


main()
