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
