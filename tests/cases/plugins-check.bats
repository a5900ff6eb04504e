# SPDX-License-Identifier: MIT
# plugins-check.bats - `venvctl plugins check`: what is wrong with a plugin, and what is not

setup() {
	load common
	common_setup
	kit_setup
}

# rude WHAT: `plugins check` of the mock that misbehaves in this way.
rude() {
	user "[plugin:mock-rude]
do = $1"
	expect 1 venvctl plugins check "$MOCKS/mock-rude.so"
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
