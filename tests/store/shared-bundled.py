# SPDX-License-Identifier: MIT
"""shared-bundled.py - shared.py's checks, all of them, on the pips that interpreters bring, but the newest"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import shared  # noqa: E402  pylint: disable=wrong-import-position

if __name__ == "__main__":
    shared.main(newest=False)
