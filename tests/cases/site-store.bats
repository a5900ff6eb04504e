# SPDX-License-Identifier: MIT
# site-store.bats - a store that root fills for all: made, used, and told where it cannot be used

setup() {
	load common
	common_setup
	[ "$(id -u)" = 0 ] || skip "only root can fill it"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	skip_sanitized "users cannot reach the build"
	store=$BATS_FILE_TMPDIR/store
}

warm() {
	[ -d "$store" ] || (umask 077 && venvctl cache warm --site "$store" -p "$PY" >"$BATS_FILE_TMPDIR/said")
	site "[store]
site-dir = $store"
}

@test "one command makes it, readable by all, and says what to configure" {
	warm
	[ "$(tail -n 4 "$BATS_FILE_TMPDIR/said")" = "[store]"$'\n'"site-dir = $store"$'\n[create]\nlink-mode = shared' ] ||
		fail "$(cat "$BATS_FILE_TMPDIR/said")"
	[ -z "$(find "$store" ! -perm -0444)" ] || fail "$(find "$store" ! -perm -0444 -ls)"
	[ -z "$(find "$store" -type d ! -perm -0555)" ]
	[ -z "$(find "$store" -perm /022)" ]
	[ -z "$(find "$store" -maxdepth 1 -name '.*' ! -path "$store")" ]
	# Once more there is nothing to do; what is damaged is made again; what was killed is swept out.
	expect 0 venvctl cache warm --site "$store" -p "$PY"
	[[ $output == "# 0 entries made for 1 interpreter"* ]] || fail "$output"
	local pip before
	pip=$(find "$store" -path '*/pip/__init__.py')
	before=$(cat "$pip")
	chmod u+w "$pip"
	echo '# mine' >>"$pip"
	mkdir "$store/.venvctl-dead"
	expect 0 venvctl cache warm --site "$store" -p "$PY"
	[[ $output == "# 1 entry made for 1 interpreter"* ]] || fail "$output"
	[ "$(cat "$pip")" = "$before" ]
	[ ! -e "$store/.venvctl-dead" ]
}

@test "users of it compile nothing, and link from a copy of their own" {
	warm
	reachable
	expect 0 as 4711 venvctl create -v -p "$PY" a
	stderr_lacks "compiling"
	stderr_lacks "not using"
	expect 0 as 4711 venvctl create -v -p "$PY" b
	local home=$BATS_TEST_TMPDIR/user-4711 name
	name=lib/python*/site-packages/pip/__init__.py
	# shellcheck disable=SC2086 # a pattern
	if [ "$(stat -c %h $home/a/$name)" -gt 1 ]; then
		[ "$(stat -c %i $home/a/$name)" = "$(stat -c %i $home/b/$name)" ]
		[ "$(stat -c %U $home/a/$name)" = UNKNOWN ] || [ "$(stat -c %u $home/a/$name)" = 4711 ]
	fi
	as 4711 a/bin/pip --version
	# Somebody without a cache copies from it.
	expect 0 as 4712 env -u HOME venvctl create -v -p "$PY" "$BATS_TEST_TMPDIR/user-4712/c"
	stderr_lacks "compiling"
	stderr_lacks "unpacked for this environment alone"
	as 4712 "$BATS_TEST_TMPDIR/user-4712/c/bin/pip" --version
	# A link that cannot be made is told.
	if [ "$(cat /proc/sys/fs/protected_hardlinks)" = 1 ]; then
		expect 1 as 4712 env -u HOME venvctl create --link-mode hardlink -p "$PY" "$BATS_TEST_TMPDIR/user-4712/d"
		stderr_has "from the site's store: Operation not permitted"
		stderr_has "hint: users may link their own files only"
	fi
}

@test "with what it proposes, 5 users with 5 environments each take less than 5 MB" {
	warm
	reachable
	site "$(cat "$BATS_FILE_TMPDIR/said")"
	local user i
	for user in 4711 4712 4713 4714 4715; do
		expect 0 as "$user" venvctl create -v --no-setuptools -p "$PY" 1 2 3 4 5
		stderr_has "is shared: it lies in '$store/"
		stderr_lacks "compiling"
		# Nothing of it can be changed by a user, who upgrades her own alone.
		as "$user" 3/bin/pip --version
	done
	[ "$(du -sk --total "$BATS_TEST_TMPDIR"/user-* | tail -n 1 | cut -f 1)" -lt 5120 ] ||
		fail "$(du -sk "$BATS_TEST_TMPDIR"/user-*)"
	# Without a cache, too.
	expect 0 as 4716 env -u HOME venvctl create --no-setuptools -p "$PY" "$BATS_TEST_TMPDIR/user-4716/env"
	as 4716 "$BATS_TEST_TMPDIR/user-4716/env/bin/pip" --version
	# No store, no stub; what is damaged is not shared.
	local pip
	pip=$(find "$store" -path '*/pip/__init__.py')
	chmod u+w "$pip"
	echo '# mine' >>"$pip"
	expect 0 as 4717 venvctl create -v --no-setuptools -p "$PY" env
	stderr_has "is damaged, or not readable: not using it"
	as 4717 env/bin/python -c 'import pip; assert "user-4717" in pip.__file__, pip.__file__'
	rm -rf "$store"
}

@test "--site alone is the directory that is configured" {
	site "[store]
site-dir = $PWD/there"
	expect 0 venvctl cache warm -p "$PY" --site
	grep -qx "site-dir = $PWD/there" <<<"$output" || fail "$output"
	[ -n "$(ls there)" ]
	expect 0 venvctl cache warm --site --json -p "$PY"
	python3 -c 'import json, sys; r = json.loads(sys.argv[1])
assert r["made"] == 0 and r["interpreters"] == 1 and r["site_dir"] == sys.argv[2], r' "$output" "$PWD/there"
	# A user's own is filled from it: nothing is unpacked or compiled once more.
	reachable
	chmod o+rx . .. ../..
	expect 0 as 4711 venvctl cache warm -p "$PY"
	expect 0 as 4711 venvctl create -v -p "$PY" env
	stderr_lacks compiling
}

@test "why it is not used is told with -v, and by config check" {
	warm
	local dir=$PWD/other
	# told TEXT: of the store in $dir, which is as good as none.
	told() {
		site "[store]
site-dir = $dir"
		expect 8 venvctl config check
		stdout_has "$SITE/venvctl.ini:2: "
		stdout_has "$1"
		expect 0 venvctl create -v -p "$PY" --existing replace env
		[ -z "$2" ] || [ "$(grep -c "not using it: .*$2" <<<"$stderr")" = 1 ] || fail "$stderr"
	}
	told "cannot open the site's store '$dir': No such file or directory" "No such file"
	mkdir -p "$dir/store"
	told "there is nothing in the site's store '$dir' (a cache is none: did you mean '$dir/store'?)" ""
	rmdir "$dir/store"
	told "venvctl cache warm --site $dir" ""
	cp -a "$store/." "$dir"
	chmod g+w "$dir"
	told "can be written by others than root (mode 0775)" "others than root"
	chmod g-w "$dir"
	chown 4711 "$dir"
	told "belongs to user 4711, not to root" "user 4711"
	chown 0 "$dir"
	expect 0 venvctl config check
	# One entry of somebody else's.
	chown 4711 "$dir"/*
	expect 0 venvctl create -v -p "$PY" --existing replace env
	stderr_has "of the site's store '$dir' is damaged, or not readable: not using it"
}

@test "what is no store is not made one, and only root makes one" {
	mkdir home
	echo mine >home/notes
	chmod 700 home
	expect 4 venvctl cache warm --site home -p "$PY"
	stderr_has "other things are in it"
	[ "$(stat -c %a home)" = 700 ]
	[ "$(ls -A home)" = notes ]
	# One spelling of interpreters, as everywhere else.
	expect 2 venvctl cache warm "$PY"
	stderr_has "'cache warm' does not take '$PY'"
	stderr_has "hint: an interpreter is named with -p, --python"
	expect 2 venvctl cache warm --site new "$PY"
	stderr_has "hint: an interpreter is named with -p"
	[ ! -e new ]
	expect 2 venvctl cache warm --site
	stderr_has "[store] site-dir is not set"
	expect 3 venvctl cache warm --site new -p 3.77
	[ -z "$(ls -A new)" ]
	expect 2 venvctl cache clean --site new
	expect 2 venvctl cache clean more
	mkdir gone
	cd gone
	rmdir ../gone
	expect 2 venvctl cache warm --site x -p "$PY"
	cd ..
	reachable
	expect 2 as 4711 venvctl cache warm --site "$BATS_TEST_TMPDIR/user-4711/s"
	stderr_has "only root"
}
