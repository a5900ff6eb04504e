# SPDX-License-Identifier: MIT
"""Back to what was there, when a method fails that works on the directory itself."""

import os
import shutil
import tempfile
from typing import Any, Dict, List, Optional, Set


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)


def _copy(source: str, target: str) -> None:
    if os.path.islink(source) or not os.path.isdir(source):
        shutil.copy2(source, target, follow_symlinks=False)
    else:
        shutil.copytree(source, target, symlinks=True)


class Undo:
    """Around a create by the methods of a subclass.

    A directory that was not there goes.  In one that was, names that are new at its top and in
    site-packages go, and scripts and pyvenv.cfg are given back as they were; what cleared()
    took away is given back whole.
    """

    KEPT = ("bin", "pyvenv.cfg", ".gitignore")

    def __init__(self, env_dir: str) -> None:
        self.env_dir = env_dir
        self.aside: Optional[str] = None
        self.was_cleared = False
        self.made: List[str] = []  # directories that were missing, the highest one last
        self.names: Dict[str, Set[str]] = {}

    def _watched(self) -> List[str]:
        found = [self.env_dir]
        lib = os.path.join(self.env_dir, "lib")
        if os.path.isdir(lib) and not os.path.islink(lib):
            found += [lib]
            for name in os.listdir(lib):
                site = os.path.join(lib, name, "site-packages")
                if name.startswith(("python", "pypy")) and os.path.isdir(site):
                    found += [os.path.dirname(site), site]
        return found

    def __enter__(self) -> "Undo":
        path = self.env_dir
        while not os.path.lexists(path):
            self.made.append(path)
            path = os.path.dirname(path)
        if self.made or not os.path.isdir(self.env_dir):
            return self
        self.names = {d: set(os.listdir(d)) for d in self._watched()}
        self.aside = tempfile.mkdtemp(prefix=".pyvenvctl-", dir=self.env_dir)
        try:
            for name in self.KEPT:
                source = os.path.join(self.env_dir, name)
                if os.path.lexists(source):
                    _copy(source, os.path.join(self.aside, name))
        except BaseException:
            _remove(self.aside)
            raise
        return self

    def cleared(self) -> bool:
        """Take away all that is there; False if there was nothing to begin with."""
        if self.aside is None or self.was_cleared:
            return False
        whole = os.path.join(self.aside, "all")
        os.mkdir(whole)
        self.was_cleared = True
        for name in self.names[self.env_dir]:
            os.rename(os.path.join(self.env_dir, name), os.path.join(whole, name))
        return True

    def _restore(self, aside: str) -> None:
        own = os.path.basename(aside)
        if self.was_cleared:
            for name in os.listdir(self.env_dir):
                if name != own:
                    # What could not be moved away is still what it was.
                    if name not in self.names[self.env_dir] or os.path.lexists(
                            os.path.join(aside, "all", name)):
                        _remove(os.path.join(self.env_dir, name))
            for name in os.listdir(os.path.join(aside, "all")):
                os.rename(os.path.join(aside, "all", name), os.path.join(self.env_dir, name))
            return
        for directory, names in self.names.items():
            if os.path.isdir(directory):
                for name in set(os.listdir(directory)) - names - {own}:
                    _remove(os.path.join(directory, name))
        for name in os.listdir(aside):
            target = os.path.join(self.env_dir, name)
            _remove(target)
            os.rename(os.path.join(aside, name), target)

    def __exit__(self, kind: Any, *exc: Any) -> None:
        try:
            if kind is None:
                return
            if self.made:
                _remove(self.env_dir)
                for parent in self.made[1:]:
                    try:
                        os.rmdir(parent)
                    except OSError:  # others have something there by now
                        break
            elif self.aside:
                self._restore(self.aside)
        finally:
            if self.aside:
                _remove(self.aside)
