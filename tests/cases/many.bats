# SPDX-License-Identifier: MIT
# many.bats - many environments in one call: --from-file, and -j

setup() {
	load common
	common_setup
}

teardown() {
	end_started
}

bare() {
	venvctl create --without-pip -p "$PY" "$@"
}

# A step of the shipped plugin `script` that runs the shell text TEXT; {} is not expanded.
step() {
	printf '#!/bin/sh\n%s\n' "$1" >step.sh
	chmod 755 step.sh
	user "[plugin:step]
use = script
source = $PWD/step.sh
interpreter = none"
}

# The directories of the results, in their order, and whether they are good.
results() {
	python3 -c 'import json, os, sys
for line in open(sys.argv[1]):
    r = json.loads(line)
    print(os.path.basename(r["env_dir"]), r["ok"])' "$1"
}

@test "--from-file: one a line as it stands, behind those of the command line" {
	printf '%s\n' '# not this' '' 'b c' 'sub/d' ' e' '--f' '~g' >list
	printf '"h"' >>list
	expect 0 bare --json --from-file list a
	printf '%s\n' "$output" >out
	diff <(results out) <(printf '%s True\n' a 'b c' d ' e' -- '--f' '~g' '"h"' | grep -vx -- '-- True')
	[ -d a/bin ] && [ -d 'b c/bin' ] && [ -d sub/d/bin ] && [ -d ' e/bin' ]
	[ -d ./--f/bin ] && [ -d './~g/bin' ] && [ -d './"h"/bin' ]
}

@test "--from-file: standard input, a pipe by name; the last one that is named" {
	expect 0 bare --from-file - <<<$'a\nb'
	[ -d a/bin ] && [ -d b/bin ] && [ ! -e .venv ]
	mkfifo pipe
	printf 'c\nd\n' >pipe &
	expect 0 bare --from-file=nowhere --from-file=pipe
	[ -d c/bin ] && [ -d d/bin ]
}

@test "--from-file: an empty list is a list: nothing is made, not .venv either" {
	printf '# none today\n\n' >list
	expect 0 bare --json --from-file list
	[ -z "$output$stderr" ]
	[ "$(ls -A)" = list ]
	expect 0 bare --from-file list a
	[ -d a/bin ]
}

@test "--from-file: what is no target is told with file and line, before anything is made" {
	local line
	for line in 'a:b' $'a\r' $'a\xff' $'a\tb' '  ' '/' './a' 'a' 'a/deep' 'typed' "$(printf '%0300d' 0)"; do
		printf '# names\na\n\n%s\nlast\n' "$line" >list
		expect 2 bare --from-file list typed || expect 1 bare --from-file list typed
		[[ $stderr == "venvctl: error: list:4: "* ]] || fail "$line:" "$stderr"
		[ "$(printf '%s\n' "$stderr" | grep -c error:)" = 1 ]
		[ "$(ls -A)" = list ] || fail "$line:" "$(ls -A)"
	done
	printf 'a\na\n' >list
	expect 2 bare --from-file list
	stderr_has "list:2: 'a' and 'a' are the same directory"
	stderr_has "hint: the first of them is list:1"
	expect 2 bare --json --from-file - <list
	[ -z "$stderr" ]
	stdout_has '"message":"standard input:2: '
	[ "$(printf '%s\n' "$output" | wc -l)" = 1 ]
	printf 'a\nb\0c\nd\n' >list
	expect 2 bare --from-file list
	stderr_has "list:2: a name contains NUL"
	head -c 100000 /dev/zero | tr '\0' x >list
	expect 2 bare --from-file list
	stderr_has "list:1: this is no name"
	[ "$(ls -A)" = list ]
}

@test "--from-file: a list that cannot be read: status 1, and nothing is made" {
	expect 1 bare --from-file nowhere a
	stderr_has "cannot read 'nowhere': No such file or directory"
	expect 1 bare --json --from-file . a
	stdout_has '"message":"cannot read '"'.'"': Is a directory"'
	[ ! -e a ]
	expect 2 venvctl upgrade --from-file list
	expect 2 venvctl create --from-file
}

@test "-j: the same environments, one whole object each, in the order of the arguments" {
	local names n
	names=$(seq -f 'e%g' 20)
	mkdir work
	# shellcheck disable=SC2086 # words
	(cd work && bare $names)
	mv work one
	for n in 1 3 0 100; do
		mkdir work
		# shellcheck disable=SC2086
		(cd work && bare --json -j $n $names >../out)
		results out | diff - <(seq -f 'e%g True' 20) || fail "-j $n"
		no_leftovers work
		diff -r --no-dereference one work || fail "-j $n"
		diff <(cd one && find . -printf '%P %m %l\n' | sort) <(cd work && find . -printf '%P %m %l\n' | sort)
		rm -r work
	done
}

@test "-j: they are made at the same time, and told in their order" {
	# Each waits for the other, the first one longest.
	step 'd=$(dirname "$VENV_CONTEXT_ENV_DIR"); n=$(basename "$VENV_CONTEXT_ENV_DIR")
touch "$d/in-$n"
for i in $(seq 500); do [ -e "$d/in-a" ] && [ -e "$d/in-b" ] && break; sleep 0.02; done
[ -e "$d/in-a" ] && [ -e "$d/in-b" ] || exit 1
if [ $n = a ]; then for i in $(seq 500); do [ -e "$d/out-b" ] && exit 0; sleep 0.02; done; exit 1; fi
touch "$d/out-b"'
	bare --json -j 2 --add-plugin step a b >out 2>err || fail "$(cat out err)"
	results out | diff - <(printf '%s True\n' a b)
	[ ! -s err ]
}

@test "-j: the first failure starts no further one, those at work are finished" {
	# b fails at once; a goes on until it has.
	step 'd=$(dirname "$VENV_CONTEXT_ENV_DIR")
case $VENV_CONTEXT_ENV_DIR in */b) touch "$d/failed"; exit 1 ;; esac
for i in $(seq 500); do [ -e "$d/failed" ] && break; sleep 0.02; done; sleep 0.2'
	run --separate-stderr bare --json -j 2 --add-plugin step a b c d e
	[ "$status" = 6 ]
	printf '%s\n' "$output" >out
	results out | diff - <(printf 'a True\nb False\n')
	[ -d a/bin ] && [ ! -e b ] && [ ! -e c ] && [ ! -e e ]
	rm -r a failed
	run --separate-stderr bare --json -j 2 --keep-going --add-plugin step a b c d e
	[ "$status" = 6 ]
	printf '%s\n' "$output" >out
	results out | diff - <(printf 'a True\nb False\nc True\nd True\ne True\n')
	no_leftovers .
}

@test "-j: the status is that of the first failure in the order of the arguments" {
	mkdir full && touch full/other
	# The conflict is found at once, the step fails later.
	step 'case $VENV_CONTEXT_ENV_DIR in */a) sleep 0.3; exit 1 ;; esac'
	expect 6 bare -j 2 --existing refuse --add-plugin step a full
	expect 4 bare -j 2 --existing refuse --add-plugin step full a
	expect 6 bare -j 2 --existing refuse --keep-going --add-plugin step a full b
	[ -d b/bin ] && [ ! -e a ]
	expect 6 bare -j 4 --keep-going --existing refuse --add-plugin step b/../x/a full
}

@test "-j: what is wrong with all each is told, as without" {
	expect 3 venvctl create --json --keep-going -j 2 -p python9.9 a b c
	[ "$(printf '%s\n' "$output" | grep -c '"code":"no-python"')" = 3 ]
	expect 5 bare --json --keep-going -j 2 --add-plugin nothing a b c
	[ "$(printf '%s\n' "$output" | grep -c '"code":"plugin"')" = 3 ]
	expect 3 venvctl create --json -j 2 -p python9.9 a b c
	[ "$(printf '%s\n' "$output" | wc -l)" -le 2 ]
	expect 2 bare -j x a b
	expect 2 bare -j -1 a b
	VENVCTL_JOBS=x expect 8 bare a b
	[ "$(ls -A)" = "" ]
}

@test "-j: one environment, a plan, and -j 1 need no thread" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "strace"
	local args
	for args in "-j 8 a" "-j 1 b c" "-n -j 8 d e"; do
		# shellcheck disable=SC2086 # words
		strace -f -qq -o trace venvctl create --without-pip -p "$PY" $args >/dev/null
		[ "$(grep -cE ' clone3?\(' trace)" = 0 ] || fail "$args"
	done
	strace -f -qq -o trace venvctl create --without-pip -p "$PY" -j 8 f g h
	[ "$(grep -cE ' clone3?\(' trace)" = 3 ]
}

@test "-j -v: each line is whole and says which environment it is of" {
	step 'for i in 1 2 3 4 5 6 7 8 9; do echo "line $i of $(basename "$VENV_CONTEXT_ENV_DIR")"; sleep 0.01; done'
	expect 0 bare -v -j 3 --add-plugin step a b c
	local name
	for name in a b c; do
		[ "$(printf '%s\n' "$stderr" | grep -cE "^$name: .*line [1-9] of $name\$")" = 9 ] || fail "$stderr"
	done
	# Without -v nothing of it, as where standard error is no terminal.
	expect 0 bare -j 3 --add-plugin step d e f
	[ -z "$stderr" ]
}

@test "-j: INT, TERM and HUP end all of them, and each is what it was before or is new" {
	local sig n
	mkdir old
	(cd old && bare $(seq -f 'e%g' 4) && for n in 1 2 3 4; do touch e$n/kept; done)
	step 'd=$(dirname "$VENV_CONTEXT_ENV_DIR"); touch "$d/../in-$(basename "$VENV_CONTEXT_ENV_DIR")"
case $VENV_CONTEXT_ENV_DIR in */e1) exit 0 ;; esac
sleep 60'
	for sig in INT TERM HUP; do
		rm -rf work in-* && cp -a old work
		snapshot work | grep -v ' e1\| \./e1' >before
		env --default-signal=INT,TERM,HUP venvctl create --json --clear --without-pip -p "$PY" -j 3 \
			--add-plugin step work/e1 work/e2 work/e3 work/e4 work/e5 work/e6 >out 2>err 3>&- &
		started=$!
		for n in $(seq 500); do
			[ -e in-e2 ] && [ -e in-e3 ] && [ -e in-e4 ] && break
			sleep 0.02
		done
		kill -$sig $started
		n=0
		wait $started || n=$?
		[ $n = $((128 + $(kill -l $sig))) ] || fail "$sig: $n" "$(cat out err)"
		results out | diff - <(printf 'e1 True\ne2 False\ne3 False\ne4 False\n') || fail "$sig"
		[ ! -e work/e1/kept ] && [ -e work/e1/bin/python ]
		[ -e work/e2/kept ] && [ -e work/e3/kept ] && [ -e work/e4/kept ] && [ ! -e work/e5 ] && [ ! -e work/e6 ]
		no_leftovers work
	done
}

# ---- with plugins of others, in child processes ----

until_hanging() { # until_hanging N: so many plugins have said so in err, or it takes too long
	local i
	for ((i = 0; i < 500; i++)); do
		[ "$(grep -c hanging err)" = "$1" ] && break
		sleep 0.02
	done
}

@test "-j with a plugin of others: a process each, at the same time, told in order" {
	command -v pgrep >/dev/null || skip "no pgrep"
	env --default-signal=INT venvctl create --json --without-pip -p "$PY" -j 3 \
		--add-plugin="$MOCKS/mock-fatal.so:at=seed,do=obey" a b c d >out 2>err 3>&- &
	started=$!
	local i
	until_hanging 3
	[ "$(pgrep -c -P $started)" = 3 ]
	kill -INT $started
	i=0
	wait $started || i=$?
	[ "$i" = 130 ] || fail "$i" "$(cat out err)"
	results out | diff - <(printf '%s False\n' a b c)
	[ -z "$(ls -A | grep -vx 'out\|err')" ]
	expect 0 bare --json -j 3 --add-plugin="$MOCKS/mock-fatal.so" $(seq -f 'e%g' 20)
	printf '%s\n' "$output" >out
	results out | diff - <(seq -f 'e%g True' 20)
	no_leftovers .
}

@test "-j with a plugin of others: one that ends its process harms its own environment alone" {
	local deed
	for deed in exit crash kill close fork-exit; do
		export MOCK_FATAL_PID=$BATS_TEST_TMPDIR/stayed
		run --separate-stderr bare --json -j 3 --keep-going \
			--add-plugin="$MOCKS/mock-fatal.so:at=post_setup,do=$deed,only=c" a b c d e f
		[ "$status" = 6 ] || fail "$deed: $status" "$output" "$stderr"
		printf '%s\n' "$output" >out
		results out | diff - <(printf '%s\n' 'a True' 'b True' 'c False' 'd True' 'e True' 'f True') || fail "$deed"
		[ ! -e c ]
		no_leftovers .
		[ $deed != fork-exit ] || kill -9 "$(cat "$MOCK_FATAL_PID")"
		rm -rf a b d e f
	done
	run --separate-stderr bare --json -j 2 --add-plugin="$MOCKS/mock-fatal.so:at=seed,do=exit,only=a" a b c d e f
	[ "$status" = 6 ]
	[ ! -e a ]
	no_leftovers .
}

@test "-j with a plugin of others: the second INT ends all that do not stop" {
	env --default-signal=INT venvctl create --json --without-pip -p "$PY" -j 2 \
		--add-plugin="$MOCKS/mock-fatal.so:at=seed,do=hang" a b c >out 2>err 3>&- &
	started=$!
	local i
	until_hanging 2
	kill -INT $started
	sleep 0.3
	kill -0 $started
	kill -INT $started
	i=0
	wait $started || i=$?
	[ "$i" = 130 ]
	results out | diff - <(printf '%s False\n' a b)
	[ -z "$(ls -A | grep -vx 'out\|err')" ]
}
