# SPDX-License-Identifier: MIT
# cache.bats - venvctl cache: where it is, emptied, and rid of what nobody uses

setup() {
	load common
	common_setup
	export VENVCTL_CACHE_DIR=$PWD/cache
}

entries() {
	find cache/store -mindepth 1 -maxdepth 1 | wc -l
}

@test "dir says where it is, clean empties it" {
	expect 0 venvctl cache dir
	[ "$output" = "$PWD/cache" ]
	venvctl create -p "$PY" --without-pip env
	[ -n "$(ls cache)" ]
	expect 0 venvctl cache clean
	# It is still a cache.
	[ "$(find cache ! -type d)" = cache/CACHEDIR.TAG ]
	expect 0 venvctl cache clean
	expect 0 venvctl create -v -p "$PY" --without-pip env2
	stderr_lacks "not using the cache"
	[ -d cache/python ]
	VENVCTL_CACHE_DIR=$PWD/none expect 0 venvctl cache clean
	[ ! -e none ]
}

# untouched STATUS TEXT ARGS...: clean and prune end so, and nothing in the directory is another.
untouched() {
	local before what
	for what in clean "prune --older-than 0"; do
		before=$(snapshot "$VENVCTL_CACHE_DIR")
		# shellcheck disable=SC2086 # words
		expect "$1" "${@:3}" venvctl cache $what
		[ -z "$2" ] || stderr_has "$2"
		[ "$before" = "$(snapshot "$VENVCTL_CACHE_DIR")" ] || fail "$what: $(ls -lR "$VENVCTL_CACHE_DIR")"
	done
}

@test "a directory that is no cache of venvctl's is nothing to empty, or to write into" {
	export VENVCTL_CACHE_DIR=$PWD/imp
	mkdir -p imp/store imp/python
	echo thesis | tee imp/.bashrc imp/thesis.tex imp/store/a >imp/python/b
	touch -d '90 days ago' imp/store/a imp/python/b
	untouched 4 "other things are in it, and no CACHEDIR.TAG of venvctl's" env
	local before
	before=$(snapshot imp)
	expect 0 venvctl create -p "$PY" env
	stderr_has "warning: not using the cache '$PWD/imp': other things are in it"
	env/bin/pip --version
	[ "$before" = "$(snapshot imp)" ] || fail "$(ls -lR imp)"
	# The mark of another program's cache, a link to ours, and what is no file.
	printf 'Signature: 8a477f597d28d172789f06886806bc55\n# of cargo\n' >imp/CACHEDIR.TAG
	untouched 4 "no CACHEDIR.TAG of venvctl's" env
	VENVCTL_CACHE_DIR=$PWD/cache expect 0 venvctl create -p "$PY" --without-pip env2
	ln -sf ../cache/CACHEDIR.TAG imp/CACHEDIR.TAG
	untouched 4 "no CACHEDIR.TAG of venvctl's" env
	rm imp/CACHEDIR.TAG
	mkdir imp/CACHEDIR.TAG
	untouched 4 "" env
	VENVCTL_CACHE_DIR=$PWD/imp/thesis.tex expect 4 venvctl cache clean
	VENVCTL_CACHE_DIR=$PWD/imp/thesis.tex expect 4 venvctl cache prune
	[ "$(cat imp/thesis.tex)" = thesis ]
	# What is empty is not made a cache by being emptied; by a create it is.
	mkdir empty
	VENVCTL_CACHE_DIR=$PWD/empty expect 0 venvctl cache clean
	[ -z "$(ls -A empty)" ]
	VENVCTL_CACHE_DIR=$PWD/empty expect 0 venvctl create -n -p "$PY" new
	[ -z "$(ls -A empty)" ]
	# Its maker was killed right then.
	: >empty/.venvctl-1-0
	VENVCTL_CACHE_DIR=$PWD/empty expect 0 venvctl create -p "$PY" --without-pip new
	[ -z "$stderr" ]
	grep -q '^Signature: 8a477f597d28d172789f06886806bc55$' empty/CACHEDIR.TAG
}

@test "what somebody else put into the cache stays, and what links of it lead to" {
	expect 0 venvctl create -p "$PY" env
	mkdir cache/mine elsewhere
	echo mine | tee cache/notes cache/mine/x >elsewhere/y
	rm -r cache/wheels
	ln -s "$PWD/elsewhere" cache/wheels
	ln -s "$PWD/elsewhere" cache/store/new-linked
	ln -s "$PWD/elsewhere" cache/python/linked
	touch -hd '90 days ago' cache/wheels cache/python/linked cache/store/new-linked
	expect 0 venvctl cache prune --older-than 0
	expect 0 venvctl cache clean
	stderr_has "warning: '$PWD/cache/notes' is not venvctl's: leaving it alone"
	stderr_has "'$PWD/cache/mine' is not venvctl's"
	[ "$(cat cache/notes cache/mine/x elsewhere/y)" = $'mine\nmine\nmine' ]
	[ -z "$(ls -A cache/store)" ]
	env/bin/pip --version
}

@test "without a working directory no cache is where a relative name would lead" {
	local top=$PWD up
	mkdir -p cache gone
	touch cache/precious
	# From "/" it would lead to this directory.
	up=$(sed 's|^/||' <<<"$top")/cache
	cd gone
	rmdir ../gone
	VENVCTL_CACHE_DIR=$up expect 2 venvctl cache clean
	stderr_has "there is no place for a cache"
	VENVCTL_CACHE_DIR=../../../../../../../../../$up expect 2 venvctl cache prune
	VENVCTL_CACHE_DIR=$up expect 2 venvctl cache dir
	VENVCTL_CACHE_DIR=../../../../../../../$up expect 0 venvctl create -v -p "$PY" --without-pip "$top/env"
	stderr_has "not using the cache"
	unset VENVCTL_CACHE_DIR HOME
	expect 2 venvctl cache clean
	expect 2 venvctl cache prune
	cd "$top"
	[ "$(ls cache)" = precious ]
}

@test "a cache that many begin at once is one, of which each has what it needs" {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		venvctl create -v -p "$PY" --without-pip "env$i" 2>"err$i" &
	done
	wait
	! grep "not using" err? || fail "$(cat err?)"
	[ "$(ls -A cache)" = $'CACHEDIR.TAG\npython' ] || fail "$(ls -lA cache)"
}

@test "prune removes what was not used for so long, and nothing else" {
	local name
	for name in one two; do
		python3 "$top_srcdir/tests/store/wheelmaker.py" . "$name" 1.0
		venvctl create -p "$PY" --plugin="wheels:packages=$PWD/$name-1.0-py3-none-any.whl" "env-$name"
	done
	[ "$(entries)" -eq 2 ]
	expect 0 venvctl cache prune
	[ "$(entries)" -eq 2 ]
	# Two months ago; then one is used.
	find cache -depth -exec touch -d '60 days ago' {} +
	mkdir cache/store/new-dead
	venvctl create -p "$PY" --plugin="wheels:packages=$PWD/one-1.0-py3-none-any.whl" env
	expect 0 venvctl cache prune --older-than=13w
	[ "$(entries)" -eq 2 ]
	expect 0 venvctl cache prune --older-than 30d
	[ "$(entries)" -eq 1 ]
	# shellcheck disable=SC2144 # there is one
	[ -e cache/store/*/site/one.py ]
	[ "$(env-two/bin/two)" = 1.0 ]
	[ "$(find cache/python -type f | wc -l)" -eq 1 ]
	expect 0 venvctl create -v -p "$PY" --plugin="wheels:packages=$PWD/one-1.0-py3-none-any.whl" again
	stderr_lacks compiling
	expect 0 venvctl cache prune --older-than 0
	[[ $output == "removed "* ]]
	VENVCTL_CACHE_DIR=$PWD/none expect 0 venvctl cache prune
	[ ! -e none ]
}

@test "prune: what is no age is a usage error" {
	local age
	for age in "" x -1 1y 1dd 99999999999999999999; do
		expect 2 venvctl cache prune --older-than "$age"
		stderr_has "is no age"
	done
	expect 2 venvctl cache prune --older-than
	stderr_has "needs a value"
	expect 2 venvctl cache clean --older-than 1
	expect 2 venvctl cache
	stderr_has "dir, clean, prune, warm, size"
}

@test "HOME is a link, or has links: the cache and the logs are kept" {
	unset VENVCTL_CACHE_DIR
	printf '#!/bin/sh\necho said by it\nexit 3\n' >fail.sh
	chmod +x fail.sh
	local home
	mkdir -p real disk/cache disk/state inner/.local
	ln -s "$PWD/real" link
	ln -s "$PWD/disk/cache" inner/.cache
	ln -s ../../disk/state inner/.local/state
	mkdir -p own/.cache disk/venvctl
	ln -s "$PWD/disk/venvctl" own/.cache/venvctl
	for home in link inner own "/$PWD//real"; do
		rm -rf real/.cache env
		HOME=$home
		[ "${home#/}" != "$home" ] || HOME=$PWD/$home
		# Root's logs lie elsewhere.
		export TEST_LOGDIR=$HOME/.local/state/venvctl/log
		[ ! -d "$TEST_LOGDIR" ] || rm -r "$TEST_LOGDIR"
		expect 0 venvctl create -v -p "$PY" --without-pip env
		stderr_lacks "cache"
		[ -n "$(ls "$HOME/.cache/venvctl/python")" ] || fail "no cache in $home"
		[ "$(stat -Lc %a "$HOME/.cache/venvctl")" != 755 ] || [ "$home" = own ]
		expect 6 venvctl create -p "$PY" --plugin "script:source=$PWD/fail.sh,interpreter=none" new
		stderr_has "said by it"
		grep -q "said by it" "$HOME"/.local/state/venvctl/log/*.log || fail "no log in $home"
	done
}

@test "a HOME below a directory that may be searched and not listed has a cache" {
	[ "$(id -u)" = 0 ] || skip "only root can be somebody else"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	unset VENVCTL_CACHE_DIR
	local dir=$TEST_PREFIX/bin
	while [ "$dir" != / ]; do
		chmod o+x "$dir" 2>/dev/null || true
		dir=$(dirname "$dir")
	done
	HOME=$(mktemp -d /tmp/venvctl-home-XXXXXX)
	mkdir "$HOME/me"
	chown 4711 "$HOME/me"
	chmod 711 "$HOME"
	local top=$HOME
	export HOME=$top/me TEST_SYSCONFDIR=$top/etc
	cd "$HOME"
	setpriv --reuid 4711 --regid 4711 --clear-groups venvctl --version >/dev/null ||
		skip "users cannot reach the build"
	expect 0 setpriv --reuid 4711 --regid 4711 --clear-groups venvctl create -v --without-pip -p "$PY" env
	stderr_lacks "not using the cache"
	[ -d "$HOME/.cache/venvctl/python" ]
	cd /
	rm -r "$top"
}

@test "a link that another user made is not followed" {
	[ "$(id -u)" = 0 ] || skip "only root can be somebody else"
	unset VENVCTL_CACHE_DIR
	mkdir theirs other
	ln -s "$PWD/theirs" "$HOME/.cache"
	chown -h 12345 "$HOME/.cache"
	expect 0 venvctl create -v -p "$PY" --without-pip env
	stderr_has "not using the cache '$HOME/.cache/venvctl': Too many levels"
	[ -z "$(ls theirs)" ]
}

@test "why a cache is not used is told once, and by a warning where it was asked for" {
	mkdir -m 777 cache
	expect 0 venvctl create -p "$PY" --without-pip env
	[ "$(grep -c "warning: not using the cache '$PWD/cache': it is not yours alone to write" <<<"$stderr")" = 1 ] ||
		fail "$stderr"
	[ -z "$(ls cache)" ]
	expect 4 venvctl cache clean
	stderr_has "not yours alone"
	expect 4 venvctl cache prune
	stderr_has "not yours alone"
	unset VENVCTL_CACHE_DIR
	mkdir -p "$HOME/.cache"
	mv cache "$HOME/.cache/venvctl"
	expect 0 venvctl create -p "$PY" --without-pip env2
	[ -z "$stderr" ]
	expect 0 venvctl create -v -p "$PY" --without-pip env3
	stderr_has "not using the cache '$HOME/.cache/venvctl': it is not yours alone to write"
}

@test "size: what it takes on the disk, by its parts" {
	expect 0 venvctl cache size
	[ "$(tail -n 1 <<<"$output")" = "total            0 B" ] || fail "$output"
	[ ! -e cache ]
	expect 0 venvctl create -p "$PY" env
	expect 0 venvctl cache size
	grep -qE '^store +[0-9.]+ MiB  2 entries$' <<<"$output" || fail "$output"
	grep -qE '^python +[0-9.]+ KiB  1 entry$' <<<"$output" || fail "$output"
	expect 0 venvctl cache size --json
	python3 - "$output" cache <<-'END'
		import json, os, sys
		r, top = json.loads(sys.argv[1]), sys.argv[2]
		assert r["schema"] == 1 and r["ok"] and r["command"] == "cache", r
		assert r["path"] == os.path.abspath(top), r
		for name, part in r["parts"].items():
		    own = [os.lstat(os.path.join(d, n)).st_blocks * 512 for d, ds, fs in os.walk(os.path.join(top, name)) for n in ds + fs]
		    assert part["bytes"] == sum(own), (name, part, sum(own))
		    here = os.path.join(top, name)
		    assert part["entries"] == (len(os.listdir(here)) if os.path.isdir(here) else 0), part
		assert r["bytes"] == sum(p["bytes"] for p in r["parts"].values()) > 1000000, r
	END
	# A link leads out of it.
	mkdir elsewhere
	head -c 3000000 /dev/zero >elsewhere/x
	rm -r cache/wheels
	ln -s "$PWD/elsewhere" cache/wheels
	expect 0 venvctl cache size
	grep -qE '^wheels +0 B  0 entries$' <<<"$output" || fail "$output"
	chmod 777 cache
	expect 4 venvctl cache size
	stderr_has "not yours alone"
	expect 2 venvctl cache size more
	expect 2 venvctl cache dir --json
}

@test "warm: the first create with an interpreter unpacks and compiles nothing" {
	expect 0 venvctl cache warm -p "$PY"
	[ "$output" = "2 entries made for 1 interpreter" ] || fail "$output"
	[ "$(ls -A cache)" = $'CACHEDIR.TAG\npython\nstore\nwheels' ] || fail "$(ls -A cache)"
	[ "$(stat -c %a cache)" = 700 ]
	local before
	before=$(snapshot cache)
	expect 0 venvctl create -v -p "$PY" env
	stderr_lacks compiling
	stderr_lacks unpacked
	env/bin/python -c 'import pip, os; assert os.path.exists(pip.__cached__), pip.__cached__'
	[ -n "$(find cache/store -name '*.pyc')" ]
	expect 0 venvctl cache warm --python="$PY" --json
	python3 -c 'import json, sys; r = json.loads(sys.argv[1])
assert r["ok"] and r["made"] == 0 and r["interpreters"] == 1 and r["path"] == sys.argv[2], r' "$output" "$PWD/cache"
	[ "$before" = "$(snapshot cache)" ]
	# One that was killed is swept out.
	mkdir -p cache/.venvctl-dead/env
	expect 0 venvctl cache warm -p "$PY"
	[ ! -e cache/.venvctl-dead ]
}

@test "warm: several interpreters, none that is, and a cache that may not be used" {
	expect 3 venvctl cache warm -p 3.99
	expect 3 venvctl cache warm -p "$PY" -p 3.99
	[ -n "$(ls cache/store)" ]
	[ -z "$(find cache -maxdepth 1 -name '.*' -mindepth 1)" ]
	expect 0 venvctl cache warm -p "$PY" -p "$PY" --json
	stdout_has '"interpreters":2'
	expect 2 venvctl cache clean -p "$PY"
	expect 2 venvctl cache warm -p
	chmod 777 cache
	expect 4 venvctl cache warm -p "$PY"
	stderr_has "not yours alone"
	expect 4 venvctl cache warm --json -p "$PY"
	[[ $output == '{"schema":1,"ok":false,"command":"cache",'* ]] || fail "$output"
	mkdir theirs
	echo mine >theirs/notes
	VENVCTL_CACHE_DIR=$PWD/theirs expect 4 venvctl cache warm -p "$PY"
	[ "$(ls theirs)" = notes ]
	env -u VENVCTL_CACHE_DIR -u HOME -u XDG_CACHE_HOME venvctl cache warm && fail "it had no place" || [ $? = 2 ]
}
