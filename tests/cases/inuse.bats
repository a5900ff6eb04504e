# SPDX-License-Identifier: MIT
# inuse.bats - what people met in use, each case with the number of its report

REAL_HOME=$HOME

setup() {
	load common
	common_setup
	export PATH=$TEST_PREFIX/bin:/usr/bin:/bin
}

# Files of an environment that are one file under several names.
assert_no_hard_links() {
	local twice
	twice=$(find "$1" -type f -printf '%i\n' | sort | uniq -d)
	[ -z "$twice" ] || fail "one file with several names:" \
		"$(find "$1" -type f -inum "${twice%%$'\n'*}")"
}

# wheel FILE NAME=TEXT...: a wheel of these files, with their RECORD.
wheel() {
	/usr/bin/python3 - "$@" <<-'EOF'
		import base64, hashlib, sys, zipfile
		path, name = sys.argv[1], sys.argv[1].rsplit("/", 1)[-1].split("-")[0]
		info = name + "-1.0.dist-info/"
		files = {info + "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		         info + "METADATA": "Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n" % name}
		for arg in sys.argv[2:]:
		    key, text = arg.split("=", 1)
		    files[key.replace("INFO/", info)] = text
		record = ""
		with zipfile.ZipFile(path, "w") as z:
		    for key, text in files.items():
		        data = text.encode()
		        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
		        record += "%s,sha256=%s,%d\n" % (key, digest.decode(), len(data))
		        z.writestr(key, data)
		    z.writestr(info + "RECORD", record + info + "RECORD,,\n")
	EOF
}

@test "13.1: nothing in an environment is hard linked to anything else of it" {
	local python
	for python in "$PY" /usr/bin/pypy3 "$REAL_HOME"/.pyenv/versions/3.12.1/bin/python3; do
		[ -x "$python" ] || continue
		rm -rf linked copied
		venvctl create --without-pip -p "$python" --activators \
			"sh csh fish powershell nushell xonsh python cmd" linked
		assert_no_hard_links linked
		cmp linked/bin/Activate.ps1 linked/bin/activate.ps1
		venvctl create -p "$python" --copies copied
		assert_no_hard_links copied
		copied/bin/python -c pass
	done
}

@test "13.1: nor after --upgrade and with files of a plugin that are one file elsewhere" {
	mkdir skel
	echo text >skel/a
	ln skel/a skel/b
	venvctl create --without-pip -p "$PY" --plugin=files:source=skel env
	assert_no_hard_links env
	venvctl create --upgrade --copies -p "$PY" env
	assert_no_hard_links env
}

@test "13.3: what root makes shares no file with another environment or with the store" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	export VENVCTL_CACHE_DIR=$BATS_TEST_TMPDIR/cache
	venvctl create -p "$PY" admin
	venvctl create -p "$PY" app
	[ -z "$(find admin app -type f -links +1)" ] ||
		fail "shared:" "$(find admin app -type f -links +1 | head -3)"
	chown -R nobody app
	[ -z "$(find admin "$VENVCTL_CACHE_DIR" -user nobody)" ]
	# Asked for, links are what is made; and what was given away is not used again.
	venvctl create -p "$PY" --link-mode hardlink linked
	[ -n "$(find linked -type f -links +1)" ]
	chown -R nobody linked
	venvctl create -p "$PY" later
	[ -z "$(find later -user nobody)" ] || fail "later is nobody's"
	venvctl create -p "$PY" --link-mode hardlink later2
	[ -z "$(find later2 -user nobody)" ] || fail "later2 is nobody's"
}

@test "13.3: an ordinary user's environments share their files, as before" {
	command -v setpriv >/dev/null || skip "no setpriv"
	[ "$(id -u)" -eq 0 ] || skip "needs root to be somebody else"
	local as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${as[@]}" test -x "$(command -v venvctl)" || skip "nobody cannot run what was built"
	install -d -o 65534 "$BATS_TEST_TMPDIR/theirs"
	"${as[@]}" test -w "$BATS_TEST_TMPDIR/theirs" || skip "nobody cannot get there"
	cd "$BATS_TEST_TMPDIR/theirs"
	HOME=$PWD VENVCTL_CACHE_DIR=$PWD/cache "${as[@]}" venvctl create -p "$PY" a b
	cmp a/bin/pip b/bin/pip || true
	if cp --reflink=always a/pyvenv.cfg clone 2>/dev/null; then
		skip "this file system has clones"
	fi
	[ "$(find a -type f -links +2 | wc -l)" -gt 100 ]
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

# with_error CALL ERRNO ARGS...: a create with one kind of system call failing.
with_error() {
	strace -f -qq -o trace -e trace="$1" -e inject="$1:error=$2" venvctl create "${@:3}"
}

@test "13.12: whatever a file system says of clones and links, the next way is taken" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "a leak checker cannot run under strace"
	local e
	venvctl create -p "$PY" warm
	for e in EAGAIN EACCES EPERM ETXTBSY ENOTTY EIO; do
		rm -rf env
		if [ $e = EIO ]; then
			expect 1 with_error ioctl "$e" -p "$PY" env
			continue
		fi
		expect 0 with_error ioctl "$e" -p "$PY" env
		env/bin/pip --version
	done
	for e in EPROTO EROFS EPERM EACCES EAGAIN; do
		rm -rf env
		expect 0 with_error symlinkat "$e" -p "$PY" env
		stderr_has 'the interpreter was copied'
		env/bin/python -c pass
		[ ! -L env/bin/python3 ]
	done
	rm -rf env
	expect 1 with_error symlinkat ENOSPC -p "$PY" env
	[ ! -e env ]
	for e in EPROTO EROFS EAGAIN EACCES; do
		rm -rf env
		expect 0 with_error linkat "$e" -p "$PY" env
		env/bin/pip --version
	done
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

@test "13.8: no copied interpreter takes its library from beside or above the environment" {
	local python version dir
	mkdir -p above/beside
	for python in "$PY" /usr/bin/pypy3 "$REAL_HOME"/.pyenv/versions/3.*/bin/python3; do
		[ -x "$python" ] || continue
		version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
		rm -rf above && mkdir -p above/beside
		for dir in above above/beside; do
			for lib in lib lib64; do
				mkdir -p "$dir/$lib/python$version/lib-dynload" "$dir/$lib/pypy$version"
				echo 'raise SystemExit("taken from above")' |
					tee "$dir/$lib/python$version/os.py" "$dir/$lib/python$version/encodings.py" \
						"$dir/$lib/python$version/site.py" >"$dir/$lib/pypy$version/os.py"
				echo junk >"$dir/$lib/libpython$version.so.1.0"
			done
			echo junk >"$dir/libpython$version.so.1.0"
		done
		venvctl create --without-pip --copies -p "$python" above/beside/env
		run above/beside/env/bin/python -c 'import os; print(os.__file__)'
		[ "$status" -eq 0 ] && [[ $output != *above* ]] || fail "$python: $output"
	done
}

@test "13.4: with the system's packages in sight, ensurepip installs pip all the same" {
	local python
	for python in "$PY" "$REAL_HOME"/.pyenv/versions/3.{6.15,9.18,12.1}/bin/python3; do
		"$python" -c 'import pip, ensurepip' 2>/dev/null || continue
		rm -rf env
		venvctl create --system-site-packages -o ensurepip.mode=run -p "$python" env
		env/bin/pip --version >version
		grep -qF "$PWD/env/lib" version || fail "$python: $(cat version)"
		env/bin/python -c 'import sys; assert any("-packages" in p and p.startswith(sys.base_prefix) for p in sys.path), sys.path'
		# Again, and nothing is lost.
		venvctl create --upgrade --system-site-packages -o ensurepip.mode=run env
		env/bin/pip --version | grep -qF "$PWD/env/lib"
	done
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

# hidden DIR COMMAND...: run it where nothing is in the directory.
hidden() {
	unshare --mount sh -c 'mount -t tmpfs none "$1" && shift && exec "$@"' sh "$@"
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
