# SPDX-License-Identifier: MIT
# redirect.bats - the file .venv that names an environment (PEP 832): written, kept, taken along
# (how it is read: life.bats, run.bats; what check says of it: here)

setup() {
	load common
	common_setup
}

make() { # make ARGS...: an environment without pip, which is soon made
	venvctl create --without-pip -p "$PY" "$@"
}

json() {
	"$PY" -c 'import json, sys; o = json.loads(sys.argv[1]); r = o.get("venv_redirect"); assert eval(sys.argv[2]), o' \
		"$output" "$1"
}

@test "asked for, it is written, read back by all commands, and goes with the environment" {
	expect 0 make --json --venv-redirect env
	json 'r == {"path": o["env_dir"][:-3] + ".venv", "target": "env", "state": "written"}'
	printf 'env\n' | cmp - .venv
	[ "$(stat -c %a .venv)" = 644 ]
	no_leftovers .
	mkdir sub
	cd sub
	[ "$(venvctl info --field env_dir)" = "$(dirname "$PWD")/env" ]
	[ "$(venvctl info --field redirect)" = "$(dirname "$PWD")/.venv" ]
	[ "$(venvctl run python -c 'import sys; print(sys.prefix)')" = "$(dirname "$PWD")/env" ]
	expect 0 venvctl check
	expect 0 venvctl upgrade --without-pip
	cd ..
	# The same again leaves it as it is; so does a rebuilt environment.
	touch -d 2020-01-01 .venv
	expect 0 make --json --venv-redirect --clear env
	json 'r["state"] == "kept" and "already" in r["reason"]'
	[ "$(date -r .venv +%Y)" = 2020 ]
	expect 4 venvctl remove .venv
	stderr_has "is a redirect to"
	[ -f .venv ] && [ -d env ]
	expect 0 venvctl remove env
	[ ! -e .venv ] && [ ! -e env ]
	(umask 077 && make --venv-redirect private)
	[ "$(stat -c %a .venv)" = 600 ]
}

@test "what is there and is not ours is never touched: exit 4 where it was asked for, else a warning" {
	local kind way
	mkdir other && "$PY" -m venv --without-pip other/venv
	put() {
		rm -rf .venv
		case $1 in
		directory) mkdir .venv ;;
		link) ln -s other/venv .venv ;;
		dangling-link) ln -s nowhere .venv ;;
		fifo) mkfifo .venv ;;
		empty) : >.venv ;;
		newline) echo >.venv ;;
		no-utf8) printf '\377\n' >.venv ;;
		two-lines) printf 'other/venv\nother\n' >.venv ;;
		other-tool) echo other/venv >.venv ;;
		nowhere) echo gone >.venv ;;
		esac
	}
	for kind in directory link dangling-link fifo empty newline no-utf8 two-lines other-tool nowhere; do
		put $kind
		find .venv -printf '%y %i %s %T@ %l\n' >before
		expect 4 make --venv-redirect env
		stderr_has "cannot write the redirect to 'env': '$PWD/.venv' is a "
		stderr_has "hint: "
		[ ! -e env ] || fail "$kind: made"
		expect 4 make --project-root . build/env
		[ ! -e build ]
		for way in file variable; do
			rm -rf env
			if [ $way = file ]; then
				user $'[create]\nvenv-redirect = always'
				expect 0 make --json env
				rm "$HOME/.config/venvctl/venvctl.ini"
			else
				VENVCTL_VENV_REDIRECT=always expect 0 make --json env
			fi
			json 'r["state"] == "skipped"'
			stderr_has "warning: no redirect was written: '$PWD/.venv' is a "
			[ -e env/pyvenv.cfg ]
		done
		rm -rf env
		# auto says nothing, neither there nor where there is a project.
		touch pyproject.toml
		expect 0 make --venv-redirect=auto env
		[ -z "$stderr" ]
		find .venv -printf '%y %i %s %T@ %l\n' | diff before - || fail "$kind"
		rm -rf env pyproject.toml
	done
	no_leftovers .
	# One that leads to another of ours is.
	make ours
	echo ours >.venv
	expect 0 make --venv-redirect env
	[ "$(cat .venv)" = env ]
	[ -d ours ]
	# The redirect of another is told, and stays.
	echo other/venv >.venv
	expect 0 venvctl remove other/venv
	[ -f .venv ]
	stderr_has "leads to"
}

@test "auto: only where there is a pyproject.toml and nothing called .venv" {
	expect 0 make --json --venv-redirect=auto one
	json 'r["state"] == "skipped" and "pyproject.toml" in r["reason"]'
	[ ! -e .venv ] && [ -z "$stderr" ]
	touch pyproject.toml
	expect 0 make --json --venv-redirect=auto one
	json 'r["state"] == "written"'
	# The first counts.
	expect 0 make --venv-redirect=auto two three
	[ "$(cat .venv)" = one ]
	rm .venv pyproject.toml
	mkdir pyproject.toml
	make --venv-redirect=auto one
	[ ! -e .venv ]
	# As virtualenv that is the default, by its variables, too.
	rmdir pyproject.toml && touch pyproject.toml
	ln -s "$(command -v venvctl)" virtualenv
	./virtualenv --no-seed -p "$PY" four
	[ "$(cat .venv)" = four ]
	rm .venv
	VIRTUALENV_NO_VENV_REDIRECT=1 ./virtualenv --no-seed -p "$PY" four
	[ ! -e .venv ]
	VIRTUALENV_VENV_REDIRECT=1 VIRTUALENV_NO_VENV_REDIRECT=1 ./virtualenv --no-seed -p "$PY" four
	[ ! -e .venv ]
	rm pyproject.toml
	VIRTUALENV_VENV_REDIRECT=1 ./virtualenv --no-seed -p "$PY" four
	[ "$(cat .venv)" = four ]
	# Which goes on where it cannot.
	rm .venv && mkdir .venv
	expect 0 ./virtualenv --venv-redirect --no-seed -p "$PY" four
}

@test "never if nobody asked; the command line wins; wrong words" {
	touch pyproject.toml
	expect 0 make --json env
	json 'r is None'
	[ ! -e .venv ]
	user $'[create]\nvenv-redirect = always'
	make --no-venv-redirect env
	[ ! -e .venv ]
	# An upgrade leaves it to who is there.
	expect 0 venvctl upgrade --without-pip env
	[ ! -e .venv ]
	expect 2 venvctl create one two
	stderr_has 'is for one ENV_DIR'
	rm "$HOME/.config/venvctl/venvctl.ini"
	expect 2 make --venv-redirect one two
	expect 2 make --project-root . one two
	printf 'one\ntwo\n' >list
	expect 2 make --venv-redirect --from-file list
	[ ! -e one ]
	expect 2 make --venv-redirect=sometimes env2
	# It takes no word that is not glued to it.
	expect 2 make --venv-redirect never env2
	[ ! -e never ] && [ ! -e env2 ]
	user $'[create]\nvenv-redirect = sometimes'
	expect 8 make env2
	[ ! -e env2 ]
}

@test "--project-root: there; relative below it, else absolute" {
	mkdir project
	expect 0 make --project-root project project/build/env
	[ "$(cat project/.venv)" = build/env ]
	# The project may be moved with it, if the environment may.
	expect 0 make --relocatable --clear --project-root project project/build/env
	mv project moved
	(cd moved && venvctl run python -c pass && venvctl check)
	expect 0 venvctl remove moved/build/env
	[ ! -e moved/.venv ]
	expect 0 make --project-root moved elsewhere/env
	[ "$(cat moved/.venv)" = "$PWD/elsewhere/env" ]
	# Itself is no redirect.
	rm moved/.venv
	expect 0 make --project-root moved --json moved/.venv
	json 'r is None'
	[ -d moved/.venv ]
	expect 0 make --project-root moved --venv-redirect=never env
	expect 2 make --project-root missing env2
	stderr_has "--project-root '$PWD/missing' is no directory"
	touch file
	expect 2 make --project-root file env2
	[ ! -e env2 ]
}

@test "if it cannot be written, or the create fails, there is neither" {
	expect 6 make --venv-redirect --add-plugin="$MOCKS/mock-step.so:do=fail" env
	[ ! -e env ] && [ ! -e .venv ]
	make --venv-redirect old
	expect 6 make --project-root . --add-plugin="$MOCKS/mock-step.so:do=fail" env
	[ "$(cat .venv)" = old ]
	rm .venv
	# Nothing can be made in /proc.
	expect 1 make --project-root /proc env
	stderr_has "cannot write '/proc/.venv'"
	[ ! -e env ]
	no_leftovers .
	# Not every reader would take these for the same.
	local name
	for name in 'blank ' ' blank' $'wide\u3000'; do
		expect 4 make --venv-redirect "$name"
		stderr_has "so that all read it"
		[ ! -e "$name" ]
		VENVCTL_VENV_REDIRECT=always expect 0 make "$name"
		[ -d "$name" ] && [ ! -e .venv ]
	done
	# From above it is another word.
	expect 0 make --project-root . $'wide\u3000/env'
}

@test "-n says what would be written, and writes nothing; reuse writes what is missing" {
	expect 0 make -n --venv-redirect env
	stdout_has "redirect $PWD/.venv: would say env"
	[ ! -e .venv ] && [ ! -e env ]
	mkdir .venv
	expect 4 make -n --venv-redirect env
	rmdir .venv
	expect 0 make --json --existing reuse --venv-redirect env
	json 'o["changed"]'
	expect 0 make --json --existing reuse --venv-redirect env
	json 'not o["changed"] and r["state"] == "kept"'
	rm .venv
	touch env/mine
	expect 0 make --json --existing reuse --venv-redirect env
	json 'o["changed"] and r["state"] == "written"'
	[ -e env/mine ] && [ "$(cat .venv)" = env ]
}

@test "several at once: one redirect, which leads to one of them" {
	local i pids=()
	for i in 1 2 3 4; do
		make --venv-redirect "env$i" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	[ -e "$(cat .venv)/pyvenv.cfg" ]
	[ "$(wc -l <.venv)" = 1 ]
	no_leftovers .
}

@test "killed while it is written: the next create goes on" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "LeakSanitizer does not work under strace"
	local call
	for call in linkat renameat2 write; do
		rm -rf env .venv
		strace -f -o /dev/null -e "inject=$call:signal=KILL:when=1" \
			venvctl create --without-pip -p "$PY" --venv-redirect env || :
		expect 0 make --venv-redirect env
		[ "$(cat .venv)" = env ]
		[ -e env/pyvenv.cfg ]
		no_leftovers .
	done
}

@test "check: a redirect that leads nowhere, is damaged, not trusted, or to another Python" {
	make env
	# Nowhere, and nothing: a problem, and no way to look further.
	echo gone >.venv
	expect 1 venvctl check
	stdout_has "redirect: "
	stdout_has "gone"
	expect 125 venvctl run true
	expect 4 venvctl info
	: >.venv
	expect 1 venvctl check
	stdout_has "redirect: "
	expect 1 venvctl check .venv
	mkdir empty
	echo empty >.venv
	expect 1 venvctl check
	expect 1 venvctl check --fix
	# What is not known to be ours is not deleted.
	[ -f .venv ]
	echo env >.venv
	# To another Python than the project asks for.
	echo 2.7 >.python-version
	expect 1 venvctl check
	stdout_has "redirect: '$PWD/.venv' leads here, to Python"
	stdout_has "asks for 2.7"
	expect 1 venvctl check --json
	json 'o["problems"][0]["id"] == "redirect" and o["problems"][0]["fixable"]'
	# Named by itself, nobody was led anywhere.
	expect 0 venvctl check env
	expect 0 venvctl check --fix
	[ ! -e .venv ] && [ -d env ]
	for want in 3 3.11.2.dev "" "$("$PY" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"; do
		echo env >.venv
		echo "$want" >.python-version
		expect 0 venvctl check
	done
	rm .python-version
	# Written by others: no code of it is run, and check says why.
	chmod 666 .venv
	expect 1 venvctl check
	stdout_has "is not trusted"
	expect 125 venvctl run true
	expect 0 venvctl check --fix
	[ ! -e .venv ]
	# Of another tool: told, and not deleted.
	rm -r env && "$PY" -m venv --without-pip env
	echo env >.venv
	chmod 666 .venv
	expect 1 venvctl check --fix
	stdout_has "(delete it)"
	[ -e .venv ]
}
