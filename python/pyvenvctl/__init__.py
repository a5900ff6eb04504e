# SPDX-License-Identifier: MIT
"""Virtual environments as the module venv makes them, by libvenvctl.

`import pyvenvctl as venv` is the only change that a program needs.  EnvBuilder has the
signature, the attributes and the methods that venv.EnvBuilder of the Python that runs has: it
is a subclass of it.  What it does differently:

* The work is done by libvenvctl, pip included: in milliseconds, without a pip that runs.
* create() makes all or nothing.  Whatever fails, an exception of a subclass's method and
  Ctrl-C included, what was there before is there again, and the exception passes through.
* A subclass that overrides nothing but post_setup(), _setup_pip() and upgrade_dependencies()
  has one transaction; they are called when the environment is at its place, so its python
  runs.  Where more is overridden, the methods work on the directory itself, as venv's do, one
  after the other.  After a failure a new directory goes and a cleared one is as it was; in one
  that was there and was not cleared, what is new goes and scripts and pyvenv.cfg are as they
  were, but packages that pip has exchanged stay exchanged.
* setup_scripts() writes the activation scripts of venvctl; those of venv where
  install_scripts() or replace_variables() is overridden.

As with venv, no configuration is read but the site's policy.  Warnings go to the logger "venv".
"""

import os
import subprocess  # programs and tests reach it through the module, as that of venv
import sys
import types
import venv as _venv
from typing import TYPE_CHECKING, Any, Callable, FrozenSet, List, Optional

from . import _lib, _undo, _work

__all__ = ["EnvBuilder", "create", "main"]

logger = _work.logger
CORE_VENV_DEPS = getattr(_venv, "CORE_VENV_DEPS", ("pip",))

# Methods that are called when the environment is published, inside the library's transaction.
_LATE = frozenset(("post_setup", "_setup_pip", "upgrade_dependencies"))


class EnvBuilder(_venv.EnvBuilder):
    """venv.EnvBuilder, by libvenvctl; see the module's documentation for what differs."""

    _pyvenvctl_work: Optional[_work.Work] = None
    _pyvenvctl_undo: Optional[_undo.Undo] = None

    def create(self, env_dir: Any) -> None:
        """Create the virtual environment ENV_DIR, or leave what is there as it is."""
        env_dir = os.path.abspath(os.fsdecode(env_dir))
        changed = self._pyvenvctl_changed()
        scm: FrozenSet[str] = getattr(self, "scm_ignore_files", frozenset())
        # venv keeps the system's packages out of sight of these two.
        hidden = getattr(self, "system_site_packages") and changed & {"post_setup", "_setup_pip"}
        if changed <= _LATE and not hidden and scm <= {"git"}:
            self._pyvenvctl_create(env_dir, changed)
            return
        with _undo.Undo(env_dir) as undo:
            self._pyvenvctl_undo = undo
            try:
                super().create(env_dir)
            finally:
                self._pyvenvctl_undo = None

    def _pyvenvctl_changed(self) -> FrozenSet[str]:
        """The methods that a subclass, or the program on the instance or here, has changed."""
        found = set()
        for name, ours in _METHODS.items():
            method = getattr(self, name)
            if getattr(method, "__func__", method) is not ours:
                found.add(name)
        return frozenset(found)

    # ---- the whole environment by one create of the library ----

    def _pyvenvctl_create(self, env_dir: str, changed: FrozenSet[str]) -> None:
        with _work.Work() as work:
            self._pyvenvctl_options(work)
            work.set("like-venv")
            if self.clear and os.path.lexists(env_dir):
                work.set("clear")
                work.set("force")
            if self.upgrade:
                work.set("upgrade")
            if "git" not in getattr(self, "scm_ignore_files", ()):
                work.set("without-scm-ignore-files")
            self._pyvenvctl_command(work, env_dir, self.system_site_packages)
            context = self._pyvenvctl_context(env_dir)
            if self.with_pip and "_setup_pip" in changed:
                work.set("with-pip")
                work.override(_lib.SETUP_PIP, lambda: self._setup_pip(context()))
            elif self.with_pip:
                work.add_plugin("ensurepip")
            if "post_setup" in changed:
                work.override(_lib.POST_SETUP, lambda: self.post_setup(context()))
            if getattr(self, "upgrade_deps", False):
                work.set("upgrade-deps")
                work.override(_lib.UPGRADE_DEPENDENCIES,
                              lambda: self.upgrade_dependencies(context()))
            self._pyvenvctl_work = work
            try:
                work.create(env_dir)
            finally:
                self._pyvenvctl_work = None

    def _pyvenvctl_context(self, env_dir: str) -> Callable[[], types.SimpleNamespace]:
        """The one context of all methods, once the directories are there."""
        made: List[types.SimpleNamespace] = []

        def context() -> types.SimpleNamespace:
            if not made:
                builder = _venv.EnvBuilder()
                builder.prompt = self.prompt
                made.append(builder.ensure_directories(env_dir))
                made[0].cfg_path = os.path.join(env_dir, "pyvenv.cfg")
            return made[0]

        return context

    def _pyvenvctl_options(self, work: _work.Work) -> None:
        _work.set_interpreter(work)
        work.set("symlinks" if self.symlinks else "copies")
        if self.system_site_packages:
            work.set("system-site-packages")
        if self.prompt is not None:
            work.set("prompt", str(self.prompt))

    def _pyvenvctl_command(self, work: _work.Work, env_dir: str, system_site: bool) -> None:
        """pyvenv.cfg names the command that would do the same, as that of venv does."""
        words = [sys.executable, "-m", "venv"]
        orig_prompt = getattr(self, "orig_prompt", None)
        if not self.symlinks:
            words.append("--copies")
        if not self.with_pip:
            words.append("--without-pip")
        if system_site:
            words.append("--system-site-packages")
        for name in ("clear", "upgrade", "upgrade_deps"):
            if getattr(self, name, False):
                words.append("--" + name.replace("_", "-"))
        if orig_prompt is not None:
            words.append('--prompt="%s"' % orig_prompt)
        if getattr(self, "scm_ignore_files", None) == frozenset():
            words.append("--without-scm-ignore-files")
        command = " ".join(words + [env_dir])
        if "\n" not in command and "\r" not in command:  # no line of pyvenv.cfg could hold it
            work.config_set("command", command)

    # ---- the methods one by one ----

    def _pyvenvctl_stage(self, number: int, context: types.SimpleNamespace) -> bool:
        """Do the built-in stage; False inside a create whose directory the library holds."""
        held = self._pyvenvctl_work
        if held is not None:
            if held.running == number:
                held.stage(number)
            return held.running == number
        with _work.Work() as work:
            self._pyvenvctl_options(work)
            if number == _lib.CREATE_CONFIGURATION:
                self._pyvenvctl_command(work, context.env_dir, self.system_site_packages)
            work.begin(context)
            if number == _lib.SETUP_SCRIPTS:
                work.context_set("prompt", self._pyvenvctl_prompt(context))
            work.stage(number)
        return True

    @staticmethod
    def _pyvenvctl_prompt(context: types.SimpleNamespace) -> str:
        """What stands between the parentheses, which were part of it before 3.13."""
        prompt = str(context.prompt)
        if prompt.startswith("(") and prompt.endswith(") "):
            return prompt[1:-2]
        return prompt

    def clear_directory(self, path: Any) -> None:
        undo = self._pyvenvctl_undo
        if undo is None or os.path.abspath(path) != undo.env_dir or not undo.cleared():
            super().clear_directory(path)

    def create_configuration(self, context: types.SimpleNamespace) -> None:
        context.cfg_path = os.path.join(context.env_dir, "pyvenv.cfg")
        if not self._pyvenvctl_stage(_lib.CREATE_CONFIGURATION, context):
            super().create_configuration(context)

    def setup_python(self, context: types.SimpleNamespace) -> None:
        if "symlink_or_copy" in self._pyvenvctl_changed() or not self._pyvenvctl_stage(
                _lib.SETUP_PYTHON, context):
            super().setup_python(context)

    def setup_scripts(self, context: types.SimpleNamespace) -> None:
        if self._pyvenvctl_changed() & {"install_scripts", "replace_variables"} or \
                not self._pyvenvctl_stage(_lib.SETUP_SCRIPTS, context):
            super().setup_scripts(context)

    def _setup_pip(self, context: types.SimpleNamespace) -> None:
        if not self._pyvenvctl_stage(_lib.SETUP_PIP, context):
            getattr(super(), "_setup_pip")(context)


# As they are here: what differs from this was changed.
_METHODS = {name: getattr(EnvBuilder, name) for name in dir(EnvBuilder)
            if isinstance(getattr(EnvBuilder, name), types.FunctionType)
            and not name.startswith(("__", "_pyvenvctl_")) and name != "create"}

if TYPE_CHECKING:
    from venv import create, main
else:
    def _with_our_builder(function):
        """FUNCTION of venv, which makes its environments with EnvBuilder of this module."""
        names = dict(vars(_venv), EnvBuilder=EnvBuilder)
        ours = types.FunctionType(function.__code__, names, function.__name__,
                                  function.__defaults__, function.__closure__)
        ours.__kwdefaults__ = function.__kwdefaults__
        ours.__doc__ = function.__doc__
        ours.__module__ = __name__
        return ours

    create = _with_our_builder(_venv.create)
    main = _with_our_builder(_venv.main)
