# SPDX-License-Identifier: MIT
"""embed.py - libvenvctl from Python: bindings need nothing but the header

python3 embed.py LIBRARY DIRECTORY
"""

import ctypes
import sys


class Error(ctypes.Structure):
    """struct venv_error"""
    _fields_ = [("code", ctypes.c_int32), ("os_errno", ctypes.c_int32),
                ("message", ctypes.c_char_p), ("hint", ctypes.c_char_p),
                ("reserved", ctypes.c_void_p * 4)]


def create(lib, env_dir, **flags):
    """venv.create(), of which it has the parameters"""
    def flag(name):
        return ctypes.c_int(bool(flags.get(name, False)))

    prompt = flags.get("prompt")
    err = Error()
    result = lib.venv_create(
        env_dir.encode(), flag("system_site_packages"), flag("clear"), flag("symlinks"),
        flag("with_pip"), ctypes.c_char_p(prompt.encode() if prompt else None),
        flag("upgrade_deps"), flag("scm_ignore_files"), ctypes.byref(err))
    if result:
        text = lib.venv_error_message(ctypes.byref(err)).decode()
        lib.venv_error_clear(ctypes.byref(err))
        raise OSError(text)


def main():
    lib = ctypes.CDLL(sys.argv[1])
    lib.venv_version.restype = ctypes.c_char_p
    lib.venv_error_message.restype = ctypes.c_char_p
    lib.venv_error_message.argtypes = [ctypes.POINTER(Error)]
    create(lib, sys.argv[2], symlinks=True)
    print("libvenvctl %s made %s" % (lib.venv_version().decode(), sys.argv[2]))


if __name__ == "__main__":
    main()
