# SPDX-License-Identifier: MIT
# kit.bats - what an author of a plugin has: `venvctl plugins new`, the manual, and the
# installed files

setup() {
	load common
	common_setup
	kit_setup
}

# compilers: those of the two that are here; a plugin may be built by either.
compilers() {
	command -v gcc clang | xargs -n 1 basename
}

# files: all that are here.
files() {
	find . -type f | sort
}

# only SOURCES: nothing else that is here now would be committed.
only() {
	command -v git >/dev/null || skip "git is not installed, which is to ignore what was built"
	git init -q .
	[ "$(git ls-files -o --exclude-standard | sed 's|^|./|' | sort)" = "$1" ] ||
		fail "$(git status --short)"
}

@test "new, build, test, check: what the README of a new plugin says" {
	local sources
	expect 0 venvctl plugins new acme-setup
	stdout_has "cd acme-setup && make check"
	cd acme-setup
	sources=$(files)
	make -s check CC="$CC" >../log 2>&1 || fail "$(cat ../log)"
	cd ..
	expect 0 venvctl create --plugin=./acme-setup/acme-setup.so -o acme-setup.greeting=hi env
	[ "$(cat env/etc/acme-setup.txt)" = "hi from env" ]
	! grep -r '@[A-Z_]*@' acme-setup
	cd acme-setup
	only "$sources"
}

@test "new --autotools: built and tested" {
	local sources top cc where
	expect 0 venvctl plugins new --autotools acme-setup
	cd acme-setup
	sources=$(files) top=$PWD
	grep -q libtool .github/workflows/ci.yml
	# It brings venvctl.m4 along.
	ACLOCAL_PATH='' autoreconf -fi >../log 2>&1 || fail "$(tail -40 ../log)"
	# Among the sources by the last one, outside by the other.
	for cc in $(compilers); do
		where=.
		[ "$cc" = "$(compilers | tail -n 1)" ] || where=../build-$cc
		mkdir -p "$where"
		(cd "$where" && "$top/configure" -q CC="$cc" CFLAGS="-g -Wall -Wextra -Werror" &&
			make && make check && make install DESTDIR="$top/../root-$cc") >../log 2>&1 ||
			fail "$cc: $(tail -40 ../log)"
		[ -n "$(find "../root-$cc" -name acme-setup.so)" ]
	done
	only "$sources"
}

@test "new --meson: built and tested" {
	local sources top cc where
	command -v meson >/dev/null || skip "meson is not installed"
	expect 0 venvctl plugins new --meson acme-setup
	cd acme-setup
	sources=$(files) top=$PWD
	grep -q 'install.* meson ' .github/workflows/ci.yml
	grep -q 'sudo meson install -C build' README.md
	for cc in $(compilers); do
		where=build
		[ "$cc" = "$(compilers | tail -n 1)" ] || where=../build-$cc
		(CC=$cc meson setup --werror "$where" && meson test -C "$where" &&
			DESTDIR=$top/../root-$cc meson install -C "$where") >../log 2>&1 ||
			fail "$cc: $(tail -40 ../log)"
		[ -n "$(find "../root-$cc" -name acme-setup.so)" ]
	done
	only "$sources"
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
	expect 2 venvctl plugins new --meson test
	stderr_has "'test' cannot name a plugin with --meson"
	[ ! -e test ]
}

# page COMMAND...: the blocks of code of venvctl-plugin(3), with a line between them.
page() {
	awk '/^```$/ { inside = !inside; if (!inside) print "-- end"; next } inside' \
		"$top_srcdir/docs/man/venvctl-plugin.3.scd"
}

@test "the manual's way from nothing to a tested plugin, as it stands there" {
	# A backslash in it would be lost in the page.
	! page | grep -F '\' || fail "a backslash"
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
	# What it did outside the environment goes with that.
	expect 0 venvctl create -p "$PY" --plugin=./acme-tour.so:program=tour.py,announce=said env4
	[ "$(cat said)" = "$PWD/env4" ]
	expect 6 venvctl create --clear -p "$PY" --plugin=./acme-tour.so:program=tour.py,announce=said env4
	[ "$(cat said)" = "$PWD/env4" ]
	rm said
	expect 6 venvctl create -p "$PY" --plugin=./acme-tour.so:program=tour.py,announce=said \
		--add-plugin="$MOCKS/mock-step.so:do=fail" env5
	[ ! -e env5 ] && [ ! -e said ]
}

@test "new: names that are macros of the compiler, or words of C" {
	local name
	for name in linux unix int; do
		expect 0 venvctl plugins new "$name"
		(make -s -C "$name" check) >log 2>&1 || fail "$name: $(cat log)"
	done
	# The macro is of gnu17, which a compiler takes unless it is told otherwise.
	[ "$(printf linux | $CC -E -P -x c - | tail -1)" = 1 ] || skip "here linux is no macro"
}
