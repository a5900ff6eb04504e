# SPDX-License-Identifier: MIT
# plugins-check.bats - `venvctl plugins check`: what is wrong with a plugin, and what is not

setup() {
	load common
	common_setup
	kit_setup
}

teardown() {
	[ -z "${THEIRS-}" ] || rm -rf "$THEIRS"
}

# fault WHAT [WHERE]: `plugins check` of the mock has this fault, in seed or WHERE.
fault() {
	user "[plugin:mock-faults]
do = $1
at = ${2-seed}"
}

# built DEFINE...: b/mock-faults.so, built with these.
built() {
	mkdir -p b
	$CC -shared -fPIC -w -D_GNU_SOURCE -fvisibility=hidden -I"$top_srcdir/include" "$@" \
		"$top_srcdir/tests/plugins/mock-faults.c" -o b/mock-faults.so
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
	# These have to fetch something: without a network they were not tried, which is no success.
	user "[network]
proxy = http://127.0.0.1:1
retries = 0"
	expect 7 venvctl plugins check "$TEST_PREFIX/lib/venvctl/plugins/getpip.so"
	stdout_has "UNTRIED  environment: cannot create"
	[[ $output != *FAILED* ]] || fail "$output"
	expect 8 venvctl plugins check "$TEST_PREFIX/lib/venvctl/plugins/ezsetup.so"
	stdout_has "UNTRIED  environment: cannot create"
	stdout_has "'url' has to say where ez_setup.py is"
}

@test "check -o: what has to be set, and what was not tried is no success" {
	local more='-DOPTION={ "more", VENV_OPTION_PATH, VENV_OPTION_REQUIRED, NULL, "more", NULL, NULL }'
	built "$more"
	expect 2 venvctl plugins check b/mock-faults.so
	stdout_has "UNTRIED  environment: the plugin 'mock-faults' needs the option 'more' (-o mock-faults.more=VALUE)"
	[[ $output != *cancellation* && $output != *FAILED* ]] || fail "$output"
	expect 2 venvctl plugins check --json b/mock-faults.so
	python3 -c 'import json, sys
report = json.loads(sys.argv[1])
p, = report["plugins"]
assert report["ok"] is p["ok"] is False, report
assert [c["check"] for c in p["checks"] if c["result"] == "untried"] == ["environment"], p
' "$output"
	local how
	for how in "-o mock-faults.more=x" -omock-faults.more=x "--option mock-faults.more=x" \
		--option=mock-faults.more=x; do
		expect 0 venvctl plugins check $how b/mock-faults.so
		stdout_has "ok       environment: made"
		stdout_has "ok       cancellation"
	done
	# Of the user's directory, although the trials have one of their own.
	mkdir mine
	run venvctl plugins check -o mock-faults.where=mine -o mock-faults.do=where "$MOCKS/mock-faults.so"
	stdout_has " elsewhere: "
	# Who has no namespaces sees its directory change.
	stdout_has "'$PWD/mine"
	# What the configuration has is replaced, and what is wrong is the command line's.
	user $'[plugin:mock-faults]\nmore = x\ndo = umask\nat = seed'
	expect 1 venvctl plugins check b/mock-faults.so
	expect 0 venvctl plugins check -o mock-faults.do=nothing b/mock-faults.so
	for how in mock-faults.mroe=x mock-other.more=x more=x; do
		expect 2 venvctl plugins check -o "$how" b/mock-faults.so
		stdout_has "UNTRIED  environment: "
	done
	stdout_has "-o: expected NAME.KEY=VALUE, not 'more"
	expect 2 venvctl plugins check b/mock-faults.so -o
	stderr_has "the option '-o' needs a value"
	expect 2 venvctl plugins info -o mock-faults.more=x b/mock-faults.so
	stderr_has "'plugins info' has no option '-o'"
	# Each file gets its own, and those of the plugins that it is checked with.
	user ''
	expect 1 venvctl plugins check -o mock-post.fail=post_setup -o mock-faults.more=x \
		b/mock-faults.so "$MOCKS/mock-post.so"
	stdout_has "ok       environment: made"
	stdout_has "FAILED   environment: "
	expect 0 venvctl plugins check --with "$MOCKS/mock-post.so" -o mock-post.tag=x -o mock-faults.more=x \
		b/mock-faults.so
	# A fault says more than a file that was not tried, in any order.
	expect 1 venvctl plugins check -o mock-post.fail=post_setup b/mock-faults.so "$MOCKS/mock-post.so"
	expect 1 venvctl plugins check -o mock-post.fail=post_setup "$MOCKS/mock-post.so" b/mock-faults.so
}

# What is found, fault by fault, is the table of tests/fault/plugins.py.

@test "check: a plugin that behaves, as text and as JSON" {
	expect 0 venvctl plugins check "$MOCKS/mock-faults.so"
	[[ $output != *FAILED* && $output != *warning* ]] || fail "$output"
	stdout_has "ok       failing services: 2, each rolled back"
	stdout_has "ok       cancellation"
	expect 0 venvctl plugins check --json "$MOCKS/mock-faults.so"
	python3 - "$output" <<-'EOF'
		import json, sys
		report = json.loads(sys.argv[1])
		assert report["ok"] and report["schema"] == 1, report
		checks = {c["check"]: c["result"] for c in report["plugins"][0]["checks"]}
		assert checks["environment"] == "ok" and "loading" in checks, checks
	EOF
}

# json_has FILE RESULT CHECK WORDS: `plugins check --json FILE` reports that.
json_has() {
	local status=0
	case $2 in
	failed) status=1 ;;
	untried) status=8 ;;
	esac
	expect "$status" venvctl plugins check --json "$1"
	python3 - "$output" "$2" "$3" "$4" <<-'EOF'
		import json, sys
		report, (result, check, words) = json.loads(sys.argv[1]), sys.argv[2:]
		p, = report["plugins"]
		assert report["ok"] is p["ok"] is (result not in ("failed", "untried")), report
		assert any(c["result"] == result and c["check"].startswith(check) and
		           words in (c["message"] or "") for c in p["checks"]), (sys.argv[2:], p["checks"])
	EOF
}

@test "check: what it reports, as JSON" {
	fault umask
	json_has "$MOCKS/mock-faults.so" failed environment "changed the umask"
	fault ignores
	json_has "$MOCKS/mock-faults.so" warning "failure of call 2, host->write_file" "it went on"
	fault own-key
	json_has "$MOCKS/mock-faults.so" untried environment "cannot be set as a key"
	echo hello >no.so
	json_has no.so failed file "not an ELF file"
	json_has gone.so failed file "gone.so"
}

@test "check: the last lines of a child that failed" {
	fault run-fails
	expect 1 venvctl plugins check "$MOCKS/mock-faults.so"
	stdout_has "FAILED   environment: cannot create"
	stdout_has $'ended with status 3\n           | first words\n           | last words'
	expect 1 venvctl plugins check --json "$MOCKS/mock-faults.so"
	python3 -c 'import json, sys
checks = json.loads(sys.argv[1])["plugins"][0]["checks"]
assert [c["output"] for c in checks if "output" in c] == [["first words", "last words"]], checks
' "$output"
}

@test "check --with: plugins that another needs" {
	built '-DREQUIRES="mock-post"'
	expect 1 venvctl plugins check b/mock-faults.so
	stdout_has "requires 'mock-post', which no plugin"
	expect 0 venvctl plugins check --with "$MOCKS/mock-post.so" b/mock-faults.so
	expect 0 env VENVCTL_PLUGIN_PATH="$MOCKS" venvctl plugins check --with=mock-hooks,mock-post b/mock-faults.so
	stdout_has "failing services: 2,"
	expect 1 venvctl plugins check --with mock-gone b/mock-faults.so
	stdout_has "there is no plugin 'mock-gone'"
	# Selected by itself where it is found.
	expect 0 env VENVCTL_PLUGIN_PATH="$MOCKS" venvctl plugins check b/mock-faults.so
}

@test "check: the configured post-setup is not run, which is told" {
	user "[create]
post-setup = ensurepip mock-faults mock-hooks"
	expect 0 env VENVCTL_PLUGIN_PATH="$MOCKS" venvctl plugins check "$MOCKS/mock-faults.so"
	stdout_has "skipped  post-setup: of $HOME/.config/venvctl/venvctl.ini:2 is not run here; to have it run: --with ensurepip,mock-hooks"
	expect 0 env VENVCTL_PLUGIN_PATH="$MOCKS" venvctl plugins check --with mock-hooks "$MOCKS/mock-faults.so"
	stdout_has "--with ensurepip"$'\n'
}

@test "check: the user's directories stay as they are, also as a user, and without namespaces" {
	local as
	mkdir -p mine
	chmod 777 mine
	user "[plugin:mock-faults]
do = where
where = $PWD/mine"
	export TMPDIR=$PWD/mine
	run --separate-stderr venvctl plugins check "$MOCKS/mock-faults.so"
	[[ $(id -u) = 0 || $output != *"by whomever"* ]] || skip "this user has no overlays here"
	[ "$status" -eq 1 ]
	stdout_has "FAILED   elsewhere: it changed '$PWD/mine/faulty'"
	stdout_has "skipped  environment: it would be written there again"
	[ -z "$(ls -A mine)" ] || fail "$(ls -A mine)"
	command -v setpriv >/dev/null && [ "$(id -u)" = 0 ] || skip "this is not root, or has no setpriv"
	# Who cannot have namespaces sees that something was written, and not by whom.
	expect 0 setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
		venvctl plugins check "$MOCKS/mock-faults.so"
	stdout_has "warning  elsewhere: '$PWD/mine/faulty' was changed meanwhile, by whomever"
	stdout_has "environment: made"
	rm mine/faulty
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${as[@]}" test -x "$(command -v venvctl)" || skip "nobody cannot run what was built"
	THEIRS=$(TMPDIR=/tmp mktemp -d)
	mkdir "$THEIRS/over"
	chown 65534:65534 "$THEIRS" "$THEIRS/over"
	# Not where something is mounted below /tmp, for example.
	"${as[@]}" unshare -rm sh -c "mount -t tmpfs t $THEIRS/over && cd $THEIRS/over && mkdir u w &&
		mount -t overlay o -o lowerdir=/tmp,upperdir=u,workdir=w,userxattr /tmp" ||
		skip "a user has no overlays here"
	export HOME=$THEIRS TEST_SYSCONFDIR=$THEIRS/none TMPDIR=$THEIRS/mine
	mkdir "$TMPDIR"
	user "[plugin:mock-faults]
do = where
where = $TMPDIR"
	chown -R 65534:65534 "$THEIRS"
	cd "$THEIRS"
	run --separate-stderr "${as[@]}" venvctl plugins check "$MOCKS/mock-faults.so"
	[[ $output != *"by whomever"* ]] || skip "a user has no overlays here"
	[ "$status" -eq 1 ]
	stdout_has "FAILED   elsewhere: it changed '$THEIRS/mine/faulty'"
	[ -z "$(ls -A mine)" ] || fail "$(ls -A mine)"
	# What is not trusted in a namespace of users was judged before.
	user "[plugin:mock-faults]
do = network"
	expect 1 "${as[@]}" venvctl plugins check "$MOCKS/mock-faults.so"
	stdout_has "ok       environment"
	stdout_has "FAILED   offline: cannot create"
	user "[plugin:mock-faults]
do = nothing"
	expect 0 "${as[@]}" venvctl plugins check "$MOCKS/mock-faults.so"
	stdout_has "ok       offline"
}

@test "check: what C++ exports, and how not to" {
	command -v g++ >/dev/null || skip "no C++ compiler"
	cat >acme-cpp.cc <<-'END'
		#include <venvctl/plugin.h>
		#include <map>
		#include <string>
		struct Table { std::map<std::string, int> m; static Table &get() { static Table t; return t; } };
		int helper() { return Table::get().m["a"]; }
		static int seed(void *) { return helper(); }
		VENV_PLUGIN_DEFINE(acme_cpp, "1.0", .summary = "have a table", .seed = seed);
	END
	# shellcheck disable=SC2046
	g++ -std=c++20 -shared -fPIC $(pkg-config --cflags venvctl-plugin) acme-cpp.cc -o acme-cpp.so
	expect 0 venvctl plugins check acme-cpp.so
	stdout_has "warning  exports: beside its entry: "
	[[ $output != *_ZNSt* && $output != *_ZNKSt* ]] || fail "$output"
	stdout_has "(build with -fvisibility=hidden -fvisibility-inlines-hidden)"
	# The advice is right: the templates of the library, which stay, are none of its exports.
	# shellcheck disable=SC2046
	g++ -std=c++20 -shared -fPIC -fvisibility=hidden -fvisibility-inlines-hidden \
		$(pkg-config --cflags venvctl-plugin) acme-cpp.cc -o acme-cpp.so
	expect 0 venvctl plugins check acme-cpp.so
	stdout_has "ok       exports"
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
