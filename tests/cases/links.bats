# SPDX-License-Identifier: MIT
# links.bats - what an environment shares with another, with the store, or not at all

REAL_HOME=$HOME

setup() {
	load common
	load wheel
	common_setup
	export PATH=$TEST_PREFIX/bin:/usr/bin:/bin
}

teardown() {
	[ -z "${theirs-}" ] || rm -rf "$theirs"
}

# Files of an environment that are one file under several names.
assert_no_hard_links() {
	local twice
	twice=$(find "$1" -type f -printf '%i\n' | sort | uniq -d)
	[ -z "$twice" ] || fail "one file with several names:" \
		"$(find "$1" -type f -inum "${twice%%$'\n'*}")"
}

# with_error CALL ERRNO ARGS...: a create with one kind of system call failing.
with_error() {
	strace -f -qq -o trace -e trace="$1" -e inject="$1:error=$2" venvctl create "${@:3}"
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
		venvctl create --without-pip -p "$python" --copies copied
		assert_no_hard_links copied
		copied/bin/python -c pass
	done
	venvctl create -p "$PY" piped
	assert_no_hard_links piped
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
	# Not below the directory of this run, which nobody else may enter.
	theirs=$(mktemp -d /tmp/venvctl-links-XXXXXX)
	chown 65534 "$theirs"
	cd "$theirs"
	export TEST_SYSCONFDIR=$theirs/etc TEST_LOGDIR=$theirs/log
	HOME=$PWD VENVCTL_CACHE_DIR=$PWD/cache "${as[@]}" venvctl create -p "$PY" a b
	if cp --reflink=always a/pyvenv.cfg clone 2>/dev/null; then
		skip "this file system has clones"
	fi
	[ "$(find a -type f -links +2 | wc -l)" -gt 100 ]
}

@test "13.12: whatever a file system says of clones and links, the next way is taken" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "a leak checker cannot run under strace"
	local e
	wheel acme-1.0-py3-none-any.whl acme.py= acme_more.py=
	local with=(--without-pip -p "$PY" "--plugin=wheels:packages=$PWD/acme-1.0-py3-none-any.whl")
	venvctl create "${with[@]}" warm
	for e in EAGAIN EACCES EPERM ETXTBSY ENOTTY EIO; do
		rm -rf env
		if [ $e = EIO ]; then
			expect 1 with_error ioctl "$e" "${with[@]}" env
			continue
		fi
		expect 0 with_error ioctl "$e" "${with[@]}" env
		env/bin/python -c 'import acme, acme_more'
	done
	for e in EPROTO EROFS EPERM EACCES EAGAIN; do
		rm -rf env
		expect 0 with_error symlinkat "$e" --without-pip -p "$PY" env
		stderr_has 'the interpreter was copied'
		env/bin/python -c pass
		[ ! -L env/bin/python3 ]
	done
	rm -rf env
	expect 1 with_error symlinkat ENOSPC --without-pip -p "$PY" env
	[ ! -e env ]
	for e in EPROTO EROFS EAGAIN EACCES; do
		rm -rf env
		expect 0 with_error linkat "$e" "${with[@]}" --link-mode auto env
		env/bin/python -c 'import acme, acme_more'
	done
}
