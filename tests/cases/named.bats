# SPDX-License-Identifier: MIT
# named.bats - which interpreter a name means, and by which name it is known

REAL_HOME=$HOME

setup() {
	load common
	common_setup
	export PATH=$TEST_PREFIX/bin:/usr/bin:/bin
}

# pyenvs VERSION...: a PYENV_ROOT of these installed versions of the real one, with its shims.
pyenvs() {
	local version name
	export PYENV_ROOT=$BATS_TEST_TMPDIR/pyenv
	mkdir -p "$PYENV_ROOT/versions"
	[ -x "$REAL_HOME/.pyenv/libexec/pyenv" ] || skip "no pyenv"
	ln -sfn "$REAL_HOME/.pyenv/libexec" "$PYENV_ROOT/libexec"
	mkdir -p "$PYENV_ROOT/shims"
	for version; do
		[ -d "$REAL_HOME/.pyenv/versions/$version" ] || skip "no Python $version of pyenv"
		ln -sfn "$REAL_HOME/.pyenv/versions/$version" "$PYENV_ROOT/versions/$version"
	done
	for name in python3 python3.6 python3.12 python3.11 python3.10; do
		printf '#!/bin/sh\nexport PYENV_ROOT=%s\nexec %s exec %s "$@"\n' "$PYENV_ROOT" \
			"$PYENV_ROOT/libexec/pyenv" "$name" >"$PYENV_ROOT/shims/$name"
		chmod +x "$PYENV_ROOT/shims/$name"
	done
	PATH=$TEST_PREFIX/bin:$PYENV_ROOT/shims:/usr/bin:/bin
}

# same_as_shim NAME: ours is the interpreter that pyenv's own shim starts.
same_as_shim() {
	local theirs ours
	theirs=$("$1" -c 'import sys; print(sys.executable)') || fail "the shim fails"
	ours=$(venvctl python find "$1") || fail "not found"
	ours=/${ours#*/}
	[[ $(readlink -f "$ours") == "$(readlink -f "$theirs")" ]] ||
		fail "pyenv: $theirs" "ours: $ours" "$(cat .python-version 2>/dev/null)"
}

@test "13.2: a name that says another version than it is means somebody else" {
	[ -x "$REAL_HOME/.pyenv/versions/3.12.1/bin/python3" ] || skip "no Python 3.12 of pyenv"
	mkdir names
	ln -s /usr/bin/python3 names/python3.12
	PATH=$TEST_PREFIX/bin:$PWD/names:$REAL_HOME/.pyenv/versions/3.12.1/bin:/usr/bin:/bin
	expect 0 venvctl create --without-pip -p python3.12 env
	stderr_has 'passing over'
	[ "$(env/bin/python -c 'import sys; print(sys.version_info[:2])')" = "(3, 12)" ]
	PATH=$TEST_PREFIX/bin:$PWD/names:/usr/bin:/bin
	HOME=$BATS_TEST_TMPDIR/home expect 3 venvctl create --without-pip -p python3.12 no
	# A path means that file.
	venvctl create --without-pip -p "$PWD/names/python3.12" path
}

@test "13.5: an interpreter that names itself is known by that name" {
	local base=$REAL_HOME/.pyenv/versions/3.12.1
	[ -x "$base/bin/python3.12" ] || skip "no Python 3.12 of pyenv"
	mkdir -p brew/bin brew/opt brew/Cellar/python@3.12
	cp -a "$base" brew/Cellar/python@3.12/3.12.1
	ln -s ../Cellar/python@3.12/3.12.1 brew/opt/python@3.12
	ln -s ../Cellar/python@3.12/3.12.1/bin/python3.12 brew/bin/python3
	cat >brew/opt/python@3.12/lib/python3.12/site-packages/sitecustomize.py <<-EOF
		import sys
		print("noise")
		if sys.prefix == sys.base_prefix:
		    sys.executable = sys._base_executable = "$PWD/brew/opt/python@3.12/bin/python3.12"
	EOF
	mkdir venv-says
	brew/bin/python3 -m venv --without-pip venv-says/env >/dev/null
	venvctl create --without-pip -p "$PWD/brew/bin/python3" env
	[ "$(grep ^home env/pyvenv.cfg)" = "$(grep ^home venv-says/env/pyvenv.cfg)" ] ||
		fail "$(cat env/pyvenv.cfg venv-says/env/pyvenv.cfg)"
	[ "$(readlink env/bin/python3.12)" = "$PWD/brew/opt/python@3.12/bin/python3.12" ]
	# From an environment, too, and by each name of the interpreter.
	venvctl create --without-pip -p "$PWD/env/bin/python" second
	grep -qxF "home = $PWD/brew/opt/python@3.12/bin" second/pyvenv.cfg
	venvctl create --without-pip -p "$PWD/brew/Cellar/python@3.12/3.12.1/bin/python3" third
	grep -qxF "home = $PWD/brew/opt/python@3.12/bin" third/pyvenv.cfg
	# What comes with the next version.
	mv brew/Cellar/python@3.12/3.12.1 brew/Cellar/python@3.12/3.12.2
	ln -sfn ../Cellar/python@3.12/3.12.2 brew/opt/python@3.12
	env/bin/python -c pass
	# A name that leads nowhere is none.
	sed -i 's/opt/gone/' brew/opt/python@3.12/lib/python3.12/site-packages/sitecustomize.py
	venvctl create --without-pip -p "$PWD/brew/opt/python@3.12/bin/python3.12" fourth
	fourth/bin/python -c pass
}

@test "13.6: through a shim of pyenv the name that was asked for is what is linked" {
	pyenvs 3.6.15 3.12.1
	echo 3.12.1 >.python-version
	venvctl create --without-pip -p python3.6 env
	[ "$(readlink env/bin/python3.6)" = "$PYENV_ROOT/versions/3.6.15/bin/python3.6" ] ||
		fail "$(ls -l env/bin)"
	venvctl create --without-pip -p 3.6 env2
	[ "$(readlink env2/bin/python3.6)" = "$PYENV_ROOT/versions/3.6.15/bin/python3.6" ]
}

@test "13.6: pyenv's files mean what they mean to its own shim" {
	pyenvs 3.10.13 3.11.7 3.12.1
	local text
	for text in '3.12.1' $'3.11.7\n3.12.1' '3.11.7 3.12.1' $'# 3.11.7\n\n 3.12.1 # x' \
		$'3.11.7\r\n3.12.1' '3.12' 'python-3.12' $'9.9.9\n3.12.1' '' $'system\n3.12.1' \
		'../../x' $'3.10.13\n3.11.7'; do
		printf '%s' "$text" >.python-version
		same_as_shim python3
	done
	# Behind "system" what the system has not.
	printf 'system\n3.12.1\n' >.python-version
	same_as_shim python3.12
	rm .python-version
	# PYENV_DIR comes before the current directory, which comes before the global file.
	echo 3.10.13 >"$PYENV_ROOT/version"
	same_as_shim python3
	mkdir -p a/b c
	echo 3.11.7 >a/.python-version
	echo 3.12.1 >c/.python-version
	PYENV_DIR=$PWD/a/b same_as_shim python3
	cd c
	PYENV_DIR=$BATS_TEST_TMPDIR same_as_shim python3
	PYENV_DIR=../a/b same_as_shim python3
	: >../a/b/.python-version
	PYENV_DIR=../a/b same_as_shim python3
	PYENV_VERSION='' same_as_shim python3
	PYENV_VERSION=3.10.13:3.11.7 same_as_shim python3
}

@test "13.6: a shim that is named by its path is read, too" {
	pyenvs 3.12.1
	printf '#!/bin/sh\nexit 9\n' >"$PYENV_ROOT/shims/python3"
	echo 3.12.1 >.python-version
	expect 0 venvctl python find "$PYENV_ROOT/shims/python3"
	stdout_has versions/3.12.1
	echo system >.python-version
	expect 0 venvctl python find "$PYENV_ROOT/shims/python3"
	stdout_has /usr/bin/python3
}

@test "13.7: another name of the same interpreter is the same environment" {
	ln -s /usr/bin/python3 "$BATS_TEST_TMPDIR/other"
	real=$(readlink -f /usr/bin/python3)
	venvctl create --without-pip -p /usr/bin/python3 env
	touch env/mine
	for name in "${real##*/}" "$real" python3 /usr/bin/python3; do
		expect 0 venvctl create --without-pip --existing reuse --json -p "$name" env
		stdout_has '"changed":false'
	done
	[ -e env/mine ]
}
