# SPDX-License-Identifier: MIT
# full.bats - a cache that takes no more, or that is not there

setup() {
	load common
	load wheel
	common_setup
	unset VENVCTL_CACHE_DIR
}

# small OPTIONS COMMAND...: run it with HOME on a file system of its own with these options.
small() {
	unshare --mount bash -c 'mount -t tmpfs -o "$1" none "$HOME" && shift && exec "$@"' \
		bash "$@"
}

# compiled COMMAND...: run it; how many processes compiled is in $runs.
compiled() {
	strace -f -qq -e trace=execve -o trace "$@"
	runs=$(grep -c 'execve(.*"-S", "-c"' trace || true)
}

@test "13.11: where the cache is full, what is made is for the one environment" {
	unshare --mount true 2>/dev/null || skip "no namespaces here"
	local options with
	wheel acme-1.0-py3-none-any.whl acme/a.py= acme/b.py="$(seq 4000)" acme/c.py= \
		"INFO/entry_points.txt=[console_scripts]"$'\n'"acme = acme:main"
	with=(--without-pip -p "$PY" --plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl")
	venvctl create "${with[@]}" --link-mode copy env
	snapshot env >before
	for options in size=4k size=16k nr_inodes=2 nr_inodes=8; do
		rm -rf env
		expect 0 small "$options" venvctl create -v "${with[@]}" env
		stderr_has "the cache '$HOME/.cache/venvctl': "
		stderr_has 'No space left on device'
		[[ $stderr == *'cache prune'* || $stderr == *'not using the cache'* ]]
		snapshot env | diff before -
		rm -rf env
		# Not worth a word where nobody asked for that cache, but where somebody did.
		expect 0 small "$options" venvctl create "${with[@]}" env
		stderr_lacks 'cache'
		rm -rf env
		VENVCTL_CACHE_DIR=$HOME/here expect 0 small "$options" venvctl create "${with[@]}" env
		[[ $stderr == *"'$HOME/here'"* ]] || fail "$options: $stderr"
		[ "$(grep -c warning <<<"$stderr")" -eq 1 ]
	done
	env/bin/python -c 'import acme.b'
	# What has to be linked cannot be.
	rm -rf env
	expect 1 small size=16k venvctl create --link-mode hardlink "${with[@]}" env
	stderr_has "the store in '$HOME/.cache/venvctl'"
	stderr_has '--link-mode=copy'
	[ ! -e env ]
	no_leftovers .
}

@test "13.11: without a cache each wheel is unpacked and compiled once" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "a leak checker cannot run under strace"
	local wheels
	venvctl create -p "$PY" --link-mode copy env
	snapshot env >before
	wheels=$(grep -c . < <(ls -d env/lib/python3*/site-packages/*.dist-info))
	rm -rf env
	compiled env -u HOME venvctl create -p "$PY" env
	[ "$runs" -eq "$wheels" ] || fail "$runs processes for $wheels wheels"
	snapshot env | diff before -
	env/bin/pip --version
	# Its files are its own, as the umask has them.
	rm -rf env
	(umask 027 && env -u HOME venvctl create -p "$PY" env)
	[ -z "$(find env/lib -type f -perm /027 ! -name '*.so')" ] ||
		fail "$(find env/lib -type f -perm /027 -ls | head -3)"
	[ -z "$(find env -type f -links +1)" ]
	# Who only looks writes and compiles nothing.
	compiled env -u HOME venvctl create -n -p "$PY" other
	[ "$runs" -eq 0 ]
}

@test "13.11: nor twice where the environment is there already" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "a leak checker cannot run under strace"
	venvctl create --without-pip -p "$PY" env
	wheel acme-1.0-py3-none-any.whl acme.py=
	with=(--without-pip -p "$PY" --plugin=wheels:packages="$PWD/acme-1.0-py3-none-any.whl")
	compiled env -u HOME venvctl create "${with[@]}" env
	[ "$runs" -eq 1 ] || fail "$runs processes"
	env/bin/python -c 'import acme'
	no_leftovers env
	expect 0 env -u HOME venvctl create -v --existing replace "${with[@]}" env
	stderr_has 'unpacked for this environment alone'
	env/bin/python -c 'import acme'
	no_leftovers .
}
