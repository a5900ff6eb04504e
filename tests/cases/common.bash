# SPDX-License-Identifier: MIT
# common.bash - a clean place and a clean environment for each case
#
# setup() { load common; common_setup; }: the current directory is then an empty one
# of this case, the environment has nothing of the caller's that could matter, `venvctl`
# is the copy in the build tree, and $SITE is a site's configuration directory of this
# case alone (not there yet).
if declare -F bats_require_minimum_version >/dev/null; then
	bats_require_minimum_version 1.5.0
else
	# Sourced by a shell in a namespace of its own, which has nothing of bats.
	run() {
		local file
		file=$(mktemp)
		shift
		status=0
		output=$("$@" 2>"$file") || status=$?
		stderr=$(cat "$file")
		rm "$file"
	}
fi

common_setup() {
	local name
	for name in $(compgen -e); do
		case $name in
		VENVCTL_* | PYTHON* | PIP_* | VIRTUAL_ENV* | XDG_* | PYENV_* | CONDA_* | SUDO_*)
			unset "$name"
			;;
		esac
	done
	export HOME=$BATS_TEST_TMPDIR/home LANG=C.UTF-8 TERM=dumb
	export PATH=$TEST_PREFIX/bin:/usr/local/bin:/usr/bin:/bin
	# Kept over the cases of a file: learning what an interpreter is takes a while.
	export VENVCTL_CACHE_DIR=$BATS_FILE_TMPDIR/cache
	export TEST_SYSCONFDIR=$BATS_TEST_TMPDIR/etc/venvctl TEST_LOGDIR=$BATS_TEST_TMPDIR/log
	SITE=$TEST_SYSCONFDIR
	MOCKS=$TEST_PREFIX/mocks
	PY=/usr/bin/python3
	umask 022
	mkdir -p "$HOME" "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
}

# kit_setup: pkg-config finds what is installed; $LIB is where the library lies.
kit_setup() {
	export PKG_CONFIG_SYSROOT_DIR=$TEST_PREFIX/kit
	LIB=$(dirname "$(find "$PKG_CONFIG_SYSROOT_DIR" -name libvenvctl.so)")
	export PKG_CONFIG_PATH=$LIB/pkgconfig
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# skip_sanitized WHY: for what a build with sanitizers cannot show.
skip_sanitized() {
	! grep -qa __asan_init "$(command -v venvctl)" || skip "sanitizers: $1"
}

# expect STATUS COMMAND...: run it into $output and $stderr; fail if it ends otherwise.
expect() {
	local want=$1
	shift
	run --separate-stderr "$@"
	[ "$status" -eq "$want" ] ||
		fail "expected status $want, not $status: $*" "stdout: $output" "stderr: $stderr"
}

# stderr_has TEXT, stdout_has TEXT: what the last `expect` said contains TEXT.
stderr_has() {
	[[ $stderr == *"$1"* ]] || fail "stderr has no '$1':" "$stderr"
}

stderr_lacks() {
	[[ $stderr != *"$1"* ]] || fail "stderr has '$1':" "$stderr"
}

stdout_has() {
	[[ $output == *"$1"* ]] || fail "stdout has no '$1':" "$output"
}

# Everything below a directory, as text: what it is, its mode, and what it contains.
snapshot() {
	(cd "$1" && find . -printf '%y %m %P %l\n' | LC_ALL=C sort &&
		find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
}

# Nothing of ours lies in a directory: staging, boxes, journals.
no_leftovers() {
	local found
	found=$(find "$1" -name '.venvctl-*')
	[ -z "$found" ] || fail "left behind:" "$found"
}

# site TEXT: the site's venvctl.ini of this case.
site() {
	mkdir -p "$SITE"
	printf '%s\n' "$1" >"$SITE/venvctl.ini"
}

# user TEXT: the user's venvctl.ini of this case.
user() {
	mkdir -p "$HOME/.config/venvctl"
	printf '%s\n' "$1" >"$HOME/.config/venvctl/venvctl.ini"
}

# start LOG ARGS...: a create in the background whose step waits, in $started, and the
# process in which its plugins run, in $maker; returns when it waits.
start() {
	local log=$1
	shift
	# What an earlier one said is not what is waited for.
	: >"$log"
	# A shell without job control has what it runs in the background ignore INT.
	env --default-signal=INT venvctl create -v --without-pip -p "$PY" \
		--add-plugin="$MOCKS/mock-step.so:do=wait" "$@" >"$log" 2>&1 3>&- &
	started=$!
	local i
	for ((i = 0; i < 500; i++)); do
		if grep -q waiting "$log"; then
			maker=$(pgrep -P "$started")
			return
		fi
		sleep 0.02
	done
	fail "it never came to its step" "$(cat "$log")"
}

# Nobody works for what start() started any more.
no_children() {
	local i
	for ((i = 0; i < 100; i++)); do
		kill -0 "$maker" 2>/dev/null || [ -n "$(pgrep -P "$maker")" ] || return 0
		sleep 0.02
	done
	fail "a child is left"
}

# For teardown: nothing that start() began goes on.
end_started() {
	[ -z "${started-}" ] || kill -9 "$started" 2>/dev/null || true
}

# as NUMBER COMMAND...: another user, with a HOME, and caches, of her own; $more_groups are
# further groups of hers, each behind a comma.
as() {
	local user=$1 home=$BATS_TEST_TMPDIR/user-$1
	shift
	mkdir -p "$home"
	chown "$user:$user" "$home"
	(cd "$home" && env -u VENVCTL_CACHE_DIR HOME="$home" \
		setpriv --reuid "$user" --regid "$user" --groups "$user${more_groups-}" "$@")
}

# reachable: such users can run what is in the build, and look into this test's directories.
reachable() {
	[ "$(id -u)" = 0 ] || skip "only root can be others"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	local dir
	for dir in "$TEST_PREFIX/bin" "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR"; do
		while [ "$dir" != / ]; do
			chmod o+x "$dir" 2>/dev/null || true
			dir=$(dirname "$dir")
		done
	done
	as 4711 venvctl --version >/dev/null 2>&1 || skip "users cannot reach the build"
}
