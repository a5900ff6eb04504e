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
	[ -z "$(ls cache)" ]
	expect 0 venvctl cache clean
	VENVCTL_CACHE_DIR=$PWD/none expect 0 venvctl cache clean
	[ ! -e none ]
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
	stderr_has "dir, clean, prune"
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
	expect 1 venvctl cache clean
	stderr_has "not yours alone"
	expect 1 venvctl cache prune
	stderr_has "not yours alone"
	unset VENVCTL_CACHE_DIR
	mkdir -p "$HOME/.cache"
	mv cache "$HOME/.cache/venvctl"
	expect 0 venvctl create -p "$PY" --without-pip env2
	[ -z "$stderr" ]
	expect 0 venvctl create -v -p "$PY" --without-pip env3
	stderr_has "not using the cache '$HOME/.cache/venvctl': it is not yours alone to write"
}
