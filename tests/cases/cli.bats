# SPDX-License-Identifier: MIT
# cli.bats - what the tool says, and with which status it ends

setup() {
	load common
	common_setup
}

@test "no command: short help on stderr, status 2" {
	expect 2 venvctl
	[ -z "$output" ]
	stderr_has "usage: venvctl COMMAND"
}

@test "--help: status 0, on stdout, without the word that Ansible looks for" {
	for args in --help help "help create" "create --help" "config --help"; do
		expect 0 venvctl $args
		stdout_has "usage: venvctl"
		[[ $output != *--no-site-packages* ]]
	done
}

@test "every option of the table is in create's help" {
	expect 0 venvctl help create
	for name in system-site-packages symlinks copies clear upgrade without-pip prompt python \
		existing force plugin add-plugin no-plugins option plugin-path dry-run json; do
		stdout_has "--$name"
	done
}

@test "--version" {
	expect 0 venvctl --version
	stdout_has "venvctl 0."
	expect 0 venvctl --version --json
	python3 -c 'import json,sys; assert json.loads(sys.argv[1])["abi_major"] == 1' "$output"
}

@test "unknown commands, options and values: status 2 and a suggestion" {
	expect 2 venvctl crate env
	stderr_has "did you mean 'create'?"
	expect 2 venvctl create --promt x env
	stderr_has "there is no option '--promt'"
	stderr_has "did you mean '--prompt'?"
	expect 2 venvctl create --existing kep env
	stderr_has "did you mean 'keep'?"
	expect 2 venvctl create --prompt
	stderr_has "'--prompt' needs a value"
	expect 2 venvctl config shw
	expect 2 venvctl create -X env
	[ ! -e env ]
}

@test "create without ENV_DIR makes .venv, and treats what is there as it would that name" {
	expect 0 venvctl create --without-pip -p "$PY"
	[ "$(ls -A)" = .venv ]
	[ "$(.venv/bin/python -c 'import sys; print(sys.prefix)')" = "$PWD/.venv" ]
	expect 0 venvctl create --without-pip -p "$PY" --json
	stdout_has "\"env_dir\":\"$PWD/.venv\""
	stdout_has '"case":"in-place"'
	expect 0 venvctl create -n --without-pip -p "$PY"
	stdout_has "target   $PWD/.venv: in-place"
	rm -r .venv
	# A redirect file is never written over.
	mkdir env
	venvctl create --without-pip -p "$PY" env
	echo env >.venv
	expect 4 venvctl create --without-pip -p "$PY"
	stderr_has "cannot create '.venv': it is a redirect to '$PWD/env'"
	[ "$(cat .venv)" = env ]
}

@test "under the names of other tools ENV_DIR has to be named" {
	local name
	for name in pyvenv virtualenv; do
		ln -s "$(command -v venvctl)" "$name"
		expect 2 "./$name" --without-pip
		stderr_has "ENV_DIR is missing"
		stderr_has "hint: venvctl create .venv"
		expect 2 "./$name"
		[ ! -e .venv ]
	done
}

@test "options that exclude each other" {
	expect 2 venvctl create --upgrade --clear env
	stderr_has "you cannot supply --upgrade and --clear together"
	expect 2 venvctl create --symlinks --copies env
	stderr_has "you cannot supply --symlinks and --copies together"
	expect 2 venvctl create --clear --existing keep env
	expect 2 venvctl create --without-pip --plugin ensurepip env
	stderr_has "--without-pip"
	expect 2 venvctl create --no-plugins --plugin ensurepip env
	[ ! -e env ]
}

@test "options behind ENV_DIR, glued values, and what virtualenv takes" {
	expect 0 venvctl create env --without-pip -p$PY
	[ -x env/bin/python3 ]
	expect 0 venvctl create -p$PY --no-download --no-periodic-update --no-wheel --no-seed \
		--always-copy env2
	[ ! -L env2/bin/python3 ]
	expect 0 venvctl create --without-pip -p $PY -- -dash
	[ -d ./-dash/bin ]
}

@test "every boolean has its opposite, and the last one wins" {
	expect 0 venvctl create --without-pip --system-site-packages --no-system-site-packages env
	grep -qx 'include-system-site-packages = false' env/pyvenv.cfg
	expect 0 venvctl create --without-pip --without-scm-ignore-files \
		--with-scm-ignore-files env3
	[ -e env3/.gitignore ]
}

@test "success is silent; -v says how it was published" {
	expect 0 venvctl create --without-pip env
	[ -z "$output$stderr" ]
	expect 0 venvctl create -v --without-pip env2
	[ -z "$output" ]
	stderr_has "publication: rename"
}

@test "several ENV_DIRs; equal or nested ones are refused before anything is made" {
	expect 0 venvctl create --without-pip a b c
	[ -d a/bin ] && [ -d b/bin ] && [ -d c/bin ]
	expect 2 venvctl create --without-pip x ./x
	expect 2 venvctl create --without-pip y y/z
	stderr_has "the same directory, or one lies in the other"
	[ ! -e x ] && [ ! -e y ]
}

@test "the first failure stops, --keep-going goes on; the first status counts" {
	echo file >b
	expect 4 venvctl create --without-pip a b c
	[ ! -e a ] && [ ! -e c ] # targets are looked at first
	mkdir full && touch full/other
	expect 4 venvctl create --without-pip --existing refuse a full c
	[ -d a/bin ] && [ ! -e c ]
	expect 4 venvctl create --without-pip --existing refuse --keep-going d full e
	[ -d d/bin ] && [ -d e/bin ]
}

@test "--json: one object on one line, also for errors" {
	expect 0 venvctl create --without-pip --json env
	[ "${#lines[@]}" = 1 ]
	python3 - "$output" <<-'EOF'
		import json, os, sys
		r = json.loads(sys.argv[1])
		assert r["schema"] == 1 and r["ok"] and r["changed"], r
		assert r["env_dir"] == os.path.abspath("env"), r
		assert os.access(r["env_exe"], os.X_OK) and os.path.isdir(r["lib_path"]), r
		assert r["case"] == "new" and r["published"] == "rename", r
	EOF
	expect 3 venvctl create --json -p 3.99 env2
	[ "${#lines[@]}" = 1 ]
	python3 -c 'import json,sys; r=json.loads(sys.argv[1]); assert not r["ok"] and r["error"]["exit"] == 3 and r["error"]["code"] == "no-python"' "$output"
}

@test "-n says what would be done, and does nothing" {
	before=$(snapshot .)
	expect 0 venvctl create -n -p $PY env
	stdout_has "python   $PY"
	stdout_has "target   $PWD/env: new"
	stdout_has "plugin   ensurepip"
	[ "$before" = "$(snapshot .)" ]
	mkdir full && touch full/other
	expect 4 venvctl create -n --existing refuse full
	expect 3 venvctl create -n -p 3.99 env
	expect 5 venvctl create -n --plugin nosuch env
}

@test "control characters and broken UTF-8 in names are shown, not sent" {
	expect 2 venvctl create $'a\x1b[31mb'
	stderr_has 'a\x1b[31mb'
	expect 2 venvctl create $'a\xffb'
	stderr_has 'a\xffb'
	[[ $stderr != *$'\x1b'* ]]
}

@test "stdout that cannot be written is an error" {
	run sh -c 'venvctl help create >/dev/full'
	[ "$status" = 1 ]
}
