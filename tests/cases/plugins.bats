#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# plugins.bats - which plugins run, in which order, with which options, and what a
# failure of each hook leaves

setup() {
	load common
	common_setup
	export VENVCTL_PLUGIN_PATH=$MOCKS
	LOG=$PWD/log
	mkdir skel
	: >skel/marker
}

# mock NAME[:KEY=VALUE...]: the argument of --plugin, with the log that `log` shows.
mock() {
	local name=${1%%:*} rest=
	[[ $1 != *:* ]] || rest=,${1#*:}
	printf '%s:log=%s,tag=%s%s' "$name" "$LOG" "$name" "$rest"
}

# log TEXT: the hooks that ran, one line each.
log() {
	[ "$(cat "$LOG")" = "$1" ] || fail "the log is:" "$(cat "$LOG")" "and not:" "$1"
}

# sections TEXT: the user's configuration, with instances a to d that write to the log.
sections() {
	local text='' name
	for name in a b c d; do
		text+="[plugin:$name]
use = mock-seed
provides = thing-$name
log = $LOG
tag = $name
"
	done
	user "$text$1"
}

# seeds: the order in which steps wrote their line of `seed`.
seeds() {
	sed -n 's/ seed .*//p' "$LOG" | tr '\n' ' '
}

@test "every hook in its order, with before_stage of each stage" {
	expect 0 venvctl create -p $PY --plugin "$(mock mock-hooks)" env
	log "mock-hooks open staged
mock-hooks before 0 staged
mock-hooks ensure_directories staged
mock-hooks before 1 staged
mock-hooks create_configuration staged
mock-hooks before 2 staged
mock-hooks setup_python staged
mock-hooks before 3 staged
mock-hooks setup_scripts staged
mock-hooks before 4 staged
mock-hooks seed staged
mock-hooks close 0"
	[ -x env/bin/python3 ]
	[ ! -e env/.venvctl-incomplete ]
}

@test "two plugins: each hook of both, close backwards" {
	expect 0 venvctl create -p $PY --plugin "$(mock mock-seed)" --plugin "$(mock mock-post)" env
	log "mock-seed open staged
mock-post open staged
mock-seed seed staged
mock-post post_setup final
mock-post close 0
mock-seed close 0"
}

@test "VENV_LATER: post_setup is called, and what is listed behind waits" {
	user "[plugin:behind]
use = mock-seed
log = $LOG
tag = behind"
	expect 0 venvctl create -p $PY --plugin "$(mock mock-hooks:at=seed,result=2)" \
		--plugin behind --plugin "$(mock mock-post)" env
	[ "$(grep -E 'seed|post_setup' "$LOG")" = "mock-hooks seed staged
mock-hooks post_setup final
behind seed final
mock-post post_setup final" ] || fail "$(cat "$LOG")"
}

@test "what is held back may still say VENV_LATER" {
	expect 0 venvctl create -p $PY --plugin "$(mock mock-post)" \
		--plugin "$(mock mock-hooks:at=seed,result=2)" -o mock-post.after=x env
	[ "$(grep -E 'seed|post_setup' "$LOG")" = "mock-post post_setup final
mock-hooks seed final
mock-hooks post_setup final" ] || fail "$(cat "$LOG")"
}

@test "VENV_SKIP leaves out the built-in work, not the hook" {
	expect 0 venvctl create -p $PY --plugin "$(mock 'mock-hooks:at=before 3,result=1')" env
	[ ! -e env/bin/activate ]
	[ -x env/bin/python3 ]
	grep -q 'setup_scripts staged' "$LOG"
	expect 0 venvctl create -v -p $PY --plugin "$(mock 'mock-hooks:at=before 2,result=1')" env2
	[ ! -e env2/bin/python3 ]
	[ -e env2/bin/activate ]
	stderr_has "plugin 'mock-hooks' takes over the stage"
}

# HOOKS: where each can fail, before and after publication.
HOOKS=(open "before 0" ensure_directories "before 1" create_configuration "before 2"
	setup_python "before 3" setup_scripts "before 4" seed)

@test "a failure of any hook: status 6, nothing left, closed with the result" {
	local hook
	for hook in "${HOOKS[@]}"; do
		rm -f "$LOG"
		expect 6 venvctl create -p $PY --plugin "$(mock mock-seed)" \
			--plugin "$(mock "mock-hooks:at=$hook,result=-1,message=no luck")" env
		[ "$stderr" = "venvctl: error: cannot create 'env': plugin 'mock-hooks': no luck" ] ||
			fail "$hook: $stderr"
		[ ! -e env ]
		no_leftovers .
		[ "$(tail -1 "$LOG")" = "mock-seed close -36" ] || fail "$hook: $(cat "$LOG")"
		if [ "$hook" = open ]; then
			! grep -q 'mock-hooks close' "$LOG"
		else
			[ "$(tail -2 "$LOG" | head -1)" = "mock-hooks close -36" ]
		fi
	done
}

@test "a failure of any hook leaves an old environment as it was" {
	local hook before way
	expect 0 venvctl create -p $PY --without-pip env
	echo mine >env/mine
	before=$(snapshot env)
	for way in --clear --existing=keep --upgrade; do
		for hook in "${HOOKS[@]}"; do
			expect 6 venvctl create -p $PY "$way" --plugin \
				"$(mock "mock-hooks:at=$hook,result=-1")" env
			stderr_has "plugin 'mock-hooks': it failed"
			[ "$(snapshot env)" = "$before" ] || fail "$way $hook: it changed"
			no_leftovers .
			expect 130 venvctl create -p $PY "$way" --plugin \
				"$(mock "mock-hooks:at=$hook,interrupt=yes")" env
			[ "$(snapshot env)" = "$before" ] || fail "$way $hook: interrupted, it changed"
			no_leftovers .
		done
		expect 6 venvctl create -p $PY "$way" --plugin \
			"$(mock "mock-post:at=post_setup,result=-1,write=mine")" env
		[ "$(snapshot env)" = "$before" ] || fail "$way post_setup: it changed"
		no_leftovers .
	done
}

@test "a failure of any hook leaves a directory that is no environment as it was" {
	local hook before what
	mkdir -p env/bin
	echo mine | tee env/mine >env/bin/tool
	before=$(snapshot env)
	for hook in "${HOOKS[@]}" post_setup; do
		for what in result=-1 interrupt=yes; do
			local plugin=mock-hooks
			[ "$hook" != post_setup ] || plugin=mock-post
			run venvctl create -p $PY --plugin "$(mock "$plugin:at=$hook,$what")" env
			[[ $status = 6 || $status = 130 ]] || fail "$hook, $what: $status"
			[ "$(snapshot env)" = "$before" ] || fail "$hook, $what: it changed"
			no_leftovers .
		done
	done
}

@test "the class of an error is the exit status" {
	local pair
	# FAILED, CANCELLED (nobody asked to stop), UNSUPPORTED, NETWORK, INTEGRITY, NOMEM
	for pair in -1:6 -2:6 -4:6 -5:7 -6:7 -7:1; do
		for hook in open seed; do
			expect "${pair#*:}" venvctl create -p $PY \
				--plugin "$(mock "mock-hooks:at=$hook,result=${pair%:*}")" env
			[ ! -e env ]
		done
		expect "${pair#*:}" venvctl create -p $PY \
			--plugin "$(mock "mock-post:at=post_setup,result=${pair%:*}")" env
		[ ! -e env ]
	done
}

@test "VENV_ERR_CONFIG: 2 if its options are from the command line, else 8" {
	expect 2 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=open,result=-3")" env
	stderr_has "plugin 'mock-hooks': an option is wrong"
	user $'[plugin:mock-hooks]\nat = open\nresult = -3'
	expect 8 venvctl create -p $PY --plugin mock-hooks env
	VENVCTL_POST_SETUP=mock-hooks expect 8 venvctl create -p $PY env
	[ ! -e env ]
}

@test "what a hook may not return is a failure that says so" {
	local r
	for r in 1 2 3 99 -8 -31 -32 -33 -100 2147483647 -2147483648; do
		expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=setup_python,result=$r")" env
		stderr_has "plugin 'mock-hooks': its hook 'setup_python' returned $r, which it may not"
		[ ! -e env ]
	done
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,result=1")" env
	stderr_has "its hook 'seed' returned 1"
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=before 2,result=2")" env
	stderr_has "its hook 'before_stage' returned 2"
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-post:at=post_setup,result=2")" env
	stderr_has "its hook 'post_setup' returned 2"
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=open,result=1")" env
	stderr_has "its hook 'open' returned 1"
	[ ! -e env ]
}

@test "VENV_LATER after writing, or without a post_setup" {
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,result=2,write=x")" env
	stderr_has "its seed said VENV_LATER after it had written"
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,result=2,set=a=b")" env
	stderr_has "its seed said VENV_LATER after it had written"
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-seed:at=seed,result=2")" env
	stderr_has "its seed said VENV_LATER, but it has no post_setup"
	[ ! -e env ]
}

@test "the message and the class of a failed service are the hook's" {
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,write=/etc/x")" env
	stderr_has "plugin 'mock-hooks': '/etc/x' is not a path inside the environment"
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,write=../x")" env
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,write=pyvenv.cfg")" env
	stderr_has "'pyvenv.cfg' is venvctl's own"
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=open,write=x")" env
	stderr_has "there is no environment yet"
	# The file system, not the step: a file where a directory would have to be.
	expect 1 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,write=bin/activate/x")" env
	[ ! -e env ]
	[ ! -e x ]
}

@test "what a failed service said is forgotten with its hook" {
	# setup_scripts fails to write and goes on; a later hook fails for its own reason.
	user "[plugin:mock-hooks]
at = setup_scripts
write = bin/activate/x
careless = yes"
	expect 0 venvctl create -p $PY --plugin mock-hooks ok
	expect 6 venvctl create -p $PY --plugin mock-hooks --add-plugin \
		"$(mock "mock-seed:at=seed,result=-1")" env
	stderr_has "plugin 'mock-seed': it failed"
	# The same plugin, the same session.
	expect 6 venvctl create -p $PY --plugin mock-hooks -o mock-hooks.fail=seed env
	stderr_has "plugin 'mock-hooks': it failed"
	[ ! -e env ]
}

@test "nothing of the environment runs before publication" {
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,run=python")" env
	stderr_has "cannot run before the environment is published"
	[ ! -e env ]
	expect 0 venvctl create -p $PY --plugin "$(mock "mock-post:at=post_setup,run=python")" env
	# Behind one that waits, a seed runs after publication.
	expect 0 venvctl create -p $PY --plugin "$(mock mock-post)" \
		--plugin "$(mock "mock-hooks:at=seed,run=python")" -o mock-post.after=x env2
	expect 0 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,run=$PY")" env3
}

@test "config_set: a key of pyvenv.cfg, before publication only" {
	expect 0 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,set=acme=1 2")" env
	[ "$(grep -c '^acme = 1 2$' env/pyvenv.cfg)" = 1 ]
	expect 0 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=open,set=acme=1")" env2
	grep -q '^acme = 1$' env2/pyvenv.cfg
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-post:at=post_setup,set=acme=1")" env3
	expect 2 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,set=home=/x")" env3
	stderr_has "'home' cannot be set as a key of pyvenv.cfg"
	expect 2 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=seed,set=acme=")" env3
	[ ! -e env3 ]
}

@test "the private directory is there until close, and gone after any end" {
	local result temp
	export TMPDIR=$PWD/tmp
	mkdir tmp
	for result in 0 -1; do
		run venvctl create -p $PY --plugin "$(mock "mock-hooks:temp=yes,at=seed,result=$result")" "e$result"
		temp=$(sed -n 's/.*temp=//p' "$LOG" | tail -1)
		[[ $temp == "$TMPDIR"/* ]]
		[ -z "$(ls -A tmp)" ]
	done
	expect 6 venvctl create -p $PY --plugin "$(mock "mock-hooks:temp=yes,at=open,result=-1")" e2
	[ -z "$(ls -A tmp)" ]
}

@test "an interrupt in any hook: closed, rolled back, ended by the signal" {
	local hook
	for hook in "${HOOKS[@]}"; do
		rm -f "$LOG"
		expect 130 venvctl create -p $PY --plugin "$(mock "mock-hooks:at=$hook,interrupt=yes")" env
		[ ! -e env ]
		no_leftovers .
		# open returned VENV_OK, so close is called.
		[ "$(tail -1 "$LOG")" = "mock-hooks close -2" ] || fail "$hook: $(cat "$LOG")"
	done
	rm -f "$LOG"
	expect 130 venvctl create -p $PY --plugin "$(mock "mock-post:at=post_setup,interrupt=yes")" env
	[ ! -e env ]
	[ "$(tail -1 "$LOG")" = "mock-post close -2" ]
}

@test "order: that of the list, moved only by after" {
	sections ''
	run_in_order() { # run_in_order EXPECTED ARGUMENT...
		rm -f "$LOG"
		expect 0 venvctl create --clear -p $PY "${@:2}" env
		[ "$(seeds)" = "$1 " ] || fail "it was: $(seeds)" "and not: $1"
	}
	run_in_order "a b c d" --plugin a --plugin b --plugin c --plugin d
	run_in_order "d c b a" --plugin d --plugin c --plugin b --plugin a
	run_in_order "b c a d" --plugin a --plugin b --plugin c --plugin d -o a.after=c
	run_in_order "b c d a" --plugin a --plugin b --plugin c --plugin d -o a.after=thing-d
	run_in_order "c d b a" --plugin a --plugin b --plugin c --plugin d -o a.after=b -o b.after=d
	run_in_order "a b" --plugin a --plugin b -o a.after=c
	run_in_order "b c a" --plugin a --plugin b --plugin c -o a.after=b -o a.after=c
	# What it provides itself is nothing to wait for.
	run_in_order "a b" --plugin a --plugin b -o a.after=thing-a
	VENVCTL_POST_SETUP="c a" run_in_order "c a b" --add-plugin b
}

@test "order: after of the note, by name and by what is provided" {
	expect 0 venvctl create -p $PY --plugin "$(mock mock-post)" --plugin "$(mock mock-hooks)" \
		--plugin "$(mock mock-seed)" env
	[ "$(grep -E " (seed|post_setup) " "$LOG" | cut -d' ' -f1,2)" = "mock-hooks seed
mock-seed seed
mock-post post_setup" ] || fail "$(cat "$LOG")"
}

@test "order: plugins that wait for each other are named, and nobody else" {
	sections ''
	expect 2 venvctl create -p $PY --plugin a --plugin b -o a.after=b -o b.after=a env
	stderr_has "'a' comes after 'b', which comes after 'a'"
	expect 2 venvctl create -p $PY --plugin d --plugin a --plugin c --plugin b \
		-o d.after=a -o a.after=thing-b -o b.after=c -o c.after=a env
	stderr_has "'a' comes after 'b', which comes after 'c', which comes after 'a'"
	stderr_lacks "'d'"
	sections $'after = b\n[plugin:a]\nafter = d'
	VENVCTL_POST_SETUP="a d" expect 0 venvctl create -p $PY env
	[ ! -e env/x ]
}

@test "log: what is shown at which level" {
	$CC -shared -fPIC -I"$top_srcdir/include" "$top_srcdir/tests/embed/mock-talk.c" -o mock-talk.so
	says() { # says LINES ARGUMENT...
		expect 0 venvctl create --clear -p $PY --plugin ./mock-talk.so "${@:2}" env
		[ "$(grep -c "plugin 'mock-talk': talking" <<<"$stderr")" = "$1" ] || fail "$stderr"
	}
	says 1 -q
	[ "$stderr" = "venvctl: error: plugin 'mock-talk': talking" ] || fail "$stderr"
	says 2
	stderr_has "venvctl: warning: plugin 'mock-talk': talking"
	says 3 -v
	says 4 -v -v
	# What its child says is the progress, not the log.
	[[ $stderr == *out* && $stderr == *err* ]]
}

@test "names: files that differ in - and _ only, and names that nobody could type" {
	mkdir two odd
	cp "$MOCKS/mock-hooks.so" two/
	cp "$MOCKS/mock-hooks.so" two/mock_hooks.so
	expect 5 venvctl create -p $PY --plugin-path "$PWD/two" --plugin mock-hooks env
	stderr_has "'$PWD/two/mock-hooks.so' and '$PWD/two/mock_hooks.so' are the same name: remove one"
	expect 0 venvctl plugins list
	expect 0 env VENVCTL_PLUGIN_PATH="$PWD/two" venvctl plugins list
	[ "$(grep -c 'are the same name' <<<"$output")" = 1 ] || fail "$output"
	# Any mixture of the two.
	expect 0 venvctl plugins new a-b-c
	$CC -shared -fPIC -I"$top_srcdir/include" a-b-c/a-b-c.c -o odd/a-b-c.so
	cp odd/a-b-c.so odd/a_b-c.so
	expect 5 venvctl create -p $PY --plugin-path "$PWD/odd" --plugin a-b-c env
	stderr_has "a_b-c.so' are the same name"
	rm odd/a_b-c.so
	expect 0 venvctl create -n -p $PY --plugin-path "$PWD/odd" --plugin a-b-c env
	# The note's name is what counts.
	mv two/mock_hooks.so two/other.so
	expect 5 venvctl create -p $PY --plugin ./two/other.so env
	stderr_has "'$PWD/two/other.so' is the plugin 'mock-hooks': its file has to be called 'mock-hooks.so'"
	for name in network Upper _low x23456789012345678901234567890; do
		sed "s/mock_needs/$name/" "$top_srcdir/tests/plugins/mock-needs.c" >odd.c
		$CC -shared -fPIC -I"$top_srcdir/include" odd.c -o "odd/${name//_/-}.so"
		if [[ $name = x* ]]; then
			expect 0 venvctl create -p $PY --plugin "./odd/$name.so:needed=1" env
		else
			expect 5 venvctl create -p $PY --plugin "./odd/${name//_/-}.so" e2
			stderr_has "cannot name a plugin"
		fi
	done
	for name in network Upper ../mock-hooks /x .. ''; do
		user "[plugin:mine]
use = $name"
		run --separate-stderr venvctl create -p $PY --add-plugin mine e2
		[[ $status = [28] ]] || fail "$name: $status $stderr"
		[ ! -e e2 ]
	done
}

@test "a plugin is looked for in each directory, in order, and the first one is it" {
	mkdir first second
	cp "$MOCKS/mock-seed.so" second/
	expect 0 venvctl create -n -p $PY --plugin-path "first:$PWD/second" --plugin mock-seed env
	stdout_has "from $PWD/second/mock-seed.so"
	# What is wrong with the first is an error, not a reason to look further.
	echo nonsense >first/mock-seed.so
	expect 5 venvctl create -n -p $PY --plugin-path "first:$PWD/second" --plugin mock-seed env
	stderr_has "'$PWD/first/mock-seed.so' is no plugin: not an ELF file"
	# The last --plugin-path is not the only one: strongest layer first.
	rm first/mock-seed.so
	user "[venvctl]
plugin-path = $PWD/second"
	expect 0 venvctl create -n -p $PY --plugin-path first --plugin mock-seed env
	stdout_has "from $MOCKS/mock-seed.so"
	VENVCTL_PLUGIN_PATH='' expect 0 venvctl create -n -p $PY --plugin mock-seed env
	stdout_has "from $PWD/second/mock-seed.so"
	expect 5 venvctl create -p $PY --plugin mock-sed env
	stderr_has "there is no plugin 'mock-sed'"
	stderr_has "did you mean 'mock-seed'?"
}

@test "a file without a slash: the hint says how files are named" {
	local how
	cp "$MOCKS/mock-post.so" acme.so
	cp "$MOCKS/mock-step.so" .
	for how in acme.so acme acme.so:tag=x; do
		run --separate-stderr venvctl create -p $PY --plugin=$how env
		[[ $status = [25] ]] || fail "$status"
		stderr_has "hint: a file is named with a '/': ./acme.so"
	done
	expect 5 venvctl plugins info acme.so
	stderr_has "hint: a file is named with a '/': ./acme.so"
	expect 1 venvctl plugins check acme
	stdout_has "(a file is named with a '/': ./acme.so)"
	expect 1 env VENVCTL_PLUGIN_PATH="$MOCKS" venvctl plugins check mock-needs
	stdout_has "(this needs a file: $MOCKS/mock-needs.so)"
	# Of what a file of the configuration names the directory is that file's.
	mkdir -p "$HOME/.config/venvctl"
	mv acme.so "$HOME/.config/venvctl/"
	user $'[create]\npost-setup = acme'
	expect 5 venvctl create -p $PY env
	stderr_has "hint: a file is named with a '/': ./acme.so"
	# One that is found, and refused, is not what lies here by chance; nor is what does not.
	mkdir path
	echo nonsense >path/mock-step.so
	for how in mock-step mock-gone acme.so; do
		VENVCTL_PLUGIN_PATH=path run --separate-stderr venvctl create -p $PY --plugin=$how env
		[[ $status = [25] && $stderr != *"is named with"* ]] || fail "$how: $status" "$stderr"
	done
}

@test "VENVCTL_PLUGIN_PATH: an empty part is no directory, a relative one is the caller's" {
	local parts
	mkdir here
	cp "$MOCKS/mock-seed.so" here/
	cp "$MOCKS/mock-seed.so" .
	# An empty part must not mean the current directory.
	for parts in '' : :: ":$PWD/nothing:"; do
		VENVCTL_PLUGIN_PATH=$parts expect 5 venvctl create -n -p $PY --plugin mock-seed env
		stderr_has "there is no plugin 'mock-seed'"
	done
	for parts in here :here here: ./here; do
		VENVCTL_PLUGIN_PATH=$parts expect 0 venvctl create -n -p $PY --plugin mock-seed env
		stdout_has "from $PWD/here/mock-seed.so"
	done
}

@test "options: each type, from each place, as the plugin sees it" {
	mkdir conf
	user "[plugin:mock-hooks]
log = $LOG
values = on
text = a # b
path = rel/x
location = rel/y
url = https://example.invalid/x
sha256 = AABBCCDDEEFF00112233445566778899aabbccddeeff00112233445566778899
choice = green
flag = 0
number = 9223372036854775807
items = three four
secret = hush"
	sed -i 's/a # b/a b/' "$HOME/.config/venvctl/venvctl.ini"
	expect 0 venvctl create -v -p $PY --plugin mock-hooks env
	for line in "text=a b" "path=$HOME/.config/venvctl/rel/x" "location=$HOME/.config/venvctl/rel/y" \
		url=https://example.invalid/x \
		sha256=aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899 \
		choice=green flag=false number=9223372036854775807 first=three item=three item=four \
		site=built-in "undeclared=(null)" "secret is set"; do
		grep -qxF "mock $line" "$LOG" || fail "no '$line' in" "$(cat "$LOG")"
	done
	stderr_lacks hush
	! grep -rq hush env
	# The command line, in both of its forms, is stronger; a list of it is a whole one.
	rm "$LOG"
	expect 0 venvctl create -p $PY --plugin "mock-hooks:text=x,y,path=p,items=a b,items=c" \
		-o mock-hooks.number=-3 -o mock-hooks.location=file:///z env2
	for line in "text=x,y" "path=$PWD/p" "item=a b" item=c number=-3 location=file:///z; do
		grep -qxF "mock $line" "$LOG" || fail "no '$line' in" "$(cat "$LOG")"
	done
	! grep -q 'item=three' "$LOG"
}

@test "options: on the command line each is one item of a list, blanks and commas included" {
	local sum how
	expect 0 venvctl create -p $PY --plugin "$(mock mock-hooks:values=yes)" \
		-o "mock-hooks.items=a b" -o "mock-hooks.items=acme>=1,<2" --option="mock-hooks.items=c" env
	[ "$(grep -o 'item=.*' "$LOG")" = $'item=a b\nitem=acme>=1,<2\nitem=c' ] || fail "$(cat "$LOG")"
	# Where that cannot be one, the hint says how several are given.
	sum=$(printf '%064d' 0)
	for how in " " ", " ,; do
		expect 2 venvctl create -p $PY --plugin getpip -o "getpip.sha256=$sum$how$sum" other
		stderr_has "hint: each '-o getpip.sha256=...' is one item of the list"
	done
	expect 0 venvctl create -n -p $PY --plugin getpip -o getpip.sha256=$sum -o getpip.sha256=$sum other
	expect 2 venvctl create -p $PY --plugin getpip -o getpip.sha256=xy other
	[[ $stderr != *hint* ]] || fail "$stderr"
	# In a file these are several.
	user "[plugin:getpip]
sha256 = $sum $sum"
	expect 0 venvctl create -n -p $PY --plugin getpip other
}

@test "options: defaults are values as a user would write them" {
	expect 0 venvctl create -p $PY --plugin "$(mock mock-hooks:values=yes)" env
	for line in "text=(null)" choice=red flag=true number=-7 first=one item=one item=two \
		site=built-in; do
		grep -qxF "mock-hooks $line" "$LOG" || fail "no '$line' in" "$(cat "$LOG")"
	done
}

@test "options: a wrong value is 2 on the command line, 8 in a file, and names the place" {
	local pair
	for pair in flag=maybe number=1x number=9223372036854775808 choice=blue sha256=ab \
		url=ftp://x url=nothing nothing=1; do
		expect 2 venvctl create -p $PY --plugin mock-hooks -o "mock-hooks.$pair" env
		stderr_has "-o: "
		stderr_has "mock-hooks"
		expect 2 venvctl create -n -p $PY --plugin "mock-hooks:$pair" env
		user "[plugin:mock-hooks]
tag = x
${pair%%=*} = ${pair#*=}"
		expect 8 venvctl create -p $PY --plugin mock-hooks env
		stderr_has "$HOME/.config/venvctl/venvctl.ini:3"
		rm "$HOME/.config/venvctl/venvctl.ini"
	done
	expect 2 venvctl create -p $PY --plugin mock-hooks -o mock-hooks.txt=1 env
	stderr_has "did you mean 'text'?"
	# Two values of what takes one.
	expect 2 venvctl create -p $PY --plugin mock-hooks:text=a,text=b env
	stderr_has "takes one value, not a list"
	# A wrong secret is not shown.
	user $'[plugin:mock-hooks]\nsecret =\n  hush\n  hush'
	expect 8 venvctl create -p $PY --plugin mock-hooks env
	stderr_lacks hush
	[ ! -e env ]
}

@test "options: how they are written" {
	local arg
	for arg in mock-hooks mock-hooks.text mock-hooks=1 .text=1 mock-hooks.=1; do
		expect 2 venvctl create -p $PY --plugin mock-hooks -o "$arg" env
		stderr_has "-o: expected NAME.KEY=VALUE"
	done
	for arg in mock-hooks:text mock-hooks:=1 mock-hooks:text,number=1; do
		expect 2 venvctl create -p $PY --plugin "$arg" env
		stderr_has "expected KEY=VALUE behind 'mock-hooks:'"
	done
	expect 2 venvctl create -p $PY --plugin mock-hooks -o mock-seed.tag=1 env
	stderr_has "the plugin 'mock-seed' is not selected"
	expect 2 venvctl create -p $PY -o Bad.tag=1 env
	stderr_has "cannot name a plugin"
	expect 0 venvctl create -n -p $PY --plugin "mock-hooks:" env
	[ ! -e env ]
}

@test "options: one that must be set" {
	expect 2 venvctl create -p $PY --plugin mock-needs env
	stderr_has "the plugin 'mock-needs' needs the option 'needed'"
	stderr_has "hint: -o mock-needs.needed=WORD"
	VENVCTL_POST_SETUP=mock-needs expect 8 venvctl create -p $PY env
	expect 0 venvctl create -p $PY --plugin mock-needs:needed=x env
}

@test "options: the site's own" {
	site $'[plugin:mock-hooks]\nsite = theirs'
	expect 0 venvctl create -p $PY --plugin "$(mock mock-hooks:values=yes)" env
	grep -qx 'mock-hooks site=theirs' "$LOG"
	expect 2 venvctl create -p $PY --plugin mock-hooks:site=mine e2
	stderr_has "'mock-hooks.site' can be set in the site's configuration only"
	user $'[plugin:mock-hooks]\nsite = mine'
	expect 8 venvctl create -p $PY --plugin mock-hooks e2
	stderr_has "$HOME/.config/venvctl/venvctl.ini:2"
	[ ! -e e2 ]
}

@test "instances: two of one plugin, each with its options" {
	sections ''
	expect 0 venvctl create -p $PY --plugin a --plugin b:tag=other env
	[ "$(seeds)" = "a other " ]
	expect 2 venvctl create -p $PY --plugin a --plugin a env2
	stderr_has "the plugin 'a' is selected twice"
	expect 2 venvctl create -p $PY --plugin "$MOCKS/mock-seed.so" --plugin mock-seed env2
	user $'[plugin:x]\nuse = nothing'
	expect 5 venvctl create -p $PY --plugin x env2
	stderr_has "'x' uses the plugin 'nothing'"
	user $'[plugin:x]\nuse = mock-seed\nenabled = off'
	expect 2 venvctl create -p $PY --plugin x env2
	stderr_has "the plugin 'x' is not enabled"
	VENVCTL_POST_SETUP=x expect 8 venvctl create -p $PY env2
	[ ! -e env2 ]
}

@test "selection: what replaces, what adds, what takes away" {
	sections ''
	selected() { # selected NAMES ARGUMENT...
		expect 0 venvctl create -n -p $PY "${@:2}" env
		[ "$(awk '$1 == "plugin" { printf "%s ", $2 }' <<<"$output")" = "${1:+$1 }" ] ||
			fail "selected: $output"
	}
	selected "ensurepip"
	selected "a" --plugin a
	selected "a b" --plugin a --plugin b
	selected "ensurepip a" --add-plugin a
	selected "a b" --plugin a --add-plugin b
	selected "" --no-plugins
	VENVCTL_POST_SETUP="b a" selected "b a"
	VENVCTL_POST_SETUP="b a" selected "b a c" --add-plugin c
	VENVCTL_POST_SETUP="b a" selected "c" --plugin c
	VENVCTL_POST_SETUP="b a" selected "" --no-plugins
	selected "" --without-pip
	selected "a" --without-pip --plugin a -o a.provides=x
	VENVCTL_POST_SETUP="a mock-seed" selected "a" --without-pip
	VENVCTL_WITHOUT_PIP=1 selected "mock-seed" --plugin mock-seed
	VENVCTL_WITHOUT_PIP=1 selected "" # the configured list alone gives way
	expect 2 venvctl create -p $PY --without-pip --plugin mock-seed env
	stderr_has "you cannot supply --without-pip and the plugin 'mock-seed', which installs it"
	expect 2 venvctl create -p $PY --no-plugins --plugin a env
	stderr_has "you cannot supply --no-plugins and the plugin 'a' together"
	expect 2 venvctl create -p $PY --no-plugins --add-plugin a env
	[ ! -e env ]
}

@test "-n writes nothing, calls no hook, and prints the order with origins" {
	local before
	sections $'after = b\n[create]\npost-setup = d a b'
	before=$(snapshot .)
	expect 0 venvctl create -n -p $PY --add-plugin "$(mock mock-hooks)" env
	[ "$before" = "$(snapshot .)" ]
	[ ! -e "$LOG" ]
	python3 - "$output" <<-'END'
		import re, sys
		lines = [l for l in sys.argv[1].splitlines() if l.startswith("plugin ")]
		assert [l.split()[1] for l in lines] == ["a", "b", "d", "mock-hooks"], lines
		assert all("mock-seed.so" in l for l in lines[:3]), lines
		assert all(re.search(r"venvctl\.ini:\d+", l) for l in lines[:3]), lines
		assert "--add-plugin" in lines[3], lines
	END
	# Nor does a plan run the code of a plugin that will fail.
	expect 0 venvctl create -n -p $PY --plugin "$(mock mock-hooks:at=open,result=-1)" env
	[ ! -e "$LOG" ]
	[ ! -e env ]
}

@test "a plugin that cannot be seen: the next directory's does not take its place" {
	command -v strace >/dev/null || skip "strace is not installed"
	skip_sanitized "strace and LeakSanitizer both want to trace"
	mkdir one two
	cp "$MOCKS/mock-seed.so" one
	cp "$MOCKS/mock-seed.so" two
	# failing CALLS PATH COMMAND...
	failing() {
		strace -f -o /dev/null -P "$2" -e "inject=$1:error=EIO" "${@:3}"
	}
	export VENVCTL_PLUGIN_PATH=$PWD/one:$PWD/two
	expect 0 venvctl create -n -p $PY --plugin mock-seed env
	stdout_has "$PWD/one/mock-seed.so"
	expect 5 failing %%stat "$PWD/one/mock-seed.so" venvctl create -p $PY --plugin mock-seed env
	stderr_has "cannot look at '$PWD/one/mock-seed.so': Input/output error"
	expect 5 failing getdents64 "$PWD/one" venvctl create -p $PY --plugin mock-seed env
	stderr_has "cannot look at '$PWD/one': Input/output error"
	expect 5 failing getdents64 "$PWD/one" venvctl plugins list
	stderr_has "cannot look at '$PWD/one': Input/output error"
	[ -z "$output" ]
	[ ! -e env ]
}
