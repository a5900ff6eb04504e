# SPDX-License-Identifier: MIT
"""The creator and the seeder "venvctl" of virtualenv.

virtualenv loads this module in every run of everybody who has it, whichever creator is
chosen.  So it is no part of the package, imports neither that nor the library, and whatever
goes wrong in it ends no run that does not ask for venvctl: what it needs of virtualenv and
cannot have is told by who is chosen.
"""

import logging
import subprocess

LOG = logging.getLogger(__name__)


def tool():
    """The command venvctl, or None."""
    from pyvenvctl import _tree

    return _tree.tool()


def call(args, env):
    """Run venvctl as virtualenv: so it takes virtualenv's options, and says version_info."""
    path = tool()
    if path is None:
        raise RuntimeError("the command venvctl is not installed")
    argv = ["virtualenv"] + args
    # What they say was said by options already.
    env = {k: v for k, v in env.items() if not k.startswith("VIRTUALENV_")}
    LOG.debug("run %s as %s", path, argv)
    done = subprocess.run(argv, executable=path, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode:
        raise RuntimeError(said or "venvctl: exit status %d" % done.returncode)
    if said:
        LOG.warning("%s", said)


def site_plugins(env):
    """The plugins that the configuration selects; what is wrong with it create will tell."""
    done = subprocess.run([tool() or "venvctl", "config", "show", "create.post-setup"], env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return done.stdout.decode("utf-8", "replace").partition(" = ")[2].split()


# Plugins that bring a pip of their own.
BRING_PIP = "ensurepip", "getpip", "ezsetup"


def make_classes():
    from virtualenv.create.pyenv_cfg import PyEnvCfg
    from virtualenv.create.via_global_ref.api import ViaGlobalRefApi, ViaGlobalRefMeta
    from virtualenv.seed.embed.base_embed import BaseEmbed
    from virtualenv.seed.wheels.embed import get_embed_wheel

    class Creator(ViaGlobalRefApi):
        """Makes the environment, and all that the site wants in it."""

        # Not a subclass of Describe: virtualenv asks those of others first, and this one would
        # describe the environments of its own creators.
        def __init__(self, options, interpreter):
            super().__init__(options, interpreter)
            # Older versions have not got these two.
            self.prompt = getattr(options, "prompt", None)
            self.venv_redirect = getattr(options, "venv_redirect", False)
            self.describe = options.describe
            self.options = options
            self.seeded = False

        def __getattr__(self, name):
            # exe, bin_dir, script_dir, purelib, platlib, libs, env_name, script(), ...
            if name.startswith("_") or name == "describe":
                raise AttributeError(name)
            return getattr(self.describe, name)

        @classmethod
        def can_create(cls, interpreter):
            try:
                return ViaGlobalRefMeta() if interpreter.os == "posix" and tool() else None
            except Exception:  # others can
                LOG.debug("venvctl cannot be asked", exc_info=True)
                return None

        def run(self):
            # As Creator.run(), but what --clear removes is venvctl's: all or nothing.
            self.create()
            self.set_pyenv_cfg()
            if self.venv_redirect is not False:
                self.point_venv_redirect()

        def create(self):
            args = ["-p", str(self.interpreter.system_executable or self.interpreter.executable),
                    "--symlinks" if self.symlinks else "--copies",
                    "--activators="]  # virtualenv writes those that its user selected
            if self.clear:
                args += ["--clear", "--force"]
            if self.enable_system_site_package:
                args.append("--system-site-packages")
            if self.no_vcs_ignore:
                args.append("--no-vcs-ignore")
            if self.prompt is not None:
                args.append("--prompt=" + self.prompt)
            # One process makes and seeds where both are venvctl's.
            seeder = Seeder(self.options) if self.options.seeder == "venvctl" else None
            if seeder is not None and seeder.enabled:
                args += seeder.arguments(self.interpreter, self.env)
            else:
                args.append("--no-seed")
            call(args + ["--", str(self.dest)], self.env)
            self.seeded = seeder is not None

        def set_pyenv_cfg(self):
            # virtualenv writes pyvenv.cfg anew at the end, from this: keep what venvctl wrote.
            super().set_pyenv_cfg()
            self.pyenv_cfg.update(PyEnvCfg.from_folder(self.dest).content)

    class Seeder(BaseEmbed):
        """pip and setuptools of virtualenv's versions, from venvctl's store."""

        # BaseEmbed has the options (--no-pip, --download, ...) that others pass.
        def arguments(self, interpreter, env):
            plugins = site_plugins(env)
            wanted = self.distribution_to_versions()
            if "wheels" in plugins:  # which packages there are is the site's matter
                return ["--%s=none" % name for name in ("pip", "setuptools")
                        if name not in wanted]
            version = "%d.%d" % tuple(interpreter.version_info[:2])
            args, dirs = [], [str(d) for d in self.extra_search_dir]
            for name in "pip", "setuptools":
                which = wanted.get(name, "none")
                wheel = get_embed_wheel(name, version) if which in ("bundle", "embed") else None
                if wheel is not None:
                    which = str(wheel.version)
                    dirs.append(str(wheel.path.parent))
                args.append("--%s=%s" % (name, which))
            for directory in dirs:
                args += ["--extra-search-dir", directory]
            for name in plugins:
                if name not in BRING_PIP:
                    args += ["--add-plugin", name]
            return args

        def run(self, creator):
            if getattr(creator, "seeded", False):
                return
            call([*self.arguments(creator.interpreter, creator.env), "-p", str(creator.exe),
                  "--activators=", "--no-vcs-ignore", "--", str(creator.dest)], creator.env)

    return Creator, Seeder


def make_refusal(error):
    class Refused:
        """In the place of both, where they cannot be: what says so is being chosen."""

        enabled = False

        @classmethod
        def can_create(cls, interpreter):
            return None

        @classmethod
        def add_parser_arguments(cls, *args):
            raise RuntimeError("venvctl does not know this version of virtualenv: %s" % error)

    return Refused, Refused


try:
    Creator, Seeder = make_classes()
except Exception as e:  # of any kind: see above
    LOG.debug("the creator and the seeder venvctl are not there", exc_info=True)
    Creator, Seeder = make_refusal(e)
