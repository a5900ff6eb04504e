# SPDX-License-Identifier: MIT
# relocatable.bats - create --relocatable: an environment that may be moved and copied
# (its activation in every shell: tests/activate/relocatable.py)

setup() {
	load common
	common_setup
	export PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels PYTHONDONTWRITEBYTECODE=1
}

# wheels: acme, which has a console script and needs base.
wheels() {
	mkdir -p wheels
	python3 "$top_srcdir/tests/store/wheelmaker.py" wheels base 1.0
	python3 "$top_srcdir/tests/store/wheelmaker.py" wheels acme 1.0 py3-none-any '>=3.3' base
}

# answers DIR: its pip and Python are those of DIR.
answers() {
	"$1/bin/pip" --version >said || fail "no pip in $1"
	"$1/bin/python" - "$1" said <<-'END' || fail "$(cat said)"
		import sys
		assert sys.prefix == sys.argv[1], sys.prefix
		assert sys.argv[1] + "/lib/python" in open(sys.argv[2]).read()
	END
}

# is_fixed DIR: its pyvenv.cfg does not say that it may be moved.
is_fixed() {
	[ "$(grep -ci relocatable "$1/pyvenv.cfg")" = 0 ]
}

# record_is_true DIR: what RECORD says of the scripts is so.
record_is_true() {
	"$PY" - "$1" <<-'END'
		import base64, csv, glob, hashlib, os, sys
		seen = 0
		for record in glob.glob(glob.escape(sys.argv[1]) + "/lib/python*/site-packages/*.dist-info/RECORD"):
		    for name, digest, size in csv.reader(open(record)):
		        path = os.path.join(os.path.dirname(record), "..", name)
		        if "/bin/" not in name or not digest:
		            continue
		        data = open(path, "rb").read()
		        found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
		        assert (digest, int(size)) == ("sha256=" + found, len(data)), (record, name)
		        seen += 1
		assert seen, "nothing to look at"
	END
}

@test "moved and copied, to whatever name, its scripts start its own Python" {
	local name
	expect 0 venvctl create --relocatable -p "$PY" --prompt x made
	grep -qx 'relocatable = true' made/pyvenv.cfg
	[ "$(venvctl info --field relocatable made)" = true ]
	expect 0 venvctl create -p "$PY" --without-pip fixed
	is_fixed fixed
	[ "$(venvctl info --field relocatable fixed)" = false ]
	mkdir new
	# The first line of each is one that uv writes, byte for byte.
	printf '#!/bin/sh\n'\'\'\''exec'\'' "$(dirname -- "$(realpath -- "$0")")"/'\''python3'\'' "$0" "$@"\n'\'' '\'\'\''\n' >head
	head -n 3 made/bin/pip | cmp - head
	for name in plain "two words" "q'q\"d" '$(touch canary)`touch canary`' '-n' '\' $'line\nbreak' $'end\n' '%s' "$(printf 'l%.0s' {1..200})"; do
		cp -a -- made "new/$name"
		answers "$PWD/new/$name"
		expect 0 venvctl check "new/$name"
		# Through a link, through PATH, and read by sh.
		ln -sfn "$PWD/new/$name/bin/pip" link
		./link --version | grep -q ^pip
		PATH="$PWD/new/$name/bin:$PATH" pip3 --version >said
		sh "./new/$name/bin/pip" --version | cmp - said
		[ ! -e canary ] && [ ! -e "new/$name/canary" ]
	done
	mv made elsewhere
	answers "$PWD/elsewhere"
	record_is_true elsewhere
	expect 0 venvctl check elsewhere
	[ -z "$output$stderr" ]
}

@test "what pip installs later is found after the move, and mended so that it may be moved again" {
	wheels
	venvctl create --relocatable -p "$PY" old
	old/bin/pip install -q acme
	mv old new
	if new/bin/acme; then fail "it runs"; fi
	expect 1 venvctl check new
	stdout_has "bad-shebang: 'bin/acme', 'bin/base' start the Python of another environment"
	expect 0 venvctl check --fix new
	[ "$(new/bin/acme)" = 1.0 ]
	grep -qx 'relocatable = true' new/pyvenv.cfg
	record_is_true new
	mv new newer
	[ "$(newer/bin/acme)" = 1.0 ]
	expect 0 venvctl check newer
	# A copy beside the original: its scripts would start the original's Python.
	newer/bin/pip install -q --force-reinstall --no-deps base
	cp -a newer copy
	expect 1 venvctl check copy
	expect 0 venvctl check --fix copy
	rm -r newer
	[ "$(copy/bin/base)" = 1.0 ]
	expect 0 copy/bin/pip uninstall -qy acme base
	[ ! -e copy/bin/acme ]
}

@test "before the move \`upgrade\` writes them so" {
	wheels
	venvctl create --relocatable -p "$PY" old
	old/bin/pip install -q acme
	expect 0 venvctl upgrade old
	grep -qx 'relocatable = true' old/pyvenv.cfg
	record_is_true old
	mv old new
	[ "$(new/bin/acme)" = 1.0 ]
	expect 0 venvctl check new
	# And one that was not made so becomes so.
	venvctl create -p "$PY" fixed
	fixed/bin/pip install -q acme
	expect 0 venvctl create --upgrade --relocatable fixed
	mv fixed moved
	[ "$(moved/bin/acme)" = 1.0 ]
	answers "$PWD/moved"
	expect 0 venvctl check moved
	# And back, with an upgrade that says so.
	expect 0 venvctl create --upgrade --no-relocatable moved
	is_fixed moved
	[ "$(moved/bin/acme)" = 1.0 ]
	grep -qF "$PWD/moved" moved/bin/activate
}

@test "what the steps of a create install with pip may be moved, too" {
	wheels
	echo acme >r.txt
	expect 0 venvctl create --relocatable -p "$PY" -r r.txt old
	head -n 3 old/bin/acme | cmp - <(head -n 3 old/bin/pip)
	[ "$(stat -c %a old/bin/acme)" = 755 ]
	record_is_true old
	mv old new
	[ "$(new/bin/acme)" = 1.0 ]
	expect 0 venvctl check new
	# Into one that is there, and where the step after it fails: all is as it was.
	venvctl create --relocatable -p "$PY" here
	snapshot here >before
	expect 6 venvctl create --relocatable -p "$PY" -r r.txt --add-plugin="$MOCKS/mock-step.so:do=fail" here
	snapshot here | diff before -
	expect 0 venvctl create --relocatable -p "$PY" -r r.txt here
	mv here there
	[ "$(there/bin/acme)" = 1.0 ]
	record_is_true there
	no_leftovers .
}

@test "reuse knows it wherever it is, and tells it from one that may not be moved" {
	json() {
		"$PY" -c 'import json, sys; o = json.loads(sys.argv[1]); assert eval(sys.argv[2]), o' "$output" "$1"
	}
	mkdir a b
	expect 0 venvctl create --json --relocatable -p "$PY" --existing reuse a/env
	json 'o["changed"] and o["relocatable"]'
	mv a/env b/env
	touch b/env/kept
	expect 0 venvctl create --json --relocatable -p "$PY" --existing reuse b/env
	json 'not o["changed"] and o["relocatable"]'
	[ -e b/env/kept ]
	expect 0 venvctl create --json -p "$PY" --existing reuse b/env
	json 'o["changed"] and not o["relocatable"]'
	[ ! -e b/env/kept ]
	# Without a prompt of its own it would be called otherwise.
	venvctl create --relocatable -p "$PY" a/one
	mv a/one a/two
	expect 0 venvctl create --json --relocatable -p "$PY" --existing reuse a/two
	json 'o["changed"] and o["prompt"] == "two"'
	venvctl create --relocatable --prompt P -p "$PY" a/three
	mv a/three a/four
	expect 0 venvctl create --json --relocatable --prompt P -p "$PY" --existing reuse a/four
	json 'not o["changed"]'
	# check --fix leaves the recipe alone.
	rm a/four/bin/python3
	expect 0 venvctl check --fix a/four
	expect 0 venvctl create --json --relocatable --prompt P -p "$PY" --existing reuse a/four
	json 'not o["changed"]'
}

@test "configured, and by the variable; the command line wins" {
	site '[create]
relocatable = yes'
	venvctl create -p "$PY" --without-pip env
	grep -qx 'relocatable = true' env/pyvenv.cfg
	venvctl create -p "$PY" --without-pip --no-relocatable env2
	is_fixed env2
	VENVCTL_RELOCATABLE=no venvctl create -p "$PY" --without-pip env3
	is_fixed env3
	expect 0 venvctl create -n -p "$PY" env4
	[ ! -e env4 ]
}

@test "with --copies, and of PyPy" {
	local python
	for python in "$PY" /usr/bin/pypy3; do
		[ -x "$python" ] || continue
		rm -rf old new
		venvctl create --relocatable --copies -p "$python" old
		mv old new
		new/bin/pip --version | grep -qF "$PWD/new/lib"
		expect 0 venvctl check new
	done
}
