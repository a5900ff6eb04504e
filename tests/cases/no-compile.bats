# SPDX-License-Identifier: MIT
# no-compile.bats - packages without byte code: create --no-compile, compile = no

setup() {
	load common
	load wheel
	common_setup
	export VENVCTL_CACHE_DIR=$BATS_TEST_TMPDIR/cache
	wheel acme-1.0-py3-none-any.whl acme/__init__.py='answer = 42' acme/more.py=x=1
	with=(-p "$PY" --without-pip --plugin="wheels:packages=$PWD/acme-1.0-py3-none-any.whl")
}

# byte_code ENV: how many files of acme's byte code it has.
byte_code() {
	find "$1"/lib/python3*/site-packages/acme -name '*.pyc' | wc -l
}

# entries: the kinds of the store's entries, compiled or not.
entries() {
	find "$VENVCTL_CACHE_DIR/store" -mindepth 1 -maxdepth 1 | sed -E 's/.*-[0-9a-f]{8}(-nopyc)?$/entry\1/' | LC_ALL=C sort | xargs
}

# member EXPRESSION: of the JSON object in $output, r.
member() {
	python3 -c 'import json, sys; r = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$output" "$1"
}

@test "--no-compile: no byte code, none in RECORD, and an entry of its own kind" {
	expect 0 venvctl create -v "${with[@]}" --no-compile env
	stderr_lacks compiling
	[ "$(byte_code env)" -eq 0 ]
	[ "$(entries)" = entry-nopyc ] || fail "$(entries)"
	! grep -h pyc env/lib/python3*/site-packages/acme-1.0.dist-info/RECORD || fail "RECORD has byte code"
	expect 0 venvctl create -v "${with[@]}" with
	stderr_has "compiling 'acme-1.0-py3-none-any.whl'"
	[ "$(byte_code with)" -eq 2 ] && [ "$(entries)" = "entry entry-nopyc" ] || fail "$(entries)"
	# Each finds its own again.
	expect 0 venvctl create -v "${with[@]}" with2
	stderr_lacks compiling
	[ "$(byte_code with2)" -eq 2 ]
	expect 0 venvctl create -v "${with[@]}" --no-compile env2
	[ "$(byte_code env2)" -eq 0 ] && [ "$(entries)" = "entry entry-nopyc" ]
	# Python compiles what it imports, into the environment.
	[ "$(env/bin/python -c 'import acme; print(acme.answer)')" = 42 ]
	[ "$(byte_code env)" -eq 1 ] && [ "$(byte_code env2)" -eq 0 ]
	venvctl create "${with[@]}" --no-compile env3
	[ "$(byte_code env3)" -eq 0 ]
}

@test "--no-compile: the first create with pip starts no process" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "no leak is looked for under strace"
	venvctl create --without-pip -p "$PY" known
	strace -f -qq -o trace -e trace=process venvctl create -p "$PY" --no-compile env
	[ "$(grep -cE ' (execve|execveat)\(' trace)" -eq 1 ] || fail "$(grep exec trace)"
	[ "$(grep -cE ' (fork|vfork|clone|clone3)\(' trace)" -eq 0 ] || fail "$(grep -E 'fork|clone' trace)"
	env/bin/pip --version
	# pip takes away what Python compiled beside its files.
	PIP_NO_INDEX=1 env/bin/pip uninstall -q -y pip
	[ ! -e "$(echo env/lib/python3*/site-packages)/pip" ] || fail "$(find env/lib/python3*/site-packages/pip)"
}

@test "compile = no: the configuration's, the variable's and the command line's word" {
	site $'[create]\ncompile = no'
	venvctl create "${with[@]}" a
	[ "$(byte_code a)" -eq 0 ]
	venvctl create "${with[@]}" --compile b
	[ "$(byte_code b)" -eq 2 ]
	VENVCTL_COMPILE=yes venvctl create "${with[@]}" c
	[ "$(byte_code c)" -eq 2 ]
	rm "$SITE/venvctl.ini"
	VENVCTL_COMPILE=no venvctl create "${with[@]}" d
	[ "$(byte_code d)" -eq 0 ]
	expect 0 venvctl config show create.compile
	[ "$output" = "create.compile = yes" ] || fail "$output"
}

@test "--no-compile: without a cache, too" {
	for mode in auto copy; do
		env -u VENVCTL_CACHE_DIR -u HOME venvctl create "${with[@]}" --no-compile --link-mode $mode "env-$mode"
		[ "$(byte_code "env-$mode")" -eq 0 ]
	done
	env -u VENVCTL_CACHE_DIR -u HOME venvctl create "${with[@]}" with
	[ "$(byte_code with)" -eq 2 ]
}

@test "--no-compile: --json has it, and --existing reuse makes again what was compiled" {
	expect 0 venvctl create --json "${with[@]}" --existing reuse env
	[ "$(member 'r["changed"], r["compile"]')" = "(True, True)" ] || fail "$output"
	expect 0 venvctl create --json "${with[@]}" --existing reuse --no-compile env
	[ "$(member 'r["changed"], r["compile"]')" = "(True, False)" ] || fail "$output"
	[ "$(byte_code env)" -eq 0 ]
	expect 0 venvctl create --json "${with[@]}" --existing reuse --no-compile env
	[ "$(member 'r["changed"]')" = False ] || fail "$output"
	expect 0 venvctl create -n --json "${with[@]}" --no-compile other
	[ "$(member 'r["compile"]')" = False ] || fail "$output"
}

@test "--no-compile: a pip that is shared is compiled, or not shared" {
	expect 2 venvctl create -p "$PY" --no-compile --link-mode shared env
	stderr_has "you cannot supply --no-compile and --link-mode shared together"
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	here='env/lib/python3*/site-packages/pip'
	site $'[create]\nlink-mode = shared'
	expect 0 venvctl create -v -p "$PY" --no-setuptools --no-compile env
	stderr_has "without byte code pip is not shared: link-mode is auto"
	# shellcheck disable=SC2086 # a pattern
	[ "$(find $here -name '*.py' | wc -l)" -gt 100 ] && [ "$(find $here -name '*.pyc' | wc -l)" -eq 0 ]
	site $'[create]\ncompile = no'
	rm -rf env
	venvctl create -p "$PY" --no-setuptools env
	[ "$(entries)" = entry-nopyc ] || fail "$(entries)"
	rm -rf env
	# Unless the version is none that is shared.
	expect_shared=0
	venvctl create -p "$PY" --no-setuptools --link-mode shared env 2>said || expect_shared=$?
	[ $expect_shared -eq 0 ] || skip "$(cat said)"
	# shellcheck disable=SC2086 # a pattern
	[ "$(find $here -type f | wc -l)" -eq 1 ]
	[ "$(entries)" = "entry entry-nopyc" ] || fail "$(entries)"
}

@test "cache warm --no-compile: the entries that create --no-compile takes" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	expect 0 venvctl cache warm -p "$PY" --no-compile
	[[ $output == *" made for 1 interpreter" ]] || fail "$output"
	[[ $(entries) == entry-nopyc* && -z $(find "$VENVCTL_CACHE_DIR/store" -name '*.pyc') ]] || fail "$(entries)"
	expect 0 venvctl create -v -p "$PY" --no-compile env
	stderr_lacks unpacked
	env/bin/pip --version
	# The last word holds, as with create; the entries of the other kind stay.
	expect 0 venvctl cache warm -p "$PY" --no-compile --compile --json
	[ "$(member 'r["compile"], r["made"] > 0')" = "(True, True)" ] || fail "$output"
	[[ $(entries) == "entry "*entry-nopyc ]] || fail "$(entries)"
	expect 0 venvctl cache warm -p "$PY" --no-compile --json
	[ "$(member 'r["compile"], r["made"]')" = "(False, 0)" ] || fail "$output"
	expect 2 venvctl cache size --no-compile
	stderr_has "are for 'cache warm'"
	expect 2 venvctl cache warm --no-compile=yes
}

@test "cache warm: compile = no of the configuration and of the variable" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	site $'[create]\ncompile = no'
	venvctl cache warm -p "$PY"
	[[ $(entries) == entry-nopyc* && $(entries) != *"entry "* ]] || fail "$(entries)"
	expect 0 venvctl create -v -p "$PY" env
	stderr_lacks unpacked
	VENVCTL_COMPILE=yes expect 0 venvctl cache warm -p "$PY" --json
	[ "$(member 'r["compile"]')" = True ] || fail "$output"
	[[ $(entries) == "entry "* ]] || fail "$(entries)"
	expect 0 venvctl cache warm -p "$PY" --compile --json
	[ "$(member 'r["compile"], r["made"]')" = "(True, 0)" ] || fail "$output"
	site $'[create]\ncompile = perhaps'
	expect 8 venvctl cache warm -p "$PY"
	stderr_has "compile"
}

@test "cache warm --site --no-compile: of which no pip can be shared" {
	[ "$(id -u)" -eq 0 ] || skip "only root fills the store of a site"
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	expect 0 venvctl cache warm -p "$PY" --site "$PWD/there" --no-compile
	[ -z "$(find there -name '*.pyc')" ] && [ -n "$(find there -name '*-nopyc')" ]
	stdout_has "compile = no"
	[[ $output != *shared* ]] || fail "$output"
	site $'[create]\ncompile = no'
	expect 0 venvctl cache warm -p "$PY" --site "$PWD/there" --json
	[ "$(member 'r["compile"], r["made"]')" = "(False, 0)" ] || fail "$output"
}

@test "--no-compile: nor does pip, where venvctl runs it" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	echo "$PWD/acme-1.0-py3-none-any.whl" >r.txt
	export PIP_NO_INDEX=1
	venvctl create -p "$PY" -r r.txt with
	[ "$(byte_code with)" -eq 2 ]
	venvctl create -p "$PY" -r r.txt --no-compile env
	[ "$(byte_code env)" -eq 0 ]
}
