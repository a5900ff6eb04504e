# SPDX-License-Identifier: MIT
"""libvenvctl by ctypes: what EnvBuilder needs of venvctl/venvctl.h."""

import ctypes as C
import os
import subprocess
from typing import Any, List

from . import _tree

OK = 0
ERR_FAILED, ERR_CANCELLED, ERR_CONFIG = -1, -2, -3
ERR_NOMEM, ERR_USAGE, ERR_NO_PYTHON, ERR_CONFLICT = -7, -32, -33, -34
CREATE_CONFIGURATION, SETUP_PYTHON, SETUP_SCRIPTS, POST_SETUP = 1, 2, 3, 4
SETUP_PIP, UPGRADE_DEPENDENCIES = 65, 66
LOG_WARNING = 1


class Error(C.Structure):
    """struct venv_error"""
    _fields_ = [("code", C.c_int32), ("os_errno", C.c_int32), ("message", C.c_void_p),
                ("hint", C.c_char_p), ("reserved", C.c_void_p * 4)]


class Context(C.Structure):
    """The beginning of struct venv_context."""
    _fields_ = [("struct_size", C.c_uint32), ("flags", C.c_uint32)] + [
        (name, C.c_char_p) for name in (
            "env_dir", "env_name", "prompt", "executable", "python_dir", "python_exe",
            "inc_path", "lib_path", "platlib_path", "bin_path", "bin_name", "env_exe",
            "env_exec_cmd", "cfg_path", "stage_dir")]


class Child(C.Structure):
    """struct venv_child"""
    _fields_ = [("struct_size", C.c_uint32), ("exit_status", C.c_int32),
                ("argv", C.POINTER(C.c_char_p)), ("output", C.c_void_p),
                ("output_len", C.c_size_t)]


STAGE_FN = C.CFUNCTYPE(C.c_int, C.c_void_p, C.c_void_p, C.c_void_p, C.c_void_p)
LOG_FN = C.CFUNCTYPE(None, C.c_void_p, C.c_int, C.c_char_p)

_ERROR = C.POINTER(Error)
_FUNCTIONS = (
    ("venv_builder_new_environ", C.c_void_p, (C.POINTER(C.c_char_p), _ERROR)),
    ("venv_builder_free", None, (C.c_void_p,)),
    ("venv_builder_set", C.c_int, (C.c_void_p, C.c_char_p, C.c_char_p, _ERROR)),
    ("venv_builder_add_plugin", C.c_int, (C.c_void_p, C.c_char_p, _ERROR)),
    ("venv_builder_set_log", None, (C.c_void_p, C.c_int, LOG_FN, C.c_void_p)),
    ("venv_builder_override", C.c_int, (C.c_void_p, C.c_int, STAGE_FN, C.c_void_p, _ERROR)),
    ("venv_builder_stage", C.c_int, (C.c_void_p, C.c_int, _ERROR)),
    ("venv_builder_create", C.c_int, (C.c_void_p, C.c_char_p, _ERROR)),
    ("venv_builder_begin", C.c_int, (C.c_void_p, C.c_char_p, _ERROR)),
    ("venv_builder_end", None, (C.c_void_p,)),
    ("venv_builder_context", C.POINTER(Context), (C.c_void_p,)),
    ("venv_builder_context_set", C.c_int, (C.c_void_p, C.c_char_p, C.c_char_p, _ERROR)),
    ("venv_builder_config_set", C.c_int, (C.c_void_p, C.c_char_p, C.c_char_p, _ERROR)),
    ("venv_builder_cancel", None, (C.c_void_p,)),
    ("venv_builder_failed_child", C.POINTER(Child), (C.c_void_p,)),
    ("venv_error_message", C.c_char_p, (_ERROR,)),
    ("venv_error_clear", None, (_ERROR,)),
)


def _load() -> Any:
    # RTLD_LOCAL: Python's own OpenSSL and ours do not meet.
    lib = C.CDLL(_tree.library())
    for name, result, arguments in _FUNCTIONS:
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


def __getattr__(name: str) -> Any:
    """`lib` is loaded when it is first used: who imports the package may never need it."""
    if name != "lib":
        raise AttributeError(name)
    if name not in globals():
        globals()[name] = _load()
    return globals()[name]


def failed_child(builder: Any) -> List[Any]:
    """[exit status, argv, output] of the child process that failed; [] if none did."""
    found = __getattr__("lib").venv_builder_failed_child(builder)
    if not found:
        return []
    child = found.contents
    argv: List[str] = []
    while child.argv and child.argv[len(argv)] is not None:
        argv.append(os.fsdecode(child.argv[len(argv)]))
    output = C.string_at(child.output, child.output_len) if child.output else b""
    status = child.exit_status
    # As subprocess says it: a signal is a negative number.
    return [128 - status if status > 128 else status, argv, output]


def check(result: int, err: Error, builder: Any = None) -> None:
    """Raise what venv would raise, if RESULT is an error."""
    if result == OK:
        return
    lib = __getattr__("lib")
    text = os.fsdecode(lib.venv_error_message(C.byref(err)))
    if err.hint:
        text += " (%s)" % os.fsdecode(err.hint)
    number = err.os_errno
    lib.venv_error_clear(C.byref(err))
    if result == ERR_CANCELLED:
        raise KeyboardInterrupt
    if result == ERR_NOMEM:
        raise MemoryError(text)
    child = failed_child(builder) if builder else []
    if child:
        raise subprocess.CalledProcessError(child[0], child[1], child[2]) \
            from RuntimeError(text)
    if number:
        raise OSError(number, text)
    if result in (ERR_USAGE, ERR_CONFLICT, ERR_CONFIG, ERR_NO_PYTHON):
        raise ValueError(text)
    raise RuntimeError(text)
