#!/bin/sh
# Make ./configure from configure.ac.  Needed in a git checkout only.
set -e
cd "$(dirname "$0")"
autoreconf --install --force
# automake has no way to ask for it by name.
cp "$(automake --print-libdir)/tap-driver.sh" build-aux/
