# SPDX-License-Identifier: MIT
"""Where the compiled files are: those that the wheel brought, else the system's."""

import importlib.metadata
import os
import shutil
from typing import Optional

DISTRIBUTION = "pyvenvctl"


def _brought(name: str) -> Optional[str]:
    """The file NAME of the wheel, wherever the installer has put it."""
    try:
        files = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == name and "pyvenvctl" not in file.parts:
            path = os.path.realpath(str(file.locate()))
            if os.path.isfile(path):
                return path
    return None


def library() -> str:
    """libvenvctl, by its path or as the loader knows it."""
    return _brought("libvenvctl.so.0") or "libvenvctl.so.0"


def tool() -> Optional[str]:
    """The command venvctl; None if there is none."""
    return _brought("venvctl") or shutil.which("venvctl")
