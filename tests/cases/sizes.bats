# SPDX-License-Identifier: MIT
# sizes.bats - work grows as what there is to do, and not as its square

setup() {
	load common
	load wheel
	common_setup
}

# compares COMMAND...: run it; how many texts it compared is in $compared.
compares() {
	skip_sanitized "their functions cannot be counted"
	[ -e "$BATS_FILE_TMPDIR/compares.so" ] ||
		${CC:-cc} -O1 -fPIC -shared -fno-builtin \
			"$top_srcdir/tests/fault/compares.c" -o "$BATS_FILE_TMPDIR/compares.so"
	LD_PRELOAD=$BATS_FILE_TMPDIR/compares.so COMPARES_LOG=compares "$@"
	compared=$(cat compares)
	[ "$compared" -gt 0 ]
}

# at_most N WHAT: that many, or what was counted grows too fast.
at_most() {
	[ "$compared" -le "$1" ] || fail "$compared texts were compared for $2, not $1"
}

# numbered N FORMAT: the format for each number from 1.
numbered() {
	local i
	for ((i = 1; i <= $1; i++)); do
		printf "$2" "$i"
	done
}

@test "13.18: an INI file of 72,000 keys is read in a moment" {
	site "[plugin:files]
use = files
$(seq -f 'a%.0f = v' 72000)"
	# In seconds of the processor: it were minutes.
	(
		ulimit -t 10
		expect 8 venvctl config check
		expect 0 venvctl config show --show-origin
		expect 0 venvctl create --without-pip -p "$PY" env
	)
}

@test "13.18: nor is a key compared with all others" {
	site "[plugin:files]
use = files
$(seq -f 'a%.0f = v' 4000)"
	compares venvctl create --without-pip -p "$PY" env
	at_most 100000 '4,000 keys'
	compares venvctl config show >/dev/null
	at_most 500000 '4,000 keys that are shown'
	site "$(seq -f $'[plugin:a%.0f]\nuse = files' 4000)"
	compares venvctl config check
	at_most 500000 '4,000 instances that are checked'
	compares venvctl plugins list >/dev/null
	at_most 500000 '4,000 instances that are listed'
}

@test "13.18: nor an entry point, when a wheel takes the place of an older one" {
	local n=4000 version
	for version in 1.0 2.0; do
		wheel_version=$version wheel "acme-$version-py3-none-any.whl" acme.py= \
			"INFO/entry_points.txt=[console_scripts]
$(seq -f "v$version-%.0f = acme:main" $n)"
		compares venvctl create --without-pip -p "$PY" \
			--plugin=wheels:packages="$PWD/acme-$version-py3-none-any.whl" env
		at_most 2000000 "$n entry points"
	done
	[ ! -e env/bin/v1.0-7 ] && [ -e env/bin/v2.0-7 ]
}

@test "13.18: nor a key of pyvenv.cfg, a directory to make or an option" {
	venvctl create --without-pip -p "$PY" env
	seq -f 'key%.0f = v' 4000 >>env/pyvenv.cfg
	compares venvctl create --without-pip -p "$PY" env
	at_most 100000 '4,000 keys of pyvenv.cfg'
	[ "$(grep -c ^key env/pyvenv.cfg)" -eq 4000 ]
	compares venvctl create -n --without-pip -p "$PY" $(seq -f 'd%.0f/e' 4000) >/dev/null
	at_most 1500000 '4,000 directories'
	expect 2 venvctl create -n --without-pip -p "$PY" $(seq -f 'd%.0f/e' 100) d7
	stderr_has "'d7/e' and 'd7'"
	expect 2 venvctl create -n --without-pip -p "$PY" $(seq -f 'd%.0f/e' 100) d7/e/x
	expect 2 venvctl create -n --without-pip -p "$PY" $(seq -f 'd%.0f/e' 100) d7/./e
	compares venvctl create -n --without-pip -p "$PY" \
		$(seq -f '-o network.user-agent=a%.0f' 4000) env >/dev/null
	at_most 1500000 '4,000 options'
}
