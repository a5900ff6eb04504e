#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the site decides about plugins and their options, and every way round it.

setup() {
	load common
	common_setup
	ETC=$SITE/venvctl.ini
	mkdir mine sites skel theirs
	echo site >skel/marker
	echo other >theirs/marker
	cp "$MOCKS/mock-step.so" mine/
	cp "$MOCKS/mock-step.so" sites/
}

# refused LINE MESSAGE ARGUMENT...: exit 8, the rule's line is named, nothing is made.
refused() {
	local line=$1 message=$2
	shift 2
	expect 8 venvctl create -p $PY "$@" env
	stderr_has "$message"
	stderr_has "$ETC:$line"
	[ ! -e env ]
	expect 8 venvctl create -n -p $PY "$@" env
	stderr_has "$ETC:$line"
}

@test "plugins list: what policy refuses, and by which rule" {
	site "[venvctl]
plugin-path = $PWD/sites
[plugin:acme-files]
use = files
source = $PWD/skel
[plugin:acme-other]
use = files
source = $PWD/skel
[policy]
allowed-plugins = ensurepip mock-step acme-files"
	mkdir "$SITE/conf.d"
	printf '[policy]\nallowed-plugins = ensurepip acme-files wheels\n' >"$SITE/conf.d/1.ini"
	local two=$SITE/conf.d/1.ini
	cp "$MOCKS/mock-seed.so" mine/
	export VENVCTL_PLUGIN_PATH=$PWD/mine
	expect 0 venvctl plugins list
	stdout_has "ensurepip        1.0 "
	stdout_has "files            refused: allowed-plugins in $ETC:10 does not list it"
	# Allowed by one file alone.
	stdout_has "wheels           refused: allowed-plugins in $ETC:10 does not list it"
	stdout_has "mock-step        refused: allowed-plugins in $two:2 does not list it"
	stdout_has "mock-seed        refused: the site's policy does not allow its directory: allowed-plugins in $two:2"
	stdout_has "acme-files       uses files  $ETC:4"$'\n'
	stdout_has "acme-other       uses files  $ETC:7  refused: allowed-plugins in $ETC:10 does not list it"
	# It is what a create says.
	for each in files wheels acme-other; do
		expect 8 venvctl create -n -p $PY --plugin "$each" env
		stderr_has "allowed-plugins in $ETC:10 does not list it"
	done
	expect 8 venvctl create -n -p $PY --plugin mock-step env
	stderr_has "allowed-plugins in $two:2 does not list it"
	expect 0 venvctl plugins list --json
	python3 - "$output" "$ETC" "$two" <<-'END'
		import json, sys
		all, site, two = json.loads(sys.argv[1]), *sys.argv[2:]
		of = {p["name"]: (p["refused"], p["rule"], "version" in p) for p in all["plugins"] if "mine/mock-step" not in p["file"]}
		rule = "allowed-plugins in %s:10" % site
		assert of["files"] == (rule + " does not list it", rule, True), of
		assert of["ensurepip"] == (None, None, True), of
		assert of["mock-step"][1] == "allowed-plugins in %s:2" % two, of
		assert of["mock-seed"][1] == "allowed-plugins in %s:2" % two and of["mock-seed"][0].startswith("the site's policy"), of
		assert {i["name"]: i["rule"] for i in all["instances"]} == {"acme-files": None, "acme-other": rule}, all
	END
}

@test "allowed-plugins: no other name, no path, no directory of the user's" {
	site "[venvctl]
plugin-path = $PWD/sites
[policy]
allowed-plugins = ensurepip mock-step"
	refused 4 "plugin 'files' is not allowed" --plugin files
	refused 4 "plugin 'files' is not allowed" --add-plugin "files:source=$PWD/skel"
	refused 4 "named by a path" --plugin ./mine/mock-step.so
	refused 4 "named by a path" --plugin "$PWD/sites/mock-step.so"
	VENVCTL_POST_SETUP=files refused 4 "plugin 'files' is not allowed"
	user $'[create]\npost-setup = files'
	refused 4 "plugin 'files' is not allowed"
	rm "$HOME/.config/venvctl/venvctl.ini"
	# A path that shadows: the site's file is taken all the same.
	expect 0 venvctl create -n --plugin-path "$PWD/mine" --plugin mock-step env
	stdout_has "from $PWD/sites/mock-step.so"
	stdout_has "policy   allowed-plugins in $ETC:4: nothing refused"
	VENVCTL_PLUGIN_PATH=$PWD/mine expect 0 venvctl create -n --plugin mock-step env
	stdout_has "from $PWD/sites/mock-step.so"
	rm sites/mock-step.so
	expect 5 venvctl create -n --plugin-path "$PWD/mine" --plugin mock-step env
}

@test "an empty allowed-plugins allows none" {
	site $'[policy]\nallowed-plugins ='
	refused 2 "plugin 'ensurepip' is not allowed"
	expect 0 venvctl create --no-plugins -p $PY env
}

@test "an allowed name is no cover for another plugin" {
	site $'[policy]\nallowed-plugins = ensurepip acme'
	user "[plugin:acme]
use = files
source = $PWD/theirs"
	refused 2 "'acme' uses the plugin 'files'" --plugin acme
	rm "$HOME/.config/venvctl/venvctl.ini"
	refused 2 "'acme' uses the plugin 'files'" --plugin acme -o acme.use=files
	refused 2 "'ensurepip' uses the plugin 'files'" --plugin ensurepip:use=files
}

@test "an instance of the site needs no entry for its plugin, and is the site's" {
	site "[plugin:acme]
use = files
source = $PWD/skel
[policy]
allowed-plugins = acme"
	expect 0 venvctl create -p $PY --plugin acme good
	[ "$(cat good/marker)" = site ]
	refused 5 "'acme.source' is the site's" --plugin acme -o "acme.source=$PWD/theirs"
	refused 5 "'acme.source' is the site's" --plugin "acme:source=$PWD/theirs"
	refused 5 "'acme.use' is the site's" --plugin acme -o acme.use=script
	refused 5 "'acme.enabled' is the site's" --plugin acme -o acme.enabled=no
	refused 5 "'acme.after' is the site's" --plugin acme -o acme.after=x
	refused 5 "'acme.provides' is the site's" --plugin acme -o acme.provides=pip
	user "[plugin:acme]
source = $PWD/theirs"
	refused 5 "'acme.source' is the site's" --plugin acme
	stderr_has "$HOME/.config/venvctl/venvctl.ini:2"
}

@test "user-options opens one key, and no other" {
	site "[plugin:acme]
use = files
source = $PWD/skel
[policy]
allowed-plugins = acme
user-options = acme.source"
	expect 0 venvctl create -p $PY --plugin acme -o "acme.source=$PWD/theirs" good
	[ "$(cat good/marker)" = other ]
	refused 5 "'acme.placeholders' is the site's" --plugin acme -o acme.placeholders=raw
}

@test "required-plugins run, whatever is asked for" {
	site "[plugin:acme]
use = files
source = $PWD/skel
provides = pip
[policy]
required-plugins = acme"
	local n=0
	runs() {
		n=$((n + 1))
		expect 0 venvctl create -p $PY "$@" "e$n"
		[ "$(cat "e$n/marker")" = site ]
	}
	runs --plugin ensurepip
	runs --no-plugins
	stderr_has "warning: the plugin 'acme' runs all the same: $ETC:6 requires it"
	runs --without-pip
	stderr_has "warning: the plugin 'acme' runs all the same: $ETC:6 requires it"
	VENVCTL_POST_SETUP=ensurepip VENVCTL_WITHOUT_PIP=1 runs
	user $'[create]\npost-setup ='
	runs
	expect 0 venvctl create -n -p $PY env
	stdout_has "policy   acme is required by $ETC:6"
	expect 0 venvctl create -n -p $PY --plugin acme env
	[ "$(grep -c '^plugin' <<<"$output")" = 1 ]
}

@test "what is required cannot be redefined, shadowed or named by a path" {
	site "[venvctl]
plugin-path = $PWD/sites
[policy]
required-plugins = mock-step"
	refused 4 "'mock-step.enabled' is the site's" -o mock-step.enabled=no
	refused 4 "'mock-step.use' is the site's" -o mock-step.use=files
	user $'[plugin:mock-step]\nuse = files'
	refused 4 "'mock-step.use' is the site's"
	rm "$HOME/.config/venvctl/venvctl.ini"
	refused 4 "named by a path" --plugin ./mine/mock-step.so
	for way in "--plugin mock-step" "--no-plugins" "--add-plugin mock-step"; do
		# shellcheck disable=SC2086
		expect 0 venvctl create -n --plugin-path "$PWD/mine" $way env
		stdout_has "from $PWD/sites/mock-step.so"
	done
	user "[venvctl]
plugin-path = $PWD/mine
[create]
post-setup = mock-step"
	expect 0 venvctl create -n env
	stdout_has "from $PWD/sites/mock-step.so"
}

@test "policy anywhere but in the site's configuration is an error" {
	user $'[policy]\nallowed-plugins = ensurepip'
	expect 8 venvctl create --without-pip env
	stderr_has "venvctl.ini:1: [policy] is honoured in the site's configuration only"
	stderr_has "hint: move it to $ETC"
	rm "$HOME/.config/venvctl/venvctl.ini"
	export TEST_PKGLIBDIR=$BATS_TEST_TMPDIR/lib
	cp -r "$TEST_PREFIX/lib/venvctl" "$TEST_PKGLIBDIR"
	mkdir "$TEST_PKGLIBDIR/conf.d"
	printf '[policy]\nrequire-sha256 = no\n' >"$TEST_PKGLIBDIR/conf.d/a.ini"
	expect 8 venvctl create --without-pip env
	stderr_has "conf.d/a.ini:1: [policy] is honoured"
	unset TEST_PKGLIBDIR
	expect 2 venvctl create -o policy.allowed-plugins=files env
	VENVCTL_ALLOWED_PLUGINS=files expect 0 venvctl create --without-pip env
	stderr_has "there is no variable 'VENVCTL_ALLOWED_PLUGINS'"
}

@test "several files: required joined, others intersect, yes and the smallest win" {
	site "[plugin:one]
use = files
source = $PWD/skel
[plugin:two]
use = files
source = $PWD/skel
[policy]
allowed-plugins = ensurepip one files
required-plugins = two
max-download = 20M
require-sha256 = yes"
	mkdir "$SITE/conf.d"
	cat >"$SITE/conf.d/1.ini" <<-'END'
		[policy]
		allowed-plugins = ensurepip one
		required-plugins = one two
		max-download = 30M
		require-sha256 = no
	END
	expect 0 venvctl create -n -p $PY --no-plugins env
	[[ $output == *"plugin   two "*"plugin   one "* ]] || fail "$output"
	stdout_has "max-download in $ETC:10"
	stdout_has "require-sha256 in $ETC:11"
	expect 8 venvctl create -p $PY --plugin "files:source=$PWD/skel" env
	stderr_has "allowed-plugins in $SITE/conf.d/1.ini:2"
	[ ! -e env ]
	# Who lists it is not who refuses it; each name has the line that requires it.
	expect 0 venvctl create -n -p $PY --no-plugins env
	stderr_has "the plugin 'two' runs all the same: $ETC:9 requires it"
	stderr_has "the plugin 'one' runs all the same: $SITE/conf.d/1.ini:3 requires it"
	stdout_has "policy   two is required by $ETC:9"
	stdout_has "allowed-plugins in $ETC:8"
	stdout_has "allowed-plugins in $SITE/conf.d/1.ini:2"
	printf '[policy]\nallowed-plugins = ensurepip one files getpip\n' >"$SITE/conf.d/2.ini"
	expect 8 venvctl create -p $PY --plugin getpip env
	stderr_has "allowed-plugins in $ETC:8 does not list it"
	expect 8 venvctl create -p $PY --plugin "files:source=$PWD/skel" env
	stderr_has "allowed-plugins in $SITE/conf.d/1.ini:2"
}

@test "config show has what all files together decide, and names each" {
	site $'[policy]\nallowed-plugins = a b\nmax-download = 20M\nrequire-sha256 = yes'
	mkdir "$SITE/conf.d"
	cat >"$SITE/conf.d/1.ini" <<-'END'
		[policy]
		allowed-plugins = b c
		required-plugins = x
		max-download = 30M
		require-sha256 = no
	END
	printf '[policy]\nrequired-plugins = y x\n' >"$SITE/conf.d/2.ini"
	shows() {
		expect 0 venvctl config show --show-origin "policy.$1"
		[ "$output" = "$3"$'\t'"policy.$1 = $2" ] || fail "$output"
	}
	shows allowed-plugins b "$ETC:2, $SITE/conf.d/1.ini:2"
	shows required-plugins "x y" "$SITE/conf.d/1.ini:3, $SITE/conf.d/2.ini:2"
	shows max-download 20971520 "$ETC:3"
	shows require-sha256 yes "$ETC:4"
}

@test "hosts: the file that does not list one is named" {
	mkdir -p "$SITE/conf.d"
	site $'[policy]\nallowed-hosts = a.example\nhttp-hosts = a.example'
	printf '[policy]\nallowed-hosts = a.example b.example\nhttp-hosts = a.example\n' \
		>"$SITE/conf.d/1.ini"
	expect 8 venvctl create -n -p $PY --plugin getpip -o getpip.url=https://b.example/p.py env
	stderr_has "by allowed-hosts in $ETC:2"
	expect 8 venvctl create -n -p $PY --plugin getpip -o getpip.url=https://c.example/p.py env
	stderr_has "by allowed-hosts in $ETC:2"
	expect 0 venvctl create -n -p $PY --plugin getpip -o getpip.url=http://a.example/p.py env
	printf '[policy]\nhttp-hosts =\n' >"$SITE/conf.d/2.ini"
	expect 8 venvctl create -n -p $PY --plugin getpip -o getpip.url=http://a.example/p.py env
	stderr_has "by http-hosts in $SITE/conf.d/2.ini:2"
	rm "$SITE/conf.d/2.ini"
	# Lists that have nothing in common: no file refuses by itself.
	printf '[policy]\nallowed-hosts = a.example:443\n' >"$SITE/conf.d/1.ini"
	expect 8 venvctl create -n -p $PY --plugin getpip -o getpip.url=https://a.example/p.py env
	stderr_has "by allowed-hosts in $SITE/conf.d/1.ini:2"
}

@test "names that could never match are refused where they stand" {
	local line
	for line in 'allowed-plugins = ensurepip, files' 'required-plugins = mine/mock-step.so' \
		'required-plugins = Files' 'user-options = acme' 'user-options = acme.' \
		'user-options = store.x'; do
		site "[policy]
$line"
		refused 2 "' is no value for '${line%% *}': expected"
		expect 8 venvctl config check "$ETC"
		stdout_has "$ETC:2: '"
	done
}

# failing CALLS PATH COMMAND...: run it while the disk fails under PATH
failing() {
	strace -f -o /dev/null -P "$2" -e "inject=$1:error=EIO" "${@:3}"
}

@test "a policy that cannot be read is not as if there were none" {
	command -v strace >/dev/null || skip "strace is not installed"
	skip_sanitized "strace and LeakSanitizer both want to trace"
	site $'[policy]\nallowed-plugins = ensurepip'
	mkdir "$SITE/conf.d"
	printf '[policy]\nallowed-plugins = ensurepip\n' >"$SITE/conf.d/1.ini"
	expect 8 venvctl create -p $PY --plugin "$MOCKS/mock-seed.so" env
	stderr_has "allowed-plugins"
	expect 8 failing getdents64 "$SITE/conf.d" venvctl create -p $PY --plugin "$MOCKS/mock-seed.so" env
	stderr_has "cannot read '$SITE/conf.d': Input/output error"
	expect 8 failing %%stat "$SITE/venvctl.ini" venvctl create -p $PY --plugin "$MOCKS/mock-seed.so" env
	stderr_has "cannot read '$SITE/venvctl.ini': Input/output error"
	rm -r "$SITE/conf.d"
	expect 8 failing %%stat "$SITE" venvctl create -p $PY --plugin "$MOCKS/mock-seed.so" env
	stderr_has "cannot read '$SITE': Input/output error"
	[ ! -e env ]
}
