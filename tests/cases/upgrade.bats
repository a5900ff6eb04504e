# SPDX-License-Identifier: MIT
# upgrade.bats - venvctl upgrade: an environment has its interpreter as that is now

setup() {
	load common
	common_setup
}

cfg() {
	sed -n "s/^$2 = //p" "$1/pyvenv.cfg"
}

# a second interpreter, of another version
other_python() {
	local p
	for p in /usr/bin/python3.1[0-9] "${VERSIONS:-/root/.pyenv/versions}"/3.1[0-9]*/bin/python3; do
		[ -x "$p" ] && [ "$("$p" -c 'import sys; print(sys.version_info[:2])')" != \
			"$("$PY" -c 'import sys; print(sys.version_info[:2])')" ] || continue
		printf '%s\n' "$p"
		return
	done
	return 1
}

@test "it makes interpreter, directories, pyvenv.cfg and scripts anew, and packages stay" {
	venvctl create -p "$PY" --prompt mine --system-site-packages env
	echo >"$(echo env/lib/python3*/site-packages)/mine.py"
	echo damaged >env/bin/activate
	# The links to the interpreter, which nothing may be written through.
	find env/bin -name 'python*' -type l -delete
	echo damaged >env/bin/python3
	rm -r env/include
	sed -i 's/^version = .*/version = 3.11.0/' env/pyvenv.cfg
	expect 0 venvctl upgrade env
	[ -z "$output$stderr" ]
	[ "$(env/bin/python3 -c 'import mine, pip, sys; print(sys.prefix)')" = "$PWD/env" ]
	[ "$(cfg env version)" = "$("$PY" -c 'import platform; print(platform.python_version())')" ]
	! grep -q damaged env/bin/activate
	[ "$(realpath env/bin/python3)" = "$(realpath "$PY")" ]
	[ -d env/include ]
	# What was said when it was created holds.
	[ "$(cfg env prompt)" = "'mine'" ]
	[ "$(cfg env include-system-site-packages)" = true ]
	[[ $(cfg env command) == *" create --system-site-packages --upgrade "* ]] || fail "$(cfg env command)"
}

@test "an environment with copies has copies afterwards, one with links has links" {
	venvctl create -p "$PY" --without-pip --copies copies
	venvctl create -p "$PY" --without-pip links
	[ ! -L copies/bin/python ]
	VENVCTL_SYMLINKS=no expect 0 venvctl upgrade --without-pip links
	expect 0 venvctl upgrade --without-pip copies
	[ -L links/bin/python ]
	[ ! -L copies/bin/python ]
	cmp "$(realpath "$PY")" "$(realpath copies/bin/python)"
	[ "$(cfg copies include-system-site-packages)" = false ]
	# create --upgrade says it again, as with venv.
	expect 0 venvctl create --upgrade --without-pip --symlinks copies
	[ -L copies/bin/python ]
	expect 0 venvctl create --upgrade --without-pip --system-site-packages copies
	[ "$(cfg copies include-system-site-packages)" = true ]
	expect 0 venvctl create --upgrade --without-pip copies
	[ "$(cfg copies include-system-site-packages)" = false ]
}

@test "without -p it is the interpreter that pyvenv.cfg names; gone: exit 3 and a hint" {
	local other
	other=$(other_python) || skip "no second Python"
	venvctl create -p "$other" --without-pip env
	# Of uv, which leaves nothing but these.
	printf 'home = %s\nimplementation = CPython\nuv = 0.13.9\nversion_info = %s\ninclude-system-site-packages = false\n' \
		"$(dirname "$(realpath "$other")")" "$("$other" -c 'import platform; print(platform.python_version())')" >env/pyvenv.cfg
	expect 0 venvctl upgrade --without-pip env
	[ "$(cfg env base-executable)" = "$(dirname "$(realpath "$other")")/python3.${other##*python3.}" ] ||
		[ "$(realpath "$(cfg env base-executable)")" = "$(realpath "$other")" ] || fail "$(cat env/pyvenv.cfg)"
	[ -z "$(cfg env uv)$(cfg env version_info)" ]
	sed -i "s|= /.*|= /nowhere|" env/pyvenv.cfg
	local before
	before=$(snapshot env)
	expect 3 venvctl upgrade --without-pip env
	stderr_has "cannot upgrade 'env': the interpreter that it was made from is gone"
	stderr_has "hint: choose another one with --python"
	[ "$before" = "$(snapshot env)" ]
	expect 0 venvctl upgrade --without-pip -p "$PY" env
	[ "$(realpath env/bin/python)" = "$(realpath "$PY")" ]
	# The old version's names go; what is left of it is told.
	stderr_has "is of another Python and stays as it is"
	[ -z "$(find env/bin -xtype l)" ]
	expect 3 venvctl upgrade -p 3.99 env
}

@test "environments of venv and virtualenv are understood" {
	"$PY" -m venv --without-pip v || skip "no venv"
	expect 0 venvctl upgrade v
	[ "$(v/bin/python -c 'import pip, sys; print(sys.prefix)')" = "$PWD/v" ]
	[ -n "$(cfg v venvctl)" ]
	"$PY" -m virtualenv --version >/dev/null 2>&1 || skip "no virtualenv"
	"$PY" -m virtualenv --no-seed w
	expect 0 venvctl upgrade w
	w/bin/python -c 'import pip'
}

@test "the plugins that provide pip run, unless --without-pip; and those that are named" {
	printf '#!/bin/sh\ntouch "$VENV_CONTEXT_ENV_DIR/ran"\n' >ran.sh
	chmod +x ran.sh
	user "[create]
post-setup = ensurepip site
[plugin:site]
use = script
source = $PWD/ran.sh
interpreter = none"
	venvctl create -p "$PY" --no-plugins env
	expect 0 venvctl upgrade --without-pip env
	[ ! -e env/bin/pip ] && [ ! -e env/ran ]
	expect 0 venvctl upgrade env
	[ -x env/bin/pip ] && [ ! -e env/ran ]
	# A pip that is as new stays.
	local before
	before=$(stat -c '%i %Y' env/lib/python*/site-packages/pip/__init__.py)
	expect 0 venvctl upgrade --plugin site env
	[ -e env/ran ]
	[ "$before" = "$(stat -c '%i %Y' env/lib/python*/site-packages/pip/__init__.py)" ]
}

@test "a step that fails leaves the environment as it was" {
	venvctl create -p "$PY" --without-pip env
	local before
	before=$(snapshot env)
	expect 6 venvctl upgrade --add-plugin="$MOCKS/mock-step.so:do=fail" env
	stderr_has "cannot upgrade 'env'"
	[ "$before" = "$(snapshot env)" ]
	no_leftovers .
}

@test "nothing, or an empty directory, is made; other things are exit 4" {
	mkdir empty other
	echo mine >other/notes
	expect 0 venvctl upgrade --without-pip empty new
	empty/bin/python -c ''
	new/bin/python -c ''
	expect 4 venvctl upgrade other
	stderr_has "cannot upgrade 'other': it is not an environment"
	[ "$(ls other)" = notes ]
	expect 4 venvctl upgrade other/notes
}

@test "several: the first failure ends it, --keep-going goes on" {
	mkdir other
	echo mine >other/notes
	venvctl create -p "$PY" --without-pip a b
	echo damaged | tee a/bin/activate b/bin/activate >/dev/null
	expect 4 venvctl upgrade --without-pip a other b
	grep -q VIRTUAL_ENV a/bin/activate
	[ "$(cat b/bin/activate)" = damaged ]
	expect 4 venvctl upgrade --without-pip --keep-going other b
	grep -q VIRTUAL_ENV b/bin/activate
	expect 2 venvctl upgrade a a
}

@test "-n changes nothing, --json prints one object each" {
	venvctl create -p "$PY" --without-pip a b
	local before
	before=$(snapshot .)
	expect 0 venvctl upgrade -n a
	stdout_has "the one that the environment was made from"
	stdout_has "target   $PWD/a: in-place"
	stdout_has "plugin   ensurepip"
	expect 0 venvctl upgrade -n --json --without-pip a
	[ "$before" = "$(snapshot .)" ]
	expect 0 venvctl upgrade --json --without-pip a b
	[ "${#lines[@]}" = 2 ] && [ -z "$stderr" ]
	python3 - "${lines[@]}" <<-'END'
		import json, os, sys
		for name, line in zip("ab", sys.argv[1:]):
		    r = json.loads(line)
		    assert r["ok"] and r["command"] == "upgrade" and r["changed"] and not r["dry_run"], r
		    assert r["env_dir"] == os.path.abspath(name) and r["case"] == "in-place", r
	END
	expect 3 venvctl upgrade --json -p 3.99 a
	[[ $output == '{"schema":1,"ok":false,"command":"upgrade",'*'"code":"no-python"'* ]] || fail "$output"
}

@test "--upgrade-deps upgrades pip from the index; not with --offline" {
	venvctl create -p "$PY" env
	mkdir index
	python3 "$top_srcdir/tests/store/wheelmaker.py" index pip 99.0
	expect 0 env PIP_NO_INDEX=1 PIP_FIND_LINKS="$PWD/index" venvctl upgrade --upgrade-deps env
	[ -d env/lib/python*/site-packages/pip-99.0.dist-info ] || fail "$(ls env/lib/python*/site-packages)"
	expect 2 venvctl upgrade --upgrade-deps --offline env
}

@test "without ENV_DIR it is that of VIRTUAL_ENV, else the nearest .venv upward, also by a redirect" {
	venvctl create -p "$PY" --without-pip active proj/.venv env
	mkdir -p proj/a/b redirected/a none
	echo ../env >redirected/.venv
	upgraded() { # upgraded ENV: that one and no other was, by the last command
		local env
		for env in active proj/.venv env; do
			if [ "$env" = "$1" ]; then
				grep -q VIRTUAL_ENV "$env/bin/activate" || fail "$env was not"
			else
				[ "$(cat "$env/bin/activate")" = damaged ] || fail "$env was"
			fi
			echo damaged >"$env/bin/activate"
		done
	}
	upgraded active || true
	cd proj/a/b
	expect 0 venvctl upgrade --without-pip
	cd ../../..
	upgraded proj/.venv
	cd redirected/a
	expect 0 venvctl upgrade --without-pip --json
	stdout_has "\"env_dir\":\"$BATS_TEST_TMPDIR/work/env\""
	cd ../..
	upgraded env
	cd proj
	VIRTUAL_ENV=$BATS_TEST_TMPDIR/work/active expect 0 venvctl upgrade --without-pip
	cd ..
	upgraded active
	expect 0 venvctl upgrade --without-pip redirected/.venv
	upgraded env
	[ "$(cat redirected/.venv)" = ../env ]
	# One that is broken is not passed over, and nothing is made where nothing is meant.
	expect 4 env VIRTUAL_ENV="$PWD/none" venvctl upgrade
	[ -z "$(ls -A none)" ]
	echo nowhere >none/.venv
	cd none
	expect 4 venvctl upgrade
	expect 4 venvctl upgrade --json
	[[ $output == '{"schema":1,"ok":false,"command":"upgrade",'*'"code":"conflict"'* ]] || fail "$output"
	rm .venv
	expect 4 venvctl upgrade
	stderr_has "there is no environment"
	[ -z "$(ls -A)" ]
}

@test "a redirect that others can write is not followed" {
	venvctl create -p "$PY" --without-pip env
	echo env >.venv
	chmod 666 .venv
	local before
	before=$(snapshot env)
	expect 4 venvctl upgrade
	expect 4 venvctl upgrade .venv
	[ "$before" = "$(snapshot env)" ]
	expect 0 venvctl upgrade --without-pip env
}

# unread COMMAND...: it once for each directory that it reads, which then fails.  Before the new
# env is in place that is an error; what is left out later is only what is taken away.
unread() {
	local n status failed
	for ((n = 1; n < 200; n++)); do
		rm -rf env
		cp -a saved env
		status=0
		strace -y -qq -o trace -e trace=getdents64 \
			-e inject=getdents64:error=EIO:when=$n "$@" >said 2>&1 || status=$?
		failed=$(sed -n '/EIO/s/.*getdents64([0-9]*<\([^>]*\)>.*/\1/p' trace | head -1)
		[ "$failed" ] || break
		case $status:$failed in
		0:*/.venvctl-* | 0:*' (deleted)') ;;
		0:"$PWD"/env*) fail "$*: $n, '$failed': $(cat said)" ;;
		0:*) ;;
		*)
			grep -q 'cannot read\|cannot open\|cannot look' said || fail "$*: $n, '$failed': $(cat said)"
			failures=$((failures + 1))
			;;
		esac
	done
	[ $n -gt 10 ] && [ $n -lt 200 ]
}

@test "what cannot be read is an error, not what is not there" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "no leak is looked for under strace"
	local other failures=0
	load wheel
	wheel acme-1.0-py3-none-any.whl acme.py= $'acme-1.0.dist-info/entry_points.txt=[console_scripts]\nacme = acme:x\n'
	venvctl create -p "$PY" --without-pip --plugin "wheels:packages=$PWD/acme-1.0-py3-none-any.whl" made
	mkdir -p made/etc/venvctl/activate.d
	echo >made/etc/venvctl/activate.d/one.nu
	# Of a moved one scripts and RECORD are written anew.
	cp -a made saved
	unread venvctl check --fix env
	if other=$(other_python); then
		unread venvctl upgrade --without-pip -p "$other" env
	fi
	unread venvctl create --clear --without-pip -p "$PY" env
	unread venvctl create --relocatable --without-pip -p "$PY" env
	[ $failures -gt 40 ] || fail "only $failures reads"
}
