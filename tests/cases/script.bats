# SPDX-License-Identifier: MIT
# script.bats - the plugin script: an installer of the site's own

setup() {
	load common
	common_setup
	cat >setup.py <<-'EOF'
		import json, os, sys
		context = json.load(sys.stdin)
		out = {"context": context, "argv": sys.argv[1:], "prefix": sys.prefix,
		       "base": sys.base_prefix, "cwd": os.getcwd(),
		       "env": {k: v for k, v in os.environ.items()}}
		with open(os.path.join(context["env_dir"], "seen.json"), "w") as f:
		    json.dump(out, f)
	EOF
	SCRIPT=script:source=$PWD/setup.py
}

# seen EXPRESSION: of what the script saw.
seen() {
	python3 -c "import json,sys; s=json.load(open('env/seen.json')); print($1)"
}

@test "it runs with the environment's python and sees the context both ways" {
	expect 0 venvctl create -p "$PY" --prompt 'p"q' --plugin="$SCRIPT,args=one two,args=--three,env=COLOR=red" env
	stderr_has "Running setup.py ..."
	[ "$(seen "s['argv']")" = "['one two', '--three']" ]
	[ "$(seen "s['prefix'] == s['context']['env_dir'] == s['env']['VENV_CONTEXT_ENV_DIR'] == s['cwd']")" = True ]
	[ "$(seen "s['base'] == s['context']['base_prefix']")" = True ]
	[ "$(seen "s['context']['prompt'] + s['env']['VENV_CONTEXT_PROMPT']")" = 'p"qp"q' ]
	[ "$(seen "s['env']['COLOR']")" = red ]
	[ "$(seen "s['context']['with_pip'], s['context']['clear']")" = "True False" ]
	[ "$(seen "'%d.%d' % (s['context']['python_version'] >> 24, s['context']['python_version'] >> 16 & 255) == s['env']['VENV_CONTEXT_PYTHON_VERSION']")" = True ]
}

@test "interpreter = none runs the file itself" {
	printf '#!/bin/sh\ncat >"$VENV_CONTEXT_ENV_DIR/json"\n' >tool
	chmod 755 tool
	expect 0 venvctl create -p "$PY" --plugin="script:source=$PWD/tool,interpreter=none" env
	python3 -m json.tool env/json >/dev/null
	sum=$(sha256sum tool | cut -c-64)
	chmod 644 tool
	expect 0 venvctl create -p "$PY" --plugin="script:source=$PWD/tool,interpreter=none,sha256=$sum" env2
	[ -s env2/json ]
	expect 6 venvctl create -p "$PY" --plugin="script:source=$PWD/tool,interpreter=none" env3
	[ ! -e env3 ]
}

@test "a failure is exit 6, shows the last lines, and leaves nothing" {
	echo 'import sys; print("said this"); sys.exit(3)' >setup.py
	expect 6 venvctl create -p "$PY" --plugin="$SCRIPT" env
	stderr_has "said this"
	stderr_has "ended with status 3"
	# Whoever runs this: not in the system's logs.
	[[ $stderr == *"its whole output is in '$BATS_TEST_TMPDIR/"* ]]
	grep -rqx 'said this' "$(sed -n "s/.*its whole output is in '\(.*\)'.*/\1/p" <<<"$stderr")"
	[ ! -e env ]
	no_leftovers .
}

@test "a log that cannot be opened is an error before anything is made" {
	touch file
	local log
	for log in file/x missing/x .; do
		for how in -n ""; do
			# shellcheck disable=SC2086 # nothing, or a word
			expect 1 venvctl create $how --without-pip -p "$PY" --log-file "$log" a/b/env
			stderr_has "cannot open the log '$PWD"
			[ ! -e a ]
		done
	done
	expect 0 venvctl create -n --without-pip -p "$PY" --log-file log env
	[ ! -e log ]
	expect 0 venvctl create --without-pip -p "$PY" --log-file log env
	[ "$(stat -c %a log)" = 600 ]
}

@test "of the logs the newest stay, and nothing else is touched" {
	export HOME=$PWD/home XDG_STATE_HOME=$PWD/home/state
	local dir=$XDG_STATE_HOME/venvctl/log i
	[ "$(id -u)" != 0 ] || dir=$TEST_LOGDIR
	printf '#!/bin/sh\necho said by it\nexit 3\n' >fail.sh
	chmod +x fail.sh
	failing() {
		expect 6 venvctl create -p "$PY" --plugin "script:source=$PWD/fail.sh,interpreter=none" env
	}
	(umask 000 && failing)
	[ "$(find "$dir" -name '*.log' | wc -l)" = 1 ] || fail "$(ls -l "$dir")"
	[ -z "$(find "$dir" -perm /077)" ] || fail "$(ls -la "$dir")"
	for i in $(seq 10 70); do
		echo "$i" >"$dir/202601010101$i-1.log"
	done
	echo old >"$dir/20990101010101-1.log"
	mv "$dir/20990101010101-1.log" "$dir/20250101T010101-1-1.log"
	for i in $(seq 10 70); do
		mv "$dir/202601010101$i-1.log" "$dir/20260101T0101$i-1.log"
	done
	echo mine | tee "$dir/notes.log" "$dir/20260101T010101.log" "$dir/20260101T010101-x.log" >"$dir/20260101T010101-1.txt"
	touch -d '40 days ago' "$dir/20260101T010170-1.log" "$dir/notes.log"
	failing
	[ "$(find "$dir" -name "2*T*-1.log" | wc -l)" -le 50 ] || fail "$(ls "$dir")"
	[ "$(find "$dir" -type f | wc -l)" = $((50 - 1 + 4)) ] || fail "$(ls "$dir")"
	[ ! -e "$dir/20260101T010170-1.log" ]
	[ -e "$dir/20260101T010169-1.log" ]
	[ ! -e "$dir/20260101T010110-1.log" ]
	[ "$(cat "$dir/notes.log" "$dir/20260101T010101.log" "$dir/20260101T010101-x.log" "$dir/20260101T010101-1.txt")" = $'mine\nmine\nmine\nmine' ]
	# Where others can write nothing is kept.
	chmod 777 "$dir"
	local before
	before=$(ls "$dir")
	failing
	[ "$before" = "$(ls "$dir")" ]
}

@test "a wrong digest is exit 7, and the script did not run" {
	echo 'open("/'"${PWD#/}"'/ran", "w")' >setup.py
	expect 7 venvctl create -p "$PY" --plugin="$SCRIPT,sha256=$(printf '%064d' 0)" env
	[ ! -e env ] && [ ! -e ran ]
	expect 0 venvctl create -p "$PY" --plugin="$SCRIPT,sha256=$(sha256sum setup.py | cut -c-64)" env
	[ -e ran ]
}

@test "a file that others can change is refused before anything is made" {
	chmod 666 setup.py
	expect 8 venvctl create -p "$PY" --plugin="$SCRIPT" env
	stderr_has "is writable by others"
	stderr_lacks "Running"
	[ ! -e env ]
	# Its digest says as much as its owner would.
	expect 0 venvctl create -p "$PY" --plugin="$SCRIPT,sha256=$(sha256sum setup.py | cut -c-64)" env
}

@test "a file: URL is a source as well" {
	expect 0 venvctl create -p "$PY" --plugin="script:source=file://$PWD/setup.py" env
	[ -e env/seen.json ]
}

@test "it has a time limit" {
	echo 'import time; time.sleep(60)' >setup.py
	expect 6 venvctl create -p "$PY" --plugin="$SCRIPT,timeout=1" env
	[ ! -e env ]
	no_leftovers .
}

@test "scripts go to the bin directory, quoted or raw" {
	mkdir -p s/common s/posix
	echo 'echo __VENV_DIR__' >s/common/where.sh
	echo 'echo __VENV_NAME__' >s/posix/name.sh
	expect 0 venvctl create -p "$PY" --plugin="script:scripts=$PWD/s" "a b"
	[ "$(sh "a b/bin/where.sh")" = "$PWD/a b" ]
	[ -e "a b/bin/name.sh" ]
	expect 0 venvctl create -p "$PY" --plugin="script:scripts=$PWD/s,placeholders=raw" "c  d"
	grep -Fqx "echo $PWD/c  d" "c  d/bin/where.sh"
}

@test "scripts that others can change are refused before anything is made" {
	mkdir -p s/common && echo 'echo' >s/common/a.sh && chmod 666 s/common/a.sh
	for more in "" ",source=$PWD/setup.py"; do
		expect 8 venvctl create -p "$PY" --plugin="script:scripts=$PWD/s$more" env
		stderr_has "'$PWD/s/common/a.sh' is writable by others"
		[ ! -e env ]
	done
	no_leftovers .
}

@test "wrong options are found before anything is made" {
	expect 8 venvctl create -p "$PY" --plugin=script env
	stderr_has "it needs 'source' or 'scripts'"
	expect 2 venvctl create -p "$PY" --plugin="$SCRIPT,env=NOTHING" env
	stderr_has "NAME=VALUE"
	expect 2 venvctl create -p "$PY" --plugin="$SCRIPT,interpreter=ruby" env
	expect 2 venvctl create -p "$PY" --plugin=script:source=/nowhere.py env
	[ ! -e env ]
}

@test "a named instance is as good as a plugin" {
	site "[create]
post-setup = corp-ca
[plugin:corp-ca]
use = script
source = $PWD/setup.py
args = --strict"
	expect 0 venvctl create -p "$PY" env
	[ "$(seen "s['argv']")" = "['--strict']" ]
	expect 0 venvctl plugins info corp-ca
	stdout_has interpreter
}
