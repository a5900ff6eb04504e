# SPDX-License-Identifier: MIT
# transaction.bats - all of an environment, or what was there before
# (tests/fault/sweep.py has every system call; here are the whole stories)

setup() {
	load common
	common_setup
	STEP=$MOCKS/mock-step.so
}

teardown() {
	end_started
}

create() {
	venvctl create --without-pip -p "$PY" "$@"
}

works() {
	[ "$("$1/bin/python" -c 'import sys; print(sys.prefix)')" = "$(realpath "$1")" ]
}

# The six cases: make_CASE makes what is there, args_CASE is how it is asked for.
make_new() { :; }
make_empty() { mkdir -m 751 env; }
make_beside() {
	mkdir -p env/bin
	echo mine | tee env/mine >env/bin/tool
}
make_inplace() {
	make_beside
	create --prompt old env
	rm env/bin/python
	mkdir -p "$(echo env/lib/python*/site-packages)/pkg"
}
make_replace() { make_inplace; }
make_inside() { make_inplace; }
cases="new empty beside inplace replace inside"
args_for() {
	case $1 in
	replace) echo --clear env ;;
	inside) echo --clear . ;;
	*) echo env ;;
	esac
}

# in_case CASE COMMAND...: run it where the case wants it.
in_case() {
	local dir=.
	[ "$1" != inside ] || dir=env
	shift
	(cd "$dir" && "$@")
}

@test "a failing step leaves all as it was, in every case" {
	local case how before
	for case in $cases; do
		rm -rf env
		"make_$case"
		before=$(snapshot .)
		for how in fail fail-in-seed; do
			# shellcheck disable=SC2046
			expect 6 in_case "$case" venvctl create --without-pip -p "$PY" \
				--add-plugin="$STEP:do=$how" $(args_for "$case")
			stderr_has "plugin 'mock-step': it was asked to fail"
			[ "$before" = "$(snapshot .)" ] || fail "$case, $how"
		done
	done
}

@test "--on-failure keep leaves it half-built, and the next create begins with what was before" {
	local case before
	for case in $cases; do
		rm -rf env
		"make_$case"
		before=$(snapshot .)
		# shellcheck disable=SC2046
		expect 6 in_case "$case" venvctl create --without-pip -p "$PY" \
			--add-plugin="$STEP" --on-failure keep $(args_for "$case")
		[ -f env/.venvctl-incomplete ]
		[ -e "$(echo env/lib/python*/site-packages)/spoiled" ]
		# It fails before it changes anything: what it began with is what is left.
		expect 6 create --add-plugin="$STEP:do=fail-in-seed" env
		stderr_has "an earlier create of 'env' failed, and was kept: putting back what was there"
		[ "$before" = "$(snapshot .)" ] || fail "$case: $(diff <(echo "$before") <(snapshot .))"
	done
}

@test "interrupted while a step's child runs: the child ends, all is as before" {
	local case before signal signals='INT TERM' status
	# Under nohup HUP is ignored, and so it stays (the test further down).
	# shellcheck disable=SC2016
	sh -c 'kill -HUP $$' || signals+=' HUP'
	for case in $cases; do
		for signal in $signals; do
			rm -rf env
			"make_$case"
			before=$(snapshot .)
			# shellcheck disable=SC2046
			in_case_start "$case" "$BATS_TEST_TMPDIR/log" $(args_for "$case")
			kill "-$signal" "$started"
			status=0
			wait "$started" || status=$?
			[ "$status" -eq $((128 + $(kill -l "$signal"))) ] ||
				fail "$case, $signal: $status" "$(cat "$BATS_TEST_TMPDIR/log")"
			no_children
			[ "$before" = "$(snapshot .)" ] || fail "$case, $signal"
		done
	done
}

in_case_start() {
	local case=$1 back=$PWD
	shift
	[ "$case" != inside ] || cd env
	start "$@"
	cd "$back"
}

@test "killed while a step's child runs: the next create repairs it first" {
	local case before
	for case in $cases; do
		rm -rf env
		"make_$case"
		before=$(snapshot .)
		# shellcheck disable=SC2046
		in_case_start "$case" "$BATS_TEST_TMPDIR/log" $(args_for "$case")
		kill -9 "$started"
		wait "$started" || true
		no_children
		[ -e env/.venvctl-incomplete ]
		# Looking changes nothing.
		local found
		found=$(snapshot .)
		expect 0 create -n env
		[ "$found" = "$(snapshot .)" ]
		expect 6 create --add-plugin="$STEP:do=fail-in-seed" env
		[ "$before" = "$(snapshot .)" ] || fail "$case: $(diff <(echo "$before") <(snapshot .))"
		expect 0 create --clear --force env
		works env
		no_leftovers .
	done
}

@test "a plugin that crashes in any hook, in every case: what it left is undone at once" {
	local case before hook plugin
	for case in $cases; do
		rm -rf env
		"make_$case"
		before=$(snapshot .)
		for hook in open "before 0" ensure_directories create_configuration setup_python \
			"before 4" setup_scripts seed post_setup; do
			plugin=$MOCKS/mock-hooks.so
			# One that has post_setup alone waits for the publication.
			[ "$hook" != post_setup ] || plugin=$MOCKS/mock-post.so
			# shellcheck disable=SC2046
			in_case "$case" expect 6 venvctl create -p "$PY" --without-pip \
				--add-plugin="$plugin:at=$hook,crash=yes" $(args_for "$case")
			no_leftovers .
			[ "$before" = "$(snapshot .)" ] || fail "$case, $hook: it changed" "$(snapshot .)" "$before"
		done
	done
}

@test "interrupted or killed at random moments" {
	local moment signal status before delay
	make_inplace
	before=$(snapshot .)
	for ((moment = 0; moment < 60; moment++)); do
		signal=$(shuf -n1 -e INT TERM HUP KILL)
		delay=0.00$((RANDOM % 6))$((RANDOM % 10))
		status=0
		env --default-signal=INT venvctl create --without-pip -p "$PY" --clear \
			--add-plugin="$STEP:do=succeed" env 2>/dev/null 3>&- &
		started=$!
		sleep "$delay"
		kill "-$signal" $started 2>/dev/null || true
		wait $started || status=$?
		if [ "$status" -eq 0 ] || { [ "$signal" != KILL ] && [ ! -e env/mine ]; }; then
			# Too late: it was done.
			[ "$status" -eq 0 ] || [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
			works env
			no_leftovers .
			rm -r env
			make_inplace
			before=$(snapshot .)
		elif [ "$signal" = KILL ]; then
			expect 6 create --add-plugin="$STEP:do=fail-in-seed" env
			[ -e env/pyvenv.cfg ]
			no_leftovers .
			rm -r env
			make_inplace
			before=$(snapshot .)
		else
			[ "$status" -eq $((128 + $(kill -l "$signal"))) ] || fail "status $status"
			[ "$before" = "$(snapshot .)" ] || fail "$signal after $delay"
		fi
	done
	started=
}

@test "a full disk" {
	unshare -m true 2>/dev/null || skip "no mounts here"
	mkdir disk
	# An interpreter of some megabytes does not fit; then one without free inodes.
	unshare -m bash -uc '
		source "$1/tests/cases/common.bash"
		run() {
			venvctl create --without-pip -p "$PY" "$@" 2>said
			status=$?
			[ "$status" -eq 1 ] || fail "status $status: $(cat said)" || exit 1
			grep -q "No space left on device" said || fail "$(cat said)" || exit 1
			[ "$(wc -l <said)" -eq 1 ] || fail "$(cat said)" || exit 1
			[ "$before" = "$(snapshot disk)" ] || fail "changed: $*" || exit 1
		}
		PY=$2
		mount -t tmpfs -o size=1m none disk || exit 1
		mkdir disk/other disk/empty
		echo x >disk/other/x
		venvctl create --without-pip -p "$PY" disk/old || exit 1
		before=$(snapshot disk)
		run --copies disk/env
		run --copies disk/a/b/env
		run --copies disk/empty
		run --copies disk/other
		run --copies disk/old
		run --copies --clear disk/old
		umount disk
		mount -t tmpfs -o nr_inodes=14 none disk || exit 1
		mkdir disk/empty
		before=$(snapshot disk)
		run disk/env
		run disk/empty
	' - "$top_srcdir" "$PY"
}

@test "a read-only file system" {
	unshare -m true 2>/dev/null || skip "no mounts here"
	mkdir disk
	create disk/old
	unshare -m bash -euc '
		mount --bind disk disk
		mount -o remount,ro,bind disk
		for args in disk/env "--clear disk/old" "--upgrade disk/old" disk/old; do
			status=0
			venvctl create --without-pip -p "$1" $args 2>said || status=$?
			[ "$status" -eq 1 ]
			grep -q "Read-only file system" said
			[ "$(wc -l <said)" -eq 1 ]
		done
	' - "$PY"
	no_leftovers disk
}

@test "a parent that cannot be written" {
	[ "$(id -u)" = 0 ] || skip "only root can be somebody else"
	local as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	$as test -x "$TEST_PREFIX/bin/venvctl" || skip "nobody cannot run it here"
	local dir
	dir=$(mktemp -d /tmp/venvctl-test-XXXXXX)
	chmod 755 "$dir"
	mkdir -p "$dir/env" "$dir/home"
	chown 65534:65534 "$dir/env" "$dir/home"
	cd "$dir"
	export HOME=$dir/home VENVCTL_CACHE_DIR=$dir/home/cache TEST_SYSCONFDIR=$dir/etc
	expect 1 $as venvctl create --without-pip -p "$PY" new
	stderr_has "Permission denied"
	expect 0 $as venvctl create --without-pip -p "$PY" env
	echo x >env/mine
	expect 0 $as venvctl create --without-pip -p "$PY" --clear env
	[ ! -e env/mine ]
	works env
	local before
	before=$(snapshot env)
	expect 6 $as venvctl create -p "$PY" --plugin="$STEP" --clear env
	[ "$before" = "$(snapshot env)" ]
	[ "$(ls "$dir" | tr '\n' ' ')" = "env home " ]
	rm -r "$dir"
}

@test "two at once: the second is told, or waits and then finds what the first made" {
	local case log=$BATS_TEST_TMPDIR/log
	for case in $cases; do
		rm -rf env
		"make_$case"
		# shellcheck disable=SC2046
		in_case_start "$case" "$log" $(args_for "$case")
		local first=$started before
		before=$(snapshot .)
		expect 4 create env
		stderr_has "another venvctl is at work on 'env'"
		stderr_has "hint: --wait waits for it"
		expect 4 create --clear --force env
		[ "$before" = "$(snapshot .)" ]
		create --wait --existing keep env >"$log.2" 2>&1 3>&- &
		local second=$!
		sleep 0.1
		kill -0 "$second"
		kill -TERM "$first"
		wait "$first" || true
		wait "$second" || fail "$case: $(cat "$log.2")"
		[ ! -s "$log.2" ] || fail "$case: $(cat "$log.2")"
		works env
		no_leftovers .
	done
}

@test "who waits can be interrupted" {
	local second status=0
	start "$BATS_TEST_TMPDIR/log" env
	env --default-signal=INT venvctl create --without-pip -p "$PY" --wait env 2>said 3>&- &
	second=$!
	sleep 0.2
	kill -INT "$second"
	wait "$second" || status=$?
	[ "$status" -eq 130 ] || fail "status $status: $(cat said)"
	kill -TERM "$started"
	wait "$started" || true
	[ ! -e env ]
	no_leftovers .
}

@test "a signal that the parent had ignored stays ignored" {
	local status=0
	env --ignore-signal=HUP venvctl create -v --without-pip -p "$PY" \
		--add-plugin="$STEP:do=wait" env >log 2>&1 3>&- &
	started=$!
	until grep -q waiting log; do sleep 0.02; done
	kill -HUP "$started"
	sleep 0.2
	kill -0 "$started"
	kill -TERM "$started"
	wait "$started" || status=$?
	[ "$status" -eq 143 ]
}

@test "many at once on one target" {
	local round i pids status how
	for how in "" --wait; do
		for round in 1 2 3 4 5; do
			[ $((round % 2)) = 0 ] || rm -rf env
			pids=()
			for i in 1 2 3 4 5 6; do
				# shellcheck disable=SC2086
				create $how $([ $((i % 2)) = 0 ] || echo --existing replace) env \
					2>"said.$i" 3>&- &
				pids+=($!)
			done
			for i in 1 2 3 4 5 6; do
				status=0
				wait "${pids[i - 1]}" || status=$?
				[ "$status" = 0 ] || [ "$status$how" = 4 ] ||
					fail "status $status: $(cat "said.$i")"
			done
			works env
			no_leftovers .
		done
	done
}

@test "a planted journal does nothing" {
	make_inplace
	echo precious >env/precious
	mkdir env/sub
	local text before
	for text in "" "rubbish" $'venvctl-journal 1\nend\n' \
		$'venvctl-journal 1\nroot 1:1\nway merge\nalone\nend\n' \
		$'venvctl-journal 1\nroot 1:1\nway new\nadd 0 0:0 precious\nend\n' \
		$'venvctl-journal 1\nroot 1:1\nway merge\nadd 0 0:0 ../outside\nend\n'; do
		printf '%s' "$text" >env/.venvctl-incomplete
		echo outside >outside
		before=$(snapshot .)
		expect 6 create --add-plugin="$STEP:do=fail-in-seed" env
		stderr_lacks interrupted
		[ "$before" = "$(snapshot .)" ] || fail "$(diff <(echo "$before") <(snapshot .))"
		expect 0 create env
		[ "$(cat env/precious outside)" = $'precious\noutside' ]
		[ ! -e env/.venvctl-incomplete ]
	done
}

@test "a journal that came along with a copy does nothing to the copy" {
	make_inplace
	expect 6 venvctl create -p "$PY" --plugin="$STEP" --on-failure keep env
	cp -a env copy
	echo x >copy/precious
	expect 0 create copy
	stderr_lacks interrupted
	[ -e copy/precious ]
	[ -e env/.venvctl-incomplete ]
}

@test "what lies in the way of the staging directory is not touched" {
	local stage
	start "$BATS_TEST_TMPDIR/log" x/env
	kill -9 "$started"
	wait "$started" || true
	# The name depends on nothing but the target's.
	ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=mkdirat -o trace \
		venvctl create --without-pip -p "$PY" y/env
	stage=$(grep -o '\.venvctl-[0-9a-f]*' trace | head -1)
	[ -n "$stage" ]
	# Told, left alone, and the next name is taken.
	echo mine >"$stage"
	expect 0 create env
	stderr_has "/$stage' was not made by venvctl here: leaving it alone"
	[ "$(cat "$stage")" = mine ]
	rm -r "$stage" env
	mkdir elsewhere
	echo mine >elsewhere/file
	ln -s elsewhere "$stage"
	expect 0 create env
	[ "$(cat elsewhere/file)" = mine ]
	rm -r "$stage" env
	mkdir "$stage"
	echo mine >"$stage/pyvenv.cfg"
	expect 0 create env
	[ "$(cat "$stage/pyvenv.cfg")" = mine ]
	expect 0 create --clear env
	[ "$(cat "$stage/pyvenv.cfg")" = mine ]
	[ "$(ls -A | grep -c venvctl-)" -eq 1 ]
}

@test "a create that is done has no journal, and says how it was published" {
	local case
	for case in new:rename empty:"entry by entry" replace:exchange; do
		rm -rf env
		"make_${case%%:*}"
		# shellcheck disable=SC2046
		expect 0 create --json --add-plugin="$STEP:do=succeed" $(args_for "${case%%:*}")
		stdout_has "\"published\":\"${case#*:}\""
		no_leftovers .
	done
	rm -rf env
	make_inplace
	expect 0 strace -f -qq -o /dev/null -e inject=renameat2:error=EINVAL \
		env ASAN_OPTIONS=detect_leaks=0 \
		venvctl create --json --without-pip -p "$PY" --clear env
	stdout_has '"published":"entry by entry"'
	works env
	no_leftovers .
}

@test "what is made in an environment is not taken for a leftover of it" {
	local before
	create x
	create --prompt old x/x
	before=$(snapshot x/x)
	# The old x/x lies in x until its step is done.
	start "$BATS_TEST_TMPDIR/log" --clear x/x
	expect 0 create x
	stderr_lacks interrupted
	kill -TERM "$started"
	wait "$started" || true
	[ "$before" = "$(snapshot x/x)" ] || fail "$(diff <(echo "$before") <(snapshot x/x))"
	no_leftovers .
}

@test "a journal that a power cut left empty: nothing is deleted, and it is said" {
	local case old
	for case in replace inplace inside; do
		rm -rf env .venvctl-*
		"make_$case"
		# shellcheck disable=SC2046
		in_case_start "$case" "$BATS_TEST_TMPDIR/log" $(args_for "$case")
		kill -9 "$started"
		wait "$started" || true
		no_children
		: >env/.venvctl-incomplete
		before=$(snapshot .)
		expect 4 create env
		stderr_has "journal 'env/.venvctl-incomplete' is damaged"
		stderr_has "hint: what was replaced is in '"
		old=$(sed -n "s/^.*what was replaced is in '\(.*\)':.*/\1/p" <<<"$stderr")
		[ -d "$old" ] || fail "no '$old'"
		[ "$before" = "$(snapshot .)" ] || fail "$case: $(diff <(echo "$before") <(snapshot .))"
		rm -rf "$old" env/.venvctl-incomplete
		expect 0 create env
		works env
		no_leftovers .
	done
}

@test "durable: the journal is on disk before anything depends on it" {
	local case
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "strace"
	user $'[create]\ndurable = yes'
	for case in new replace inplace; do
		rm -rf env
		"make_$case"
		# shellcheck disable=SC2046
		strace -f -qq -e trace=openat,syncfs,renameat,renameat2 -o trace venvctl create --without-pip -p "$PY" \
			--add-plugin="$STEP:do=succeed" $(args_for "$case")
		awk '/\.venvctl-incomplete".*O_CREAT/ { written = 1; synced = 0 }
			/syncfs\(/ { synced = 1 }
			written && /renameat/ && !synced { early = 1 }
			written && /renameat/ && synced { late = 1 }
			END { exit !(late && !early) }' trace || fail "$case:" "$(cat trace)"
	done
}

@test "work that was done in a directory after a kill is spared" {
	local case
	for case in empty beside; do
		rm -rf env
		"make_$case"
		start "$BATS_TEST_TMPDIR/log" env
		kill -9 "$started"
		wait "$started" || true
		no_children
		[ -e env/.venvctl-incomplete ]
		mkdir env/src
		echo work | tee env/src/new.py >env/main.py
		expect 6 create --add-plugin="$STEP:do=fail-in-seed" env
		stderr_has "an earlier venvctl was interrupted"
		[ "$(cat env/src/new.py env/main.py)" = $'work\nwork' ]
		[ ! -e env/pyvenv.cfg ] && [ ! -e env/lib ] && [ ! -e env/bin/python ]
		[ "$case" = empty ] || [ "$(cat env/mine env/bin/tool)" = $'mine\nmine' ]
		no_leftovers .
		expect 0 create env
		works env
		[ "$(cat env/src/new.py env/main.py)" = $'work\nwork' ]
	done
}
