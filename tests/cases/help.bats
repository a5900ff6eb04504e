# SPDX-License-Identifier: MIT
# help.bats - what the tool tells of itself: help, completions, and how a plugin is begun

setup() {
	load common
	common_setup
}

@test "13.22: help of a command says what each of its words does" {
	local word
	for word in 'plugins list info check new --json --autotools' \
		'config show path check --show-origin --json' 'cache dir clean prune warm size --older-than --site --no-compile --json --shared' \
		'python list find' 'run --env' 'info --field --env --json' 'list --depth --json' \
		'check --fix --python --dry-run --env --json' 'remove --force --dry-run --json'; do
		set -- $word
		command=$1
		shift
		expect 0 venvctl help "$command"
		for word; do
			grep -qE -- "^  (.*, )?$word[, ]" <<<"$output" || fail "$command: no $word:" "$output"
		done
		said=$output
		expect 0 venvctl "$command" --help
		[ "$output" = "$said" ]
	done
}

@test "13.22: bash completes help, keys of the configuration and interpreters" {
	venvctl completions bash >c.bash
	words() { # words WORD...: what bash offers for the last one
		bash -c '. ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _venvctl
			echo "${COMPREPLY[@]}"' bash venvctl "$@"
	}
	[ "$(words help co)" = "config completions" ]
	[ "$(words help cre)" = create ]
	[ "$(words config show create.pro)" = create.prompt ]
	[ "$(words config show --show-origin network.ca)" = network.ca-file ]
	[ "$(words config sh)" = show ]
	[ "$(words create --existing = r)" = "replace reuse refuse" ]
	[ "$(words upgrade --without)" = --without-pip ]
	[ "$(words run --e)" = --env ]
	[ "$(words cache s)" = size ] && [ "$(words cache warm --si)" = --site ]
	[[ " $(words run venvct) " == *" venvctl "* ]]
	[ -z "$(words upgrade --cle)" ] && [ "$(words create --cle)" = --clear ]
	[[ " $(words create -p python3) " == *" python3."* ]]
	[[ " $(words create --python = /usr/bin/python3) " == *" /usr/bin/python3"* ]]
}

@test "13.22: so does fish" {
	command -v fish >/dev/null || skip "fish is not installed"
	venvctl completions fish >c.fish
	words() {
		fish --no-config -c 'source c.fish; complete -C "$argv[1]"' "venvctl $1" | cut -f1
	}
	words 'help co' | grep -qx config
	[ "$(words 'config show create.pro')" = create.prompt ]
	words 'create -p python3.' | grep -q '^python3\.'
	[ "$(words 'create --existing=r' | xargs)" = "--existing=refuse --existing=replace --existing=reuse" ]
	[ "$(words 'create --existing ke')" = keep ]
}

@test "13.22: so does zsh" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	mkdir fn
	venvctl completions zsh >fn/_venvctl
	zsh -fn fn/_venvctl
	local got
	got=$(timeout 200 zsh -f "$BATS_TEST_DIRNAME/complete.zsh" 'venvctl help cre' 'venvctl help con' \
		'venvctl config show create.pro' 'venvctl create --existing=repl' \
		'venvctl create --existing ke' "venvctl create -p /usr/bin/pytho")
	[ "$got" = "<venvctl help create >
<venvctl help config >
<venvctl config show create.prompt >
<venvctl create --existing=replace >
<venvctl create --existing keep >
<venvctl create -p /usr/bin/python3>" ] || fail "$got"
}

@test "13.22: fish looks where the default prefix has them" {
	command -v fish >/dev/null || skip "fish is not installed"
	local prefix dir
	prefix=$(sed -n 's/^prefix = //p' "$top_builddir/Makefile")
	[ "$prefix" = /usr/local ] || skip "this build is for $prefix"
	dir=$(cd "$TEST_PREFIX/kit" && find . -name venvctl.fish -printf '/%P\n')
	dir=${dir%/*}
	env -u XDG_DATA_DIRS fish -c 'string join \n $fish_complete_path' | grep -qxF "$dir" ||
		fail "fish does not look in $dir"
	unshare -m true 2>/dev/null || skip "no mount namespaces"
	# As it is when it was installed.
	[ "$(unshare -m sh -ec 'mount --bind "$1" "$2"; fish -c "complete -C \"venvctl help cre\""' \
		sh "$TEST_PREFIX/kit$dir" "$dir" | cut -f1)" = create ]
}

@test "13.22: a plugin with autotools needs no macros of the installation" {
	command -v autoreconf >/dev/null || skip "no autotools"
	command -v libtoolize >/dev/null || skip "no libtool"
	venvctl plugins new --autotools acme
	cmp "$top_srcdir/m4/venvctl.m4" acme/m4/venvctl.m4
	cd acme
	# Wherever venvctl was installed to.
	env -u ACLOCAL_PATH autoreconf -fi 2>log || fail "$(cat log)"
	grep -q venvctlplugindir configure
	git init -q . 2>/dev/null || skip "no git"
	git add -A && git ls-files | grep -qx m4/venvctl.m4
}
