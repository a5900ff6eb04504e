# SPDX-License-Identifier: MIT
# whose.bats - what is not venvctl's is never touched: not by publication, undo or recovery

setup() {
	load common
	common_setup
	STEP=$MOCKS/mock-step.so
}

teardown() {
	end_started
}

create() {
	venvctl create --without-pip -p "$PY" "$@"
}

works() {
	[ "$("$1/bin/python" -c 'import sys; print(sys.prefix)')" = "$(realpath "$1")" ]
}

# staging NAME [SUFFIX]: the name of a staging directory for a target NAME.
staging() {
	python3 - "$1" "${2-}" <<-'END'
		import sys
		h = 0xcbf29ce484222325
		for b in sys.argv[1].encode() + b"\0":
		    h = ((h ^ b) * 0x100000001b3) % 2**64
		print(".venvctl-%016x%s" % (h, sys.argv[2]))
	END
}

# as_nobody COMMAND...: an ordinary user; $dir is a directory of his.
make_nobody() {
	[ "$(id -u)" = 0 ] || skip "only root can be somebody else"
	as_nobody test -x "$TEST_PREFIX/bin/venvctl" || skip "nobody cannot run it here"
	dir=$(mktemp -d /tmp/venvctl-test-XXXXXX)
	mkdir "$dir/home"
	chown -R 65534:65534 "$dir"
}
as_nobody() {
	# A configuration that cannot be read would be refused.
	env HOME="${dir-/}/home" VENVCTL_CACHE_DIR="${dir-/}/home/cache" \
		TEST_SYSCONFDIR="${dir-/}/etc" \
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# A project somebody works on, with a big file of data.
make_project() {
	mkdir -p p/src p/lib p/bin
	echo 'main = 1' >p/src/main.py
	echo mine | tee p/lib/mine.c >p/bin/tool
	truncate -s 400M p/data.bin
}

# work_on DIR: what its owner does while a create runs there.
work_on() {
	echo 'main = 2' >"$1/src/main.py"
	echo new | tee "$1/src/new.py" "$1/notes.txt" >"$1/lib/new.c"
	mkdir "$1/docs"
	echo doc >"$1/docs/a.md"
}
is_worked_on() {
	[ "$(cat "$1/src/main.py")" = 'main = 2' ] &&
		[ "$(cat "$1/src/new.py" "$1/notes.txt" "$1/lib/new.c" "$1/docs/a.md")" = $'new\nnew\nnew\ndoc' ] &&
		[ "$(cat "$1/lib/mine.c" "$1/bin/tool")" = $'mine\nmine' ] &&
		[ "$(stat -c %s "$1/data.bin")" -eq 419430400 ]
}

@test "create . in a project: what its owner did meanwhile stays, whatever ends it" {
	local how
	for how in fail INT KILL; do
		rm -rf p
		make_project
		cd p
		start "$BATS_TEST_TMPDIR/log" .
		# Nothing of the project's was copied.
		[ "$(find . -size +100M | wc -l)" -eq 1 ]
		[ -z "$(find .venvctl-* -name '*.py' -o -name 'mine*' -o -name tool)" ]
		cd ..
		work_on p
		case $how in
		# The step's child ends: what it does then fails.
		fail) pkill -P "$maker" sleep ;;
		*) kill "-$how" "$started" ;;
		esac
		wait "$started" || true
		started=
		if [ "$how" = KILL ]; then
			no_children
			cd p
			expect 0 create .
			stderr_has "was interrupted"
			cd ..
			works p
			is_worked_on p || fail "$how: $(find p | sort)"
			[ ! -e p/.gitignore ] && [ ! -e p/CACHEDIR.TAG ]
		else
			is_worked_on p || fail "$how: $(find p | sort)"
			[ ! -e p/pyvenv.cfg ] && [ ! -e p/bin/python ] && [ ! -e p/include ]
			[ ! -e p/lib/python3* ]
		fi
		no_leftovers .
	done
}

@test "marks are never put beside files of others, not by a later create either" {
	local how
	mkdir p
	echo x >p/main.c
	cd p
	create .
	for how in "" --upgrade "--prompt x" "--existing keep"; do
		# shellcheck disable=SC2086
		expect 0 create $how .
		[ ! -e .gitignore ] || fail "$how: a .gitignore"
		[ ! -e CACHEDIR.TAG ] || fail "$how: a CACHEDIR.TAG"
	done
	mkdir sub
	echo x >sub/y
	create sub
	create sub
	[ ! -e sub/.gitignore ]
	# Who removed the marks does not want them.
	create env
	rm env/.gitignore env/CACHEDIR.TAG
	create env
	[ ! -e env/.gitignore ] && [ ! -e env/CACHEDIR.TAG ]
	create --upgrade env
	[ ! -e env/.gitignore ] && [ ! -e env/CACHEDIR.TAG ]
}

@test "marks stay out where somebody put files into the empty directory meanwhile" {
	cat >late.c <<-'END'
		#include <venvctl/plugin.h>
		#include <stdio.h>
		static const struct venv_context *ctx;
		static int begin(const struct venv_host *h, struct venv_session *s,
				 const struct venv_context *c, void **d)
		{ (void)h; (void)s; (void)d; ctx = c; return VENV_OK; }
		static int place(void *d)
		{
			char path[4096];
			FILE *f;
			(void)d;
			snprintf(path, sizeof(path), "%s/thesis.txt", ctx->env_dir);
			f = fopen(path, "w");
			if (!f)
				return VENV_ERR_FAILED;
			fputs("work\n", f);
			return fclose(f) ? VENV_ERR_FAILED : VENV_OK;
		}
		VENV_PLUGIN_DEFINE(late, "1.0", .summary = "somebody", .open = begin, .seed = place);
	END
	${CC:-cc} -shared -fPIC -I"$top_srcdir/include" late.c -o late.so
	mkdir env
	expect 0 create --add-plugin=./late.so env
	[ "$(cat env/thesis.txt)" = work ]
	[ ! -e env/.gitignore ] && [ ! -e env/CACHEDIR.TAG ]
	works env
}

@test "a first create that was killed still owes its marks" {
	local i
	for i in 1 2 3 4 5 6; do
		rm -rf env
		mkdir env
		start "$BATS_TEST_TMPDIR/log" env
		kill -9 "$started"
		wait "$started" || true
		# What a child that was left behind writes now is nobody else's.
		[ $((i % 2)) = 0 ] || mkdir env/share env/etc
		expect 0 create env
		[ -e env/.gitignore ] && [ -e env/CACHEDIR.TAG ] || fail "round $i: $(ls -A env)"
		works env
		no_leftovers .
	done
	# But never beside files of somebody else.
	rm -rf env
	mkdir env
	start "$BATS_TEST_TMPDIR/log" env
	kill -9 "$started"
	wait "$started" || true
	echo work >env/thesis.txt
	expect 0 create env
	[ ! -e env/.gitignore ] && [ "$(cat env/thesis.txt)" = work ]
}

@test "a directory that was put in the place of the new environment is not removed" {
	local how case
	for case in new empty replace inplace; do
		for how in TERM INT KILL; do
			rm -rf env env.bak
			case $case in
			empty) mkdir env ;;
			replace | inplace) create env ;;
			esac
			start "$BATS_TEST_TMPDIR/log" $([ $case != replace ] || echo --clear) env
			mv env env.bak
			mkdir env
			echo work >env/thesis.txt
			kill "-$how" "$started"
			wait "$started" || true
			[ "$(cat env/thesis.txt)" = work ] || fail "$case, $how: $(find . | sort)"
			expect 0 create env
			[ "$(cat env/thesis.txt)" = work ] || fail "$case, $how, then create"
			[ -d env.bak ] || fail "$case, $how: what was moved is gone"
			rm -rf .venvctl-*
		done
	done
}

@test "a directory that was put in the place of the old one is not replaced" {
	cat >swap.c <<-'END'
		#include <venvctl/plugin.h>
		#include <stdio.h>
		#include <sys/stat.h>
		static const struct venv_context *ctx;
		static int begin(const struct venv_host *h, struct venv_session *s,
				 const struct venv_context *c, void **d)
		{ (void)h; (void)s; (void)d; ctx = c; return VENV_OK; }
		static int place(void *d)
		{
			char path[4096];
			FILE *f;
			(void)d;
			snprintf(path, sizeof(path), "%s.bak", ctx->env_dir);
			if (rename(ctx->env_dir, path) || mkdir(ctx->env_dir, 0755))
				return VENV_ERR_FAILED;
			snprintf(path, sizeof(path), "%s/thesis.txt", ctx->env_dir);
			f = fopen(path, "w");
			if (!f)
				return VENV_ERR_FAILED;
			fputs("work\n", f);
			return fclose(f) ? VENV_ERR_FAILED : VENV_OK;
		}
		VENV_PLUGIN_DEFINE(swap, "1.0", .summary = "somebody", .open = begin, .seed = place);
	END
	${CC:-cc} -shared -fPIC -I"$top_srcdir/include" swap.c -o swap.so
	local how before
	for how in --clear "" --upgrade; do
		rm -rf env env.bak
		create env
		before=$(snapshot env)
		# shellcheck disable=SC2086
		expect 4 create $how --add-plugin=./swap.so env
		stderr_has "'env' was moved, removed or replaced while it was being made"
		[ "$(cat env/thesis.txt)" = work ] && [ "$(ls -A env)" = thesis.txt ]
		[ "$before" = "$(snapshot env.bak)" ]
		no_leftovers .
	done
}

@test "a mount in what would be replaced: refused before anything is touched" {
	unshare -m true 2>/dev/null || skip "no mounts here"
	local at
	for at in mnt lib/data 'a b\c/mnt'; do
		rm -rf m
		rm -rf data
		create m
		mkdir -p "m/$at" data
		echo precious >data/file
		unshare -m bash -uc '
			source "$1/tests/cases/common.bash"
			PY=$2
			mount --bind data "m/$3" || exit 1
			before=$(snapshot m)
			for how in "--clear m" "--existing replace m" "--existing reuse m"; do
				expect 1 venvctl create --without-pip -p "$PY" --prompt other $how || exit 1
				stderr_has "is a mount point" || exit 1
				[[ $stderr == *"m/${3%%[ \\]*}"* ]] || fail "$stderr" || exit 1
				[ "$before" = "$(snapshot m)" ] || fail "$how: changed" || exit 1
			done
			cd m || exit 1
			expect 1 venvctl create --without-pip -p "$PY" --clear . || exit 1
			cd ..
			[ "$before" = "$(snapshot m)" ] || fail "--clear . : changed" || exit 1
			# In place it stays where it is.
			expect 0 venvctl create --without-pip -p "$PY" m || exit 1
			expect 6 venvctl create --without-pip -p "$PY" --prompt y --add-plugin="$4" m || exit 1
			[ "$(cat "m/$3/file")" = precious ] || exit 1
		' - "$top_srcdir" "$PY" "$at" "$STEP" 3>&-
		[ "$(cat data/file)" = precious ]
		no_leftovers .
	done
}

@test "a leftover with a mount in it: what is mounted there is not emptied" {
	unshare -m true 2>/dev/null || skip "no mounts here"
	create env
	mkdir data
	echo precious >data/file
	start "$BATS_TEST_TMPDIR/log" --clear env
	kill -9 "$started"
	wait "$started" || true
	# The old tree lies beside it; somebody mounts something there.
	local old
	old=$(echo .venvctl-*)
	mkdir "$old/mnt"
	unshare -m bash -uc '
		source "$1/tests/cases/common.bash"
		mount --bind data "$3/mnt" || exit 1
		# The old environment comes back with it, and cannot be replaced then.
		expect 1 venvctl create --without-pip -p "$2" --clear env || exit 1
		stderr_has "is a mount point" || exit 1
	' - "$top_srcdir" "$PY" "$old" 3>&-
	[ "$(cat data/file)" = precious ]
}

@test "what a checkout brings along under our names is not adopted, and nothing of it runs" {
	local name stage box
	stage=$(staging e)
	box=$(staging e .box)
	for name in "$stage" "$stage.old"; do
		mkdir -p "$name/lib/python3.11/site-packages"
		echo 'import os; os.mkdir("/tmp/venvctl-was-here")' >"$name/lib/python3.11/site-packages/x.pth"
		printf 'home = /usr/bin\n' >"$name/pyvenv.cfg"
		printf 'venvctl-journal 2\nway exchange\nowner 1 0\nname e\nstage %s\nstage-id 2:0\ntarget-id 2:0\nend\n' \
			"$stage" >"$name/.venvctl-incomplete"
	done
	local before
	before=$(snapshot "$stage" && snapshot "$stage.old")
	expect 0 create e
	stderr_has "'$PWD/$stage' was not made by venvctl here: leaving it alone"
	[ ! -e e/lib/python3.11/site-packages/x.pth ] && [ ! -e /tmp/venvctl-was-here ]
	[ "$before" = "$(snapshot "$stage" && snapshot "$stage.old")" ]
	for how in --clear "" --upgrade; do
		mkdir -p "e/$box/env/bin"
		echo planted >"e/$box/env/bin/activate"
		# shellcheck disable=SC2086
		expect 0 create $how e
		works e
		[ "$before" = "$(snapshot "$stage" && snapshot "$stage.old")" ]
		[ "$how" = --clear ] || [ "$(cat "e/$box/env/bin/activate")" = planted ]
	done
	# A whole target that came with its own journal and its own leftovers.
	start "$BATS_TEST_TMPDIR/log" --clear e
	kill -9 "$started"
	wait "$started" || true
	mkdir other
	cp -a e other/e
	cp -a "$(staging e -1)" "other/$stage"
	expect 0 create other/e
	stderr_lacks interrupted
	works other/e
	[ -d "other/$stage/bin" ]
}

@test "removal changes no mode through a name" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "strace"
	make_nobody
	cd "$dir"
	as_nobody venvctl create --without-pip -p "$PY" env
	mkdir -p env/closed/in
	echo x >env/closed/in/file
	chown -R 65534:65534 env/closed
	chmod 0 env/closed/in
	chmod 100 env/closed
	expect 0 as_nobody strace -f -qq -e trace=/chmod -o home/trace \
		venvctl create --without-pip -p "$PY" --clear env
	[ ! -e env/closed ]
	# By descriptor alone, which a link under the name cannot lead anywhere.
	! grep -v '/proc/self/fd/' home/trace | grep -E 'fchmodat| chmod' || fail "$(cat home/trace)"
	grep -q 'chmod("/proc/self/fd/' home/trace
	cd /
	rm -rf "$dir"
}

@test "as root in a user's directory: what is staged is given away last" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "strace"
	make_nobody
	cd "$dir"
	as_nobody venvctl create --without-pip -p "$PY" env
	strace -f -qq -e trace=mkdirat,openat,write,symlinkat,fchown,fchmod,renameat2 -o home/trace \
		venvctl create --without-pip -p "$PY" --clear env
	[ "$(stat -c %u:%g env)" = 65534:65534 ]
	# From the first directory that is made on, nothing but the exchange follows fchown.
	awk '/mkdirat/ { made = 1 } made && /fchown\(/ { given = NR; next }
		given && /(mkdirat|symlinkat|O_CREAT)/ { late = 1 }
		/renameat2.*EXCHANGE/ { exchanged = NR }
		END { exit !(given && exchanged > given && !late) }' home/trace || fail "$(cat home/trace)"
	cd /
	rm -rf "$dir"
}

@test "in a saved directory a step's changes go, and what it wrote into a file in place is told" {
	cat >scribble.c <<-'END'
		#include <venvctl/plugin.h>
		#include <stdio.h>
		static const struct venv_host *host;
		static struct venv_session *session;
		static int begin(const struct venv_host *h, struct venv_session *s,
				 const struct venv_context *c, void **d)
		{ (void)c; (void)d; host = h; session = s; return VENV_OK; }
		static int after(void *d)
		{
			static const char *const argv[] = { "/bin/sh", "-c",
				"echo more >>bin/tool; rm bin/other; echo x >bin/new; mkdir bin/d",
				NULL };
			struct venv_run run = { .struct_size = sizeof(run), .argv = argv };
			(void)d;
			return host->run(session, &run) ? VENV_ERR_FAILED : VENV_ERR_FAILED;
		}
		VENV_PLUGIN_DEFINE(scribble, "1.0", .summary = "an installer", .open = begin,
				   .post_setup = after);
	END
	${CC:-cc} -shared -fPIC -I"$top_srcdir/include" scribble.c -o scribble.so
	create env
	echo tool >env/bin/tool
	echo other >env/bin/other
	mkdir env/bin/sub
	echo sub >env/bin/sub/file
	local before
	before=$(snapshot env | grep -v bin/tool)
	expect 6 create --prompt x --add-plugin=./scribble.so env
	[ "$before" = "$(snapshot env | grep -v bin/tool)" ] ||
		fail "$(diff <(echo "$before") <(snapshot env | grep -v bin/tool))"
	# Linked, it cannot be given back; cloned, it can.
	if [ "$(cat env/bin/tool)" != tool ]; then
		stderr_has "'env/bin/tool' was written into by a step, and cannot be given back"
	fi
	no_leftovers .
}

@test "what a plugin places after publication beside files of others goes with it" {
	local path
	mkdir p p/share
	echo mine | tee p/mine >p/share/mine
	local before
	before=$(snapshot p)
	for path in share/new x/y/z lib/new bin/more; do
		expect 6 create --add-plugin="$MOCKS/mock-post.so:at=post_setup,write=$path,result=-1" p
		[ "$before" = "$(snapshot p)" ] || fail "$path: $(diff <(echo "$before") <(snapshot p))"
		expect 6 create --add-plugin="$MOCKS/mock-post.so:at=post_setup,write=$path,crash=yes" p
		[ "$before" = "$(snapshot p)" ] || fail "$path: $(diff <(echo "$before") <(snapshot p))"
	done
	# And never over them.
	expect 6 create --add-plugin="$MOCKS/mock-post.so:at=post_setup,write=share/mine" p
	stderr_has "'p/share/mine' is there already: not touching it"
	[ "$before" = "$(snapshot p)" ]
	expect 0 create --add-plugin="$MOCKS/mock-post.so:at=post_setup,write=share/new" p
	[ "$(cat p/share/new p/share/mine)" = $'mock\nmine' ]
	works p
	no_leftovers .
}

@test "without a working directory a relative path is refused, whatever it names" {
	local how
	mkdir gone
	for how in e . ../work/e "--clear --force etc" "--upgrade e"; do
		run --separate-stderr bash -c 'cd gone && rmdir ../gone && exec venvctl create --without-pip -p "$0" $1' \
			"$PY" "$how"
		[ "$status" -eq 2 ] || fail "$how: $status: $stderr"
		stderr_has "is relative, and the working directory is gone"
		mkdir gone
	done
	[ ! -e /e ]
	# What else is relative cannot be found, rather than be looked for in the root.
	run --separate-stderr bash -c 'cd gone && rmdir ../gone && exec venvctl create -p "$0" --plugin=./x.so "$1/env"' \
		"$PY" "$PWD"
	[ "$status" -eq 5 ] || fail "$status: $stderr"
	stderr_has "(no working directory)/x.so"
	mkdir gone
	(cd gone && rmdir ../gone && create "$OLDPWD/env")
	works env
}

# killed_in_place: an environment with a user's changes, and a create in place that was
# killed when all but pyvenv.cfg was in its place.
killed_in_place() {
	rm -rf env .venvctl-*
	create env
	echo '# mine' >>env/bin/activate
	strace -f -qq -o /dev/null -e inject=renameat2:signal=KILL:when=3 \
		-e inject=renameat:signal=KILL:when=9 \
		venvctl create --without-pip -p "$PY" --prompt new env || true
	[ -e env/.venvctl-incomplete ]
}

@test "what cannot be put back is kept and told, and blocks nothing" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "strace"
	local how kept
	for how in "mv env/bin env/scripts" "mv env/bin env/b && ln -s b env/bin" \
		"rm -rf env/bin && echo x >env/bin" "rm -rf env/lib"; do
		killed_in_place
		eval "$how"
		run --separate-stderr create --prompt x env
		stderr_has "was interrupted"
		# The script that somebody changed is somewhere.
		grep -rqs '^# mine' env || [ "$how" = "rm -rf env/lib" ] ||
			fail "$how: gone; $stderr" "$(find env | sort)"
		[ ! -e env/.venvctl-incomplete ] || fail "$how: still half-built"
		rm -rf env/bin env/lib
		expect 0 create env
		works env
		stderr_lacks "was interrupted"
		stderr_lacks "not made by venvctl"
	done
}

@test "a directory that has the number of ours is not ours" {
	local i work
	mkdir p
	echo x >p/Makefile
	start "$BATS_TEST_TMPDIR/log" p
	kill -9 "$started"
	wait "$started" || true
	# ext4 gives a number that is free to the next directory.
	for i in lib include bin; do
		rm -rf "p/$i"
		mkdir "p/$i"
		echo work >"p/$i/thesis.txt"
	done
	expect 0 create p
	for i in lib include bin; do
		[ "$(cat "p/$i/thesis.txt")" = work ] || fail "p/$i: gone"
	done
	works p
}

@test "a journal that was cut by a full disk takes no later one with it" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "strace"
	# Unit tests have the parser; here the file is cut back.
	mkdir p
	echo x >p/mine
	local before
	before=$(snapshot p)
	expect 0 strace -f -qq -s 300 -o trace -e trace=write,ftruncate \
		venvctl create --without-pip -p "$PY" --add-plugin="$MOCKS/mock-post.so:at=post_setup,write=share/a" p
	rm -rf p
	mkdir p
	echo x >p/mine
	local n
	n=$(grep -n 'add 0.*share' trace | head -1 | cut -d: -f1)
	[ -n "$n" ]
	n=$(head -n "$n" trace | grep -c ' write(')
	run --separate-stderr strace -f -qq -s 300 -o trace -e trace=write,ftruncate \
		-e inject=write:error=ENOSPC:when="$n" \
		venvctl create --without-pip -p "$PY" \
		--add-plugin="$MOCKS/mock-post.so:at=post_setup,write=share/a,careless=yes" p
	[ "$status" -eq 0 ] || [ "$before" = "$(snapshot p)" ]
	grep -q 'ftruncate(' trace
	no_leftovers .
}

@test "as root: a journal that somebody else wrote is none" {
	make_nobody
	cd "$dir"
	mkdir env outside
	echo precious >outside/file
	start "$dir/home/log" env
	kill -9 "$started"
	wait "$started" || true
	cp env/.venvctl-incomplete home/forged
	printf 'remove 7 1:0:0 0:0:0 stolen\nend\n' >>home/forged
	chown 65534:65534 home/forged
	chmod 600 home/forged
	mv home/forged env/.venvctl-incomplete
	expect 0 create env
	stderr_lacks interrupted
	[ "$(cat outside/file)" = precious ]
	cd /
	rm -rf "$dir"
}

@test "somebody else's lock in a shared directory keeps nobody waiting" {
	make_nobody
	local name
	chmod 1777 "$dir"
	cd "$dir"
	name=$(staging env)
	as_nobody mkdir "$name"
	setpriv --reuid=65534 --regid=65534 --clear-groups flock "$name" sleep 30 3>&- &
	started=$!
	until [ -n "$(pgrep -P "$started")" ]; do sleep 0.02; done
	expect 0 timeout 20 venvctl create --without-pip -p "$PY" --wait env
	works env
	pkill -P "$started" || true
	kill "$started" 2>/dev/null || true
	started=
	cd /
	rm -rf "$dir"
}

@test "a parent that cannot be listed is one that names can be used in" {
	make_nobody
	cd "$dir"
	mkdir p
	chown 65534:65534 p
	cd p
	export HOME=$dir/home VENVCTL_CACHE_DIR=$dir/home/cache TEST_SYSCONFDIR=$dir/etc
	chmod 311 .
	for how in "" --clear ""; do
		# shellcheck disable=SC2086
		expect 0 setpriv --reuid=65534 --regid=65534 --clear-groups venvctl create \
			--without-pip -p "$PY" $how "$dir/p/env"
	done
	cd /
	rm -rf "$dir"
}
