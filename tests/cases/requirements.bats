# SPDX-License-Identifier: MIT
# requirements.bats - create -r FILE: what it lists is installed, or there is no environment

setup() {
	load common
	common_setup
	mkdir wheels
	local what
	for what in "base 1.0" "base 2.0" "other 1.0"; do
		# shellcheck disable=SC2086 # words
		python3 "$top_srcdir/tests/store/wheelmaker.py" wheels $what
	done
	python3 "$top_srcdir/tests/store/wheelmaker.py" wheels acme 1.0 py3-none-any '>=3.3' base
	export PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels
}

# member EXPRESSION: of the JSON object in $output, r.
member() {
	python3 -c 'import json, sys; r = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$output" "$1"
}

@test "what the files list is installed, with what that needs" {
	echo acme >one.txt
	echo 'other==1.0  # a comment' >two.txt
	expect 0 venvctl create -p "$PY" -r one.txt --requirements two.txt env
	[ "$(env/bin/acme)" = 1.0 ] && [ "$(env/bin/base)" = 2.0 ] && [ "$(env/bin/other)" = 1.0 ]
	stderr_has "Installing requirements ..."
	stderr_has "done."
	# Here and by a path that a list would be split at.
	mkdir a:b
	echo other >a:b/x.txt
	expect 0 venvctl create -q -p "$PY" -ra:b/x.txt env2
	[ -z "$stderr" ]
	[ "$(env2/bin/other)" = 1.0 ]
	# As pip has it, "./" is relative to the current directory.
	echo './wheels/other-1.0-py3-none-any.whl' >a:b/y.txt
	expect 0 venvctl create -p "$PY" -r a:b/y.txt env3
	[ "$(env3/bin/other)" = 1.0 ]
}

@test "what cannot be installed leaves no environment, or the old one" {
	echo no-such-package >bad.txt
	expect 6 venvctl create -p "$PY" -r bad.txt env
	stderr_has "no-such-package"
	[ ! -e env ]
	no_leftovers .
	echo base==1.0 >good.txt
	expect 0 venvctl create -p "$PY" -r good.txt env
	local before
	before=$(snapshot env)
	expect 6 venvctl create --clear -p "$PY" -r bad.txt env
	[ "$before" = "$(snapshot env)" ]
	expect 6 venvctl create -p "$PY" -r bad.txt env
	[ "$(env/bin/base)" = 1.0 ]
	# A wrong digest is one more that cannot.
	echo "base==1.0 --hash=sha256:$(printf '%064d' 0)" >hash.txt
	expect 6 venvctl create -p "$PY" -r hash.txt new
	[ ! -e new ]
	echo "base==1.0" >hash.txt
	expect 6 venvctl create -p "$PY" -r hash.txt -o requirements.require-hashes=yes new
	echo "base==1.0 --hash=sha256:$(sha256sum wheels/base-1.0-*.whl | cut -d' ' -f1)" >hash.txt
	expect 0 venvctl create -p "$PY" -r hash.txt -o requirements.require-hashes=yes new
}

@test "what is wrong is found before anything is made" {
	echo base >r.txt
	expect 2 venvctl create -p "$PY" -r none.txt env
	stderr_has "cannot open '$PWD/none.txt': No such file or directory"
	expect 2 venvctl create -p "$PY" --without-pip -r r.txt env
	stderr_has "it needs pip"
	expect 2 venvctl create -p "$PY" --no-pip -r r.txt env
	expect 2 venvctl create -p "$PY" --no-plugins -r r.txt env
	expect 2 venvctl create -p "$PY" -r r.txt -o requirements.packages=--target=/x env
	expect 2 venvctl create -p "$PY" -r r.txt -o requirements.installer=conda env
	PATH=$TEST_PREFIX/bin:/usr/bin:/bin expect 2 venvctl create -p "$PY" -r r.txt -o requirements.installer=uv env
	stderr_has "there is no uv on PATH"
	expect 2 venvctl create -p "$PY" -r
	expect 2 venvctl create -p "$PY" -r '' env
	expect 8 env VENVCTL_POST_SETUP="ensurepip requirements" venvctl create -p "$PY" env
	stderr_has "has to say what to install"
	[ ! -e env ]
	# -n finds the same, and runs nothing.
	expect 2 venvctl create -n -p "$PY" -r none.txt env
	expect 0 venvctl create -n -p "$PY" -r r.txt env
	stdout_has "plugin   requirements 1.0: after publication"
	stdout_has "requirements = $PWD/r.txt (-r)"
	[ ! -e env ]
}

@test "--json says what was installed" {
	printf 'acme\nbase==1.0\n' >r.txt
	expect 0 venvctl create --json -p "$PY" -r r.txt env
	[ -z "$stderr" ]
	[ "$(member '[p["name"] for p in r["plugins"]]')" = "['ensurepip', 'requirements']" ]
	[ "$(member 'sorted((p["name"], p["version"]) for p in r["installed"] if p["name"] not in ("pip", "setuptools"))')" = \
		"[('acme', '1.0'), ('base', '1.0')]" ] || fail "$output"
	member '[p["version"] for p in r["installed"] if p["name"] == "pip"][0]' | grep -q '^[0-9]'
	# Of an environment that is there, what is new.
	echo base==2.0 >r.txt
	expect 0 venvctl create --json -p "$PY" -r r.txt env
	[ "$(member 'r["installed"]')" = "[{'name': 'base', 'version': '2.0'}]" ] || fail "$output"
	echo nonsense-package >r.txt
	expect 6 venvctl create --json -p "$PY" -r r.txt env
	[ "$(member 'r["ok"], r["error"]["code"]')" = "(False, 'step')" ] || fail "$output"
	stderr_has "No matching distribution found for nonsense-package"
}

@test "--existing reuse: nothing is done while interpreter, options and files say the same" {
	reuse() { # reuse CHANGED ARGS...
		expect 0 venvctl create --json --existing reuse -p "$PY" "${@:2}" env
		[ "$(member 'r["changed"]')" = "$1" ] || fail "changed is not $1: ${*:2}" "$output"
	}
	echo base >sub.txt
	printf '# all\n-r sub.txt # here\n-c limits.txt\n' >all.txt
	echo 'base<2' >limits.txt
	reuse True -r all.txt
	[ "$(env/bin/base)" = 1.0 ]
	local before
	before=$(snapshot env)
	reuse False -r all.txt
	[ "$(member 'r["installed"]')" = "[]" ]
	touch all.txt sub.txt
	reuse False -r all.txt
	[ "$before" = "$(snapshot env)" ]
	# One of them says something else.
	echo 'base<3' >limits.txt
	reuse True -r all.txt
	[ "$(env/bin/base)" = 2.0 ]
	reuse False -r all.txt
	echo other >>sub.txt
	reuse True -r all.txt
	[ "$(env/bin/other)" = 1.0 ]
	# So do the options of the plugin, and whether it runs.
	reuse True -r all.txt -o requirements.packages=acme
	[ "$(env/bin/acme)" = 1.0 ]
	reuse False -r all.txt -o requirements.packages=acme
	reuse True
	[ ! -e env/bin/base ]
	reuse False
	# A file that names itself ends.
	echo '-r loop.txt' >loop.txt
	timeout 60 venvctl create -p "$PY" --existing reuse -r loop.txt loop || true
}

@test "configured for all, and with lists of the site" {
	echo base==1.0 >site.txt
	echo 'base<2' >limits.txt
	site "[create]
post-setup = ensurepip requirements
[plugin:requirements]
requirements = $PWD/site.txt
constraints = $PWD/limits.txt
find-links = $PWD/wheels
no-index = yes"
	unset PIP_NO_INDEX PIP_FIND_LINKS
	expect 0 venvctl create -p "$PY" env
	[ "$(env/bin/base)" = 1.0 ]
	# -r replaces the list, as -o does, and runs the step that is there.
	echo other >mine.txt
	expect 0 venvctl create -p "$PY" -r mine.txt env2
	[ "$(env2/bin/other)" = 1.0 ] && [ ! -e env2/bin/base ]
	# An upgrade does not run it, unless it is asked for.
	rm env/bin/base
	expect 0 venvctl upgrade env
	[ ! -e env/bin/base ]
	expect 0 venvctl upgrade -r mine.txt env
	[ "$(env/bin/other)" = 1.0 ]
}

@test "installer = uv: that of PATH, for the environment's interpreter, without a pip in it" {
	mkdir tools
	cat >tools/uv <<-'END'
		#!/bin/sh
		printf '%s\n' "$@" >"$SAID"
		echo "$UV_FIND_LINKS|$UV_DEFAULT_INDEX" >>"$SAID"
		[ ! -e "$FAIL" ] || exit 2
	END
	chmod +x tools/uv
	echo base >r.txt
	export SAID=$PWD/said FAIL=$PWD/fail
	PATH=$PWD/tools:$PATH expect 0 venvctl create -p "$PY" --without-pip -r r.txt -o requirements.installer=uv \
		-o requirements.packages=acme -o requirements.find-links="$PWD/wheels" \
		-o requirements.find-links=https://u:secret@wheels.example/ \
		-o requirements.index-url=https://u:secret@index.example/ env
	[ "$(cat said)" = "pip
install
--python
$PWD/env/bin/python3
--prefix
$PWD/env
--find-links
$PWD/wheels
-r
$PWD/r.txt
acme
https://u:secret@wheels.example/|https://u:secret@index.example/" ] || fail "$(cat said)"
	[ ! -e env/bin/pip ]
	touch fail
	PATH=$PWD/tools:$PATH expect 6 venvctl create -p "$PY" --without-pip -r r.txt -o requirements.installer=uv new
	[ ! -e new ]
}
