# SPDX-License-Identifier: MIT
# awkward.bats - names, locks, limits and file systems that are not as one would like

setup() {
	load common
	common_setup
	STEP=$MOCKS/mock-step.so
}

teardown() {
	end_started
	chattr -R -i . 2>/dev/null || true
}

create() {
	venvctl create --without-pip -p "$PY" "$@"
}

works() {
	[ "$("$1/bin/python" -c 'import sys; print(sys.prefix)')" = "$(realpath "$1")" ]
}

@test "a signal when all is done and freed writes into nothing" {
	skip_sanitized "they have an allocator of their own"
	$CC -shared -fPIC -O1 "$top_srcdir/tests/fault/late.c" -o late.so || skip "it is for glibc"
	expect 0 env LD_PRELOAD="$PWD/late.so" venvctl create --without-pip -p "$PY" env
	[[ $stderr =~ late.c:\ [0-9]+\ were\ freed ]] || fail "$stderr"
	# One that fails, too.
	expect 5 env LD_PRELOAD="$PWD/late.so" venvctl create -p "$PY" --plugin no-such-plugin env
	stderr_has "were freed"
	works env
}

@test "overlayfs: an environment of a lower layer is replaced, and restored on failure" {
	unshare -m true 2>/dev/null || skip "no mounts here"
	mkdir lower upper work merged
	create lower/env
	mkdir -p lower/env/lib/python3.11/site-packages/pkg lower/env/a/b
	echo old | tee lower/env/a/b/c >lower/env/lib/python3.11/site-packages/pkg/x.py
	ln -s b lower/env/a/link
	unshare -m bash -uc '
		source "$1/tests/cases/common.bash"
		PY=$2 STEP=$3
		again() {
			umount merged 2>/dev/null
			rm -rf upper work
			mkdir upper work
			mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged ||
				{ echo no-overlay >result; exit 0; }
		}
		create() {
			venvctl create --without-pip -p "$PY" "$@"
		}
		again
		before=$(snapshot merged)
		for how in --clear "--existing replace" "--existing reuse"; do
			again
			expect 0 create --prompt new $how merged/env || exit 1
			[ ! -e merged/env/a ] || fail "$how: not replaced" || exit 1
			merged/env/bin/python -c "" || exit 1
			no_leftovers merged || exit 1
			again
			expect 6 create --prompt new $how --add-plugin="$STEP" merged/env || exit 1
			[ "$before" = "$(snapshot merged)" ] ||
				fail "$how: $(diff <(echo "$before") <(snapshot merged))" || exit 1
		done
		again
		cd merged/env || exit 1
		expect 0 create --clear . || exit 1
		cd ../..
		[ ! -e merged/env/a ] || exit 1
		again
		cd merged/env || exit 1
		expect 6 create --clear --add-plugin="$STEP" . || exit 1
		cd ../..
		[ "$before" = "$(snapshot merged)" ] || fail "--clear ." || exit 1
		for how in "" --upgrade; do
			again
			expect 0 create --prompt new $how merged/env || exit 1
			[ -e merged/env/a/b/c ] || exit 1
			again
			expect 6 create --prompt new $how --add-plugin="$STEP" merged/env || exit 1
			[ "$before" = "$(snapshot merged)" ] ||
				fail "in place: $(diff <(echo "$before") <(snapshot merged))" || exit 1
		done
		umount merged
	' - "$top_srcdir" "$PY" "$STEP" 3>&-
	[ ! -e result ] || skip "no overlayfs here"
}

@test "without locks: who is at work is known by the journal" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "strace"
	local first
	no_locks="strace -f -qq -o /dev/null -e inject=flock:error=ENOLCK"
	for case in new replace; do
		rm -rf env
		[ "$case" = new ] || create env
		: >log
		env --default-signal=INT $no_locks venvctl create -v --without-pip -p "$PY" \
			--add-plugin="$STEP:do=wait" --prompt without-locks --clear env >log 2>&1 3>&- &
		started=$!
		until grep -q waiting log; do sleep 0.02; done
		expect 4 $no_locks venvctl create --without-pip -p "$PY" --clear env
		stderr_has "another venvctl is at work on 'env'"
		stderr_has "cannot lock 'env' (No locks available): going on without"
		pkill -9 -P "$started" venvctl || kill -9 "$started"
		wait "$started" || true
		# What the plugin runs in goes with its parent, but not at once.
		while pgrep -f "venvctl create .*$MOCKS/mock-step.so:do=wait --prompt without-locks" >/dev/null; do
			sleep 0.02
		done
		expect 0 $no_locks venvctl create --without-pip -p "$PY" --clear env
		works env
		no_leftovers .
	done
}

@test "a leftover that is deep goes; one that cannot be removed is told, and blocks nothing" {
	local old i
	create env
	start "$BATS_TEST_TMPDIR/log" --clear env
	python3 - "$(echo .venvctl-*)" <<-'END'
		import os, sys
		os.chdir(sys.argv[1])
		for i in range(400):
		    os.mkdir("a-directory-with-a-name")
		    os.chdir("a-directory-with-a-name")
	END
	kill -TERM "$started"
	wait "$started" || true
	# It came back with the old environment, and goes with it.
	expect 0 create --clear env
	[ "$stderr" = "venvctl: warning: 'a-directory-with-a-name' of the old 'env' went with it" ] || fail "$stderr"
	no_leftovers .

	[ "$(id -u)" = 0 ] || skip "the rest is for root"
	: >probe
	chattr +i probe 2>/dev/null || skip "no immutable files here"
	chattr -i probe
	start "$BATS_TEST_TMPDIR/log" new
	kill -9 "$started"
	wait "$started" || true
	echo x >new/stuck
	chattr +i new/stuck
	# As new as it is half-built: it is put under a staging name, and stays there.
	expect 0 create new
	works new
	stderr_has "cannot remove"
	[ "${#stderr}" -lt 500 ]
	for i in 1 2; do
		expect 0 create --clear new
		works new
		stderr_has "cannot remove"
		[ "$(ls -d .venvctl-* | wc -l)" -eq 1 ]
	done
	chattr -i .venvctl-*/stuck
	expect 0 create --clear new
	no_leftovers .
}

@test "the message about a deep leftover is short" {
	[ "$(id -u)" = 0 ] || skip "only root can make a file immutable"
	: >probe
	chattr +i probe 2>/dev/null || skip "no immutable files here"
	chattr -i probe
	create env
	python3 - <<-'END'
		import os
		os.chdir("env")
		for i in range(400):
		    os.mkdir("a-directory-with-a-name")
		    os.chdir("a-directory-with-a-name")
		open("stuck", "w").close()
		os.system("chattr +i stuck")
	END
	expect 0 create --clear env
	works env
	stderr_has "cannot remove"
	[ "${#stderr}" -lt 500 ] || fail "${#stderr} bytes: $stderr"
	chattr -R -i .venvctl-*
	expect 0 create --clear env
	no_leftovers .
}

@test "limits of the shell: rolled back, nothing stays" {
	skip_sanitized "they need descriptors of their own"
	local n before how
	create --prompt old old
	mkdir empty beside
	echo x >beside/x
	before=$(snapshot .)
	for n in 6 7 8 9 10 11 12 13 14; do
		for how in new empty beside old "--clear old"; do
			# shellcheck disable=SC2086
			run --separate-stderr bash -c "ulimit -n $n; exec venvctl create --without-pip \
				-p $PY --copies --prompt new $how 3>&-"
			if [ "$status" -eq 0 ]; then
				rm -rf new empty beside old
				create --prompt old old
				mkdir empty beside
				echo x >beside/x
				before=$(snapshot .)
			else
				[ "$status" -eq 1 ] || [ "$status" -eq 3 ] || [ "$status" -eq 8 ] ||
					fail "-n $n, $how: $status: $stderr"
				[ "$before" = "$(snapshot .)" ] ||
					fail "-n $n, $how: $(diff <(echo "$before") <(snapshot .))" "$stderr"
			fi
		done
	done
	# A file that grows too big is an error, not a signal.
	for how in new empty beside old "--clear old"; do
		# shellcheck disable=SC2086
		expect 1 bash -c "ulimit -f 4; exec venvctl create --without-pip -p $PY --copies \
			--prompt new $how 3>&-"
		stderr_has "File too large"
		[ "$before" = "$(snapshot .)" ] || fail "-f, $how: $(diff <(echo "$before") <(snapshot .))"
	done
}

@test "a child does not inherit that the signal for big files is ignored" {
	cat >tell.sh <<-END
		#!/bin/sh
		grep SigIgn /proc/self/status >"$PWD/told"
	END
	chmod +x tell.sh
	expect 0 create --add-plugin="script:source=$PWD/tell.sh,interpreter=none" env
	local told
	told=$(cat told)
	# Signal 25 is bit 24.
	[ $((0x${told##*[[:space:]]} >> 24 & 1)) -eq 0 ] || fail "$told"
}
