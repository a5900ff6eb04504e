#!/bin/sh
# SPDX-License-Identifier: MIT
# From a fresh checkout to an environment with pip, made by venvctl.
set -e
cd "$(dirname "$0")/.."
top=$PWD

tools/packages.sh
[ -x configure ] || ./autogen.sh
mkdir -p build/demo
cd build/demo
[ -e Makefile ] || "$top/configure" --quiet --prefix="$top/build/demo/inst"
make -s -j"$(nproc 2>/dev/null || echo 2)"
make -s install >/dev/null
rm -rf env
inst/bin/venvctl create -v env
echo "$top/build/demo/env/bin/pip --version"
env/bin/pip --version
