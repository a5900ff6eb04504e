# SPDX-License-Identifier: MIT
# seeding.bats - what is installed into an environment, and what had better not be

REAL_HOME=$HOME

setup() {
	load common
	load wheel
	common_setup
	export PATH=$TEST_PREFIX/bin:/usr/bin:/bin
}

# hidden DIR COMMAND...: run it where nothing is in the directory.
hidden() {
	unshare --mount sh -c 'mount -t tmpfs none "$1" && shift && exec "$@"' sh "$@"
}

@test "13.4: with the system's packages in sight, ensurepip installs pip all the same" {
	local python last=
	for python in "$PY" "$REAL_HOME"/.pyenv/versions/3.6.15/bin/python3; do
		"$python" -c 'import pip, ensurepip' 2>/dev/null || continue
		rm -rf env
		last=$python
		venvctl create --system-site-packages -o ensurepip.mode=run -p "$python" env
		env/bin/pip --version >version
		grep -qF "$PWD/env/lib" version || fail "$python: $(cat version)"
		env/bin/python -c 'import sys; assert any("-packages" in p and p.startswith(sys.base_prefix) for p in sys.path), sys.path'
	done
	[ "$last" ] || skip "no Python here has a pip of its own"
	# Again, and nothing is lost.
	venvctl create --upgrade --system-site-packages -o ensurepip.mode=run env
	env/bin/pip --version | grep -qF "$PWD/env/lib"
}

@test "13.10: a parent that ignores SIGCHLD does not change how a child ended" {
	command -v env >/dev/null
	expect 0 env --ignore-signal=CHLD venvctl create -p "$PY" -o ensurepip.mode=run env
	env/bin/pip --version
	# An interpreter that has to be asked, too.
	export VENVCTL_CACHE_DIR=$BATS_TEST_TMPDIR/cache
	if [ -x /usr/bin/pypy3 ]; then
		expect 0 env --ignore-signal=CHLD venvctl create --without-pip -p /usr/bin/pypy3 pypy
	fi
	printf '#!/bin/sh\nexit 3\n' >"$BATS_TEST_TMPDIR/fails"
	chmod +x "$BATS_TEST_TMPDIR/fails"
	expect 3 env --ignore-signal=CHLD venvctl create --without-pip -p "$BATS_TEST_TMPDIR/fails" no
	stderr_has 'ended with status 3'
}

@test "13.14: a package is named for an interpreter that came with one, and for no other" {
	unshare --mount true 2>/dev/null || skip "no namespaces here"
	grep -qE '^ID="?(debian|ubuntu)' /etc/os-release || skip "not Debian"
	local own=$REAL_HOME/.pyenv/versions/3.12.1
	if [ -d "$own" ]; then
		expect 6 hidden "$own/lib/python3.12/ensurepip" venvctl create -p "$own/bin/python3" env
		stderr_has 'no ensurepip'
		stderr_lacks 'install the package'
	fi
	expect 6 hidden /usr/lib/python3.11/ensurepip venvctl create -p /usr/bin/python3.11 env
	stderr_has 'python3.11-venv'
	# Where its wheels are missing the real ensurepip would end in a traceback.
	expect 6 hidden /usr/share/python-wheels venvctl create -p /usr/bin/python3.11 env
	stderr_has 'python3.11-venv'
	stderr_lacks Traceback
	if [ -x /usr/bin/pypy3 ]; then
		expect 6 hidden /usr/share/python-wheels venvctl create -p /usr/bin/pypy3 env
		stderr_has 'pypy3-venv'
		stderr_lacks Traceback
	fi
	[ ! -e env ]
}

@test "wheels that cannot be read for lack of memory are not installed in another way" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "no leak is looked for under strace"
	local python dir tried=
	for python in "$PY" "$REAL_HOME"/.pyenv/versions/3.13.*/bin/python3; do
		[ -x "$python" ] || continue
		dir=$("$python" -c 'import ensurepip as e, os, sysconfig
print(sysconfig.get_config_var("WHEEL_PKG_DIR") or os.path.dirname(e.__file__) + "/_bundled")') || continue
		[ -d "$dir" ] || continue
		tried=$python
		venvctl create --without-pip -p "$python" known
		rm -rf known
		expect 1 strace -f -qq -o trace -P "$dir" -e inject=openat:error=ENOMEM venvctl create -p "$python" env
		grep -q ENOMEM trace || fail "it was not asked for: $dir"
		stderr_has "out of memory"
		[ ! -e env ]
		# What may not be read is for the real ensurepip to judge.
		expect 0 strace -qq -o trace -P "$dir" -e inject=openat:error=EACCES venvctl create -v -p "$python" env
		stderr_has "running the real ensurepip"
		rm -rf env
	done
	[ "$tried" ] || skip "no Python here has a pip of its own"
}

@test "13.15: a wheel brings no code for the shell that activates" {
	local dir
	for dir in activate.d deactivate.d ACTIVATE.D; do
		wheel acme-1.0-py3-none-any.whl acme.py= \
			"acme-1.0.data/data/etc/venvctl/$dir/x.sh=touch $PWD/pwned"
		expect 7 venvctl create --without-pip -p "$PY" \
			--plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl" env
		stderr_has "etc/venvctl/$dir/x.sh"
		[ ! -e env ]
	done
	# Other files of that directory are a wheel's own affair.
	wheel acme-1.0-py3-none-any.whl acme.py= "acme-1.0.data/data/etc/acme/x.sh=:"
	venvctl create --without-pip -p "$PY" \
		--plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl" env
	[ -e env/etc/acme/x.sh ]
}

@test "13.16: what the site requires comes with --no-pip and --no-setuptools, too" {
	site $'[policy]\nrequired-plugins = ensurepip'
	expect 0 venvctl create -p "$PY" --no-pip env
	stderr_has "--no-pip does not hold for the plugin 'ensurepip': $SITE/venvctl.ini:2"
	env/bin/pip --version
	VENVCTL_NO_PIP=yes expect 0 venvctl create -p "$PY" env2
	stderr_has 'VENVCTL_NO_PIP'
	env2/bin/pip --version
	expect 0 venvctl create -p /usr/bin/python3.11 --no-setuptools env3
	stderr_has '--no-setuptools'
	env3/bin/python -c 'import setuptools'
	# Without the rule they hold as ever.
	site ''
	expect 0 venvctl create -p "$PY" --no-pip env4
	[ ! -e env4/bin/pip ]
}

@test "13.17: an entry point whose name cannot be shown is refused" {
	local name
	for name in $'a\eb' $'a\rb' $'a\u202eb' $'a\u009bb'; do
		wheel acme-1.0-py3-none-any.whl acme.py= \
			"INFO/entry_points.txt=[console_scripts]"$'\n'"$name = acme:main"$'\n'
		expect 7 venvctl create --without-pip -p "$PY" \
			--plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl" env
		stderr_has 'cannot be shown'
		[[ $stderr != *"$name"* ]] || fail "$stderr"
		[ ! -e env ]
	done
	# Nor a file of the archive.
	wheel acme-1.0-py3-none-any.whl acme.py= "acme-1.0.data/scripts/a"$'\u202e'"b=:"
	expect 7 venvctl create --without-pip -p "$PY" \
		--plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl" env
	wheel acme-1.0-py3-none-any.whl acme.py= \
		"INFO/entry_points.txt=[console_scripts]"$'\n'"größe = acme:main"$'\n'
	venvctl create --without-pip -p "$PY" \
		--plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl" env
	[ -e env/bin/größe ]
}
