# SPDX-License-Identifier: MIT
# python.bats - what -p means, and what an interpreter is

setup() {
	# The real ones lie below the caller's home.
	VERSIONS=${PYENV_ROOT:-$HOME/.pyenv}/versions
	load common
	common_setup
}

create() {
	venvctl create --without-pip "$@"
}

# pyenv X.Y: the newest of these that is installed, in $found.
pyenv() {
	found=$(find "$VERSIONS" -maxdepth 1 -name "$1.*" 2>/dev/null | sort -V | tail -1)
	[ -n "$found" ] || skip "no Python $1 below $VERSIONS"
	found=$found/bin/python3
}

# pyenv_root X.Y...: a root of our own with links to these, and shims that must not run.
pyenv_root() {
	local version
	export PYENV_ROOT=$BATS_TEST_TMPDIR/pyenv
	mkdir -p "$PYENV_ROOT/versions" "$PYENV_ROOT/shims"
	for version; do
		pyenv "$version"
		ln -s "${found%/bin/python3}" "$PYENV_ROOT/versions/"
	done
	printf '#!/bin/sh\ntouch %s/ran\nexit 1\n' "$BATS_TEST_TMPDIR" >"$PYENV_ROOT/shims/python3"
	chmod +x "$PYENV_ROOT/shims/python3"
	PATH=$PYENV_ROOT/shims:$PATH
}

# is ENV X.Y...: what its interpreter says it is.
is() {
	local says
	says=$("$1/bin/python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
	[[ $says. == "$2".* ]] || fail "$1 is $says, not $2"
	grep -qx "python-version = $(cut -d. -f1,2 <<<"$says")" "$1/pyvenv.cfg"
}

version_of() {
	"$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'
}

@test "the default is the first python3 on PATH" {
	expect 0 create env
	is env "$(version_of /usr/bin/python3)"
	mkdir empty
	expect 3 env "PATH=$TEST_PREFIX/bin:$PWD/empty" venvctl create --without-pip none
	stderr_has "there is no 'python3' on PATH"
	[ ! -e none ]
}

@test "a path, a relative path, a name, a directory" {
	pyenv 3.10
	expect 0 create -p "$found" a
	is a 3.10
	ln -s "$found" mypython
	expect 0 create -p ./mypython b
	is b 3.10
	PATH=${found%/*}:$PATH expect 0 create -p python3.10 c
	is c 3.10
	expect 0 create -p "${found%/bin/*}" d
	is d 3.10
}

@test "a version, a range, an implementation" {
	pyenv_root 3.9 3.10 3.12
	local full
	full=$(version_of "$(echo "$PYENV_ROOT"/versions/3.10.*/bin/python3)")
	expect 0 create -p 3.10 a
	is a 3.10
	expect 0 create -p "$full" b
	is b "$full"
	expect 0 create -p '>=3.12,<3.13' c
	is c 3.12
	expect 0 create -p '<3.10' d
	is d 3.9
	expect 0 create -p '~=3.10.0' e
	is e 3.10
	expect 0 create -p 3 f
	is f 3
	expect 3 create -p 3.77 none
	stderr_has "no interpreter found that is '3.77'"
	expect 3 create -p '>=3.10,<3.10' none
	[ ! -e none ]
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "pypy by its version" {
	[ -x /usr/bin/pypy3 ] || skip "no pypy3"
	expect 0 create -p pypy3 a
	grep -qx 'implementation = PyPy' a/pyvenv.cfg
	expect 0 create -p pypy b
	grep -qx 'implementation = PyPy' b/pyvenv.cfg
	expect 0 create -p "pypy$(version_of /usr/bin/pypy3 | cut -d. -f1,2)" c
	b/bin/python -c 'import sys; assert sys.implementation.name == "pypy"'
	expect 3 create -p pypy3.3 none
	expect 0 create -p cpython3 d
	grep -qx 'implementation = CPython' d/pyvenv.cfg
}

@test "several: the first that is found" {
	pyenv_root 3.9
	expect 0 create -v -p 3.77 -p /nowhere/python -p 3.9 -p 3 env
	is env 3.9
	stderr_has "no interpreter found that is '3.77'"
	expect 3 create -p 3.77 -p 3.78 none
}

@test "a shim of pyenv is resolved by reading, and never run" {
	pyenv_root 3.9 3.10 3.12
	local name
	for name in 3.9 3.10; do
		PYENV_VERSION=$name expect 0 create "env$name"
		is "env$name" "$name"
	done
	echo 3.9 >"$PYENV_ROOT/version"
	expect 0 create global
	is global 3.9
	mkdir -p project/sub
	echo 3.12 >project/.python-version
	cd project/sub
	expect 0 create local
	is local 3.12
	expect 0 create -p "$PYENV_ROOT/shims/python3" path
	is path 3.12
	PYENV_VERSION=system expect 0 create system
	is system "$(version_of /usr/bin/python3)"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "an environment's python leads to its base, also of a copy, and of a chain" {
	pyenv 3.12
	create -p "$found" one
	local exe
	exe=$(sed -n 's/^base-executable = //p' one/pyvenv.cfg)
	[ "$exe" = "$found" ]
	expect 0 create -p one/bin/python two
	expect 0 create --copies -p ./two three
	expect 0 create -p three/bin/python3 four
	local env
	for env in two three four; do
		is "$env" 3.12
		[ "$(sed -n 's/^base-prefix = //p' $env/pyvenv.cfg)" = \
			"$(sed -n 's/^base-prefix = //p' one/pyvenv.cfg)" ] || fail "$env"
		"$env/bin/python" -c 'import sys; assert "/work/" not in sys.base_prefix'
	done
	[ "$(head -1 two/pyvenv.cfg)" = "home = ${found%/python3}" ]
}

@test "an environment whose Python is gone is refused with a hint" {
	create env
	sed -i 's|^home = .*|home = /nowhere|' env/pyvenv.cfg
	ln -sfn /nowhere/python3 env/bin/python3
	expect 3 create -p env/bin/python new
	expect 3 create -p ./env new
	[ ! -e new ]
}

@test "Python 2 is refused with the specification's sentence" {
	local python
	python=$(echo "$VERSIONS"/2.7*/bin/python2)
	[ -x "$python" ] || skip "no Python 2"
	expect 3 create -p "$python" env
	stderr_has "is Python 2.7"
	stderr_has "This program is only for use with Python 3.3 or later"
	stderr_has "hint: "
	PATH=${python%/*}:$PATH expect 3 create -p python2.7 env
	stderr_has "only for use with Python 3.3 or later"
	expect 3 create -p 2.7 env
	stderr_has "only for use with Python 3.3 or later"
	expect 3 create -p 3.2 env
	stderr_has "only for use with Python 3.3 or later"
	[ ! -e env ]
}

# pretend CODE: an interpreter that has become what CODE says before it is asked.
pretend() {
	cat >pretender <<EOF
#!/bin/sh
for last; do :; done
exec $PY -E -s -S -c 'import sys
$1
exec(sys.argv[1])' "\$last"
EOF
	chmod +x pretender
}

@test "something without sys.base_prefix is refused" {
	pretend 'del sys.base_prefix'
	expect 3 create -p ./pretender env
	stderr_has "only for use with Python 3.3 or later"
	[ ! -e env ]
}

@test "a newer version than any that is known gets the newest layout, and -v says so" {
	pretend 'sys.hexversion = 0x031300f0; sys.version_info = (3, 19, 0, "final", 0)'
	expect 0 create -v -p ./pretender env
	stderr_has "Python 3.19 is newer than"
	[ ! -e env/lib64 ]
	[ -d env/include ]
	[ -L env/bin/python3.19 ]
	grep -qx 'version = 3.19.0' env/pyvenv.cfg
}

@test "what is no interpreter is refused, whatever it is" {
	echo text >text
	mkdir dir
	printf '#!/bin/sh\nexit 7\n' >fails
	printf '#!/bin/sh\nkill -9 $$\n' >dies
	printf '#!/bin/sh\nyes | head -c 3000000\n' >talks
	printf '#!/bin/sh\necho "venvctl-probe hexversion=zz"\necho "venvctl-probe end="\n' >lies
	printf '#!/nowhere/python\n' >lost
	chmod +x fails dies talks lies lost
	local what
	for what in ./text ./dir ./fails ./dies ./talks ./lies ./lost ./nothing /bin/true /dev/null; do
		expect 3 create -p "$what" env
		[ "$(grep -c 'error:' <<<"$stderr")" -eq 1 ] || fail "$what: $stderr"
		[ ! -e env ]
	done
	expect 2 create -p "" env
}

@test "what is asked cannot be led astray by the current directory or the environment" {
	local name
	for name in os sysconfig site encodings imp; do
		echo "open('$BATS_TEST_TMPDIR/ran', 'w')" >"$name.py"
	done
	pretend ''
	PYTHONPATH=$PWD PYTHONSTARTUP=$PWD/os.py PYTHONHOME=/nowhere \
		VENVCTL_CACHE_DIR=$PWD/cache expect 0 create -p ./pretender env
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "another interpreter under the same path is noticed" {
	pyenv 3.9
	ln -s "$found" py
	expect 0 create -p ./py a
	is a 3.9
	pyenv 3.10
	ln -sfn "$found" py
	expect 0 create -p ./py b
	is b 3.10
	rm py
	expect 3 create -p ./py c
}

@test "another library under the same interpreter is noticed" {
	pyenv 3.10
	local from=${found%/bin/*} lib
	lib=$(ldd "$found" | sed -n 's/.*=> \(.*libpython[^ ]*\).*/\1/p')
	[ -n "$lib" ] || skip "no shared library"
	export VENVCTL_CACHE_DIR=$PWD/cache
	expect 0 create -v -v -p "$found" warm
	# The record has its stamp: with another one it is not used.
	local record
	record=$(grep -l "$from" cache/python/*)
	grep -q "$lib" "$record"
	strace -f -qq -e trace=newfstatat,stat,statx,execve -o trace \
		env ASAN_OPTIONS=detect_leaks=0 venvctl create --without-pip -p "$found" env
	grep -q "$lib" trace || fail "the library is not looked at"
}

@test "a link to an interpreter is followed as far as its library needs" {
	# From the same directory it is what the environment calls its base ...
	/usr/bin/python3 -m venv --without-pip theirs
	expect 0 create -p /usr/bin/python3 ours
	[ "$(head -1 ours/pyvenv.cfg)" = "$(head -1 theirs/pyvenv.cfg)" ]
	[ "$(readlink ours/bin/python3)" = "$(readlink theirs/bin/python3)" ]
	# ... from elsewhere it leads to the installation, where every version finds its library.
	pyenv 3.12
	mkdir links
	ln -s "$found" links/python3
	expect 0 create --clear -p links/python3 ours
	[ "$(head -1 ours/pyvenv.cfg)" = "home = ${found%/python3}" ]
	is ours 3.12
	rm -r links
	is ours 3.12
}

@test "warm, an interpreter is not run; cold, not either where files tell" {
	pyenv 3.12
	export VENVCTL_CACHE_DIR=$PWD/cache
	export ASAN_OPTIONS=detect_leaks=0
	strace -f -qq -e trace=execve -o trace venvctl create --without-pip -p "$found" cold
	[ "$(grep -c 'execve(' trace)" -eq 1 ] || fail "$(cat trace)"
	strace -f -qq -e trace=execve -o trace venvctl create --without-pip -p "$found" warm
	[ "$(grep -c 'execve(' trace)" -eq 1 ]
	is warm 3.12
}

@test "a debug build" {
	[ -x /usr/bin/python3-dbg ] || skip "no python3-dbg"
	expect 0 create -p /usr/bin/python3-dbg env
	env/bin/python -c 'import sys; sys.gettotalrefcount()'
	/usr/bin/python3-dbg -m venv --without-pip theirs
	[ "$(cd env && find bin lib* include -name 'python*' | sort)" = \
		"$(cd theirs && find bin lib* include -name 'python*' | sort)" ] ||
		fail "$(cd env && find bin lib* include | sort)" "$(cd theirs && find bin lib* include | sort)"
}

# unseen PATH COMMAND...: run it while PATH lies on a disk that fails
unseen() {
	strace -f -o /dev/null -P "$1" -e inject=%%stat,faccessat,faccessat2:error=EIO "${@:2}"
}

unread() {
	strace -f -o /dev/null -P "$1" -e inject=openat:error=EIO "${@:2}"
}

@test "an interpreter that cannot be seen: no other one takes its place" {
	command -v strace >/dev/null || skip "strace is not installed"
	skip_sanitized "strace and LeakSanitizer both want to trace"
	local first=$PWD/first second=$PWD/second
	mkdir first second
	ln -s /usr/bin/python3 first/python3
	ln -s /usr/bin/python3 second/python3
	ln -s /usr/bin/python3 second/python3.99
	export PATH=$first:$second:$PATH
	expect 1 unseen "$first/python3" venvctl create --without-pip env
	stderr_has "cannot use '$first/python3' as interpreter: Input/output error"
	expect 1 unseen "$first/python3" venvctl create --without-pip -p "$first/python3" -p "$second/python3" env
	[ ! -e env ]
	# Among all that a version may mean it is passed over, and that is told.
	expect 0 unseen "$first/python3" venvctl create --without-pip -p ">=3" env
	stderr_has "warning: passing over '$first/python3'"
	# An environment's is the one that it names, or none.
	expect 0 venvctl create --without-pip -p "$first/python3" made
	sed -i "s|^base-executable = .*|base-executable = $first/python3|" made/pyvenv.cfg
	expect 1 unseen "$first/python3" venvctl create --upgrade --without-pip made
	stderr_has "cannot use '$first/python3' as interpreter: Input/output error"
	# What is in an environment may lead out of it, which nobody knows who cannot read that.
	expect 1 unread "$PWD/made/pyvenv.cfg" venvctl create --without-pip -p made/bin/python3 -p "$second/python3" env
	stderr_has "cannot read '$PWD/made/pyvenv.cfg': Input/output error"
	[ ! -e env ] || rm -r env
	# What is not there at all is no fault.
	rm first/python3
	expect 0 venvctl create --without-pip env2
	[ -z "$stderr" ]
}

# source_of PATH: what `python list --json` says of it.
source_of() {
	venvctl python list --json >all.json
	/usr/bin/python3 -c 'import json, sys
print([i["source"] for i in json.load(open("all.json"))["interpreters"] if i["executable"] == sys.argv[1]])' "$1"
}

# prefix DIR PYTHON: an installation in DIR: a copy of the program, and its library.
prefix() {
	mkdir -p "$1/bin"
	cp -L "$2" "$1/bin/python3"
	ln -s "${2%/bin/python3}/lib" "$1/lib"
}

@test "list: those of pyenv, uv, conda and the system, as what they are" {
	pyenv_root 3.12
	local uv=$HOME/.local/share/uv/python base
	base=${found%/bin/python3}
	PATH=$TEST_PREFIX/bin:/usr/bin:/bin
	mkdir -p "$uv/.temp" conda/conda-meta
	touch "$uv/.lock"
	pyenv 3.10
	prefix "$uv/cpython-3.10.0-linux-x86_64-gnu" "$found"
	pyenv 3.9
	prefix conda "$found"
	export CONDA_EXE=$PWD/conda/bin/conda
	expect 0 venvctl python list
	grep -Eqx "cpython    3\.[0-9.]+ +system   /usr/bin/python3[0-9.]*" <<<"$output" || fail "$output"
	grep -Eqx "cpython    3\.12\.[0-9]+ +pyenv    $PYENV_ROOT/versions/.*/bin/python3.*" <<<"$output" || fail "$output"
	grep -Eqx "cpython    3\.10\.[0-9]+ +uv       $uv/cpython-3.10.0-linux-x86_64-gnu/bin/python3.*" <<<"$output" || fail "$output"
	grep -Eqx "cpython    3\.9\.[0-9]+ +conda    $PWD/conda/bin/python3" <<<"$output" || fail "$output"
	[ "$(source_of "$PWD/conda/bin/python3")" = "['conda']" ]
	# They are found as what they are, too, and make environments.
	expect 0 venvctl python find 3.10
	[[ $output == *" uv "*"$uv/cpython-3.10.0"* ]] || fail "$output"
	expect 0 create -p 3.10 a
	is a 3.10
	expect 0 create -p 3.9 b
	is b 3.9
	grep -qx "base-prefix = $PWD/conda" b/pyvenv.cfg
	# What an environment leads to, and what lies elsewhere.
	expect 0 venvctl python find "$PWD/a"
	[[ $output == *" uv "* ]] || fail "$output"
	prefix elsewhere "$found"
	expect 0 venvctl python find "$PWD/elsewhere"
	[[ $output == *" other    $PWD/elsewhere/bin/python3" ]] || fail "$output"
	# Where uv is told to keep them.
	for each in "XDG_DATA_HOME=$PWD/data" "UV_PYTHON_INSTALL_DIR=$PWD/data/uv/python"; do
		mkdir -p data/uv
		rm -rf data/uv/python
		cp -a "$uv" data/uv/python
		expect 0 env HOME=/nowhere "$each" venvctl python find 3.10
		[[ $output == *" uv "*"$PWD/data/uv/python/"* ]] || fail "$output"
	done
	# The newest version of a range, and uv's own link to the newest patch.
	ln -s "$base" "$uv/cpython-3.12.1-linux-x86_64-gnu"
	unset PYENV_ROOT
	expect 0 venvctl python find '>=3.9,<3.13,!=3.11.*'
	[[ $output == *"cpython-3.12.1-"* ]] || fail "$output"
	# A directory that cannot be read is no end to it.
	rm -rf "$uv"
	echo x >"$uv"
	expect 0 venvctl python list
}

@test "an interpreter that moved, or was replaced, is not taken from the cache" {
	pyenv 3.10
	local ten=${found%/bin/python3}
	pyenv 3.12
	local twelve=${found%/bin/python3} dir how
	prefix one "$ten/bin/python3"
	mv one/bin/python3 one/bin/python3.10
	ln -s python3.10 one/bin/python3
	mkdir links
	# By a link to it, and by a link to its directory, which stay while what they lead to moves.
	for how in python3 dir/bin/python3; do
		ln -sfn "$PWD/one/bin/python3" links/python3
		ln -sfn "$PWD/one" links/dir
		expect 0 venvctl python find --json "$PWD/links/$how"
		[ "$how" != python3 ] || stdout_has "\"prefix\":\"$PWD/one\""
		mv one two
		ln -sfn "$PWD/two/bin/python3" links/python3
		ln -sfn "$PWD/two" links/dir
		expect 0 venvctl python find --json "$PWD/links/$how"
		[[ $output != *"$PWD/one"* ]] || fail "$output"
		[ "$how" != python3 ] || stdout_has "\"prefix\":\"$PWD/two\""
		expect 0 create -p "$PWD/links/$how" moved
		run ! grep "$PWD/one" moved/pyvenv.cfg
		moved/bin/python -c 'import sys'
		mv two one
		rm -r moved
	done
	# Gone.
	expect 0 venvctl python find "$PWD/one/bin/python3"
	mv one away
	expect 3 venvctl python find "$PWD/one/bin/python3"
	# Another one in its place, of the same size and time.
	mkdir -p one/bin
	ln -s "$twelve/lib" one/lib
	cp -L "$twelve/bin/python3" one/bin/python3
	touch -r away/bin/python3.10 one/bin/python3
	expect 0 venvctl python find "$PWD/one/bin/python3"
	[[ $output == *" 3.12."* ]] || fail "$output"
	# Through a shim or an environment that was made from it.
	rm -r one
	mv away one
	expect 0 create -p "$PWD/one/bin/python3" env
	expect 0 venvctl python find "$PWD/env/bin/python3"
	[[ $output == *"$PWD/one/bin/python3"* ]] || fail "$output"
	mv one away
	expect 3 venvctl python find "$PWD/env/bin/python3"
}
