# SPDX-License-Identifier: MIT
# shared-host.bats - many at once on one host: what they say, what they leave, whose files are whose

setup() {
	load common
	common_setup
	more_groups=,4800
}

teardown() {
	end_started
}

@test "a message and its hint are one write, and parallel runs mix none" {
	local i
	for ((i = 0; i < 40; i++)); do
		venvctl create --plugin=ensurepipp "$PWD/env-with-a-name-$i" 2>>said &
	done
	wait
	[ "$(wc -l <said)" -eq 80 ] || fail "$(cat said)"
	while read -r first && read -r second; do
		[[ $first == "venvctl: error: there is no plugin 'ensurepipp'" ]] || fail "$(cat said)"
		[[ $second == "hint: did you mean 'ensurepip'?" ]] || fail "$(cat said)"
	done <said
	# Into one pipe, and lines of JSON longer than a block of stdio.
	for ((i = 0; i < 8; i++)); do
		venvctl create --json -n --without-pip -p "$PY" "$PWD/$(printf '%0200d' "$i")" &
	done | cat >lines
	wait
	[ "$(wc -l <lines)" -eq 8 ]
	/usr/bin/python3 -c 'import json; [json.loads(line) for line in open("lines")]'
	command -v strace >/dev/null || return 0
	# A sanitizer cannot look for leaks there, and says so.
	export ASAN_OPTIONS=detect_leaks=0
	run strace -qq -o trace -e trace=write venvctl create --plugin=ensurepipp env
	[ "$(grep -c '^write(2' trace)" -eq 1 ] || fail "$(cat trace)"
}

@test "logs are for their owner alone, whatever the umask" {
	printf '#!/bin/sh\necho said; exit 1\n' >fails.sh
	chmod 755 fails.sh
	local mask
	for mask in 0000 0777 0022; do
		# Nobody but root can go on in what is made then.
		[ "$mask" != 0777 ] || [ "$(id -u)" -eq 0 ] || continue
		export TEST_LOGDIR=$PWD/logs-$mask/a/log HOME=$PWD/home-$mask
		mkdir -p "$HOME"
		[ "$(id -u)" -eq 0 ] || TEST_LOGDIR=$HOME/.local/state/venvctl/log
		(umask "$mask" && expect 6 venvctl create -p "$PY" --without-pip \
			--plugin=script:source="$PWD/fails.sh",interpreter=none env)
		[ "$(stat -c %a "$TEST_LOGDIR")" = 700 ] || fail "$mask: $(stat -c %a "$TEST_LOGDIR")"
		[ "$(stat -c %a "$TEST_LOGDIR"/*.log)" = 600 ] || fail "$mask: $(ls -l "$TEST_LOGDIR")"
		[ -z "$(find "$(dirname "$(dirname "$TEST_LOGDIR")")" -type d -perm /022)" ]
		# One that was asked for is made so, and can be written a second time.
		for _ in 1 2; do
			(umask "$mask" && expect 6 venvctl create -p "$PY" --without-pip \
				--log-file="$PWD/asked-$mask" \
				--plugin=script:source="$PWD/fails.sh",interpreter=none env)
		done
		[ "$(stat -c %a "asked-$mask")" = 600 ]
		[ "$(grep -c said "asked-$mask")" -eq 2 ]
	done
}

@test "a directory of a group: files have its group and access control list, so none is a link" {
	reachable
	as 4711 venvctl create -p "$PY" ordinary
	local home=$BATS_TEST_TMPDIR/user-4711 file
	file=$(find "$home/ordinary" -path '*/pip/__main__.py')
	[ "$(stat -c %h "$file")" -gt 1 ] || skip "nothing is linked here"
	install -d -o 4711 -g 4800 -m 2775 "$home/team"
	as 4711 venvctl create -p "$PY" team/env
	[ -z "$(find "$home/team/env" -type f ! -group 4800)" ] || fail "$(find "$home/team/env" ! -group 4800 | head)"
	[ -z "$(find "$home/team/env" -type f -links +1)" ]
	# A directory that is set so for the user's own group loses nothing by links.
	install -d -o 4711 -g 4711 -m 2775 "$home/own"
	as 4711 venvctl create -p "$PY" own/env
	[ -n "$(find "$home/own/env" -type f -links +1)" ]
	command -v setfacl >/dev/null || skip "setfacl is not installed"
	install -d -o 4711 -g 4711 "$home/acl"
	setfacl -d -m g:4800:rwx "$home/acl" || skip "no access control lists here"
	as 4711 venvctl create -p "$PY" acl/env
	file=$(find "$home/acl/env" -path '*/pip/__main__.py')
	getfacl -nc "$file" | grep -q '^group:4800:rw'
	[ -z "$(find "$home/acl/env" -type f -links +1)" ]
}

@test "a compilation that was killed: the message says it, and why that may be" {
	export VENVCTL_CACHE_DIR=$PWD/cold
	venvctl create -p "$PY" env >said 2>&1 3>&- &
	started=$!
	local child='' i
	for ((i = 0; i < 2000 && !${#child}; i++)); do
		child=$(pgrep -P "$started" -f py_compile) || true
	done
	[ -n "$child" ] || fail "it did not compile" "$(cat said)"
	kill -9 "$child"
	status=0
	wait "$started" || status=$?
	[ "$status" -eq 6 ] || [ "$status" -eq 1 ] || fail "$status" "$(cat said)"
	grep -q "was killed (signal 9) while it compiled '" said || fail "$(cat said)"
	grep -q '^hint: the kernel does that where memory is short' said
	[ ! -e env ]
	expect 0 venvctl create -p "$PY" env
	expect 0 venvctl cache prune
	[ -z "$(find cold/store -maxdepth 1 -name 'new-*')" ]
}

@test "what limits and kills leave in the cache is found by prune" {
	export VENVCTL_CACHE_DIR=$PWD/cold
	local limit child='' i
	for limit in "-f 64" "-f 200" "-n 9" "-n 12" "-n 15" "-n 18"; do
		# shellcheck disable=SC2086 # an option and its value
		(ulimit $limit && exec venvctl create -p "$PY" env) >said 2>&1 || true
		rm -rf env
	done
	rm -rf cold
	venvctl create -p "$PY" env >said 2>&1 3>&- &
	started=$!
	for ((i = 0; i < 2000 && !${#child}; i++)); do
		child=$(pgrep -P "$started" -f py_compile) || true
	done
	kill -9 "$started"
	wait "$started" || true
	[ -n "$(find cold/store -maxdepth 1 -name 'new-*')" ]
	# Its children die with it, if not all in the same moment, and no lock is left.
	for ((i = 0; i < 50; i++)); do
		expect 0 venvctl cache prune
		[ -n "$(find cold/store -maxdepth 1 -name 'new-*')" ] || break
		sleep 0.2
	done
	[ -z "$(find cold/store -maxdepth 1 -name 'new-*')" ] || fail "$(find cold/store -maxdepth 1)"
	expect 0 venvctl create -p "$PY" env
	no_leftovers .
}

@test "an interpreter whose libraries are not there: which one is said" {
	echo 'int gone(void) { return 0; }' | ${CC:-cc} -shared -fPIC -x c - -o libgone.so
	echo 'int gone(void); int main(void) { return gone(); }' |
		${CC:-cc} -x c - -x none -L. -lgone -Wl,-rpath,"$PWD" -o python3.99
	rm libgone.so
	expect 3 venvctl create -p ./python3.99 env
	stderr_has "libgone.so"
	stderr_has "status 127"
}

@test "a plugin that is written over while it runs: it is named, and what was there is back" {
	export ASAN_OPTIONS=handle_segv=0:handle_sigbus=0
	mkdir plug
	cp "$MOCKS/mock-step.so" plug/
	venvctl create -v --without-pip -p "$PY" --add-plugin="$PWD/plug/mock-step.so:do=wait" env >said 2>&1 3>&- &
	started=$!
	local i
	for ((i = 0; i < 1000; i++)); do
		! grep -q waiting said || break
		sleep 0.02
	done
	maker=$(pgrep -P "$started")
	: >plug/mock-step.so
	pkill -P "$maker" sleep
	status=0
	wait "$started" || status=$?
	[ "$status" -eq 6 ] || fail "$status" "$(cat said)"
	grep -q "mock-step.*crashed (Bus error)" said || fail "$(cat said)"
	[ ! -e env ]
	no_leftovers .
	# Replaced by a rename it ends as it began.  That it waits was said the first time, too.
	: >said
	cp "$MOCKS/mock-step.so" plug/
	venvctl create -v --without-pip -p "$PY" --add-plugin="$PWD/plug/mock-step.so:do=wait" env >said 2>&1 3>&- &
	started=$!
	for ((i = 0; i < 1000; i++)); do
		! grep -q waiting said || break
		sleep 0.02
	done
	maker=$(pgrep -P "$started")
	echo >plug/new
	mv plug/new plug/mock-step.so
	pkill -P "$maker" sleep
	status=0
	wait "$started" || status=$?
	[ "$status" -eq 6 ]
	! grep -q crashed said || fail "$(cat said)"
}
