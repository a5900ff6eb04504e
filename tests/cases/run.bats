# SPDX-License-Identifier: MIT
# run.bats - venvctl run: a command in an environment

setup() {
	load common
	common_setup
	venvctl create -p "$PY" --without-pip --prompt 'my prompt' env
}

@test "the command has what activation sets, and its arguments as they are" {
	PYTHONHOME=/nowhere VIRTUAL_ENV=/elsewhere expect 0 venvctl run --env env python -c \
		'import os, sys; print(sys.prefix, os.environ["VIRTUAL_ENV"], os.environ["VIRTUAL_ENV_PROMPT"],
os.environ["PATH"].split(":")[0], "PYTHONHOME" in os.environ, sys.argv[1:], sep="|")' \
		'a b' '$HOME' '--env' '' '*'
	[ "$output" = "$PWD/env|$PWD/env|my prompt|$PWD/env/bin|False|['a b', '\$HOME', '--env', '', '*']" ] || fail "$output"
	# What the activation script makes of the same.
	(
		. env/bin/activate
		env | grep -E '^(PATH|VIRTUAL_ENV|VIRTUAL_ENV_PROMPT)=' | sort >activated
	)
	venvctl run --env env env | grep -E '^(PATH|VIRTUAL_ENV|VIRTUAL_ENV_PROMPT)=' | sort >ours
	diff activated ours
	# Within an active environment its directory is on PATH once.
	expect 0 venvctl run --env env venvctl run --env env sh -c 'echo "$PATH"'
	[ "$output" = "$PWD/env/bin:$PATH" ]
	PATH=$PWD/env/bin2:$PATH expect 0 venvctl run --env env sh -c 'echo "$PATH"'
	[ "$output" = "$PWD/env/bin:$PWD/env/bin2:$PATH" ]
	# Without a PATH there is that of the environment.
	local tool
	tool=$(command -v venvctl)
	expect 0 env -u PATH "$tool" run --env env python -c 'import os; print(os.environ["PATH"])'
	[ "$output" = "$PWD/env/bin" ]
}

@test "it is the process that was started, with signals, descriptors and status of its own" {
	venvctl run --env env sh -c 'echo $$ >pid; kill -TERM $$' &
	local pid=$! status=0
	wait "$pid" || status=$?
	[ "$status" = 143 ]
	[ "$(cat pid)" = "$pid" ]
	expect 42 venvctl run --env env sh -c 'exit 42'
	echo in | expect 0 venvctl run --env env cat
	# Nothing of ours is open, and no signal is ignored that was not.
	venvctl run --env env sh -c 'grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status; ls /proc/self/fd | wc -l' >run
	sh -c 'grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status; ls /proc/self/fd | wc -l' >plain
	diff run plain
	(
		trap '' XFSZ CHLD
		venvctl run --env env grep ^SigIgn /proc/self/status >run
		grep ^SigIgn /proc/self/status >plain
	)
	diff run plain
	# --json is the command's.
	expect 0 venvctl run --env env echo --json
	[ "$output" = --json ]
	expect 125 venvctl run --env none echo --json
	[[ $stderr == "venvctl: error: "* ]] || fail "$output$stderr"
}

@test "options are those in front of the command" {
	expect 0 venvctl run --env=env -- printf '%s\n' --env -- --help
	[ "$output" = $'--env\n--\n--help' ]
	expect 0 venvctl run --env env printf '%s\n' --
	[ "$output" = -- ]
	expect 0 venvctl run --help
	stdout_has "usage: venvctl run [--env DIR] [--] COMMAND [ARG...]"
	expect 125 venvctl run
	stderr_has "COMMAND is missing"
	expect 125 venvctl run --env
	expect 125 venvctl run --env env
	expect 125 venvctl run --env env --
	expect 125 venvctl run --nonsense python
	stderr_has "'run' has no option '--nonsense'"
}

# not_found COMMAND: it is not; `run` of bats warns of that status.
not_found() {
	local got=0
	stderr=$(venvctl run --env env "$@" 2>&1) || got=$?
	[ "$got" = 127 ] || fail "status $got: $*" "$stderr"
}

@test "126: found and not to be run; 127: not found; no shell takes what is no program" {
	not_found no-such-command
	stderr_has "cannot run 'no-such-command': No such file or directory"
	not_found ./no-such-command
	not_found ''
	not_found /etc/passwd/x
	echo 'echo run by a shell' >env/bin/text
	expect 126 venvctl run --env env text
	stderr_has "Permission denied"
	chmod +x env/bin/text
	expect 126 venvctl run --env env text
	stderr_has "Exec format error"
	expect 126 venvctl run --env env env/bin/text
	[ -z "$output" ]
	mkdir env/bin/sh
	expect 0 venvctl run --env env sh -c true
	expect 126 venvctl run --env env env/bin
	rmdir env/bin/sh
	# A script whose interpreter is gone does not give way to one of its name elsewhere.
	printf '#!/nowhere/python\n' >env/bin/ls
	chmod +x env/bin/ls
	expect 126 venvctl run --env env ls
	stderr_has "cannot run 'ls': the program that its '#!' line names is gone"
	stderr_has "hint: "
}

@test "the environment: --env, else VIRTUAL_ENV, else the nearest .venv upward, or a redirect" {
	venvctl create -p "$PY" --without-pip active proj/.venv
	mkdir -p proj/a/b redirected/a
	echo ../env >redirected/.venv
	which_env() {
		expect 0 venvctl run "$@" python -c 'import sys; print(sys.prefix)'
	}
	local top=$PWD
	cd proj/a/b
	which_env
	[ "$output" = "$top/proj/.venv" ]
	VIRTUAL_ENV=$top/active which_env
	[ "$output" = "$top/active" ]
	VIRTUAL_ENV=$top/active which_env --env ../../../env
	[ "$output" = "$top/env" ]
	cd "$top/redirected/a"
	which_env
	[ "$output" = "$top/env" ]
	which_env --env "$top/redirected/.venv"
	[ "$output" = "$top/env" ]
	# The first that is there, also if it is broken: no other Python is run.
	mkdir "$top/proj/a/b/.venv"
	cd "$top/proj/a/b"
	expect 125 venvctl run python -c ''
	stderr_has "is not an environment"
	VIRTUAL_ENV=/nowhere expect 125 venvctl run python -c ''
	cd "$top"
	expect 125 venvctl run python -c ''
	stderr_has "there is no environment"
}

@test "125: half-built, moved to where PATH cannot lead, without its interpreter, of somebody else" {
	: >env/.venvctl-incomplete
	expect 125 venvctl run --env env true
	stderr_has "is half-built"
	rm env/.venvctl-incomplete
	mkdir a:b
	cp -a env a:b/env
	expect 125 venvctl run --env a:b/env true
	stderr_has "PATH cannot hold"
	cp -a env broken
	ln -sfn /nowhere/python3 broken/bin/python
	expect 125 venvctl run --env broken python -c ''
	stderr_has "the interpreter of 'broken' is gone"
	stderr_has "hint: "
	# Whoever can write a redirect would choose what is run.
	mkdir shared
	echo "$PWD/env" >shared/.venv
	chmod 666 shared/.venv
	cd shared
	expect 125 venvctl run true
	cd ..
	expect 125 venvctl run --env shared/.venv true
	chmod 777 env
	VIRTUAL_ENV=$PWD/env expect 125 venvctl run true
	# Named, it is meant.
	expect 0 venvctl run --env env true
}

@test "environments of venv, and what uv and virtualenv write" {
	"$PY" -m venv --without-pip v || skip "no venv"
	expect 0 venvctl run --env v python -c 'import sys; print(sys.prefix)'
	[ "$output" = "$PWD/v" ]
	printf 'home = /usr/bin\nimplementation = CPython\nuv = 0.13.9\nversion_info = 3.11.2\n' >v/pyvenv.cfg
	expect 0 venvctl run --env v python -c 'import os, sys; print(sys.prefix, os.environ["VIRTUAL_ENV_PROMPT"])'
	[ "$output" = "$PWD/v v" ]
}
