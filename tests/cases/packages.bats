#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# packages.bats - what packages that ship plugins and configuration meet: drop-ins that add
# to a list, completions, secrets, and a policy that lets no code of others run

setup() {
	load common
	common_setup
	PLUG=$PWD/plug
	mkdir plug
	cp "$MOCKS"/mock-{hooks,seed,post}.so plug/
}

# vendor NAME TEXT: a drop-in of a package.  dropin NAME TEXT: one of the site's.
vendor() {
	export TEST_PKGLIBDIR=$BATS_TEST_TMPDIR/lib
	[ -d "$TEST_PKGLIBDIR" ] || cp -r "$TEST_PREFIX/lib/venvctl" "$TEST_PKGLIBDIR"
	mkdir -p "$TEST_PKGLIBDIR/conf.d"
	printf '%s\n' "$2" >"$TEST_PKGLIBDIR/conf.d/$1"
}

dropin() {
	mkdir -p "$SITE/conf.d"
	printf '%s\n' "$2" >"$SITE/conf.d/$1"
}

order() { # order NAME...: the plugins of a create without options
	[ "$(venvctl plugins list | sed -n 's/^a create without options runs: //p')" = "$*" ] ||
		fail "$(venvctl plugins list)"
}

# faulty LINE TEXT: the user's file is refused there.
faulty() {
	expect 8 venvctl config show
	stderr_has "venvctl.ini:$1: $2"
}

@test "+=: two packages add to the built-in list, each item with its place" {
	vendor 10-a.ini $'[create]\npost-setup += mock-hooks'
	vendor 20-b.ini $'[create]\npost-setup +=\n\tmock-seed\n\tmock-hooks\n\tensurepip'
	export VENVCTL_PLUGIN_PATH=$PLUG
	order ensurepip mock-hooks mock-seed
	expect 0 venvctl config show --show-origin create.post-setup
	[ "$output" = "built in, $TEST_PKGLIBDIR/conf.d/10-a.ini:2, $TEST_PKGLIBDIR/conf.d/20-b.ini:2	create.post-setup = ensurepip mock-hooks mock-seed" ] || fail "$output"
	# A fault names the drop-in that asked for it.
	rm plug/mock-seed.so
	expect 5 venvctl create -n -p "$PY" env
	stderr_has "mock-seed"
	expect 0 venvctl create -n -p "$PY" --no-plugins env
	cp "$MOCKS/mock-seed.so" plug/
	expect 0 venvctl create -n -p "$PY" env
	stdout_has "plugin   mock-hooks 1.0: before publication, $TEST_PKGLIBDIR/conf.d/10-a.ini:2, from "
	stdout_has "plugin   ensurepip 1.0: before publication, built in, from "
	# The site adds, or begins anew; the user too.
	site $'[create]\npost-setup+=mock-post'
	order ensurepip mock-hooks mock-seed mock-post
	dropin 50.ini $'[create]\npost-setup = mock-post'
	order mock-post
	user $'[create]\npost-setup += ensurepip'
	order mock-post ensurepip
	VENVCTL_POST_SETUP=mock-seed order mock-seed
	# An empty list resets, and can be added to.
	dropin 50.ini $'[create]\npost-setup ='
	order ensurepip
	rm -r "$SITE"
}

@test "+=: lists of plugins, with what they declare, and of instances" {
	export VENVCTL_PLUGIN_PATH=$PLUG
	site $'[plugin:mock-hooks]\nitems += b\nafter += mock-seed\n[plugin:mine]\nuse = wheels\npackages = pip\nafter += script'
	user $'[plugin:mock-hooks]\nitems += c b\nafter += mock-post\n[plugin:mine]\npackages += acme'
	expect 0 venvctl create -p "$PY" --without-pip --add-plugin=mock-hooks \
		-o mock-hooks.values=yes -o "mock-hooks.log=$PWD/log" env
	# Its own default is the lowest layer.
	[ "$(sed -n 's/^mock item=//p' log | tr '\n' ' ')" = "one two b c " ] || fail "$(cat log)"
	expect 0 venvctl config show plugin:mine.packages
	[ "$output" = "plugin:mine.packages = pip acme" ] || fail "$output"
	expect 0 venvctl config show plugin:mock-hooks.after
	[ "$output" = "plugin:mock-hooks.after = mock-seed mock-post" ] || fail "$output"
	# wheels lists pip in the lower layer: so it provides it, and is told so.
	expect 6 venvctl create -n -p "$PY" --plugin=mine env
	stderr_has "plugin 'mine': there is no wheel of "
	user $'[plugin:mock-hooks]\ntext += x'
	expect 8 venvctl create -n -p "$PY" --without-pip --add-plugin=mock-hooks env
	stderr_has "venvctl.ini:2: 'mock-hooks.text' takes one value: '+=' is for lists"
	expect 8 venvctl config check
	rm -r "$SITE"
}

@test "+=: where it cannot be" {
	user $'[create]\npost-setup = a\npost-setup += b'
	faulty 3 "the same key a second time in this section"
	user $'[create]\nprompt += x'
	faulty 2 "'prompt' takes one value: '+=' is for lists"
	user $'[create]\n+= x'
	faulty 2 "no key before '='"
	user $'[plugin:files]\nuse += x'
	faulty 2 "'use' takes one value: '+=' is for lists"
	user $'[create]\npost-setup ++= x'
	faulty 2 "key with a character that it cannot have"
	site $'[policy]\nallowed-plugins += x'
	user ''
	faulty 2 "'+=' is not for [policy]: all of its files hold"
	rm -r "$SITE"
	# plugin-path adds up by itself: nothing is there twice.
	mkdir a b
	site $"[venvctl]
plugin-path = $PWD/a"
	user $"[venvctl]
plugin-path += $PWD/b"
	expect 0 venvctl config show venvctl.plugin-path
	[ "$(cut -f2 <<<"$output" | head -n2)" = "venvctl.plugin-path = $PWD/b
venvctl.plugin-path = $PWD/a" ] || fail "$output"
	cp "$MOCKS/mock-hooks.so" a/
	expect 0 venvctl create -n -p "$PY" --without-pip --add-plugin=mock-hooks env
	rm -r "$SITE"
}

@test "a secret is shown of no plugin, wherever that is" {
	user $'[plugin:mock-hooks]\nsecret = topsecret\ntext = shown\nafter = mock-seed\nsecrte = topsecret'
	expect 0 env VENVCTL_PLUGIN_PATH="$PLUG" venvctl config show
	stdout_has "plugin:mock-hooks.secret = (secret)"
	stdout_has "plugin:mock-hooks.text = shown"
	stdout_has "plugin:mock-hooks.after = mock-seed"
	[[ $output != *topsecret* ]] || fail "$output"
	# It is given by its file only.
	expect 0 venvctl config show
	stdout_has "plugin:mock-hooks.secret = (not shown)"
	stdout_has "plugin:mock-hooks.after = mock-seed"
	[[ $output != *topsecret* && $output != *shown ]] || fail "$output"
	expect 0 venvctl config show --json
	[[ $output != *topsecret* ]] || fail "$output"
}

@test "allowed-plugins: no code of another plugin runs, whoever asks" {
	$CC -shared -fPIC -w -I"$top_srcdir/include" "$top_srcdir/tests/plugins/mock-undo.c" \
		-DNAME=marks -o plug/marks.so
	cat >marks.c <<-END
		#include <stdio.h>
		__attribute__((constructor)) static void run(void) { fclose(fopen("$PWD/ran", "w")); }
	END
	$CC -shared -fPIC -w -I"$top_srcdir/include" -DNAME=marks \
		"$top_srcdir/tests/plugins/mock-undo.c" marks.c -o plug/marks.so
	expect 0 venvctl plugins info ./plug/marks.so
	[ -e ran ]
	rm ran
	site "[venvctl]
plugin-path = $PLUG
[policy]
allowed-plugins = ensurepip mock-seed"
	user $'[plugin:marks]\nlog = x'
	expect 8 venvctl plugins info ./plug/marks.so
	stderr_has "'./plug/marks.so' would be loaded, which runs code of it: allowed-plugins in $SITE/venvctl.ini:4 allows names only"
	expect 8 venvctl plugins info marks
	stderr_has "plugin 'marks' is not allowed: allowed-plugins in $SITE/venvctl.ini:4 does not list it"
	run venvctl plugins check ./plug/marks.so
	[ "$status" -ne 0 ]
	[[ $output == *"allowed-plugins in $SITE/venvctl.ini:4"* ]] || fail "$output"
	expect 0 venvctl config show
	stdout_has "plugin:marks.log = (not shown)"
	expect 0 venvctl config check
	expect 0 venvctl completions keys marks.
	[ -z "$output" ]
	expect 8 venvctl create -n -p "$PY" --add-plugin=marks env
	[ ! -e ran ]
	# What is allowed, and venvctl's own.
	expect 0 venvctl plugins info mock-seed wheels
	rm -r "$SITE"
}

@test "completions: names of plugins and instances, and keys of their options" {
	export VENVCTL_PLUGIN_PATH=$PLUG PATH=$TEST_PREFIX/bin:$PATH
	: >plug/broken.so
	user $'[plugin:acme]\nuse = mock-hooks\n[plugin:gone]\nuse = nothing'
	expect 0 venvctl completions plugins
	for name in acme ensurepip gone mock-hooks mock-seed wheels; do
		grep -qx "$name" <<<"$output" || fail "no $name:" "$output"
	done
	! grep broken <<<"$output"
	expect 0 venvctl completions keys mock
	grep -qx 'mock-hooks\.' <<<"$output"
	expect 0 venvctl completions keys acme.tex
	grep -qx 'acme.text=' <<<"$output"
	grep -qx 'acme.after=' <<<"$output"
	local word
	for word in gone. broken. ../x. '$(x).' .; do
		expect 0 venvctl completions keys "$word"
		[ -z "$output$stderr" ] || fail "$word: $output$stderr"
	done
	# Not a word of what is wrong.
	user 'nonsense'
	expect 0 venvctl completions plugins
	[ -z "$output$stderr" ]
	user ''

	venvctl completions bash >c.bash
	words() { # words WORD...: what bash offers for the last one
		bash -c '. ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _venvctl
			echo "${COMPREPLY[@]}"' bash venvctl "$@"
	}
	[ "$(words create --plugin mock-p)" = mock-post ]
	[ "$(words create --add-plugin = mock-h)" = mock-hooks ]
	[ "$(words create -o mock-pos)" = mock-post. ]
	[ "$(words create --option mock-hooks.tex)" = mock-hooks.text= ]
	[ "$(words create --existing re)" = "replace reuse refuse" ]
	[ "$(words create --existing =)" = "keep replace reuse refuse" ]
	[ "$(words plugins info mock-s)" = mock-seed ]
	[ "$(words plugins i)" = info ]
	[ "$(words plugins check -o mock-hooks.tex)" = mock-hooks.text= ]
	[ "$(words plugins check --)" = "--json --with --option" ]
	[ "$(words plugins check --with mock-p)" = mock-post ]
}

@test "completions in fish" {
	command -v fish >/dev/null || skip "fish is not installed"
	export VENVCTL_PLUGIN_PATH=$PLUG PATH=$TEST_PREFIX/bin:$PATH
	venvctl completions fish >c.fish
	words() {
		fish --no-config -c 'source c.fish; complete -C "$argv[1]"' "venvctl $1" | cut -f1
	}
	[ "$(words 'create --plugin mock-p')" = mock-post ]
	[ "$(words 'create --add-plugin=mock-h')" = --add-plugin=mock-hooks ]
	[ "$(words 'create -o mock-hooks.tex')" = mock-hooks.text= ]
	[ "$(words 'create --option=mock-hooks.tex')" = --option=mock-hooks.text= ]
	[ "$(words 'plugins info mock-s')" = mock-seed ]
	[ "$(words 'plugins check -o mock-hooks.tex')" = mock-hooks.text= ]
	[ "$(words 'plugins check --with mock-p')" = mock-post ]
}

@test "completions in zsh" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	export VENVCTL_PLUGIN_PATH=$PLUG PATH=$TEST_PREFIX/bin:$PATH
	mkdir fn
	venvctl completions zsh >fn/_venvctl
	local got
	got=$(timeout 200 zsh -f "$BATS_TEST_DIRNAME/complete.zsh" 'venvctl create --plugin=mock-p' \
		'venvctl create -o mock-hooks.tex' 'venvctl plugins info mock-s' \
		'venvctl plugins check -o mock-hooks.tex' 'venvctl plugins check --with=mock-p')
	[ "$got" = "<venvctl create --plugin=mock-post >
<venvctl create -o mock-hooks.text=>
<venvctl plugins info mock-seed >
<venvctl plugins check -o mock-hooks.text=>
<venvctl plugins check --with=mock-post >" ] || fail "$got"
}

@test "venvctl-plugin.pc says where drop-ins go" {
	kit_setup
	[ "$(pkg-config --variable=confdir venvctl-plugin)" = "$(pkg-config --variable=libdir venvctl-plugin)/venvctl/conf.d" ]
}
