# SPDX-License-Identifier: MIT
# activators.bats - which activation scripts there are, and what they do besides
# activating (tests/activate has the names): hints, hooks, moves, aliases

bats_require_minimum_version 1.5.0

setup() {
	load common
	common_setup
	# A name that no shell may take for anything else.
	ENVDIR="$PWD/e'\$(touch canary)\`touch canary\`!%{a,b}*[x]"
	export ENVDIR
}

teardown() {
	[ ! -e canary ]
}

make() {
	venvctl create --without-pip -p "$PY" "$@" "$ENVDIR"
}

# needs SHELL
needs() {
	command -v "$1" >/dev/null || skip "no $1"
}

# hook DIR NAME TEXT
hook() {
	mkdir -p "$ENVDIR/etc/venvctl/$1"
	printf '%s\n' "$3" >"$ENVDIR/etc/venvctl/$1/$2"
}

@test "every shell has its script, cmd only when asked" {
	make
	[ "$(cd "$ENVDIR/bin" && echo [aAdD]*)" = \
		"Activate.ps1 activate activate.csh activate.fish activate.nu activate.ps1 activate.xsh activate_this.py" ] ||
		ls "$ENVDIR/bin"
	cmp "$ENVDIR/bin/Activate.ps1" "$ENVDIR/bin/activate.ps1"
	ENVDIR=cmd make --activators cmd,fish
	[ "$(cd cmd/bin && echo [aAdD]*)" = \
		"Deactivate.ps1 activate.bat activate.fish deactivate.bat" ]
	[ "$(grep -c $'\r$' cmd/bin/activate.bat)" -eq "$(wc -l <cmd/bin/activate.bat)" ]
	ENVDIR=none make --activators none
	[ "$(cd none/bin && echo *)" = "python python3 $(basename "$(readlink -f "$PY")")" ]
	VENVCTL_ACTIVATORS="sh csh" ENVDIR=var make
	[ "$(cd var/bin && echo a*)" = "activate activate.csh" ]
	site $'[create]\nactivators = xonsh'
	ENVDIR=ini make
	[ "$(cd ini/bin && echo a*)" = "activate.xsh" ]
	expect 2 venvctl create --without-pip --activators bsh no
	stderr_has "did you mean 'sh'?"
	[ ! -e no ]
}

@test "where a file system folds case there is one script for PowerShell" {
	unshare -m true 2>/dev/null || skip "no mounts here"
	truncate -s 16M image
	PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -O casefold -E encoding=utf8 image 2>/dev/null ||
		skip "no mkfs.ext4 that knows casefold"
	mkdir folds
	export PY
	run unshare -m bash -euc '
		mount -o loop image folds 2>/dev/null || exit 77
		mkdir folds/d
		chattr +F folds/d
		: >folds/d/A
		[ -e folds/d/a ] || exit 77
		for args in "" "" --upgrade --clear; do
			venvctl create $args --without-pip -p "$PY" folds/d/env
			(cd folds/d/env/bin && ls) | grep -ix activate.ps1
			[ "$(stat -c %h folds/d/env/bin/Activate.ps1)" -eq 1 ]
			[ -s folds/d/env/bin/activate.ps1 ]
		done' 2>&1
	[ "$status" -ne 77 ] || skip "no ext4 that folds case in this kernel"
	[ "$status" -eq 0 ] || fail "$output"
	[ "$(grep -cix activate.ps1 <<<"$output")" -eq 4 ] || fail "$output"
}

@test "the scripts can be read by everybody, whatever the umask" {
	for mask in 000 022 027 077 177; do
		# Nobody but root can enter what is made then.
		[ $mask != 177 ] || [ "$(id -u)" = 0 ] || continue
		rm -rf plain
		(umask $mask && ENVDIR=plain make --activators sh,csh,fish)
		[ "$(stat -c %a plain/bin/activate*)" = $'644\n644\n644' ] ||
			fail "$mask: $(ls -l plain/bin)"
	done
}

@test "an existing environment gets new scripts, and links are not written through" {
	make
	echo mine >precious
	rm "$ENVDIR/bin/activate.fish"
	ln -s "$PWD/precious" "$ENVDIR/bin/activate.fish"
	echo stale >"$ENVDIR/bin/activate.csh"
	make
	[ "$(cat precious)" = mine ]
	[ ! -L "$ENVDIR/bin/activate.fish" ]
	! grep -q stale "$ENVDIR/bin/activate.csh" || fail "it was kept"
}

@test "a script that is run says what to type, and that can be typed" {
	make
	for shell in tcsh bsd-csh fish xonsh; do
		command -v $shell >/dev/null || continue
		local flags=-f script=$ENVDIR/bin/activate.csh
		[ $shell = fish ] && flags=--private script=$ENVDIR/bin/activate.fish
		[ $shell = xonsh ] && flags=--no-rc script=$ENVDIR/bin/activate.xsh
		expect 1 $shell $flags "$script"
		typed=$(printf '%s\n' "$output$stderr" | sed -n '/^source /p')
		[ -n "$typed" ] || fail "$shell: $output$stderr"
		[ "$($shell $flags -c "$typed
printenv VIRTUAL_ENV")" = "$ENVDIR" ] || fail "$shell: $typed"
	done
	for shell in bash dash zsh ksh93 mksh yash "busybox sh"; do
		command -v ${shell% *} >/dev/null || continue
		expect 1 $shell "$ENVDIR/bin/activate"
		typed=$(printf '%s\n' "$stderr" | sed -n '/^\. /p')
		[ -n "$typed" ] || fail "$shell: $output$stderr"
		[ "$($shell -c "$typed
printenv VIRTUAL_ENV")" = "$ENVDIR" ] || fail "$shell: $typed"
	done
	expect 1 "$PY" "$ENVDIR/bin/activate_this.py"
	stderr_has "runpy.run_path(this_file)"
	expect 1 "$PY" -c "exec(open('$(printf %s "$ENVDIR/bin/activate_this.py" | sed "s/'/\\\\'/g")').read())"
	stderr_has "runpy.run_path(this_file)"
}

@test "csh, fish, xonsh, python: hooks run in the order of their names" {
	make
	for n in 20 10; do
		hook activate.d "$n-a' \$(touch canary).csh" "echo on $n; setenv HOOK$n 1"
		hook deactivate.d "$n-a' \$(touch canary).csh" "echo off $n; unsetenv HOOK$n"
		hook activate.d "$n-a' \$(touch canary).fish" "echo on $n; set -gx HOOK$n 1"
		hook deactivate.d "$n-a' \$(touch canary).fish" "echo off $n; set -e HOOK$n"
		hook activate.d "$n-a' \$(touch canary).xsh" "print('on $n'); \$HOOK$n = '1'"
		hook deactivate.d "$n-a' \$(touch canary).xsh" "print('off $n'); del \$HOOK$n"
		hook activate.d "$n-a' \$(touch canary).py" \
			"import os; print('on $n'); os.environ['HOOK$n'] = '1'"
		hook deactivate.d "$n-a' \$(touch canary).py" \
			"import os; print('off $n'); del os.environ['HOOK$n']"
	done
	local want=$'on 10\non 20\n1\noff 10\noff 20'
	for shell in tcsh bsd-csh; do
		command -v $shell >/dev/null || continue
		[ "$($shell -f -c 'source $ENVDIR:q/bin/activate.csh
printenv HOOK20
deactivate
printenv HOOK20')" = "$want" ] || fail "$shell"
	done
	if command -v fish >/dev/null; then
		[ "$(fish -c 'source $ENVDIR/bin/activate.fish
printenv HOOK20
deactivate
printenv HOOK20')" = "$want" ] || fail fish
	fi
	if command -v xonsh >/dev/null; then
		[ "$(xonsh --no-rc -c 'source @($ENVDIR + "/bin/activate.xsh")
printenv HOOK20
deactivate
print("HOOK20" in ${...})' | sed 's/^ //')" = "$want"$'\nFalse' ] || fail xonsh
	fi
	[ "$("$PY" -c 'import os, runpy
off = runpy.run_path(os.environ["ENVDIR"] + "/bin/activate_this.py")["deactivate"]
print(os.environ["HOOK20"])
off()
off()
assert "HOOK20" not in os.environ')" = "$want" ] || fail python
}

@test "the hooks that the manual shows set PIP_INDEX_URL, and give it back" {
	make
	mkdir -p "$ENVDIR"/etc/venvctl/{activate,deactivate}.d
	# Each file as the page has it: what follows "$ cat NAME", to the next or the end.
	ENVDIR=$ENVDIR awk '/^\$ cat \.venv\/etc\// { file = ENVIRON["ENVDIR"] substr($3, 6); next }
		/^```/ { file = "" }
		file != "" { print >file }' "${top_srcdir:?}/docs/man/venvctl-activation.7.scd"
	[ "$(cd "$ENVDIR/etc/venvctl" && echo */*)" = "activate.d/index.csh activate.d/index.fish \
activate.d/index.sh deactivate.d/index.csh deactivate.d/index.fish deactivate.d/index.sh" ]
	local shell
	for shell in dash bash zsh mksh ksh93 yash; do
		index_url_of $shell -c 'set -eu; . "$ENVDIR/bin/activate"'
	done
	for shell in tcsh bsd-csh; do
		index_url_of $shell -fc 'source $ENVDIR:q/bin/activate.csh'
	done
	index_url_of fish -c 'source $ENVDIR/bin/activate.fish'
}

# index_url_of SHELL FLAGS ACTIVATE: what programs find of it in the environment and after it,
# also when that was entered twice.
index_url_of() {
	command -v "$1" >/dev/null || return 0
	local show='sh -c '\''echo "${PIP_INDEX_URL-none}"'\' ours=https://mirror.acme.example/simple
	local mine="https://mine.example/a b'*"
	local text="$3
$3
$show
deactivate
$show"
	[ "$("$1" "$2" "$text")" = "$ours"$'\n'none ] || fail "$1, unset"
	[ "$(PIP_INDEX_URL=$mine "$1" "$2" "$text")" = "$ours"$'\n'"$mine" ] || fail "$1, set"
}

@test "activate.nu names the hooks that were there at the last create or upgrade" {
	make
	! grep -q '^    source ' "$ENVDIR/bin/activate.nu" || fail "there are none"
	hook activate.d "b'#.nu" ""
	hook activate.d a.nu ""
	hook activate.d .hidden.nu ""
	hook activate.d c.sh ""
	(umask 077 && make --upgrade)
	grep -o 'activate.d .*' "$ENVDIR/bin/activate.nu" >names
	[ "$(cat names)" = $'activate.d "a.nu"\nactivate.d "b\\u{27}\\u{23}.nu"' ] || fail "$(cat names)"
	[ "$(grep -c '^    source \$file$' "$ENVDIR/bin/activate.nu")" -eq 2 ]
	[ "$(stat -c %a "$ENVDIR/bin/activate.nu")" = 644 ]
	rm -r "$ENVDIR/etc"
	make
	! grep -q '^    source ' "$ENVDIR/bin/activate.nu" || fail "they are gone"
}

@test "a moved environment is where it is now: fish, xonsh, python" {
	make
	local there="$PWD/mo'ved \$(touch canary)"
	mv "$ENVDIR" "$there"
	export THERE=$there
	cd "$there/bin"
	if command -v fish >/dev/null; then
		[ "$(fish -c 'source activate.fish; echo $VIRTUAL_ENV $PATH[1]')" = "$there $there/bin" ]
		[ "$(fish -c 'cd ..; source ../$(basename $THERE)/bin/activate.fish; echo $VIRTUAL_ENV')" = "$there" ]
	fi
	if command -v xonsh >/dev/null; then
		[ "$(xonsh --no-rc -c $'source activate.xsh\nprintenv VIRTUAL_ENV')" = "$there" ]
	fi
	[ "$("$PY" -c 'import os, runpy
runpy.run_path("activate_this.py")
print(os.environ["VIRTUAL_ENV"])')" = "$there" ]
	cd "$BATS_TEST_TMPDIR/work"
}

@test "VIRTUAL_ENV_DISABLE_PROMPT: the prompt stays; empty is unset" {
	make
	for shell in tcsh bsd-csh; do
		command -v $shell >/dev/null || continue
		for value in 1 ""; do
			got=$(VIRTUAL_ENV_DISABLE_PROMPT=$value $shell -f -c 'set prompt = "x> "
source $ENVDIR:q/bin/activate.csh
if ("$prompt" == "x> ") echo same
deactivate
echo "$prompt"')
			[ "$got" = "${value:+same$'\n'}x> " ] || fail "$shell: $got"
		done
	done
	if command -v fish >/dev/null; then
		for value in 1 ""; do
			got=$(VIRTUAL_ENV_DISABLE_PROMPT=$value fish -c 'function fish_prompt; echo "x> "; end
source $ENVDIR/bin/activate.fish
test (fish_prompt | string collect) = "x> "; and echo same
deactivate
fish_prompt')
			[ "$got" = "${value:+same$'\n'}x> " ] || fail "fish: $got"
		done
	fi
}

@test "csh: aliases named like builtins are not taken" {
	make
	for shell in tcsh bsd-csh; do
		command -v $shell >/dev/null || continue
		got=$($shell -f -c 'alias set echo BAD; alias setenv echo BAD; alias unset echo BAD
alias unsetenv echo BAD; alias source echo BAD; alias rehash echo BAD; alias echo /bin/echo BAD
alias shift echo BAD; alias cd echo BAD; alias exit echo BAD; alias eval echo BAD; alias @ echo BAD
if (1) source $ENVDIR:q/bin/activate.csh
printenv VIRTUAL_ENV
deactivate
printenv VIRTUAL_ENV
alias | wc -l')
		[ "$got" = "$ENVDIR"$'\n12' ] || fail "$shell: $got"
	done
}

@test "csh: a user's pydoc stays, and noglob does not keep hooks from being found" {
	make
	hook activate.d a.csh "echo hook"
	for shell in tcsh bsd-csh; do
		command -v $shell >/dev/null || continue
		got=$($shell -f -c 'alias pydoc echo mine
set noglob
source $ENVDIR:q/bin/activate.csh
source $ENVDIR:q/bin/activate.csh
pydoc *
deactivate
pydoc *
echo $?VIRTUAL_ENV')
		[ "$got" = $'hook\nhook\nmine *\nmine *\n0' ] || fail "$shell: $got"
	done
}

@test "csh: with noclobber and nonomatch" {
	make
	for shell in tcsh bsd-csh; do
		command -v $shell >/dev/null || continue
		for option in noclobber nonomatch; do
			[ "$($shell -f -c "set $option
source \$ENVDIR:q/bin/activate.csh
printenv VIRTUAL_ENV
deactivate
printenv VIRTUAL_ENV
echo \$?$option" 2>&1)" = "$ENVDIR"$'\n1' ] || fail "$shell: $option"
		done
	done
}

@test "fish: functions named like builtins are not taken, and the status is the user's" {
	needs fish
	make
	got=$(fish -c 'function fish_prompt; builtin echo "st=$status"; end
for name in printf echo source realpath functions cd
    function $name; builtin echo BAD >&2; end
end
builtin source $ENVDIR/bin/activate.fish
printenv VIRTUAL_ENV
false
fish_prompt
deactivate
false
fish_prompt' 2>&1)
	[ "$got" = "$ENVDIR"$'\n'"(${ENVDIR##*/}) st=1"$'\nst=1' ] || fail "$got"
}

@test "modules come from the environment after activate_this.py, for every way in" {
	make
	lib=$(echo "$ENVDIR"/lib/python3*/site-packages)
	echo 'where = "env"' >"$lib/only_there.py"
	"$PY" -c 'import os, runpy, sys
path, prefix = list(sys.path), sys.prefix
file = os.environ["ENVDIR"] + "/bin/activate_this.py"
off = runpy.run_path(file)["deactivate"]
import only_there
assert sys.prefix == os.environ["VIRTUAL_ENV"] and sys.path[1:] == path, sys.path
off()
assert sys.path == path and sys.prefix == prefix
exec(open(file).read(), {"__file__": file})
assert sys.prefix == os.environ["ENVDIR"]'
	rm -r "$lib"
	expect 1 "$PY" -c 'import os, runpy; runpy.run_path(os.environ["ENVDIR"] + "/bin/activate_this.py")'
	stderr_has "is no environment for Python"
}

@test "pydoc is the environment's" {
	make
	lib=$(echo "$ENVDIR"/lib/python3*/site-packages)
	echo '"""Only there."""' >"$lib/only_there.py"
	! command -v tcsh >/dev/null || tcsh -f -c 'source $ENVDIR:q/bin/activate.csh
pydoc only_there' | grep -q 'Only there.'
	! command -v fish >/dev/null || fish -c 'source $ENVDIR/bin/activate.fish
pydoc only_there' | grep -q 'Only there.'
}

# on_terminal PROGRAM ARG...: run it where stdin, stdout and stderr are a terminal, into $output.
on_terminal() {
	run python3 -c 'import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$@" </dev/null
	output=${output//$'\r'/}
	[ "$status" -eq 0 ] || fail "$status: $output"
}

@test "on a terminal a create says how to activate, and that can be typed" {
	local flags shell typed
	export PY
	# By exec, so that the parent of venvctl is the shell that started this.
	cat >mk <<-'END'
		#!/bin/sh
		exec venvctl create --clear --without-pip -p "$PY" "$ENVDIR"
	END
	chmod +x mk
	for shell in bash dash busybox ksh93 mksh yash zsh tcsh bsd-csh fish xonsh; do
		command -v $shell >/dev/null || continue
		case $shell in
		busybox) flags=sh ;;
		tcsh | bsd-csh) flags=-f ;;
		xonsh) flags=--no-rc ;;
		*) flags= ;;
		esac
		# The echo, because some shells become the last command that they are given.
		SHELL=/no/such on_terminal $shell $flags -c "./mk; echo"
		typed=$(printf '%s\n' "$output" | sed -n 's/^activate it with: //p')
		[ -n "$typed" ] || fail "$shell: $output"
		[ "$($shell $flags -c "$typed
printenv VIRTUAL_ENV")" = "$ENVDIR" ] || fail "$shell: $typed"
	done
	# Here it is Python: so what SHELL says.
	SHELL=/usr/bin/fish on_terminal venvctl create --clear --without-pip -p "$PY" fish
	[[ $output == *"activate it with: source "*/activate.fish* ]] || fail "$output"
}

@test "no hint but on a terminal, with -q, --json, -n, or for what cannot be typed" {
	export SHELL=/bin/sh
	on_terminal venvctl create --without-pip -p "$PY" first
	[[ $output == *"activate it with: . "* ]] || fail "$output"
	on_terminal venvctl create -q --without-pip -p "$PY" a
	[ -z "$output" ] || fail "$output"
	local args
	for args in --json -n "--activators fish"; do
		# shellcheck disable=SC2086
		on_terminal venvctl create $args --without-pip -p "$PY" b
		[[ $output != *"activate it"* ]] || fail "$args: $output"
	done
	# What would turn the direction of writing is not shown, so it could not be typed.
	on_terminal venvctl create --without-pip -p "$PY" $'c\xe2\x80\xaed'
	[[ $output != *"activate it"* ]] || fail "$output"
	SHELL=/bin/elvish on_terminal venvctl create --without-pip -p "$PY" d
	[[ $output != *"activate it"* ]] || fail "$output"
	expect 0 venvctl create --without-pip -p "$PY" e
	[ -z "$stderr$output" ] || fail "$stderr$output"
}
