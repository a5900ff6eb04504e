# SPDX-License-Identifier: MIT
"""python -m pyvenvctl: the command venvctl."""

import os
import sys

from . import _tree


def run() -> None:
    """Become the command, with the arguments of this process."""
    tool = _tree.tool()
    if tool is None:
        sys.exit("pyvenvctl: error: the command venvctl is not installed")
    os.execv(tool, [tool, *sys.argv[1:]])


if __name__ == "__main__":
    run()
