#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is said, where, and in which form.

setup() {
	load common
	common_setup
	ESC=$'\033'
}

# json CODE: run Python code with the last line of stdout as `r`.
json() {
	[ "${#lines[@]}" = 1 ] || fail "not one line: $output"
	python3 -c 'import base64, json, os, sys
r = json.loads(sys.argv[1])
exec(sys.argv[2])' "$output" "$1"
}

# on_terminal COMMAND: run it with a terminal as stdin, stdout and stderr, into $output.
on_terminal() {
	run script -qec "$1" /dev/null
}

@test "the plan: interpreter, target, plugins and options with their origins" {
	mkdir skel
	site "[plugin:acme]
use = files
source = $PWD/skel"
	expect 0 venvctl create -n -p "$PY" --plugin ensurepip --add-plugin acme env
	[ -z "$stderr" ] && [ ! -e env ]
	[[ ${lines[0]} == "python   $PY: "*"asked for by -p" ]] || fail "${lines[0]}"
	[[ ${lines[1]} == "target   $PWD/env: new, "* ]] || fail "${lines[1]}"
	[[ ${lines[2]} == "plugin   ensurepip "*"--plugin, from $TEST_PREFIX/"* ]] || fail "${lines[2]}"
	[[ ${lines[3]} == "plugin   acme "*"--add-plugin, from "*/files.so ]] || fail "${lines[3]}"
	stdout_has "source = $PWD/skel ($SITE/venvctl.ini:3)"
	expect 0 venvctl create -n env
	stdout_has "the first python3 on PATH"
	stdout_has "ensurepip"
	stdout_has "built in"
	user $'[create]\npython = 3'
	expect 0 venvctl create -n env
	stdout_has "asked for by $HOME/.config/venvctl/venvctl.ini:2"
}

@test "the plan hides what is secret in an address" {
	expect 0 venvctl create -n --plugin getpip \
		-o getpip.url='https://h.example/get-pip.py?token=secret' env
	stdout_has "url = https://h.example/get-pip.py?..."
	[[ $output$stderr != *secret* ]]
}

@test "the plan ends as create would have" {
	expect 3 venvctl create -n -p 3.99 env
	expect 5 venvctl create -n --plugin nonsense env
	echo file >there
	expect 4 venvctl create -n there
	expect 2 venvctl create -n /
	user $'[create]\nwait = maybe'
	expect 8 venvctl create -n env
	[ -z "$output" ]
}

@test "--json: the plan, several environments, and every kind of error" {
	expect 0 venvctl create -n --json --without-pip env
	json 'assert r["dry_run"] and r["ok"] and r["env_dir"] == os.path.abspath("env"), r'
	expect 0 venvctl create --json --without-pip a b
	[ "${#lines[@]}" = 2 ] && [ -z "$stderr" ]
	failed() {
		local status=$1 name=$2
		shift 2
		expect "$status" venvctl create --json "$@"
		[ -z "$stderr" ] || fail "$stderr"
		json "e = r['error']
assert r['schema'] == 1 and r['ok'] is False and r['command'] == 'create', r
assert e['exit'] == $status and e['code'] == '$name' and e['message'], r"
	}
	echo file >there
	failed 4 conflict there
	failed 3 no-python -p 3.99 env
	failed 5 plugin --plugin nonsense env
	failed 2 usage x ./x
	failed 2 usage ""
	failed 2 usage --nonsense env
	failed 2 usage --clear --upgrade env
	failed 2 usage --no-clear=yes env
	site $'[policy]\nallowed-plugins ='
	failed 8 config env
	site $'[create]\nwait = maybe'
	failed 8 config env
}

@test "--json: errors of the other commands, in place of a result" {
	local command
	for command in "python find 3.99" "python find a b" "python lost" "config show a b" "config path x" \
		"config show nonsense" "plugins list x" "plugins lost"; do
		# shellcheck disable=SC2086
		run --separate-stderr venvctl $command --json
		[ "$status" -ne 0 ] && [ -z "$stderr" ] || fail "$command: $status $stderr"
		[ "${#lines[@]}" = 1 ] || fail "$command: $output"
		json "assert r['ok'] is False and r['command'] == '${command%% *}', r
assert r['error']['exit'] == $status and r['error']['message'], r"
	done
}

@test "names that are not printable UTF-8: shown as \\xNN, in JSON with their bytes" {
	local name=$'bad\xff\e[31m\xe2\x80\xae'
	mkdir plain
	expect 2 venvctl create --without-pip "plain/$name"
	stderr_has 'bad\xff\x1b[31m\xe2\x80\xae'
	[[ $stderr != *"$ESC"* ]]
	expect 2 venvctl create --json --without-pip $'bad\xff'
	json 'assert r["env_dir"] == "bad\ufffd", r
assert base64.b64decode(r["env_dir_bytes"]) == b"bad\xff", r'
}

@test "colours: --color, NO_COLOR, CLICOLOR_FORCE, TERM=dumb" {
	colored() { [[ $stderr == *"${ESC}["* ]] || fail "no colour: $stderr"; }
	plain() { [[ $stderr != *"$ESC"* ]] || fail "colour: $stderr"; }
	export TERM=xterm
	expect 3 venvctl create -p 3.99 env
	plain
	expect 3 venvctl create --color always -p 3.99 env
	colored
	CLICOLOR_FORCE=1 expect 3 venvctl create -p 3.99 env
	colored
	CLICOLOR_FORCE=0 expect 3 venvctl create -p 3.99 env
	plain
	NO_COLOR=1 CLICOLOR_FORCE=1 expect 3 venvctl create -p 3.99 env
	plain
	NO_COLOR=1 expect 3 venvctl create --color=always -p 3.99 env
	colored
	CLICOLOR_FORCE=1 expect 3 venvctl create --color=never -p 3.99 env
	plain
	TERM=dumb CLICOLOR_FORCE=1 expect 3 venvctl create -p 3.99 env
	plain
	VENVCTL_COLOR=always expect 3 venvctl create -p 3.99 env
	colored
	# The command line's word holds for what is wrong with the files, too.
	user $'[create]\nwait = maybe'
	expect 8 venvctl create --color always env
	colored
}

@test "colours on a terminal" {
	command -v script >/dev/null || skip "needs script(1)"
	TERM=xterm on_terminal "venvctl create -p 3.99 env"
	[[ $output == *"${ESC}[1;31merror"* ]] || fail "$output"
	TERM=dumb on_terminal "venvctl create -p 3.99 env"
	[[ $output != *"$ESC"* ]] || fail "$output"
	TERM=xterm NO_COLOR=1 on_terminal "venvctl create -p 3.99 env"
	[[ $output != *"$ESC"* ]] || fail "$output"
}

@test "-q prints errors only; hints say what to type" {
	VENVCTL_PROMTP=x expect 0 venvctl create -q --without-pip env
	[ -z "$output$stderr" ]
	expect 3 venvctl create -q --upgrade -p 3.99 env
	stderr_has "hint: "
	expect 5 venvctl create -q --plugin ensurpip env2
	stderr_has "hint: did you mean 'ensurepip'?"
	expect 2 venvctl create --promt x env2
	stderr_has "hint: did you mean '--prompt'?"
}

@test "--help, the manual page and the option table are one" {
	local page=${top_srcdir:?}/docs/man/venvctl-create.1.scd help manual
	expect 0 venvctl create --help
	help=$(sed -n '/^options:/,$p' <<<"$output" | grep -oE '^  (-[a-z], )?--[a-z-]+(, --[a-z-]+)?' |
		grep -oE -- '--[a-z-]+' | sort)
	# The page shows an opposite that --help leaves to its last line.
	manual=$(sed -n '/^# OPTIONS/,/^What tools pass/p' "$page" |
		grep -oE '^\*-.*' | grep -oE -- '\*--[a-z-]+' | tr -d '*' |
		grep -vxE -- '--no-(upgrade-deps|venv-redirect)' | grep -vxE -- '--plugins' | sort)
	[ "$(wc -l <<<"$help")" -gt 30 ]
	diff <(printf '%s\n' "$help" | grep -vx -- --plugins) <(printf '%s\n' "$manual")
	# The INI page names every key of the table, by the table's own answer.
	local key
	for key in $(venvctl config show | sed -n 's/^[a-z]*\.\([a-z0-9-]*\) = .*/\1/p'); do
		grep -q "\*$key\*" "$top_srcdir/docs/man/venvctl.ini.5.scd" || fail "no $key"
	done
	# Every option has an effect on the parser: none is in the help alone, or known to none
	# of the names that the program has.
	mkdir bin
	ln -s "$TEST_PREFIX/bin/venvctl" bin/virtualenv
	for key in $help $(sed -n '/^What tools pass/,/^# /p' "$page" | grep -oE -- '--[a-z-]+'); do
		case $key in
		--help) continue ;;
		esac
		# Two of the three are equal targets, whatever the option takes.
		run --separate-stderr venvctl create "$key" x x x
		[[ $stderr == *"there is no option"* ]] || continue
		run --separate-stderr bin/virtualenv "$key" x x x
		[[ $stderr != *"there is no option"* ]] || fail "$key"
	done
	[ ! -e x ]
}

@test "upgrade --help and its manual page are one" {
	local page=${top_srcdir:?}/docs/man/venvctl-upgrade.1.scd help manual key
	expect 0 venvctl upgrade --help
	help=$(grep -oE '^  (-[a-z], )?--[a-z-]+(, --[a-z-]+)?' <<<"$output" |
		grep -oE -- '--[a-z-]+' | sort)
	manual=$(sed -n '/^# OPTIONS/,/^# JSON/p' "$page" | grep -oE '^\*-.*' |
		grep -oE -- '\*--[a-z-]+' | tr -d '*' | sort)
	[ "$(wc -l <<<"$help")" -gt 20 ]
	diff <(printf '%s\n' "$help") <(printf '%s\n' "$manual")
	for key in $help; do
		[ "$key" != --help ] || continue
		run --separate-stderr venvctl upgrade "$key" x x x
		[[ $stderr != *"there is no option"* ]] || fail "$key"
	done
	# What makes no sense there is none of its options.
	for key in --clear --existing=keep --force --no-seed --copies --prompt=x -c; do
		expect 2 venvctl upgrade "$key" x
		stderr_has "there is no option '$key'" || stderr_has "there is no option '${key%=*}'"
	done
}

@test "manual: no line of a page is taken for a request of roff, and lost" {
	local dir=$top_builddir page
	# A release has them with its sources.
	[ -e "$dir/docs/man/venvctl.1" ] || dir=$top_srcdir
	for page in "$dir"/docs/man/*.[1-9]; do
		# All but what scdoc writes itself.
		! grep -n "^[.']" "$page" |
			grep -vE '^[0-9]+:[.](IP|P|RE|RS|SH|SS|TE|TH|TS|\\"|\\\}|ad|br|el|fi|ie|nf|nh|sp)( |$)' ||
			fail "$page"
	done
}
