# SPDX-License-Identifier: MIT
# kit.bats - what an author of a plugin has: new, info, check, and the installed files

setup_file() {
	make -s -C "$top_builddir" install DESTDIR="$BATS_FILE_TMPDIR/inst" >/dev/null 2>&1
}

setup() {
	load common
	common_setup
	export PKG_CONFIG_SYSROOT_DIR=$BATS_FILE_TMPDIR/inst
	PKG_CONFIG_PATH=$(dirname "$(find "$PKG_CONFIG_SYSROOT_DIR" -name venvctl-plugin.pc)")
	export PKG_CONFIG_PATH
}

# compilers: those of the two that are here; a plugin may be built by either.
compilers() {
	command -v gcc clang | xargs -n 1 basename
}

# What was built is nothing to be committed.
all_is_ignored() {
	local sources
	sources=$(find . -type f | sort)
	"$@" >log 2>&1 || fail "$(tail -40 log)"
	rm log
	git init -q .
	[ "$(git ls-files -o --exclude-standard | sed 's|^|./|' | sort)" = "$sources" ] ||
		fail "$(git status --short)"
}

# rude WHAT: `plugins check` of the mock that misbehaves in this way.
rude() {
	user "[plugin:mock-rude]
do = $1"
	expect 1 venvctl plugins check "$MOCKS/mock-rude.so"
}

@test "new, build, test, check: what the README of a new plugin says" {
	expect 0 venvctl plugins new acme-setup
	stdout_has "cd acme-setup && make check"
	(cd acme-setup && make -s check CC="$CC") >log 2>&1 || fail "$(cat log)"
	expect 0 venvctl create --plugin=./acme-setup/acme-setup.so -o acme-setup.greeting=hi env
	[ "$(cat env/etc/acme-setup.txt)" = "hi from env" ]
	! grep -r '@[A-Z_]*@' acme-setup
}

@test "new: nothing that is built is to be committed, in each variant" {
	local aclocal
	command -v git >/dev/null || skip "git is not installed"
	aclocal=$(dirname "$(find "$PKG_CONFIG_SYSROOT_DIR" -name venvctl.m4)")
	expect 0 venvctl plugins new acme-make
	(cd acme-make && all_is_ignored make -s CC="$CC")
	expect 0 venvctl plugins new --autotools acme-auto
	# shellcheck disable=SC2016
	(cd acme-auto && ACLOCAL_PATH=$aclocal all_is_ignored \
		sh -c 'autoreconf -fi && ./configure -q CC="$0" && make -s' "$CC")
	command -v meson >/dev/null || return 0
	expect 0 venvctl plugins new --meson acme-meson
	# shellcheck disable=SC2016
	(cd acme-meson && all_is_ignored sh -c 'meson setup build && meson compile -C build')
}

@test "new --autotools: built and tested" {
	expect 0 venvctl plugins new --autotools acme-setup
	cd acme-setup
	local aclocal
	aclocal=$(dirname "$(find "$PKG_CONFIG_SYSROOT_DIR" -name venvctl.m4)")
	! ACLOCAL_PATH='' autoreconf -fi >log 2>&1 || fail "venvctl.m4 was found"
	grep -q 'venvctl.m4 is not found: set ACLOCAL_PATH' log || fail "$(cat log)"
	ACLOCAL_PATH=$aclocal autoreconf -fi >log 2>&1 || fail "$(tail -40 log)"
	grep -q libtool .github/workflows/ci.yml
	local cc
	for cc in $(compilers); do
		mkdir "build-$cc"
		(cd "build-$cc" && ../configure -q CC="$cc" CFLAGS="-g -Wall -Wextra -Werror" &&
			make && make check && make install DESTDIR="$PWD/root") >log 2>&1 ||
			fail "$cc: $(tail -40 log)"
		[ -n "$(find "build-$cc/root" -name acme-setup.so)" ]
	done
}

@test "new --meson: built and tested" {
	command -v meson >/dev/null || skip "meson is not installed"
	expect 0 venvctl plugins new --meson acme-setup
	cd acme-setup
	grep -q 'install.* meson ' .github/workflows/ci.yml
	grep -q 'sudo meson install -C build' README.md
	local cc
	for cc in $(compilers); do
		(CC=$cc meson setup --werror "build-$cc" && meson test -C "build-$cc" &&
			DESTDIR=$PWD/root-$cc meson install -C "build-$cc") >log 2>&1 ||
			fail "$cc: $(tail -40 log)"
		[ -n "$(find "root-$cc" -name acme-setup.so)" ]
	done
}

@test "new: refusals" {
	expect 2 venvctl plugins new
	expect 2 venvctl plugins new Acme
	stderr_has "cannot name a plugin"
	expect 2 venvctl plugins new create
	expect 2 venvctl plugins new --meson --autotools acme
	mkdir acme
	expect 4 venvctl plugins new acme
	stderr_has "cannot make the directory 'acme'"
	[ -z "$(ls -A acme)" ]
}

@test "info: options with type, default, value and origin" {
	user "[plugin:ensurepip]
mode = run"
	expect 0 venvctl plugins info ensurepip
	stdout_has "provides  pip setuptools"
	stdout_has "mode = run"
	stdout_has "one of native run; $HOME/.config/venvctl/venvctl.ini:2"
	expect 0 venvctl plugins info --json ensurepip
	python3 - "$output" <<-'EOF'
		import json, sys
		p, = json.loads(sys.argv[1])["plugins"]
		assert p["name"] == "ensurepip" and p["provides"] == ["pip", "setuptools"], p
		o = {o["name"]: o for o in p["options"]}["mode"]
		assert o["value"] == "run" and o["default"] == "native", o
		assert o["choices"] == ["native", "run"] and o["origin"].endswith(":2"), o
	EOF
}

@test "info of an instance" {
	user "[plugin:my-pip]
use = ensurepip"
	expect 0 venvctl plugins info my-pip
	stdout_has "uses      ensurepip"
}

@test "info: what cannot be read is a line, with status 5" {
	expect 5 venvctl plugins info ensurepip nothing
	stdout_has "mode = native"
	stderr_has "nothing"
	expect 5 venvctl plugins info --json nothing
	python3 -c 'import json,sys; assert "nothing" in json.loads(sys.argv[1])["plugins"][0]["error"]' \
		"$output"
}

@test "plugins: unknown commands" {
	expect 2 venvctl plugins
	expect 2 venvctl plugins lst
	stderr_has "did you mean 'plugins list'?"
	expect 2 venvctl plugins info
	expect 2 venvctl plugins check
}

@test "check: the shipped plugins pass" {
	mkdir skeleton wheels
	echo text >skeleton/file
	printf '#!/bin/sh\nexit 0\n' >script.sh
	user "[plugin:files]
source = $PWD/skeleton
[plugin:script]
source = $PWD/script.sh
interpreter = none"
	chmod 755 script.sh
	for f in ensurepip files script wheels; do
		expect 0 venvctl plugins check "$TEST_PREFIX/lib/venvctl/plugins/$f.so"
		stdout_has "environment: made"
		[[ $output != *warning* ]] || fail "$output"
	done
	for f in getpip ezsetup; do
		expect 0 venvctl plugins check "$TEST_PREFIX/lib/venvctl/plugins/$f.so"
	done
}

@test "list: instances, and what a create would run in which order" {
	user "[create]
post-setup = acme-files ensurepip
[plugin:acme-files]
use = files
source = /etc/skel
after = ensurepip"
	expect 0 venvctl plugins list
	stdout_has "acme-files       uses files  $HOME/.config/venvctl/venvctl.ini:4"
	stdout_has "a create without options runs: ensurepip acme-files"
	expect 0 venvctl plugins list --json
	python3 - "$output" <<-'EOF'
		import json, sys
		all = json.loads(sys.argv[1])
		assert all["order"] == ["ensurepip", "acme-files"], all["order"]
		assert [i["name"] for i in all["instances"]] == ["acme-files"], all["instances"]
	EOF
	user "[create]
post-setup = nothing"
	expect 0 venvctl plugins list
	stdout_has "cannot be told: "
}

@test "check: a plugin that behaves, as text and as JSON" {
	expect 0 venvctl plugins check "$MOCKS/mock-rude.so"
	stdout_has "ok       failing services"
	stdout_has "ok       cancellation"
	expect 0 venvctl plugins check --json "$MOCKS/mock-rude.so"
	python3 - "$output" <<-'EOF'
		import json, sys
		report = json.loads(sys.argv[1])
		assert report["ok"] and report["schema"] == 1, report
		checks = {c["check"]: c["result"] for c in report["plugins"][0]["checks"]}
		assert checks["environment"] == "ok" and "loading" in checks, checks
	EOF
}

@test "check: each way to leave the process other than it was" {
	rude descriptor
	stdout_has "it left a descriptor open"
	rude directory
	stdout_has "it changed the working directory"
	rude umask
	stdout_has "it changed the umask"
	rude environment
	stdout_has "it changed the environment: RUDE=1"
	rude signal
	stdout_has "it changed what signal"
	rude output
	stdout_has "it wrote to standard output"
	rude home
	stdout_has "it left '.rude' in the home directory"
}

@test "check: the final place is nobody's before publication" {
	rude final
	stdout_has "appeared while it was being made"
}

@test "check: crashes and exits are lines of the report" {
	skip_sanitized "they make an exit of a crash"
	rude crash
	stdout_has "it crashed (Segmentation fault)"
	rude exit
	stdout_has "it ended the process"
	rude die-of-failure
	stdout_has "failure of call 2, host->write_file: it crashed"
}

@test "check: one that does not stop when it is told to is ended" {
	rude deaf
	stdout_has "cancelled at call 2: it hung"
}

@test "check: one that needs the network and does not say so" {
	unshare -n true 2>/dev/null || unshare -rn true 2>/dev/null || skip "no network can be taken away"
	rude network
	stdout_has "FAILED   offline"
}

# json_has FILE RESULT CHECK WORDS: `plugins check --json FILE` reports that.
json_has() {
	local status=0
	[ "$2" != failed ] || status=1
	expect "$status" venvctl plugins check --json "$1"
	python3 - "$output" "$2" "$3" "$4" <<-'EOF'
		import json, sys
		report, (result, check, words) = json.loads(sys.argv[1]), sys.argv[2:]
		p, = report["plugins"]
		assert report["ok"] is p["ok"] is (result != "failed"), report
		assert any(c["result"] == result and c["check"].startswith(check) and
		           words in (c["message"] or "") for c in p["checks"]), (sys.argv[2:], p["checks"])
	EOF
}

@test "check: everything that it reports, as JSON" {
	local do result check words sanitized=
	! grep -qa __asan_init "$(command -v venvctl)" || sanitized=yes
	while IFS='|' read -r do result check words; do
		[[ -z $sanitized || ! $do =~ crash|die ]] || continue
		user "[plugin:mock-rude]
do = $do"
		json_has "$MOCKS/mock-rude.so" "$result" "$check" "$words"
	done <<-'EOF'
		descriptor|failed|environment|left a descriptor open
		directory|failed|environment|changed the working directory
		umask|failed|environment|changed the umask
		environment|failed|environment|changed the environment: RUDE=1
		signal|failed|environment|changed what signal
		output|failed|environment|wrote to standard output
		error-output|failed|environment|wrote to standard output or standard error
		home|failed|environment|left '.rude' in the home directory
		tmp|failed|environment|left 'rude' in the directory of temporary files
		work|failed|environment|left 'here' in the working directory
		beside|failed|environment|left 'beside' in the directory of the environment
		final|failed|environment|appeared while it was being made
		crash|failed|environment|it crashed (Segmentation fault)
		exit|failed|environment|it ended the process
		die-of-failure|failed|failure of call 2, host->write_file|it crashed
		ignore|warning|failure of call 2, host->write_file|it went on
	EOF
	json_has "$MOCKS/mock-untidy.so" failed "option twice" "declared twice"
	json_has "$MOCKS/mock-untidy.so" failed "option stop" "full stop"
	echo hello >no.so
	json_has no.so failed file "not an ELF file"
}

@test "check: what it lacks to be loaded, a symbol or a library" {
	cat >acme-lacks.c <<-'END'
		#include <venvctl/plugin.h>
		int acme_helper(void);
		static int seed(void *data) { (void)data; return acme_helper(); }
		VENV_PLUGIN_DEFINE(acme_lacks, "1.0", .summary = "lack", .seed = seed);
	END
	# shellcheck disable=SC2046
	$CC -shared -fPIC $(pkg-config --cflags venvctl-plugin) acme-lacks.c -o acme-lacks.so
	expect 1 venvctl plugins check acme-lacks.so
	stdout_has "FAILED   loading"
	json_has acme-lacks.so failed loading "undefined symbol: acme_helper"
	echo 'int acme_helper(void) { return 0; }' >helper.c
	$CC -shared -fPIC helper.c -Wl,-soname,libacme-lacked.so.1 -o libhelper.so
	# shellcheck disable=SC2046
	$CC -shared -fPIC $(pkg-config --cflags venvctl-plugin) acme-lacks.c libhelper.so -o acme-lacks.so
	json_has acme-lacks.so failed loading "libacme-lacked.so.1"
}

# A plugin whose constructor runs BODY.
built_with() {
	mkdir -p own
	cat >own/acme-early.c <<-END
		#include <venvctl/plugin.h>
		#include <stdio.h>
		#include <stdlib.h>
		__attribute__((constructor)) static void early(void) { $1; }
		static int hook(void *data) { (void)data; return VENV_OK; }
		VENV_PLUGIN_DEFINE(acme_early, "1.0", .summary = "run early", .seed = hook);
	END
	# shellcheck disable=SC2046,SC2086
	$CC -shared -fPIC $(pkg-config --cflags venvctl-plugin) own/acme-early.c -o own/acme-early.so
}

@test "list runs nothing of a plugin" {
	built_with "fclose(fopen(\"$PWD/ran\", \"w\"))"
	export VENVCTL_PLUGIN_PATH=$PWD/own
	expect 0 venvctl plugins list
	stdout_has "acme-early"
	expect 0 venvctl plugins list --json
	[ ! -e ran ]
	# It would have been seen.
	expect 0 venvctl plugins info ./own/acme-early.so
	[ -e ran ]
}

@test "info: a crash is a line of the answer, and what is not trusted is not loaded" {
	skip_sanitized "they make an exit of a crash"
	built_with "abort()"
	expect 5 venvctl plugins info ./own/acme-early.so ensurepip
	stdout_has "mode = native"
	stderr_has "acme-early"
	stderr_has "crash"
	built_with "fclose(fopen(\"$PWD/ran\", \"w\"))"
	chmod 666 own/acme-early.so
	expect 5 venvctl plugins info ./own/acme-early.so
	stderr_has "chmod"
	[ ! -e ran ]
}

@test "check: a plugin that takes no notice of a failure is warned of" {
	user "[plugin:mock-rude]
do = ignore"
	expect 0 venvctl plugins check "$MOCKS/mock-rude.so"
	stdout_has "warning  failure of call 2, host->write_file: it went on"
}

@test "check: the option table, exports, and what has to be set" {
	expect 1 venvctl plugins check "$MOCKS/mock-untidy.so"
	stdout_has "warning  exports: beside its entry: mock_untidy_helper"
	stdout_has "option use: every plugin has an option of this name"
	stdout_has "option count: its default 'three'"
	stdout_has "option help: it has no help"
	stdout_has "option capital: its help begins with a capital"
	stdout_has "option stop: its help ends with a full stop"
	stdout_has "option twice: it is declared twice"
	stdout_has "skipped  environment: the option 'needed' has to be set"
}

@test "check: files that are no plugins" {
	echo hello >no.so
	expect 1 venvctl plugins check no.so
	stdout_has "FAILED   file"
	stdout_has "is no plugin: not an ELF file"
	expect 1 venvctl plugins check gone.so
	stdout_has "gone.so"
}

@test "check leaves nothing in the directory of temporary files" {
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	venvctl plugins check "$MOCKS/mock-rude.so" >/dev/null
	[ -z "$(ls -A "$TMPDIR")" ]
}

# page COMMAND...: the blocks of code of venvctl-plugin(3), with a line between them.
page() {
	awk '/^```$/ { inside = !inside; if (!inside) print "-- end"; next } inside' \
		"$top_srcdir/docs/man/venvctl-plugin.3.scd"
}

@test "the manual's way from nothing to a tested plugin, as it stands there" {
	page | sed -n 's/^\$ //p' >steps
	[ "$(wc -l <steps)" -ge 8 ]
	# What is installed must not leave the case's directory.
	sudo() { "$@" DESTDIR="$PWD/root"; }
	export -f sudo
	(
		set -e
		export CC
		VENVCTL_PLUGIN_PATH=$PWD/acme-hello/root$(pkg-config --variable=plugindir venvctl-plugin)
		export VENVCTL_PLUGIN_PATH
		# shellcheck disable=SC1091
		. ./steps
	) >log 2>&1 || fail "$(cat log)"
	[ "$(cat acme-hello/env/etc/acme-hello.txt)" = "hi from env" ]
	grep -qx "hi from env" log
	grep -q '^acme-hello ' log
	[ "$(cat acme-hello/env2/etc/acme-hello.txt)" = "hello from env2" ]
}

@test "the manual's example: every hook and service, as it stands there" {
	local cc
	page | awk '/^-- end$/ { if (text ~ /acme_tour/) printf "%s", text; text = ""; next }
		{ text = text $0 "\n" }' >acme-tour.c
	for cc in gcc clang; do
		command -v "$cc" >/dev/null || continue
		"$cc" -std=c99 -Wall -Wextra -Werror -pedantic -shared -fPIC -fvisibility=hidden \
			-Wl,-z,defs -Wl,-z,now $(pkg-config --cflags venvctl-plugin) acme-tour.c \
			-o acme-tour.so || fail "$cc"
	done
	expect 0 venvctl plugins check ./acme-tour.so
	mkdir -p tree/etc scripts/common wheels
	echo 'of __VENV_NAME__' >tree/etc/tree.txt
	echo 'echo __VENV_NAME__' >scripts/common/tour.sh
	python3 "$top_srcdir/tests/store/wheelmaker.py" wheels acme_base 1.0
	echo 'import json, os, sys
print("tour of", json.load(sys.stdin)["env_name"], os.environ["ACME_TOUR"], "LANG" in os.environ)' >tour.py
	expect 0 venvctl create -v -p "$PY" --plugin=./acme-tour.so:motd=hi -o acme-tour.tree=tree \
		-o acme-tour.scripts=scripts -o acme-tour.packages=acme-base -o acme-tour.wheels=wheels \
		-o acme-tour.no-scripts=yes -o acme-tour.program=tour.py env
	stderr_has "tour of env 1 False"
	[ "$(cat env/etc/motd)" = hi ]
	[ "$(sh env/bin/tour.sh)" = env ]
	grep -q "of 'env'\|of env" env/etc/tree.txt
	env/bin/python -c 'import acme_base'
	grep -qx 'acme-tour = 1.0' env/pyvenv.cfg
	[ ! -e env/bin/activate ]
	# Nothing that has to wait: all before publication.
	expect 0 venvctl create -p "$PY" --plugin=./acme-tour.so env2
	[ "$(cat env2/etc/motd)" = welcome ] && [ -e env2/bin/activate ]
	expect 6 venvctl create -p "$PY" --plugin=./acme-tour.so:packages=nonsense -o acme-tour.wheels=wheels env3
	[ ! -e env3 ]
}
