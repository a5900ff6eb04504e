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
