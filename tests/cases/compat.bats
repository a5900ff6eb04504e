#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command lines that other tools pass to what makes environments.

setup() {
	load common
	common_setup
	mkdir bin
	ln -s "$TEST_PREFIX/bin/venvctl" bin/virtualenv
	ln -s "$TEST_PREFIX/bin/venvctl" bin/pyvenv
	PATH=$PWD/bin:$PATH
}

# usable DIR: what tools look at afterwards.
usable() {
	[ -e "$1/bin/activate" ] && [ -f "$1/pyvenv.cfg" ] || fail "no environment in $1"
	"$1/bin/python" -c 'import sys; assert sys.prefix != sys.base_prefix'
}

@test "ansible: --help, then -pVALUE glued from another directory" {
	expect 0 venvctl create --help
	[[ $output != *--no-site-packages* ]]
	expect 0 virtualenv --help
	[[ $output != *--no-site-packages* ]]
	cd /tmp
	expect 0 venvctl create --system-site-packages "-p$PY" "$BATS_TEST_TMPDIR/work/env"
	[ -x "$BATS_TEST_TMPDIR/work/env/bin/pip3" ]
	usable "$BATS_TEST_TMPDIR/work/env"
	grep -qx 'include-system-site-packages = true' "$BATS_TEST_TMPDIR/work/env/pyvenv.cfg"
	expect 0 venvctl create --plugin=ensurepip --system-site-packages -ppython3 \
		"$BATS_TEST_TMPDIR/work/e2"
	expect 0 pyvenv "$BATS_TEST_TMPDIR/work/e3"
	usable "$BATS_TEST_TMPDIR/work/e3"
}

@test "tox, nox, uv: -p SPEC --allow-existing [-v] [--seed] DIR, twice" {
	expect 0 venvctl create -p 3 --allow-existing -v --seed env
	touch env/mine
	expect 0 venvctl create -p 3 --allow-existing env
	[ -e env/mine ]
	usable env
	expect 0 venvctl create -p "$PY" env --clear
	[ ! -e env/mine ]
	expect 0 virtualenv n --no-periodic-update -p "$PY"
	usable n
	expect 3 venvctl create -p 3.99 --allow-existing x
}

@test "pipx: a directory that is there, --without-pip, --quiet and --verbose" {
	mkdir env
	cd env
	expect 0 virtualenv --without-pip "$PWD"
	usable "$PWD"
	[ ! -e bin/pip ]
	cd ..
	expect 0 venvctl create --python "$PY" --allow-existing --system-site-packages --quiet q
	[ -z "$output$stderr" ]
	expect 0 venvctl create --python "$PY" --allow-existing --verbose q
	expect 0 pyvenv --clear q
	usable q
}

@test "Airflow: the flag after a directory that has a file already" {
	mkdir env
	echo kept >env/pip.conf
	expect 0 pyvenv env --system-site-packages
	[ "$(cat env/pip.conf)" = kept ]
	grep -qx 'include-system-site-packages = true' env/pyvenv.cfg
	expect 0 virtualenv old --system-site-packages "--python=$PY"
	usable old
}

@test "poetry: all of its arguments at once" {
	expect 0 virtualenv --no-download --no-periodic-update --python "$PY" --prompt P --no-pip \
		--no-setuptools --no-wheel --always-copy --system-site-packages env
	usable env
	[ ! -L env/bin/python3 ] && [ ! -e env/bin/pip ]
	grep -q "^prompt = .*P" env/pyvenv.cfg
}

@test "pre-commit, direnv, JetBrains, VS Code" {
	(cd / && expect 0 virtualenv "$BATS_TEST_TMPDIR/work/p" -p python3)
	usable p
	expect 0 pyvenv --prompt x --copies d
	usable d
	expect 0 virtualenv --system-site-packages j
	usable j
	expect 0 venvctl create --verbose --seed --python "$PY" v
	[ -x v/bin/pip ]
}

@test "what is taken for others' sake is said with -v, wherever that stands" {
	expect 0 venvctl create --always-copy --no-seed --no-download --no-vcs-ignore -p "$PY" a -v
	stderr_has "--always-copy is taken as symlinks = no"
	stderr_has "--no-seed is taken as without-pip = yes"
	stderr_has "--no-vcs-ignore is taken as without-scm-ignore-files = yes"
	stderr_has "--no-download is taken, and changes nothing"
	stderr_lacks "--no-wheel"
	[ ! -e a/.gitignore ] && [ ! -e a/bin/pip ]
	expect 0 venvctl create --no-seed --download --no-wheel -p "$PY" b
	[ -z "$output$stderr" ]
}

@test "called by another tool's name it is create" {
	expect 2 virtualenv
	stderr_has "ENV_DIR is missing"
	expect 0 virtualenv --version
	stdout_has "venvctl "
	# A command's name is a directory here.
	expect 0 pyvenv --without-pip config
	usable config
	expect 2 pyvenv --nonsense env
}
