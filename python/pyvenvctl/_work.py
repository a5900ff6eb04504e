# SPDX-License-Identifier: MIT
"""One builder of libvenvctl at work for one EnvBuilder."""

import ctypes as C
import logging
import os
import sys
import types
from typing import Any, Callable, List, Optional

from . import _interrupt, _lib

logger = logging.getLogger("venv")
# What a method may change in the context, and libvenvctl then does as it says.
MEMBERS = ("env_name", "executable", "python_dir", "python_exe", "env_exe", "env_exec_cmd",
           "bin_path", "bin_name", "inc_path", "lib_path")


def _environ() -> Any:
    items = [name + b"=" + value for name, value in os.environb.items()]
    return (C.c_char_p * (len(items) + 1))(*items, None)


class Work:
    """Use it in a with statement; an exception of a function that it calls comes out of it."""

    def __init__(self) -> None:
        self.err = _lib.Error()
        self.raised: List[BaseException] = []
        self.running: Optional[int] = None  # the method that the library asked for
        self._keep: List[Any] = []
        self._begun = False
        self.b = _lib.lib.venv_builder_new_environ(_environ(), C.byref(self.err))
        if not self.b:
            raise MemoryError
        note = _lib.LOG_FN(self._log)
        self._keep.append(note)
        _lib.lib.venv_builder_set_log(self.b, _lib.LOG_WARNING, note, None)

    def __enter__(self) -> "Work":
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._begun:
            _lib.lib.venv_builder_end(self.b)
        _lib.lib.venv_builder_free(self.b)
        _lib.lib.venv_error_clear(C.byref(self.err))
        self.b = None

    def _log(self, data: Any, level: int, text: bytes) -> None:
        try:
            logger.warning("%s", os.fsdecode(text))
        except BaseException as e:  # nothing may pass through C
            self.raised.append(e)
            _lib.lib.venv_builder_cancel(self.b)

    def _check(self, result: int) -> None:
        if self.raised:
            # The library's own message is about the method that raised.
            _lib.lib.venv_error_clear(C.byref(self.err))
            raise self.raised.pop(0)
        _lib.check(result, self.err, self.b)

    def _call(self, function: Any, *arguments: Any) -> None:
        self._check(function(self.b, *arguments, C.byref(self.err)))

    def _cancel(self) -> None:
        # While a method of the program runs, KeyboardInterrupt is raised in that.
        if self.running is None:
            _lib.lib.venv_builder_cancel(self.b)

    def set(self, option: str, value: Any = "yes") -> None:
        self._call(_lib.lib.venv_builder_set, option.encode(), os.fsencode(value))

    def add_plugin(self, name: str) -> None:
        self._call(_lib.lib.venv_builder_add_plugin, name.encode())

    def config_set(self, key: str, value: str) -> None:
        self._call(_lib.lib.venv_builder_config_set, key.encode(), os.fsencode(value))

    def override(self, method: int, function: Callable[[], None]) -> None:
        def run(data: Any, builder: Any, context: Any, err: Any) -> int:
            self.running = method
            try:
                function()
                return _lib.OK
            except BaseException as e:  # nothing may pass through C
                self.raised.append(e)
                return _lib.ERR_FAILED
            finally:
                self.running = None

        fn = _lib.STAGE_FN(run)
        self._keep.append(fn)
        self._call(_lib.lib.venv_builder_override, method, fn, None)

    def create(self, env_dir: str) -> None:
        with _interrupt.cancelled_by_sigint(self._cancel):
            result = _lib.lib.venv_builder_create(self.b, os.fsencode(env_dir),
                                                  C.byref(self.err))
        self._check(result)

    def begin(self, context: types.SimpleNamespace) -> None:
        """From here the stages are called one by one, with what CONTEXT says."""
        self._call(_lib.lib.venv_builder_begin, os.fsencode(context.env_dir))
        self._begun = True
        ours = _lib.lib.venv_builder_context(self.b).contents
        for name in MEMBERS:
            value = getattr(context, name, None)
            if value is not None and os.fsencode(value) != getattr(ours, name):
                self.context_set(name, value)

    def context_set(self, name: str, value: Any) -> None:
        self._call(_lib.lib.venv_builder_context_set, name.encode(), os.fsencode(value))

    def stage(self, number: int) -> None:
        """The built-in stage: between begin() and the end, or in its own method."""
        running, self.running = self.running, None
        try:
            with _interrupt.cancelled_by_sigint(self._cancel):
                result = _lib.lib.venv_builder_stage(self.b, number, C.byref(self.err))
        finally:
            self.running = running
        self._check(result)


def set_interpreter(work: Work) -> None:
    """The environment is one of the Python that runs."""
    executable = getattr(sys, "_base_executable", None) or sys.executable
    if not executable:
        raise ValueError("Unable to determine path to the running Python interpreter")
    work.set("python", executable)
