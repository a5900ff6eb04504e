# SPDX-License-Identifier: MIT
# moved.bats - an environment that was moved, or made over by another Python

REAL_HOME=$HOME

setup() {
	load common
	common_setup
	export PATH=$TEST_PREFIX/bin:/usr/bin:/bin
}

@test "13.2: made over by another version, an environment has no name of the old one" {
	local old=$REAL_HOME/.pyenv/versions/3.12.1/bin/python3 new=$REAL_HOME/.pyenv/versions/3.13.0/bin/python3
	[ -x "$old" ] && [ -x "$new" ] || skip "no Python 3.12 and 3.13 of pyenv"
	for mode in --symlinks --copies; do
		rm -rf env
		venvctl create $mode -p "$old" env
		echo mine >env/bin/deploy-3.12
		printf '#!/bin/sh\n' >env/bin/black
		snapshot env >before
		# A step that fails gives everything back.
		expect 6 venvctl create $mode -p "$new" --add-plugin="$MOCKS/mock-step.so:do=fail" env
		snapshot env >after
		diff before after
		expect 0 venvctl create $mode -p "$new" env
		stderr_has "lib/python3.12' is of another Python"
		for name in python3.12 pip3.12; do
			[ ! -e env/bin/$name ] && [ ! -L env/bin/$name ] || fail "$name is there"
		done
		[ -e env/bin/deploy-3.12 ] && [ -e env/bin/black ]
		env/bin/python3.13 -c pass
		env/bin/pip3.13 --version
	done
	# The same version again takes nothing away.
	ls env/bin >before
	venvctl create --copies -p "$new" env
	ls env/bin | diff before -
}

@test "13.2: nor one of another implementation" {
	[ -x /usr/bin/pypy3 ] || skip "no PyPy"
	venvctl create --without-pip -p /usr/bin/pypy3 env
	expect 0 venvctl create --without-pip -p "$PY" env
	for name in pypy pypy3 pypy3.9 python3.9; do
		[ ! -e env/bin/$name ] && [ ! -L env/bin/$name ] || fail "$name is there"
	done
	env/bin/python3 -c pass
}

@test "13.8: the scripts of a moved environment follow with --upgrade" {
	local place
	for place in plain "with blank" "$(printf 'l%.0s' {1..140})"; do
		rm -rf old new && mkdir old new
		venvctl create -p "$PY" "old/$place"
		printf '#!%s/old/%s/bin/python\nprint(1)\n' "$PWD" "$place" >"old/$place/bin/mine"
		printf '#!/usr/bin/python3\nprint(2)\n' >"old/$place/bin/other"
		chmod 750 "old/$place/bin/mine"
		mv "old/$place" "new/$place"
		expect 0 venvctl create --upgrade "new/$place"
		"new/$place/bin/pip" --version >version
		grep -qF "$PWD/new/$place/lib" version || fail "$(cat version)"
		[ "$(head -n 1 "new/$place/bin/other")" = '#!/usr/bin/python3' ]
	done
	"new/$place/bin/pip3" --version
	rm -rf old new && mkdir old new
	venvctl create -p "$PY" old/env
	printf '#!%s/old/env/bin/python\nprint(1)\n' "$PWD" >old/env/bin/mine
	chmod 750 old/env/bin/mine
	mv old/env new/env
	snapshot new/env >before
	expect 6 venvctl create --upgrade --add-plugin="$MOCKS/mock-step.so:do=fail" new/env
	snapshot new/env | diff before -
	venvctl create --upgrade --without-pip new/env
	[ "$(new/env/bin/mine)" = 1 ]
	[ "$(stat -c %a new/env/bin/mine)" = 750 ]
	# A second time there is nothing left to do.
	expect 0 venvctl create -v --upgrade new/env
	stderr_lacks 'written anew'
}

@test "13.8: so do those of pip itself, where an interpreter's own venv made it" {
	/usr/bin/python3 -m venv old || skip "no ensurepip"
	mv old "new place"
	expect 0 venvctl create --upgrade "new place"
	"new place/bin/pip" --version
	mv "new place" short
	venvctl create --upgrade short
	short/bin/pip --version
}

@test "a prompt with a path in it is not taken for the place of the environment" {
	mkdir old new
	venvctl create --without-pip -p "$PY" --prompt "work /x" old/env
	"$PY" -m venv --without-pip --prompt "work /x" old/other
	expect 0 venvctl check old/env old/other
	mv old/env old/other new/
	expect 1 venvctl check new/env new/other
	stdout_has "it was made as '$PWD/old/env', and was moved"
	stdout_has "it was made as '$PWD/old/other', and was moved"
	expect 0 venvctl check --fix new/env
	grep -qF "create --without-pip --prompt='work /x' $PWD/new/env" new/env/pyvenv.cfg
}
