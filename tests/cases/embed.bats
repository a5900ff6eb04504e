#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# embed.bats - libvenvctl in programs of others: every function, and nothing behind
# their back

setup() {
	load common
	common_setup
	skip_sanitized "the programs would have to be built with them, too"
	kit_setup
	export LD_LIBRARY_PATH=$LIB
}

# program NAME, plugin NAME FLAG...: built as others would.
program() {
	$CC -std=gnu11 -Wall -Wextra -Werror "$top_srcdir/tests/embed/$1.c" \
		$(pkg-config --cflags --libs libvenvctl) -pthread -o "$@"
}

plugin() {
	$CC -std=gnu11 -Wall -Wextra -Werror -shared -fPIC $(pkg-config --cflags venvctl-plugin) \
		"${@:2}" "$top_srcdir/tests/embed/$1.c" -o "$1.so"
}

@test "every function, with errors, stages, context, cancellation" {
	program all
	plugin mock-talk
	mkdir -p mine/common
	echo 'echo __VENV_NAME__' >mine/common/mine.sh
	user $'[create]\nnonsense = 1'
	# Configuration and environment are nothing to a library that was not told.
	export VENVCTL_POST_SETUP=nothing VENVCTL_NONSENSE=1
	expect 0 ./all mine ./mock-talk.so
	[ "$output" = "all done" ] || fail "$output"
	[ -z "$stderr" ] || fail "$stderr"
	[ "$(cat stages/bin/mine.sh)" = "echo 'stages'" ] || fail "$(cat stages/bin/mine.sh)"
	grep -qx "prompt = 'mine'" stages/pyvenv.cfg
	grep -qx 'include-system-site-packages = false' plain/pyvenv.cfg
	no_leftovers .
}

@test "nothing of the process is another one afterwards" {
	command -v strace >/dev/null || skip "strace is not installed"
	program all
	plugin mock-talk
	mkdir -p mine/common
	: >mine/common/mine.sh
	user $'[create]\nnonsense = 1'
	expect 0 strace -f -o trace -e trace=chdir,fchdir,umask,rt_sigaction,exit_group ./all mine ./mock-talk.so
	local pid
	pid=$(tail -1 trace | cut -d' ' -f1)
	grep "^$pid " trace >own
	! grep -E 'chdir|umask' own || fail "$(cat own)"
	# Looking at a signal's action changes nothing.
	! grep -E 'rt_sigaction\([A-Z0-9_]+, \{' own || fail "$(cat own)"
	[ "$(grep -c exit_group own)" = 1 ]
}

@test "venv_progress_stderr" {
	program progress
	expect 0 ./progress
	[ -z "$output" ]
	# As the specification's example: a dot for each line of output.
	[ "$stderr" = "Installing pip .....done."$'\n'three ] || fail "$stderr"
}

@test "an installer through the library: its progress by streams, its failures" {
	program installer
	cat >get-pip.py <<-'END'
		import os, sys, sysconfig
		where = os.path.join(sysconfig.get_path("purelib"), "pip")
		os.makedirs(where)
		for name in "__init__.py", "__main__.py":
		    open(os.path.join(where, name), "w").close()
		sys.stdout.write("one\ntwo")
	END
	GETPIP=getpip:url=$PWD/get-pip.py
	expect 0 ./installer env "$GETPIP"
	[ -z "$stderr" ] || fail "$stderr"
	want="data: main: Installing pip ...|
data: stdout: one
data: stdout: two|
data: main: done."
	[ "$output" = "$want" ] || fail "$output"
	# Before publication nobody says anything.
	expect 0 ./installer native ensurepip
	[ -z "$output$stderr" ] || fail "$output$stderr"
	echo 'raise SystemExit("broken")' >get-pip.py
	expect 1 ./installer bad "$GETPIP"
	want="data: main: Installing pip ...|
data: stderr: broken
data: main: failed."
	[ "$output" = "$want" ] || fail "$output"
	[[ $stderr == *"cannot create 'bad': plugin 'getpip': "* ]]
	[ ! -e bad ]
	expect 1 ./installer bad "getpip:url=https://localhost:1/x.py,sha256=no"
	[ -z "$output" ]
	no_leftovers .
}

@test "plugins that are not parallel take turns, others are at work at once" {
	program turns
	plugin mock-turns -DFLAGS=0
	expect 0 ./turns ./mock-turns.so
	[ -z "$output$stderr" ] || fail "$output$stderr"
	[ -x one/bin/python3 ]
	[ -x two/bin/python3 ]
	rm -r one two
	plugin mock-turns -DFLAGS=VENV_PLUGIN_PARALLEL
	expect 0 ./turns ./mock-turns.so
	[ -z "$output$stderr" ] || fail "$output$stderr"
	[ -x one/bin/python3 ]
	[ -x two/bin/python3 ]
}

@test "a builder whose preparation failed is used again" {
	program again
	mkdir files
	expect 0 ./again "$MOCKS/mock-hooks.so"
	# Each time the same, and nothing else.
	[ "$(sort -u <<<"$output")" = "the plugin 'files' needs the option 'source'" ] || fail "$output"
	[ "$(wc -l <<<"$output")" -eq 3 ]
	[ -x env/bin/python3 ]
}

@test "a create that ends early leaves nothing open, and no memory of its error" {
	program early
	expect 0 ./early
	[ -z "$output$stderr" ] || fail "$output$stderr"
	[ -x env/bin/python3 ]
}

@test "a create that waits for its turn is cancelled" {
	program cancel
	plugin mock-gate
	expect 0 ./cancel ./mock-gate.so
	[ -z "$output$stderr" ] || fail "$output$stderr"
	[ -x first/bin/python3 ]
	[ ! -e second ]
	no_leftovers .
}

@test "a create inside a create: never by the builder that is at work" {
	program nested -rdynamic
	plugin mock-nested
	expect 0 ./nested ./mock-nested.so
	[ -z "$output$stderr" ] || fail "$output$stderr"
	[ -x outer/bin/python3 ]
	[ -x other/bin/python3 ]
	[ -x after/bin/python3 ]
	[ ! -e inner ]
	no_leftovers .
}

@test "what a subclass of EnvBuilder can do" {
	program methods
	mkdir -p mine/common
	echo 'echo __VENV_NAME__' >mine/common/mine.sh
	expect 0 ./methods mine
	[ "$output" = "all done" ] || fail "$output"
	[ -z "$stderr" ] || fail "$stderr"
	no_leftovers .
	# Nobody asked for a log.
	[ ! -e "$XDG_STATE_HOME" ] && [ ! -e "$HOME/.local" ]
	# The files of the library's option are its own.
	expect 2 venvctl create --like-venv env
	user $'[create]\nlike-venv = yes'
	expect 8 venvctl create env
}

@test "ExtendedEnvBuilder of the documentation" {
	program extended
	cat >ez_setup.py <<-'END'
		import os, sys, sysconfig
		assert os.getcwd() == os.path.join(sys.prefix, "bin"), os.getcwd()
		assert os.environ["VIRTUAL_ENV"] == sys.prefix != sys.base_prefix
		open("setuptools-1.0.tar.gz", "w").close()
		open(os.path.join(sysconfig.get_path("purelib"), "setuptools.py"), "w").close()
		print("one")
		print("two", file=sys.stderr)
	END
	cat >get-pip.py <<-'END'
		import os, setuptools, sysconfig
		open(os.path.join(sysconfig.get_path("purelib"), "pip.py"), "w").close()
		print("three", end="")
	END
	expect 0 ./extended ez_setup.py get-pip.py env
	[ -z "$output" ] || fail "$output"
	[ "$stderr" = "Installing setuptools .....done."$'\n'"Installing pip ....done." ] || fail "$stderr"
	env/bin/python -c 'import setuptools, pip'
	! ls env/bin | grep -E 'setuptools|ez_setup|get-pip' || fail "not cleared up"
	grep -q VIRTUAL_ENV env/bin/activate
	expect 0 ./extended --no-pip --progress ez_setup.py get-pip.py env2
	[ -z "$stderr" ] || fail "$stderr"
	[ "$(sort <<<"$output")" = "main: Installing setuptools ...|
main: done.
stderr: two
stdout: one" ] || fail "$output"
	env2/bin/python -c 'import setuptools'
	! env2/bin/python -c 'import pip' 2>/dev/null
	expect 0 ./extended --no-setuptools ez_setup.py get-pip.py env3
	[ -z "$output$stderr" ] || fail "$output$stderr"
	! env3/bin/python -c 'import setuptools' 2>/dev/null
	expect 0 ./extended --verbose ez_setup.py get-pip.py env4
	stderr_has $'Installing pip ...\nthreedone.'
	# One that fails: all as it was, with what subprocess would tell.
	echo 'print("broken"); raise SystemExit(3)' >get-pip.py
	expect 1 ./extended ez_setup.py get-pip.py env5
	[ ! -e env5 ]
	stdout_has "Error: -36: cannot create 'env5': 'python3' ended with status 3"
	stdout_has $'argv: get-pip.py\nstatus 3, output: broken'
	snapshot env >before
	expect 1 ./extended ez_setup.py get-pip.py env
	snapshot env | diff before -
	no_leftovers .
}
