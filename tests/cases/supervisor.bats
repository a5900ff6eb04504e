# SPDX-License-Identifier: MIT
# supervisor.bats - whatever a plugin does to its process: who it was, and the state before

setup() {
	load common
	common_setup
	# A sanitizer would turn a signal into an exit status of its own.
	export ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0
	FATAL=$MOCKS/mock-fatal.so
	# What the main thread has on its stack is lost then: a sanitizer would call that a leak.
	grep -qa __asan_init "$(command -v venvctl)" || deeds="$deeds end-thread"
}

teardown() {
	end_started
	# What a plugin left on purpose.
	[ ! -s "${MOCK_FATAL_PID-}" ] || kill -9 "$(cat "$MOCK_FATAL_PID")" 2>/dev/null || true
}

# create ARGS...: without pip, by the plugin.
create() {
	venvctl create --without-pip -p "$PY" "$@"
}

# make CASE: what is there before a create.
make() {
	rm -rf env
	case $1 in
	new) ;;
	env)
		create env
		echo mine >env/mine
		;;
	other)
		mkdir -p env/share
		echo mine | tee env/mine >env/share/mine
		;;
	esac
}

# json_is EXPRESSION: true of the list `lines` of what was printed.
json_is() {
	python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.argv[1].splitlines()]
sys.exit(not ('"$1"'))' "$output" || fail "not so: $1" "$output"
}

# What a hook forked is still there, and then no more.
end_stayed() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ ! -s "$MOCK_FATAL_PID" ] || break
		sleep 0.02
	done
	kill -9 "$(cat "$MOCK_FATAL_PID")"
}

ended() { # ended DEED: what the message says of it
	case $1 in
	exit | _exit | daemon | fork-exit | exec | end-thread) echo "ended the process with status 0" ;;
	exit-3) echo "ended the process with status 3" ;;
	abort) echo "crashed (Aborted)" ;;
	crash) echo "crashed (Segmentation fault)" ;;
	kill) echo "was killed (Killed)" ;;
	esac
}
deeds="exit _exit exit-3 abort crash kill daemon fork-exit exec"

@test "a plugin that ends its process in a hook: status 6, its name, the state before" {
	local case deed hook args
	export MOCK_FATAL_PID=$BATS_TEST_TMPDIR/stayed
	for case in new env other; do
		make $case
		snapshot . >../before
		for hook in open setup_scripts seed post_setup; do
			for deed in $deeds; do
				# What there was is put back by the same code, whatever the deed.
				[ $case = new ] || [[ $deed = *crash || $deed = fork-exit ]] || continue
				args=
				[ $case != env ] || args=--clear
				rm -f "$MOCK_FATAL_PID"
				expect 6 create $args --add-plugin="$FATAL:at=$hook,do=$deed" env
				[ "$stderr" = "venvctl: error: cannot create 'env': plugin 'mock-fatal': its hook '$hook' $(ended $deed)" ] ||
					fail "$case, $deed in $hook:" "$stderr"
				[ -z "$output" ]
				snapshot . | diff ../before - || fail "$case, $deed in $hook"
				[ $deed != fork-exit ] || end_stayed
			done
		done
	done
}

@test "... in place, upgrading, inside the environment, and with a parent that was made" {
	local deed hook
	make env
	snapshot . >../before
	for hook in open seed post_setup; do
		expect 6 create --add-plugin="$FATAL:at=$hook,do=exit" env
		snapshot . | diff ../before -
		expect 6 create --upgrade --add-plugin="$FATAL:at=$hook,do=exit" env
		stderr_has "cannot upgrade 'env': plugin 'mock-fatal': its hook '$hook' ended"
		snapshot . | diff ../before -
		cd env
		expect 6 create --clear --add-plugin="$FATAL:at=$hook,do=exit" .
		cd ..
		snapshot . | diff ../before -
		expect 6 create --add-plugin="$FATAL:at=$hook,do=exit" a/b/c
		snapshot . | diff ../before -
	done
}

@test "... in undo: both failures are told, and what was there is put back" {
	local case deed args said
	export MOCK_FATAL_PID=$BATS_TEST_TMPDIR/stayed
	said="plugin 'mock-step': it was asked to fail; while that was undone, plugin 'mock-fatal': its hook 'undo'"
	for case in new env other; do
		make $case
		snapshot . >../before
		for deed in $deeds; do
			[ $case = new ] || [[ $deed = *crash || $deed = fork-exit ]] || continue
			args=
			[ $case != env ] || args=--clear
			rm -f "$MOCK_FATAL_PID"
			expect 6 create --json $args --add-plugin="$FATAL:at=undo,do=$deed" \
				--add-plugin="$MOCKS/mock-step.so:do=fail" env
			[ -z "$stderr" ] || fail "$stderr"
			json_is 'len(lines) == 1 and lines[0]["error"]["message"] == "cannot create '"'env'"': '"$said $(ended $deed)"'"'
			snapshot . | diff ../before - || fail "$case, $deed in undo"
			no_leftovers .
			[ $deed != fork-exit ] || end_stayed
		done
	done
	# The next target has a failure of its own, and close comes when all is undone.
	expect 6 create --keep-going --add-plugin="$FATAL:at=close,do=crash,only=a" \
		--add-plugin="$MOCKS/mock-step.so:do=fail" a b
	stderr_has "cannot create 'a': plugin 'mock-step': it was asked to fail; when that was undone, plugin 'mock-fatal': its hook 'close' crashed (Segmentation fault)"
	stderr_has "cannot create 'b': plugin 'mock-step': it was asked to fail"
	stderr_lacks "cannot create 'b': plugin 'mock-step': it was asked to fail;"
}

@test "--on-failure keep: what is published stays, half-built" {
	expect 6 create --on-failure keep --add-plugin="$FATAL:at=post_setup,do=crash" env
	[ -e env/.venvctl-incomplete ]
	[ -e env/share/placed ]
	expect 0 create --add-plugin="$FATAL" env
	no_leftovers .
	rm -r env
	expect 6 create --on-failure keep --add-plugin="$FATAL:at=seed,do=crash" env
	[ ! -e env ]
	no_leftovers .
}

@test "while it is loaded: status 5, its name, nothing made; also with -n" {
	local deed message
	export MOCK_FATAL_PID=$BATS_TEST_TMPDIR/stayed
	for deed in $deeds; do
		message="the plugin 'mock-fatal' $(ended $deed) while it was being loaded"
		export MOCK_FATAL_LOAD=$deed
		rm -f "$MOCK_FATAL_PID"
		expect 5 create --add-plugin="$FATAL" a b c
		[ "$stderr" = "venvctl: error: $message" ] || fail "$stderr"
		[ $deed != fork-exit ] || end_stayed
		rm -f "$MOCK_FATAL_PID"
		expect 5 create -n --json --add-plugin="$FATAL" a b c
		json_is 'len(lines) == 1 and lines[0]["env_dir"] == "a"'
		json_is 'lines[0]["error"] == {"code": "plugin", "exit": 5, "hint": None, "message": "'"$message"'"}'
		[ $deed != fork-exit ] || end_stayed
		rm -f "$MOCK_FATAL_PID"
		expect 5 create --keep-going --json --add-plugin="$FATAL" a b c
		json_is '[x["env_dir"] for x in lines] == ["a", "b", "c"]'
		json_is 'all(x["error"]["exit"] == 5 for x in lines)'
		[ $deed != fork-exit ] || end_stayed
		unset MOCK_FATAL_LOAD
		[ -z "$(ls -A)" ] || fail "$deed: $(ls -A)"
	done
}

@test "nothing of a plugin runs when the tool is done with it" {
	local n
	export MOCK_FATAL_UNLOAD=crash
	for n in "" -n; do
		expect 0 create $n --add-plugin="$FATAL" env
		# What is wrong is found when it is loaded already.
		expect 2 create $n --keep-going --add-plugin="$FATAL:none=x" a b
		[ "$stderr" = "venvctl: error: --add-plugin: 'mock-fatal' has no option 'none'
venvctl: error: --add-plugin: 'mock-fatal' has no option 'none'" ] || fail "$stderr"
	done
	[ "$(ls -A)" = env ]
}

@test "under -n, in open of a plugin that only looks: the same, and twice ends it" {
	local deed
	$CC -shared -fPIC -w -D_GNU_SOURCE -I"$top_srcdir/include" -DFLAGS=VENV_PLUGIN_LOOKS \
		"$top_srcdir/tests/plugins/mock-fatal.c" -o mock-fatal.so -pthread
	snapshot . >../before
	for deed in exit _exit crash exec; do
		expect 6 create -n --json --add-plugin="./mock-fatal.so:at=open,do=$deed" env
		[ -z "$stderr" ] || fail "$stderr"
		json_is 'len(lines) == 1 and lines[0]["error"]["message"] == "cannot create '"'env'"': plugin '"'mock-fatal'"': its hook '"'open'"' '"$(ended $deed)"'"'
		snapshot . | diff ../before -
	done
	hang -n --add-plugin="./mock-fatal.so:at=open,do=hang" env
	kill -TERM $started
	sleep 0.3
	kill -0 $started || fail "one signal ended it"
	kill -TERM $started
	ends_by TERM
	stderr_has "its hook 'open' did not stop when it was asked to"
	snapshot . | diff ../before -
}

@test "several targets: an answer for each that was attempted, the others are made" {
	local hook
	for hook in open seed post_setup; do
		expect 6 create --json --add-plugin="$FATAL:at=$hook,do=exit" a b c
		json_is 'len(lines) == 1 and not lines[0]["ok"] and lines[0]["env_dir"] == "a"'
		[ -z "$(ls -A)" ]
		expect 6 create --json --add-plugin="$FATAL:at=$hook,do=exit,only=b" a b c
		json_is '[x["ok"] for x in lines] == [True, False]'
		[ "$(ls -A)" = a ]
		rm -r a
		expect 6 create --json --keep-going --add-plugin="$FATAL:at=$hook,do=exit,only=b" a b c
		json_is '[x["ok"] for x in lines] == [True, False, True]'
		json_is 'lines[1]["error"]["exit"] == 6 and lines[1]["error"]["code"] == "step"'
		json_is '"mock-fatal" in lines[1]["error"]["message"] and "'$hook'" in lines[1]["error"]["message"]'
		[ "$(ls -A)" = $'a\nc' ]
		rm -r a c
		expect 6 create --json --keep-going --add-plugin="$FATAL:at=$hook,do=crash" a b c
		json_is '[x["ok"] for x in lines] == [False] * 3'
		[ -z "$(ls -A)" ]
	done
	expect 0 create --json --add-plugin="$FATAL" a b c
	json_is 'len(lines) == 3 and all(x["ok"] for x in lines)'
}

@test "what a hook prints is no result" {
	local hook
	for hook in open seed post_setup close; do
		expect 0 create --json --clear --add-plugin="$FATAL:at=$hook,do=print" env
		json_is 'len(lines) == 1 and lines[0]["ok"]'
		stderr_has "printed by a hook"
	done
	MOCK_FATAL_LOAD=print expect 0 create -n --add-plugin="$FATAL" new
	stderr_has "printed by a hook"
	stdout_has "target   $PWD/new: new, nothing is there"
	[[ $output != *"printed by"* ]]
	# A long result, of more than one message.
	local long
	long=$(printf '%100000s' x)
	expect 0 create -n --add-plugin="$FATAL:only=$long" new
	stdout_has "only = $long"
	# Closed, where a descriptor of ours could lie.
	expect 6 bash -c 'venvctl create --without-pip -p "$@" new >&-' - "$PY" \
		--add-plugin="$FATAL:at=seed,do=exit"
	stderr_has "its hook 'seed' ended the process"
}

@test "umask, working directory, locale and signal mask are put back, and that is told" {
	local deed hook what
	create --add-plugin="$FATAL" good
	for deed in umask chdir locale block; do
		case $deed in
		umask) what="the umask" ;;
		chdir) what="the working directory" ;;
		locale) what="the locale" ;;
		block) what="which signals are blocked" ;;
		esac
		for hook in open setup_scripts seed post_setup; do
			expect 0 create --add-plugin="$FATAL:at=$hook,do=$deed" a b
			[ "$stderr" = "venvctl: warning: plugin 'mock-fatal': its hook '$hook' changed $what: put back
venvctl: warning: plugin 'mock-fatal': its hook '$hook' changed $what: put back" ] ||
				fail "$deed in $hook:" "$stderr"
			[ "$(find good -printf '%P %m\n' | sort)" = "$(find b -printf '%P %m\n' | sort)" ] ||
				fail "$deed in $hook" "$(find b -printf '%P %m\n')"
			rm -r a b
		done
		MOCK_FATAL_LOAD=$deed expect 0 create --add-plugin="$FATAL" a
		[ "$stderr" = "venvctl: warning: plugin 'mock-fatal': loading it changed $what: put back" ] ||
			fail "$stderr"
		[ "$(find good -printf '%P %m\n' | sort)" = "$(find a -printf '%P %m\n' | sort)" ]
		rm -r a
	done
	expect 0 create -q --add-plugin="$FATAL:at=seed,do=umask" a
	[ -z "$stderr" ]
}

@test "what a hook forks keeps no lock, whether its create ends well or not" {
	local hook case
	export MOCK_FATAL_PID=$BATS_TEST_TMPDIR/stayed
	for case in new env other; do
		for hook in open post_setup; do
			make $case
			rm -f "$MOCK_FATAL_PID"
			expect 6 create --add-plugin="$FATAL:at=$hook,do=fork-exit" env
			# It lives, and has descriptors of the environment.
			expect 0 create env
			end_stayed
			make $case
			rm -f "$MOCK_FATAL_PID"
			expect 0 create --add-plugin="$FATAL:at=$hook,do=fork" env
			expect 0 create --clear --force env
			end_stayed
		done
	done
}

@test "a hook that comes back twice goes on once" {
	expect 0 create --json --add-plugin="$FATAL:at=seed,do=twice" env
	json_is 'len(lines) == 1 and lines[0]["ok"]'
	no_leftovers .
}

@test "a hook that closes every descriptor: status 6, its name, the state before" {
	make env
	snapshot . >../before
	expect 6 create --json --clear --add-plugin="$FATAL:at=seed,do=close" env
	json_is 'len(lines) == 1 and "mock-fatal" in lines[0]["error"]["message"]'
	snapshot . | diff ../before -
}

# hang ARGS...: a create whose hook hangs, in $started; returns when it does.
hang() {
	: >../log
	env --default-signal=INT,TERM,HUP venvctl create --without-pip -p "$PY" --json "$@" \
		>../out 2>../log 3>&- &
	started=$!
	local i
	for ((i = 0; i < 500; i++)); do
		grep -q hanging ../log && return
		sleep 0.02
	done
	fail "it never hung" "$(cat ../log)"
}

ends_by() { # ends_by SIGNAL
	status=0
	wait "$started" || status=$?
	[ "$status" -eq $((128 + $(kill -l "$1"))) ] || fail "status $status" "$(cat ../log)"
	started=
	output=$(cat ../out)
	stderr=$(cat ../log)
	[ -z "$(pgrep -f "$PWD/hangs")" ]
	json_is 'len(lines) == 1 and not lines[0]["ok"]'
}

@test "interrupted: once asks, twice ends" {
	local signal hook case args
	for case in new env; do
		make $case
			snapshot . >../before
		for hook in open seed post_setup; do
			for signal in $(shuf -n1 -e INT TERM HUP); do
				args=
				[ $case = new ] || args=--clear
				hang $args --add-plugin="$FATAL:at=$hook,do=obey" env
				kill -$signal $started
				ends_by $signal
				snapshot . | diff ../before - || fail "$case, $signal, obeyed in $hook"
				hang $args --add-plugin="$FATAL:at=$hook,do=hang" env
				kill -$signal $started
				sleep 0.3
				kill -0 $started || fail "one signal ended it"
				kill -$signal $started
				ends_by $signal
				stderr_has "plugin 'mock-fatal': its hook '$hook' did not stop when it was asked to"
				snapshot . | diff ../before - || fail "$case, $signal, deaf in $hook"
			done
		done
	done
}

@test "interrupted, and then in undo: it is ended by the second, and told by its name" {
	local case args step=$MOCKS/mock-step.so
	# The same plugin twice: its second instance waits for the interrupt.
	export VENVCTL_PLUGIN_PATH=$MOCKS
	user $'[plugin:second]\nuse = mock-fatal\nat = post_setup\ndo = obey'
	for case in new env; do
		make $case
		snapshot . >../before
		args=
		[ $case = new ] || args=--clear
		# A step failed, and undo hangs: once asks, twice ends.
		hang $args --add-plugin="$FATAL:at=undo,do=hang" --add-plugin="$step:do=fail" env
		kill -INT $started
		sleep 0.3
		kill -0 $started || fail "one signal ended it"
		kill -INT $started
		ends_by INT
		stderr_has "plugin 'mock-fatal': its hook 'undo' did not stop when it was asked to"
		snapshot . | diff ../before - || fail "$case"
		# The user interrupts another step: the first signal came before undo.
		hang $args --add-plugin=mock-fatal:at=undo,do=hang --add-plugin=second env
		kill -INT $started
		timeout 60 bash -c 'until [ "$(grep -c hanging ../log)" = 2 ]; do sleep 0.02; done'
		sleep 0.3
		kill -TERM $started
		ends_by TERM
		stderr_has "its hook 'undo' did not stop when it was asked to"
		snapshot . | diff ../before - || fail "$case"
		# And if undo crashes then, it is the interrupt that the tool ends of.
		hang $args --add-plugin=mock-fatal:at=undo,do=crash --add-plugin=second env
		kill -INT $started
		ends_by INT
		json_is '"its hook '"'undo'"' crashed" in lines[0]["error"]["message"]'
		snapshot . | diff ../before - || fail "$case"
	done
}

@test "who waits for a plugin sleeps, also when nothing can be heard of it any more" {
	local deed ticks
	for deed in hang close-hang; do
		hang --add-plugin="$FATAL:at=seed,do=$deed" env
		sleep 1
		ticks=$(sed 's/.*) //' /proc/$started/stat | awk '{ print $12 + $13 }')
		[ "$ticks" -lt 12 ] || fail "$deed: $ticks ticks of $(getconf CLK_TCK) a second"
		kill -INT $started
		sleep 0.3
		kill -INT $started
		ends_by INT
		[ -z "$(ls -A)" ] || fail "$(ls -A)"
	done
}

@test "interrupted while a plugin is loaded, and where everything is blocked" {
	local n
	for n in "" -n; do
		MOCK_FATAL_LOAD=hang hang $n --add-plugin="$FATAL" a b c
		kill -TERM $started
		sleep 0.3
		kill -0 $started
		kill -INT $started
		ends_by INT
		stderr_has "plugin 'mock-fatal': loading it did not stop"
	done
	hang --keep-going --add-plugin="$FATAL:at=seed,do=hang-deaf" a b c
	kill -INT $started
	sleep 0.3
	kill -TERM $started
	ends_by TERM
	[ -z "$(ls -A)" ]
}

@test "a terminal's INT reaches both, a sender's to the whole group counts once" {
	cat >../run.py <<-'END'
		import os, pty, select, signal, sys, time
		how, argv = sys.argv[1], sys.argv[2:]
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(argv[0], argv)
		seen = b""
		def until(text):
		    global seen
		    while text not in seen:
		        seen += os.read(fd, 4096)
		until(b"hanging")
		def interrupt():
		    if how == "terminal":
		        os.write(fd, b"\x03")
		    else:
		        os.killpg(pid, signal.SIGINT)
		interrupt()
		if "do=hang" in argv[-2]:
		    time.sleep(0.3)
		    assert os.waitpid(pid, os.WNOHANG) == (0, 0), "one ended it"
		    interrupt()
		try:
		    while True:
		        data = os.read(fd, 4096)
		        if not data:
		            break
		        seen += data
		except OSError:
		    pass
		status = os.waitpid(pid, 0)[1]
		sys.stdout.write(seen.decode())
		sys.exit(0 if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT else 1)
	END
	local how deed
	for how in terminal group; do
		for deed in obey obey-apart hang; do
			# A shell that runs the tests in the background has INT ignored.
			expect 0 env --default-signal=INT timeout 60 python3 ../run.py $how venvctl create --without-pip -p "$PY" \
				--add-plugin="$FATAL:at=post_setup,do=$deed" env
			[ -z "$(ls -A)" ] || fail "$(ls -A)"
		done
		stdout_has "its hook 'post_setup' did not stop"
	done
}

@test "killed: the create is, too, and the next one repairs" {
	make env
	snapshot . >../before
	hang --clear --add-plugin="$FATAL:at=post_setup,do=hang-deaf" env
	local child
	child=$(pgrep -P "$started")
	kill -9 "$started"
	wait "$started" || true
	started=
	for ((i = 0; i < 100; i++)); do
		kill -0 "$child" 2>/dev/null || break
		sleep 0.02
	done
	[ -e env/.venvctl-incomplete ]
	expect 6 create --add-plugin="$FATAL:at=open,do=exit" env
	snapshot . | diff ../before -
}

@test "one process more for a plugin of others, none for our own" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "they make calls of their own"
	mkdir tree
	create warm
	forks() {
		strace -f -qq -o trace venvctl create --without-pip -p "$PY" "$@"
		grep -cE ' (fork|vfork|clone|clone3)\(' trace || true
	}
	[ "$(forks --plugin=files --add-plugin=ensurepip -n a)" = 0 ] || fail "$(grep clone trace)"
	[ "$(forks --plugin=files -o files.source="$PWD/tree" a)" = 0 ]
	local own supervised
	own=$(wc -l <trace)
	cp "$TEST_PREFIX/lib/venvctl/plugins/files.so" .
	[ "$(forks --plugin=./files.so -o files.source="$PWD/tree" b)" = 1 ]
	supervised=$(wc -l <trace)
	echo "# $own system calls with our own, $supervised with the same file as another's" >&3
	[ $((supervised - own)) -le 120 ] || fail "$(cat trace)"
	[ -e a/pyvenv.cfg ] && [ -e b/pyvenv.cfg ]
	[ "$(forks --add-plugin="$FATAL" d e f)" = 1 ]
	# All that are shipped.
	for own in "$TEST_PREFIX"/lib/venvctl/plugins/*.so; do
		own=${own##*/}
		own=${own%.so}
		# Also where it is refused: what it needs is not given here.
		forks --plugin="$own" -n c 2>said >/dev/null || true
		[ "$(grep -c SEQPACKET trace)" = 0 ] || fail "$own is not known as our own"
	done
	# A name of ours elsewhere, another name beside ours: both are of others.
	cp -r "$TEST_PREFIX" root
	cp "$FATAL" root/lib/venvctl/plugins/
	PATH=$PWD/root/bin:$PATH
	[ "$(forks --add-plugin=mock-fatal g)" = 1 ]
	[ "$(forks --plugin=files -o files.source="$PWD/tree" h)" = 0 ]
}
