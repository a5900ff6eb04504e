# SPDX-License-Identifier: MIT
# said.bats - what is said while an environment is made, and of what came of it

setup() {
	load common
	load wheel
	common_setup
}

# terminal COMMAND...: run it on a terminal; what that shows is in $shown.
terminal() {
	command -v script >/dev/null || skip "no script"
	TERM=xterm script -qec "$(printf '%q ' "$@")" /dev/null >shown </dev/null
	shown=$(tr -d '\r' <shown)
}

@test "13.23: on a terminal what lasts is said while it lasts, and what was made at the end" {
	wheel acme-1.0-py3-none-any.whl acme.py=
	with=(--without-pip -p "$PY" --plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl")
	VENVCTL_CACHE_DIR=$PWD/cache terminal venvctl create "${with[@]}" env
	[[ $shown == *$'\e[K'"compiling acme-1.0-py3-none-any.whl ..."*$'\e[K'* ]] || fail "$shown"
	[[ $shown == *"created 'env': CPython 3."* ]] || fail "$shown"
	# Not a second time, nor where nobody looks.
	VENVCTL_CACHE_DIR=$PWD/cache terminal venvctl create "${with[@]}" env2
	[[ $shown != *compiling* ]]
	VENVCTL_CACHE_DIR=$PWD/cache2 expect 0 venvctl create "${with[@]}" env3
	[ -z "$stderr" ] || fail "$stderr"
	TERM=dumb VENVCTL_CACHE_DIR=$PWD/cache3 terminal venvctl create -q "${with[@]}" env4
	[[ $shown != *compiling* && $shown != *created* ]] || fail "$shown"
	terminal venvctl create -p "$PY" piped
	pip=$(piped/bin/python -c 'import pip; print(pip.__version__)')
	[[ $shown == *"created 'piped': CPython "*", pip $pip"* ]] || fail "$shown"
}

@test "13.23: --clear tells of what is a user's, and of nothing that comes again" {
	venvctl create -p "$PY" env
	expect 0 venvctl create -p "$PY" --clear env
	[ -z "$stderr" ] || fail "$stderr"
	mkdir -p env/src
	touch env/notes.txt env/a env/b env/c
	mkdir "$(echo env/lib/python3*/site-packages)/acme-1.0.dist-info"
	expect 0 venvctl create -p "$PY" --clear env
	stderr_has "1 package, "
	stderr_has " and 3 more of the old 'env' went with it"
	stderr_lacks setuptools
	touch env/notes.txt
	expect 0 venvctl create -n -p "$PY" --clear env
	[ -z "$stderr" ]
	expect 0 venvctl create -p "$PY" --existing replace env
	[ "$stderr" = "venvctl: warning: 'notes.txt' of the old 'env' went with it" ]
}

@test "13.23: what was there already is told as what was made" {
	local key
	venvctl create --without-pip -p "$PY" env
	expect 0 venvctl create --json --existing reuse --without-pip -p "$PY" env
	stdout_has '"changed":false'
	for key in env_exe bin_path lib_path inc_path cfg_path env_name prompt; do
		stdout_has "\"$key\":\""
	done
	stdout_has "\"env_exe\":\"$PWD/env/bin/python3\""
}

@test "13.23: a word is said once, and says what it is about" {
	venvctl create -p "$PY" env
	expect 0 venvctl create -v --upgrade env
	[ -z "$(sort <<<"$stderr" | uniq -d)" ] || fail "$stderr"
	[ "$(grep -c 'pip .* already' <<<"$stderr")" -eq 1 ] || fail "$stderr"
	expect 0 env -u HOME -u VENVCTL_CACHE_DIR venvctl create -v --upgrade env
	[ -z "$(sort <<<"$stderr" | uniq -d)" ] || fail "$stderr"
	stderr_lacks compiling
	stderr_lacks 'by entry by'
	site $'[policy]\nrequired-plugins = ensurepip'
	expect 0 venvctl create -v --upgrade --no-pip env
	[ -z "$(sort <<<"$stderr" | uniq -d)" ] || fail "$stderr"
	# A failure that was kept is none that interrupted anything.
	site ''
	expect 6 venvctl create --without-pip -p "$PY" --on-failure keep \
		--add-plugin="$MOCKS/mock-step.so:do=fail" kept
	expect 0 venvctl create --without-pip -p "$PY" kept
	stderr_has 'failed, and was kept'
	stderr_lacks interrupted
}
