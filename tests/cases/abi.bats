#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# abi.bats - plugins of other versions, and files that are no plugins

setup() {
	load common
	common_setup
	LOG=$PWD/log
	mkdir b
}

# build ARGUMENT...: b/mock-broken.so, with the faults that these define.
build() {
	$CC -shared -fPIC -w -I"$top_srcdir/include" "$@" \
		"$top_srcdir/tests/plugins/mock-broken.c" -o b/mock-broken.so
}

# refused TEXT: with status 5 and TEXT, by create and by what checks; nothing is made.
refused() {
	expect 5 venvctl create -p $PY --plugin ./b/mock-broken.so env
	stderr_has "$1"
	[ ! -e env ]
	expect 1 venvctl plugins check ./b/mock-broken.so
}

# future DIR: a copy of the header there, of minor version 1 and with larger structures.
future() {
	mkdir -p "$1/venvctl"
	python3 - "$top_srcdir/include/venvctl/plugin.h" "$1/venvctl/plugin.h" <<-'END'
		import re, sys
		text = open(sys.argv[1]).read()
		new = {"option": "const char *more", "context": "const char *more",
		       "run": "void *more", "wheel": "void *more", "download": "void *more",
		       "host": "int (*more)(void)",
		       "plugin": "int (*finish)(void *); int (*more)(void *)"}
		for name, more in new.items():
		    text, n = re.subn(r"(struct venv_%s \{.*?)\n\};" % name,
		                      r"\1\n\t%s;\n};" % more, text, count=1, flags=re.S)
		    assert n == 1, name
		text, n = re.subn(r"(VENV_PLUGIN_ABI_MINOR\s+)0", r"\g<1>1", text)
		assert n == 1
		open(sys.argv[2], "w").write(text)
	END
}

@test "files that are no plugins: never loaded" {
	expect 0 build
	# As it is, all is well: each refusal below is for its own reason.
	expect 0 venvctl create -p $PY --plugin ./b/mock-broken.so good
	: >b/mock-broken.so
	refused "is no plugin: not an ELF file"
	echo 'int main;' >b/mock-broken.so
	refused "is no plugin: not an ELF file"
	cp /bin/true b/mock-broken.so
	refused "is no plugin: not a venvctl plugin"
	# A constructor would leave a mark.
	cat >lib.c <<-END
		#include <stdio.h>
		__attribute__((constructor)) static void run(void) { fclose(fopen("$PWD/ran", "w")); }
	END
	$CC -shared -fPIC lib.c -o b/mock-broken.so
	refused "is no plugin: not a venvctl plugin"
	[ ! -e ran ]
}

@test "truncated anywhere: a line, never a signal" {
	local size n
	build
	cp b/mock-broken.so whole.so
	size=$(stat -c %s whole.so)
	for n in 1 16 63 64 65 200 512 1000 4096 $((size / 2)); do
		head -c "$n" whole.so >b/mock-broken.so
		expect 5 venvctl create -p $PY --plugin ./b/mock-broken.so env
		[[ $stderr == *"is no plugin: "* ]] || fail "$n: $stderr"
	done
	# Without its sections alone it can still be loaded, or is refused by the linker's words.
	head -c $((size - 1)) whole.so >b/mock-broken.so
	run venvctl create -n -p $PY --plugin ./b/mock-broken.so env
	[[ $status = [05] ]]
}

@test "for another kind of machine" {
	build
	# e_machine and e_ident[EI_CLASS] of the head.
	printf '\x16' | dd of=b/mock-broken.so bs=1 seek=18 conv=notrunc status=none
	refused "is no plugin: for another kind of machine"
	build
	# 2 is for 64 bits, 1 for 32.
	local other='\x01'
	[ "$(od -An -tu1 -j4 -N1 b/mock-broken.so | tr -d ' ')" = 2 ] || other='\x02'
	# shellcheck disable=SC2059
	printf "$other" | dd of=b/mock-broken.so bs=1 seek=4 conv=notrunc status=none
	refused "is no plugin: for another kind of machine"
}

@test "another major version: both are named, and nothing of it runs" {
	sed -E 's/(VENV_PLUGIN_ABI_MAJOR[[:space:]]+)1/\12/' "$top_srcdir/include/venvctl/plugin.h" >plugin.h
	mkdir -p two/venvctl
	mv plugin.h two/venvctl/
	$CC -shared -fPIC -w -Itwo "$top_srcdir/tests/plugins/mock-broken.c" -o b/mock-broken.so
	refused "was built for version 2.0 of the plugin ABI, this is 1.0"
	stderr_lacks "cannot load"
	expect 5 venvctl create -p $PY --plugin ./b/mock-broken.so env
	stderr_has "hint: use a newer venvctl"
	expect 0 venvctl plugins list --json
	expect 0 env VENVCTL_PLUGIN_PATH="$PWD/b" venvctl plugins list
	stdout_has "version 2.0"
	# The note says 1, the structure 2.
	build -DABI='VENV_PLUGIN_ABI(2, 0)'
	refused "its structure is of another ABI than its note"
}

@test "a structure that is not what it should be" {
	build -DSIZE=8
	refused "its structure is smaller than that of ABI 1.0"
	build -DSIZE='sizeof(struct venv_plugin) - 1'
	refused "its structure is smaller than that of ABI 1.0"
	build -DRETURN=NULL
	refused "its entry function returns nothing"
	build -DENTRY=mock_other_LTX_venv_plugin_v1
	refused "it has no entry function of its name"
	build -DNAME='"other"'
	refused "its name is not that of its note"
	build -DNAME=NULL
	refused "its name is not that of its note"
	for stride in 0 8 'sizeof(struct venv_option) - 8' 'sizeof(struct venv_option) + 1' 65536; do
		build -DSTRIDE="$stride"
		refused "its options have an impossible size"
	done
	build '-DOPTION=[0 ... 299] = { "one", VENV_OPTION_STRING, 0, NULL, "one", NULL, NULL }'
	refused "its list of options has no end"
	for name in '' One 1st a_b 'a b' a.b x2345678901234567890123456789012; do
		build "-DOPTION={ \"$name\", VENV_OPTION_STRING, 0, NULL, \"x\", NULL, NULL }"
		refused "an option has a name that no user could write"
	done
	build '-DOPTION={ "one", 8, 0, NULL, "x", NULL, NULL }'
	refused "an option has a type that this venvctl does not know"
	build '-DOPTION={ "one", VENV_OPTION_CHOICE, 0, NULL, "x", NULL, NULL }'
	refused "an option with choices has none"
}

@test "a misspelt function: found when it is loaded, in the linker's words" {
	cat >mock-broken.c <<-'END'
		#include <venvctl/plugin.h>
		int acme_helpr(void);
		static int seed(void *data) { (void)data; return acme_helpr(); }
		VENV_PLUGIN_DEFINE(mock_broken, "1.0", .seed = seed);
	END
	$CC -shared -fPIC -I"$top_srcdir/include" mock-broken.c -o b/mock-broken.so
	refused "undefined symbol: acme_helpr"
	$CC -shared -fPIC -I"$top_srcdir/include" -Wl,-z,lazy mock-broken.c -o b/mock-broken.so
	refused "undefined symbol: acme_helpr"
	# A library that is not there.
	echo 'int acme_helpr(void) { return 0; }' >acme.c
	$CC -shared -fPIC acme.c -Wl,-soname,libacme-venvctl.so.1 -o libacme.so
	$CC -shared -fPIC -I"$top_srcdir/include" mock-broken.c libacme.so -o b/mock-broken.so
	refused "libacme-venvctl.so.1"
}

@test "a plugin of version 1.0 that was compiled long ago" {
	# Of the compiler: the kernel may be one of 64 bits below 32.
	local machine
	machine=$($CC -dumpmachine)
	local old=$top_srcdir/tests/abi/old/1.0-${machine%%-*}/mock-hooks.so
	[ -f "$old" ] || skip "there is none for ${machine%%-*}"
	# Wherever the sources lie, the file's trust is not what is tested here.
	cp "$old" b/
	expect 0 venvctl create -p $PY --plugin "./b/mock-hooks.so:log=$LOG,values=yes,number=5" \
		-o mock-hooks.at=seed -o mock-hooks.result=2 env
	grep -qx 'mock number=5' "$LOG"
	grep -qx 'mock item=two' "$LOG"
	[ "$(grep -cE ' (staged|final)$' "$LOG")" = 12 ] || fail "$(cat "$LOG")"
	[ "$(tail -2 "$LOG")" = $'mock post_setup final\nmock close 0' ]
	expect 6 venvctl create -p $PY --plugin "./b/mock-hooks.so:at=setup_python,result=-1" env2
	[ ! -e env2 ]
	expect 6 venvctl create -p $PY --plugin "./b/mock-hooks.so:log=$LOG" -o mock-hooks.at=seed \
		-o mock-hooks.result=2 --add-plugin "$MOCKS/mock-step.so:do=fail" env2
	[ "$(tail -3 "$LOG" | cut -d' ' -f-2)" = $'mock post_setup\nmock undo\nmock close' ]
}

@test "a plugin of a later minor version, with larger structures" {
	future new
	$CC -shared -fPIC -Wall -Werror -Inew "$top_srcdir/tests/abi/mock-future.c" \
		-Wno-missing-field-initializers -o b/mock-future.so
	expect 0 venvctl create -p $PY --plugin "./b/mock-future.so:log=$LOG,values=yes,items=x" env
	for line in "no host->more" "no ctx->more" item=x choice=red number=-7 "seed staged" "close 0"; do
		grep -qx "mock $line" "$LOG" || fail "no '$line' in" "$(cat "$LOG")"
	done
	! grep -q finish "$LOG"
	expect 6 venvctl create -p $PY --plugin "./b/mock-future.so:needs-more=yes" env2
	stderr_has "plugin 'mock-future': it needs version 1.1 of the plugin ABI"
	expect 0 env VENVCTL_PLUGIN_PATH="$PWD/b" venvctl plugins info mock-future
	stdout_has "needs-more"
}

@test "a host of a later minor version, with a plugin of this one" {
	skip_sanitized "it is linked with parts of this build"
	future new
	$CC -D_GNU_SOURCE -DHAVE_CONFIG_H -I"$top_builddir" -Inew -I"$top_srcdir/include" \
		-I"$top_srcdir/src" "$top_srcdir/tests/abi/newer-host.c" \
		"$top_srcdir"/src/plugin/{loader,registry,elfnote}.c \
		"$top_builddir"/src/.libs/lib{load,fs,util}.a -lltdl -ldl -lpthread -o newer-host
	expect 0 ./newer-host "$MOCKS/mock-hooks.so"
	stdout_has "mock-hooks of 1.0 in a host of 1.1"
	stdout_has "open 1, post_setup 1, more 0"
	[ "$(grep -c '^option .*, more 0$' <<<"$output")" = "$(grep -c '^option' <<<"$output")" ]
	[ "$(grep -c '^option' <<<"$output")" -gt 20 ]
	stdout_has "option secret, more 0"
	# What lies behind the plugin's structure is not taken for a part of it.
	build "-DRETURN=&poisoned.plugin"
	expect 0 ./newer-host "$PWD/b/mock-broken.so"
	stdout_has "open 0, post_setup 0, more 0"
}

@test "requests of other sizes: nothing behind them is read or written" {
	expect 0 venvctl create -p $PY --plugin "$MOCKS/mock-sizes.so" -o "mock-sizes.log=$LOG" env
	[ "$(sed -n 's/^mock //p' "$LOG")" = "open staged
small run 0
untouched 1
large run 0
status 3
untouched 1
empty run -1
small wheel -1
small download 0
untouched 1
close 0" ] || fail "$(cat "$LOG")"
}
