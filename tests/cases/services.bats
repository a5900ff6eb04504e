#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# services.bats - undo, close, -n, requires, and what plugins may do when

setup() {
	load common
	common_setup
	LOG=$BATS_TEST_TMPDIR/log
}

create() {
	venvctl create --without-pip -p "$PY" "$@"
}

# build NAME FLAGS...: a plugin like mock-undo, ./NAME.so.
build() {
	local name=$1
	shift
	${CC:-cc} -shared -fPIC -w -I"$top_srcdir/include" "-DNAME=${name//-/_}" "$@" \
		"$top_srcdir/tests/plugins/mock-undo.c" -o "$name.so"
}

log_is() { # log_is LINE...: what the hooks wrote, and no more
	[ "$(cat "$LOG")" = "$(printf '%s\n' "$@")" ] || fail "the log is:" "$(cat "$LOG")"
	rm "$LOG"
}

@test "undo: for each whose post_setup was called, backwards, before the files go" {
	build first
	build second
	local case
	for case in new other; do
		rm -rf env
		[ $case = new ] || { mkdir -p env/share && echo mine >env/share/mine; }
		snapshot . >../before
		expect 6 create --add-plugin="./first.so:log=$LOG" \
			--add-plugin="./second.so:log=$LOG,fail=post_setup" \
			--add-plugin="$MOCKS/mock-undo.so:log=$LOG" env
		stderr_has "plugin 'second': it was asked to fail"
		# The third was never asked for its post_setup.
		log_is "open: called 0" "open: called 0" "open: called 0" \
			"post_setup: called 0" "post_setup: called 0" \
			"undo: placed 0" "undo: cancelled 0" "undo: placed 0" "undo: cancelled 0" \
			"close: result -36" "close: result -36" "close: result -36"
		rm -f "$LOG"
		snapshot . | diff ../before -
	done
}

@test "undo: not before publication, not after success, not when all is kept; it may fail" {
	local undo=$MOCKS/mock-undo.so
	expect 6 create --add-plugin="$undo:log=$LOG,fail=seed" env
	! grep -q undo "$LOG"
	expect 0 create --add-plugin="$undo:log=$LOG" env
	! grep -q undo "$LOG"
	expect 6 create --on-failure keep --clear --add-plugin="$undo:log=$LOG,fail=post_setup" env
	! grep -q undo "$LOG"
	expect 0 create --clear env
	rm "$LOG"
	snapshot . >../before
	expect 6 create --clear --add-plugin="$undo:log=$LOG,fail=undo" \
		--add-plugin="$MOCKS/mock-step.so:do=fail" env
	stderr_has "warning: not taken back: plugin 'mock-undo': it was asked to fail"
	grep -q undo "$LOG"
	snapshot . | diff ../before -
}

@test "undo after an interrupt: services work, as if nobody had asked to stop" {
	start "$BATS_TEST_TMPDIR/said" --plugin="$MOCKS/mock-undo.so" -o mock-undo.log="$LOG" env
	kill -TERM "$started"
	wait "$started" || [ $? = 143 ]
	started=
	[ "$(grep undo "$LOG")" = $'undo: placed 0\nundo: cancelled 0' ] || fail "$(cat "$LOG")"
	grep -q 'close: result -2' "$LOG"
	[ ! -e env ]
}

@test "close: with the final result, and nothing can be changed" {
	build plain
	expect 0 create --add-plugin="./plain.so:log=$LOG" -o plain.try=no env
	expect 0 create --clear --add-plugin="$MOCKS/mock-undo.so:log=$LOG,try=yes" env
	[ "$(grep ^close "$LOG")" = "close: result 0
close: result 0
close: write_file -4
close: remove_file -4
close: run -4
close: install_tree -4
close: install_scripts -4
close: install_wheel -4
close: download -4
close: temp_dir 1" ] || fail "$(cat "$LOG")"
	[ "$(cat env/share/placed)" = placed ]
	[ ! -e env/share/x ]
	# Finished: what happens now is told, and undoes nothing.
	expect 6 create --clear --add-plugin="$MOCKS/mock-fatal.so:at=close,do=exit" env
	stderr_has "its hook 'close' ended the process with status 0 after the environment was finished"
	[ -x env/bin/python ]
	no_leftovers .
}

@test "-n: open of plugins that only look, with the answer of a create" {
	local undo=$MOCKS/mock-undo.so
	build blind -DFLAGS=0
	expect 0 create -n --add-plugin="./blind.so:log=$LOG" --add-plugin="$undo:log=$LOG,try=yes" env
	log_is "open: called 0" "open: write_file -4" "open: remove_file -4" "open: run -4" \
		"open: install_tree -4" "open: install_scripts -4" "open: install_wheel -4" \
		"open: download -4" "open: temp_dir 0" "close: result 0" \
		"close: write_file -4" "close: remove_file -4" "close: run -4" \
		"close: install_tree -4" "close: install_scripts -4" "close: install_wheel -4" \
		"close: download -4" "close: temp_dir 0"
	expect 6 create -n --add-plugin="$undo:fail=open" env
	[ "$stderr" = "venvctl: error: cannot create 'env': plugin 'mock-undo': it was asked to fail" ]
	# The shipped ones: what they would refuse, -n refuses, and writes nothing.
	local before
	before=$(find . "$VENVCTL_CACHE_DIR" "$HOME" /tmp -maxdepth 3 -path "/tmp/bats*" -prune -o -print | grep -v "^/tmp" | sort)
	expect 2 create -n --add-plugin=files -o files.source="$PWD/none" env
	stderr_has "plugin 'files': cannot"
	VENVCTL_CACHE_DIR=$PWD/cache expect 0 venvctl create -n -p "$PY" \
		--plugin=wheels -o wheels.packages=pip -o wheels.find-links=/usr/share/python-wheels env ||
		[ ! -d /usr/share/python-wheels ]
	[ "$before" = "$(find . "$VENVCTL_CACHE_DIR" "$HOME" /tmp -maxdepth 3 -path "/tmp/bats*" -prune -o -print | grep -v "^/tmp" | sort)" ]
}

@test "requires: a plugin is selected, too, and runs before; what nobody provides is refused" {
	mkdir plug
	cp "$MOCKS"/mock-{hooks,seed}.so plug/
	build needs '-DREQUIRES="mock-hooks"'
	expect 0 create -n --json --plugin-path=plug --add-plugin=./needs.so env
	[ "$(python3 -c 'import json, sys
print([p["name"] for p in json.loads(sys.argv[1])["plugins"]])' "$output")" = "['mock-hooks', 'needs']" ] || fail "$output"
	expect 0 create --plugin-path=plug --add-plugin=./needs.so -o mock-hooks.log="$LOG" env
	grep -q post_setup "$LOG" || grep -q seed "$LOG"
	# What something selected provides is enough; it is selected once.
	build thing '-DREQUIRES="mock-thing"'
	expect 0 venvctl create -n -p "$PY" --plugin-path=plug --plugin=./thing.so --add-plugin=mock-seed env
	expect 5 create -n --plugin-path=plug --add-plugin=./thing.so env
	[ "${stderr%%$'\n'*}" = "venvctl: error: the plugin 'thing' requires 'mock-thing', which no plugin that is selected provides" ]
	stderr_has "add one that does, with --add-plugin"
	build wants-pip '-DREQUIRES="ensurepip"'
	expect 2 create -n --add-plugin=./wants-pip.so env
	stderr_has "the plugin 'wants-pip' requires 'ensurepip', which --without-pip leaves out"
	mv needs.so plug/
	site "[venvctl]
plugin-path = $PWD/plug
[policy]
allowed-plugins = needs"
	expect 8 create -n --add-plugin=needs env
	stderr_has "requires 'mock-hooks'"
	rm -r "$SITE"
	VENVCTL_PLUGIN_PATH=plug expect 0 venvctl plugins info needs
	stdout_has "requires  mock-hooks"
	VENVCTL_PLUGIN_PATH=plug expect 0 venvctl plugins list
	stdout_has "requires mock-hooks"
}

@test "read_file and remove_file, before and after publication, in each case" {
	local at undo=$MOCKS/mock-undo.so
	for at in seed post_setup; do
		rm -rf env
		expect 0 create --add-plugin="$undo:log=$LOG,at=$at,read=share/seeded,remove=share/seeded" env
		grep -qx "$at: seeded 6" "$LOG"
		[ ! -e env/share/seeded ]
		[ -e env/share/placed ]
		# What was there, of an environment that is changed in place; a failure gives it back.
		mkdir -p env/etc
		echo old >env/etc/mine
		snapshot . >../before
		expect 6 create --add-plugin="$undo:log=$LOG,at=$at,read=etc/mine,remove=etc/mine" \
			--add-plugin="$MOCKS/mock-step.so:do=fail" env
		grep -q "^$at: old" "$LOG"
		snapshot . | diff ../before -
		expect 0 create --add-plugin="$undo:at=$at,remove=etc/mine" env
		[ ! -e env/etc/mine ]
		no_leftovers .
		expect 0 create --add-plugin="$undo:log=$LOG,at=$at,read=pyvenv.cfg" env
		grep -q "^$at: home = " "$LOG"
		rm -f "$LOG"
	done
	local path
	for path in ../x /etc/passwd share bin/python nothing share/../x ""; do
		expect 6 create --clear --add-plugin="$undo:at=post_setup,read=$path" env
	done
	for path in ../x /etc/passwd share bin/python pyvenv.cfg nothing .venvctl-incomplete; do
		expect 6 create --clear --add-plugin="$undo:at=post_setup,remove=$path" env
		expect 6 create --clear --add-plugin="$undo:at=seed,remove=$path" env
	done
	ln -s /etc env/out
	expect 6 create --add-plugin="$undo:at=post_setup,read=out/passwd" env
	stderr_has "cannot read 'out/passwd': 'out' is a symbolic link, which is not followed"
	expect 6 create --add-plugin="$undo:at=post_setup,remove=out/passwd" env
	stderr_has "cannot remove 'out/passwd': 'out' is a symbolic link, which is not followed"
	[ -e /etc/passwd ]
	for at in seed post_setup; do
		expect 6 create --add-plugin="$undo:at=$at,read=bin/python" env
		stderr_has "cannot read 'bin/python': it is a symbolic link, which is not followed"
		expect 6 create --add-plugin="$undo:at=$at,read=out" env
		stderr_has "cannot read 'out': it is a symbolic link, which is not followed"
		expect 6 create --add-plugin="$undo:at=$at,read=share/none" env
		stderr_has "cannot read 'share/none': No such file or directory"
		expect 6 create --add-plugin="$undo:at=$at,read=share" env
		stderr_has "cannot read 'share': Is a directory"
		expect 6 create --add-plugin="$undo:at=$at,read=pyvenv.cfg/x" env
		stderr_has "cannot read 'pyvenv.cfg/x': Not a directory"
	done
	# The new tree has a link of its own, which a file would be written through.
	if [ -L env/lib64 ]; then
		expect 6 venvctl create -p "$PY" --plugin="$MOCKS/mock-seed.so:at=seed,write=lib64/x" other
		stderr_has "cannot write 'lib64/x': 'lib64' is a symbolic link, which is not followed"
		[ ! -e other ]
	fi
}

@test "a service on another thread: an error that says so" {
	expect 0 create --add-plugin="$MOCKS/mock-undo.so:log=$LOG,thread=yes" env
	stderr_has "warning: plugin 'mock-undo': its hook 'post_setup' called host->write_file on another thread than its own: refused"
	grep -qx 'post_setup: thread -1' "$LOG"
	[ ! -e env/share/thread ]
}

teardown() {
	end_started
}
