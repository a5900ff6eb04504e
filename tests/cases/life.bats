# SPDX-License-Identifier: MIT
# life.bats - environments that are there: info, list, check and remove

setup() {
	load common
	common_setup
	# Not in a directory below which somebody else's .venv could lie.
	export PATH=$TEST_PREFIX/bin:/usr/bin:/bin
}

json() { # json EXPRESSION: of the object O on stdin
	python3 -c 'import json, sys
o = json.load(sys.stdin)
sys.exit(0 if eval(" ".join(sys.argv[1].split("\n"))) else f"not so: {o}")' "$1"
}

field() { # field NAME [ARG...]: what info says
	local name=$1
	shift
	venvctl info --field "$name" "$@"
}

@test "17: without ENV_DIR it is VIRTUAL_ENV, else the nearest .venv upward" {
	venvctl create --without-pip -p "$PY" .venv
	venvctl create --without-pip -p "$PY" other
	mkdir -p a/b
	here=$PWD
	cd a/b
	[ "$(field env_dir)" = "$here/.venv" ]
	[ "$(VIRTUAL_ENV=$here/other field env_dir)" = "$here/other" ]
	[ "$(VIRTUAL_ENV=$here/other field env_dir --env ../../.venv)" = "$here/.venv" ]
	[ "$(VIRTUAL_ENV=$here/other field env_dir "$here/.venv")" = "$here/.venv" ]
	# The first one counts, a broken one too: no other takes its place.
	mkdir .venv
	expect 4 venvctl info
	stderr_has "a/b/.venv' is not an environment"
	expect 9 venvctl check
	rmdir .venv && ln -s nowhere .venv
	expect 4 venvctl info
	stderr_has 'is a link to something that is not there'
	expect 4 env VIRTUAL_ENV=/nowhere venvctl info
	stderr_has 'VIRTUAL_ENV names it'
}

@test "17: where there is none, info exits 4 and check 9, as text and as JSON" {
	# Nothing lies above but what this test has.
	expect 4 venvctl info nothing
	stderr_has "'nothing' is not there"
	expect 9 venvctl check nothing
	mkdir dir
	expect 4 venvctl info dir
	stderr_has 'it has no pyvenv.cfg'
	expect 9 venvctl check --json dir
	json 'not o["ok"] and o["error"]["exit"] == 9 and o["error"]["code"] == "not-seen"' <<<"$output"
	expect 4 venvctl info --json dir
	json 'o["error"]["exit"] == 4 and o["command"] == "info"' <<<"$output"
	expect 2 venvctl info a b
	expect 2 venvctl info --json --field prompt dir
	expect 2 venvctl remove
}

@test "17: a redirect is followed, once, and as it is written" {
	venvctl create --without-pip -p "$PY" "real env"
	mkdir sub
	local text here=$PWD
	for text in '../real env' "$here/real env" $'../real env\r'; do
		printf '%s\n' "$text" >sub/.venv
		(cd sub && expect 0 venvctl info --json &&
			json "o['env_dir'] == '$here/real env' and o['redirect'] == '$here/sub/.venv'" <<<"$output")
	done
	printf '../real env' >sub/.venv
	[ "$(field env_dir sub/.venv)" = "$PWD/real env" ]
	# Nothing in it is expanded, trimmed or followed twice.
	mkdir two && printf '../sub/.venv' >two/.venv
	# shellcheck disable=SC2016,SC2088 # that is the point
	for text in '' $'\n' ' ../real env' '~/env' '$HOME' $'../real env\n\n' $'\xff' '../gone' '..'; do
		printf '%s' "$text" >sub/.venv
		(cd sub && expect 4 venvctl info) || fail "info takes '$text'"
		(cd sub && expect 1 venvctl check && stdout_has '.venv: redirect: ') || fail "check: '$text'"
	done
	(cd two && expect 1 venvctl check)
	rm sub/.venv && mkfifo sub/.venv
	(cd sub && expect 4 timeout 10 venvctl info)
}

@test "17: info tells what venv and venvctl made, and runs nothing of it" {
	venvctl create -p "$PY" --prompt 'my env' --system-site-packages env
	expect 0 venvctl info --json env
	json 'o["schema"] == 1 and o["ok"] and o["state"] == "ok" and o["problems"] == []
		and o["prompt"] == "my env" and o["system_site_packages"] is True
		and o["creator"]["name"] == "venvctl" and o["python"]["implementation"] == "CPython"
		and o["packages"] >= 1 and o["redirect"] is None and o["relocatable"] is False
		and o["python"]["executable"] == o["env_dir"] + "/bin/python"' <<<"$output"
	version=$("$PY" -c 'import platform; print(platform.python_version())')
	[ "$(field python.version env)" = "$version" ]
	[ "$(field python.base_prefix env)" = "$("$PY" -c 'import sys; print(sys.base_prefix)')" ]
	[ "$(field pip env)" = "$(env/bin/python -c 'import pip; print(pip.__version__)')" ]
	expect 0 venvctl info env
	grep -qx "python.version: $version" <<<"$output"
	grep -qx 'prompt: my env' <<<"$output"
	expect 2 venvctl info --field python.verson env
	stderr_has "did you mean 'python.version'?"
	/usr/bin/python3 -m venv --without-pip v
	[ "$(field creator.name v)" = venv ]
	[ -z "$(field pip v)" ]
	# Whatever lies in it is not started.
	rm env/bin/python3 env/bin/python
	printf '#!/bin/sh\ntouch %s/ran\n' "$PWD" | tee env/bin/python >env/bin/python3
	chmod +x env/bin/python*
	venvctl info env >/dev/null
	venvctl check env >/dev/null || true
	[ ! -e ran ]
	# Nor the base that it names, which is anybody's to write.
	cp env/bin/python base && chmod 777 base
	sed -i "s|^base-executable = .*|base-executable = $PWD/base|; s|^executable = .*|executable = $PWD/base|" env/pyvenv.cfg
	venvctl info env >/dev/null
	venvctl check env >/dev/null || true
	[ ! -e ran ]
}

@test "17: list shows the environments below, each once, and no insides" {
	mkdir -p p/q/r/s p/.hidden
	mkdir p/q/r/s/t
	for dir in p/one p/.hidden/.venv p/q/r/s/deep p/q/r/s/t/deeper p/one/lib/inner; do
		venvctl create --without-pip -p "$PY" "$dir"
	done
	ln -s one p/link
	mkdir p/proj && printf '../one\n' >p/proj/.venv
	cp -r p/one "p/.venvctl-0123456789abcdef"
	: >p/q/broken && mkdir p/q/half && cp p/one/pyvenv.cfg p/q/half/
	expect 0 venvctl list p
	version=$("$PY" -c 'import platform; print(platform.python_version())')
	diff - <(printf '%s\n' "$output") <<-END
		p/.hidden/.venv  CPython $version  ok
		p/one  CPython $version  ok
		p/q/half  CPython $version  broken
		p/q/r/s/deep  CPython $version  ok
	END
	expect 0 venvctl list --depth 5 p
	stdout_has p/q/r/s/t/deeper
	expect 0 venvctl list --depth 1 p
	[ "$(wc -l <<<"$output")" = 1 ]
	cd p
	expect 0 venvctl list --json --depth=2
	[ "$(wc -l <<<"$output")" = 3 ]
	while read -r line; do
		json 'o["schema"] == 1 and o["command"] == "list" and o["env_dir"] and o["python"]' <<<"$line"
	done <<<"$output"
	expect 2 venvctl list --depth x
	expect 1 venvctl list nowhere
}

@test "17: list does not enter another file system" {
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip "no mounts"
	mkdir other
	unshare -m sh -ec 'mount -t tmpfs none other
		venvctl create --without-pip -p /usr/bin/python3 other/env
		venvctl create --without-pip -p /usr/bin/python3 env
		venvctl list' >out
	[ "$(cut -d' ' -f1 out)" = env ] || fail "$(cat out)"
}

@test "17: check says one line a problem, with what to do, and exits 1" {
	venvctl create -p "$PY" env
	expect 0 venvctl check env
	[ -z "$output$stderr" ]
	mv env moved
	expect 1 venvctl check moved
	[[ $output =~ ^moved:\ moved:\ .+\ \(.+\)$ ]] || fail "$output"
	expect 1 venvctl check --json moved
	json 'o["schema"] == 1 and not o["ok"] and len(o["problems"]) == 1
		and o["problems"][0]["id"] == "moved" and o["problems"][0]["fixable"] is True
		and o["problems"][0]["fixed"] is False and o["problems"][0]["text"]' <<<"$output"
	snapshot moved >before
	expect 1 venvctl check --fix -n moved
	snapshot moved | diff before -
	expect 0 venvctl check --fix moved
	stdout_has 'moved: moved: '
	stdout_has '(mended)'
	expect 0 venvctl check moved
	moved/bin/pip --version
	expect 2 venvctl check -p 3 moved
	# The status is that of the first that is not 0.
	rm moved/bin/python
	expect 1 venvctl check moved nothing
	expect 9 venvctl check nothing moved
}

@test "17: what cannot be read is an error, not what is not there" {
	# A plain user, for whom modes count; a pip that cannot be seen is not one that is gone.
	reachable
	as 65534 venvctl create -q --link-mode copy -p "$PY" env
	env=$BATS_TEST_TMPDIR/user-65534/env
	chmod 0300 "$env"/lib/python*/site-packages
	expect 1 as 65534 venvctl info env
	stderr_has "cannot read 'env': Permission denied"
	expect 9 as 65534 venvctl check env
	stderr_has "cannot read 'env': Permission denied"
	expect 9 as 65534 venvctl check --fix env
	stderr_has "cannot read 'env': Permission denied"
	expect 0 as 65534 venvctl list .
	stderr_has "warning: cannot read 'env': Permission denied"
	chmod 0755 "$env"/lib/python*/site-packages
	expect 0 as 65534 venvctl check env
}

@test "17: the most important problem comes first" {
	venvctl create -p "$PY" env
	mv env moved
	chmod -x moved/bin/pip
	rm moved/bin/python3
	ln -s nowhere moved/bin/tool
	expect 1 venvctl check moved
	diff <(cut -d: -f2 <<<"$output" | tr -d ' ') - <<-END
		moved
		broken-link
		broken-link
		no-python
		bad-mode
	END
	expect 1 venvctl check --fix moved
	[ "$(grep -c '(mended)$' <<<"$output")" = 4 ]
	grep -q "'bin/tool' leads nowhere (delete it" <<<"$output"
}

@test "a file of bin that names a shell may be there to be read" {
	venvctl create --without-pip -p "$PY" env
	printf '#!/bin/bash\n# This hook is sourced after this virtualenv is activated.\n' >env/bin/postactivate
	printf '#! /usr/bin/zsh -f\n' >env/bin/predeactivate
	expect 0 venvctl check env
	# What sh hands on to Python is a script of Python.
	printf '#!/bin/sh\n"exec" %s "$0" "$@"\n' "'$PWD/env/bin/python'" >env/bin/one
	printf "#!/bin/sh\n'''exec' %s \"\$0\" \"\$@\"\n' '''\n" "$PWD/env/bin/python" >env/bin/two
	printf '#!%s\n' "$PWD/env/bin/python" >env/bin/three
	expect 1 venvctl check env
	for name in one two three; do
		stdout_has "'bin/$name'"
	done
	stdout_has "cannot be run"
	[[ $output != *activate* ]] || fail "$output"
	expect 0 venvctl check --fix env
	[ -x env/bin/one ] && [ -x env/bin/two ] && [ -x env/bin/three ]
	[ ! -x env/bin/postactivate ]
}

@test "lib/python3, where Debian's Python has its dist-packages, is no version's" {
	venvctl create -p "$PY" env
	# As poetry leaves it; the order in which a directory is read is the file system's.
	mkdir -p env/lib/python3/dist-packages env/local/lib/python3.11/dist-packages
	expect 0 venvctl check env
	expect 0 venvctl info --field pip env
	[ -n "$output" ]
	mv env/lib env/other && mkdir env/lib && mv env/other/python3 env/lib/ && mv env/other/* env/lib/
	expect 0 venvctl check env
}

@test "17: what --fix cannot do whole it does not do" {
	venvctl create -p "$PY" env
	mv env moved
	snapshot moved >before
	# In the middle of it one file cannot be replaced.
	chattr +i moved/bin/pip 2>/dev/null || skip "no immutable files"
	run --separate-stderr venvctl check --fix moved
	chattr -i moved/bin/pip
	[ "$status" = 1 ]
	[[ $output != *mended* ]] || fail "$output"
	stderr_has 'bin/pip'
	snapshot moved | diff before -
	no_leftovers .
	expect 0 venvctl check --fix moved
}

@test "17: --fix mends where the site requires plugins, which are for creates and upgrades" {
	mkdir "$BATS_TEST_TMPDIR/skeleton"
	echo '[global]' >"$BATS_TEST_TMPDIR/skeleton/pip.conf"
	site "[plugin:acme-files]
use = files
source = $BATS_TEST_TMPDIR/skeleton

[policy]
required-plugins = acme-files"
	venvctl create --without-pip -p "$PY" env
	mv env moved
	rm moved/bin/python3 moved/pip.conf
	expect 0 venvctl check --fix moved
	expect 0 venvctl check moved
	[ ! -e moved/pip.conf ]
	expect 0 venvctl upgrade moved
	[ -e moved/pip.conf ]
}

@test "17: check --fix -p has an environment stand on another interpreter" {
	mkdir home && ln -s "$(readlink -f "$PY")" home/python3
	venvctl create -p "$PWD/home/python3" env
	sed -i "s|^home = .*|home = $PWD/home|; s|= /usr/bin/python3.*|= $PWD/home/python3|" env/pyvenv.cfg
	ln -sfn "$PWD/home/python3" env/bin/python3
	rm -r home
	expect 1 venvctl check env
	stdout_has 'env: base-gone: '
	expect 1 venvctl check --fix env
	stdout_has '--python SPEC'
	expect 0 venvctl check --fix -p "$PY" env
	stdout_has '(mended)'
	env/bin/python -c pass
	env/bin/pip --version
}

@test "17: a half-built environment becomes what it was" {
	venvctl create --without-pip -p "$PY" env
	echo mine >env/mine
	snapshot env >before
	expect 6 venvctl create --on-failure=keep --add-plugin="$MOCKS/mock-step.so:do=fail" -p "$PY" env
	[ "$(field state env)" = half-built ]
	expect 1 venvctl check env
	stdout_has 'env: half-built: '
	expect 0 venvctl check --fix env
	stdout_has 'mended'
	snapshot env | diff before -
	# And one of which nothing was there before goes.
	expect 6 venvctl create --on-failure=keep --add-plugin="$MOCKS/mock-step.so:do=fail" -p "$PY" new
	expect 0 venvctl check --fix new
	[ ! -e new ]
}

@test "17: remove takes environments alone, and says what went" {
	venvctl create -p "$PY" one
	/usr/bin/python3 -m venv --without-pip two
	mkdir plain && : >file
	expect 0 venvctl remove -n one two
	stdout_has "would remove 'one': "
	[ -d one ] && [ -d two ]
	expect 0 venvctl remove one two
	stderr_has "removed 'one': "
	stderr_has "removed 'two': 0 packages"
	stderr_lacks warning
	expect 4 venvctl remove plain
	expect 4 venvctl remove file
	expect 4 venvctl remove nothing
	expect 0 venvctl remove -f nothing
	expect 4 venvctl remove -f plain
	venvctl create --without-pip -p "$PY" one
	expect 4 venvctl remove --json nothing one
	[ "$(wc -l <<<"$output")" = 2 ]
	json 'o["ok"] and o["changed"] and o["removed_packages"] == 0' <<<"${output##*$'\n'}"
	expect 0 venvctl remove --json -f one
	json 'o["ok"] and not o["changed"]' <<<"$output"
	# Nothing else is left or gone.
	[ "$(ls -A)" = "$(printf 'file\nplain')" ] || fail "$(ls -A)"
}

@test "17: remove leaves projects, the home directory and what a link leads to" {
	venvctl create --without-pip -p "$PY" env
	mkdir env/.git
	expect 4 venvctl remove env
	stderr_has "contains '.git'"
	expect 4 venvctl remove -f env
	rmdir env/.git
	ln -s env link
	mkdir outside && : >outside/precious && ln -s "$PWD/outside" env/lib/out
	expect 0 venvctl remove link
	stderr_has 'hint: '
	[ -d env ] && [ ! -e link ] && [ ! -L link ]
	expect 2 env HOME="$PWD/env" venvctl remove env
	expect 0 venvctl remove env
	[ -e outside/precious ]
}

@test "17: remove goes by no redirect, and takes the one of its environment along" {
	venvctl create --without-pip -p "$PY" env
	echo env >.venv
	expect 4 venvctl remove .venv
	stderr_has "is a redirect to '$PWD/env'"
	[ -d env ] && [ -f .venv ]
	expect 0 venvctl remove env
	[ ! -e .venv ]
	/usr/bin/python3 -m venv --without-pip env
	echo env >.venv
	expect 0 venvctl remove env
	stderr_has 'stays'
	[ -f .venv ]
}

@test "17: remove empties nothing that is mounted" {
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip "no mounts"
	venvctl create --without-pip -p "$PY" env
	mkdir data env/data && : >data/precious
	snapshot env >before
	run -1 unshare -m sh -ec 'mount --bind data env/data; venvctl remove env'
	[[ $output == *"env/data' is a mount point"* ]] || fail "$output"
	[ -e data/precious ]
	snapshot env | diff before -
	run -1 unshare -m sh -ec 'mount --bind env env; venvctl remove env'
	[[ $output == *"mounted on it"* ]] || fail "$output"
	snapshot env | diff before -
}

@test "17: remove refuses while another venvctl is at work, and ends what was killed" {
	venvctl create --without-pip -p "$PY" env
	flock env -c 'sleep 3' &
	sleep 0.5
	expect 4 venvctl remove env
	stderr_has 'at work'
	[ -d env/bin ]
	wait
	# The working directory may lie in it.
	(cd env/bin && expect 0 venvctl remove ../../env)
	[ ! -e env ]
	# A half-built one of which there was nothing before goes; what was there stays.
	run venvctl create --on-failure=keep --add-plugin="$MOCKS/mock-step.so:do=fail" -p "$PY" env
	expect 0 venvctl remove env
	[ ! -e env ]
	mkdir beside && : >beside/mine
	run venvctl create --on-failure=keep --add-plugin="$MOCKS/mock-step.so:do=fail" -p "$PY" beside
	expect 0 venvctl remove beside
	[ "$(ls -A beside)" = mine ]
}

@test "17: shells complete the options and directories of these commands" {
	venvctl completions bash >c.bash
	words() {
		bash -c '. ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _venvctl
			echo "${COMPREPLY[@]}"' bash venvctl "$@"
	}
	mkdir envdir && : >envfile
	[ "$(words check --f)" = --fix ]
	[ "$(words info --)" = "--help --field --env --json" ]
	[ "$(words remove --d)" = --dry-run ]
	[ "$(words list env)" = envdir ]
	venvctl completions zsh | grep -q "check) _arguments .*'--python=:value:'"
	venvctl completions fish | grep -q "from check; and not .*' -l python -r"
}

@test "17: several removes and creates at once: it is there, or it is gone" {
	local round pids pid status
	for round in 1 2 3; do
		venvctl create --without-pip -p "$PY" env
		pids=
		for action in remove remove 'create --clear --without-pip -p /usr/bin/python3' remove; do
			# shellcheck disable=SC2086 # its words
			venvctl $action env 2>>said 3>&- &
			pids="$pids $!"
		done
		for pid in $pids; do
			status=0
			wait "$pid" || status=$?
			[ "$status" = 0 ] || [ "$status" = 4 ] || fail "round $round: $status" "$(cat said)"
		done
		[ ! -e env ] || expect 0 venvctl check env
		no_leftovers .
		rm -rf env
	done
}

@test "17: a directory that takes its place while it is removed stays" {
	command -v strace >/dev/null || skip "no strace"
	# A sanitizer cannot look for leaks there, and ends with another status.
	export ASAN_OPTIONS=detect_leaks=0
	venvctl create --without-pip -p "$PY" env
	strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:delay_enter=3000000 \
		"$(command -v venvctl)" remove env >said 2>&1 3>&- &
	pid=$!
	# Its staging directory is there: what it was asked to remove is locked and looked at.
	for ((i = 0; i < 200; i++)); do
		[ -z "$(find . -maxdepth 1 -name '.venvctl-*')" ] || break
		sleep 0.02
	done
	sleep 0.2
	mv env other
	mkdir env && echo mine >env/precious
	status=0
	wait "$pid" || status=$?
	[ "$status" = 4 ] || fail "status $status" "$(cat said)"
	[ "$(cat env/precious)" = mine ]
	[ -x other/bin/python ]
	no_leftovers .
	grep -q "was moved, removed or replaced" said || fail "$(cat said)"
}
