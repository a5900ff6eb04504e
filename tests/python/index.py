# SPDX-License-Identifier: MIT
"""index.py - packages of the index, for the tests that need one"""

import os


def why_not(scratch, home, *packages):
    """Install PACKAGES in the environment HOME: "", or the last word of pip."""
    # Where the packages come from is the machine's own matter.
    status, said = scratch.run(
        os.path.join(home, "bin", "pip"), "install", "-q", "--no-compile", "--timeout", "20",
        "--retries", "1", *packages, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    return "%s cannot be had: %s" % (packages[0], said.strip().splitlines()[-1]) if status else ""
