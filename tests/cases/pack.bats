# SPDX-License-Identifier: MIT
# pack.bats - copies come from one file of an entry, which is made with the second of them

setup() {
	load common
	load wheel
	common_setup
	# In memory nothing can be cloned, so that there is something to copy.
	memory=$(mktemp -d /dev/shm/venvctl-pack.XXXXXX) || skip "no /dev/shm"
	export VENVCTL_CACHE_DIR=$memory/cache
	cd "$memory" || return
	wheel "$BATS_TEST_TMPDIR/acme-1.0-py3-none-any.whl" acme/__init__.py='answer = 42' acme/a.py=x=1 acme/empty.py= \
		acme/z/last.py='y = 2' acme-1.0.data/scripts/tool='#!python' acme-1.0.data/data/share/acme.txt=text
	with=(-p "$PY" --plugin="wheels:packages=$BATS_TEST_TMPDIR/acme-1.0-py3-none-any.whl")
	copy=("${with[@]}" --link-mode copy)
}

teardown() {
	cd /
	rm -rf "$memory"
}

entry() {
	local all=("$VENVCTL_CACHE_DIR"/store/*)
	[ ${#all[@]} -eq 1 ] || fail "${all[@]}"
	echo "${all[0]}"
}

# packages ENV: all that the wheel brought, with its times, but for what is written for each environment.
packages() {
	(cd "$1" && find lib/python3*/site-packages/acme share -type f -printf '%m %Ts %s %P\n' | LC_ALL=C sort &&
		cat lib/python3*/site-packages/acme/*.py lib/python3*/site-packages/acme/z/*.py share/acme.txt &&
		grep -v bin/tool lib/python3*/site-packages/acme-1.0.dist-info/RECORD)
}

# same ENV: it is a copy like the first, and goes.
same() {
	[ "$(packages "$1")" = "$good" ] || fail "$(diff <(echo "$good") <(packages "$1"))"
	rm -r "$1"
}

@test "the first copy after an entry was made makes the pack, and the next opens none of the files" {
	# What is made once and thrown away needs none.
	venvctl create "${copy[@]}" one
	[ ! -e "$(entry)/pack" ]
	good=$(packages one)
	rm -r one
	venvctl create "${with[@]}" --link-mode hardlink linked
	[ ! -e "$(entry)/pack" ]
	venvctl create "${copy[@]}" one
	[ "$(packages one)" = "$good" ]
	[ "$(stat -c '%a %h' "$(entry)/pack")" = "444 1" ]
	good=$(packages one)
	[ "$(packages linked | grep -v '^[46]')" = "$(packages one | grep -v '^[46]')" ]
	find one -type f -links +1 | grep . && fail "a copy is linked"
	[ "$(one/bin/python -c 'import acme.z.last as m; print(m.y)')" = 2 ]
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "no leak is looked for under strace"
	strace -f -qq -o trace -e trace=openat,newfstatat venvctl create "${copy[@]}" two
	# But for the first, which could have been cloned; the script is read to be written.
	[ "$(grep -c 'openat([0-9]*, "[^/]*\.\(py\|pyc\|txt\)", O_RDONLY' trace)" -eq 1 ] || fail "$(cat trace)"
	[ "$(grep -c 'newfstatat([0-9]*, "[^/]*\.\(py\|pyc\|txt\)"' trace)" -eq 1 ] || fail "$(cat trace)"
	same two
}

@test "a pack that is not as it was made is not used, and made again" {
	local pack damage
	venvctl create "${copy[@]}" one two
	good=$(packages one)
	same two
	pack=$(entry)/pack
	chmod u+w "$(entry)"
	for damage in 'rm "$pack"' 'chmod u+w "$pack"; printf x >>"$pack"' 'chmod u+w "$pack"; : >"$pack"' \
		'chmod u+w "$pack"; printf x | dd of="$pack" conv=notrunc status=none' 'touch "$pack"' 'chmod 666 "$pack"' \
		'mv "$pack" x; ln -s "$PWD/x" "$pack"' 'rm "$pack"; mkfifo "$pack"' 'chown 65534 "$pack"'; do
		[[ $(id -u) -eq 0 || $damage != chown* ]] || continue
		eval "$damage"
		expect 0 venvctl create -v "${copy[@]}" two
		stderr_lacks damaged
		same two
		[ "$(stat -c '%F %a %h %U' "$pack")" = "regular file 444 1 $(id -un)" ] || fail "$damage: $(stat "$pack")"
		venvctl create "${copy[@]}" two
		same two
	done
}

@test "what is damaged comes into no pack: the entry is made again" {
	# Byte code would have another time.
	with+=(--no-compile)
	copy+=(--no-compile)
	venvctl create "${copy[@]}" one
	good=$(packages one)
	chmod u+w "$(entry)/site/acme/z/last.py"
	echo '# mine' >>"$(entry)/site/acme/z/last.py"
	expect 0 venvctl create -v "${copy[@]}" two
	stderr_has "is damaged: making it again"
	same two
	[ ! -e "$(entry)/pack" ]
	venvctl create "${copy[@]}" two
	same two
	[ -e "$(entry)/pack" ]
	# Of what is in a pack nothing is asked of the files: their damage is for who links them.
	chmod u+w "$(entry)/site/acme/z/last.py"
	echo '# mine' >>"$(entry)/site/acme/z/last.py"
	expect 0 venvctl create -v "${copy[@]}" two
	same two
	expect 0 venvctl create -v "${with[@]}" --link-mode hardlink two
	stderr_has "is damaged: making it again"
	[ "$(cat two/lib/python3*/site-packages/acme/z/last.py)" = 'y = 2' ]
	# Another entry, another pack.
	[ ! -e "$(entry)/pack" ]
}

@test "whatever the kernel cannot do, or has no room for, the copy is the same" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "no leak is looked for under strace"
	local inject
	venvctl create "${copy[@]}" one
	good=$(packages one)
	for inject in sendfile:error=EINVAL sendfile:error=EINTR:when=3 fchmod:error=EIO:when=1 linkat:error=ENOSPC utimensat:error=EIO:when=2; do
		rm -f "$(entry)/pack"
		strace -f -qq -o trace -e trace="${inject%%:*}" -e inject="$inject" venvctl create "${copy[@]}" two
		same two
		venvctl create "${copy[@]}" two
		same two
		[ -e "$(entry)/pack" ]
	done
}

@test "cache size counts it, cache clean and cache prune take it along" {
	venvctl create "${copy[@]}" zero one
	[ -e "$(entry)/pack" ]
	dd if=/dev/zero of="$(entry)/pack" bs=1M count=3 status=none 2>/dev/null || {
		chmod u+w "$(entry)/pack"
		dd if=/dev/zero of="$(entry)/pack" bs=1M count=3 status=none
	}
	[ "$(venvctl cache size --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["parts"]["store"]["bytes"] >= 3 << 20)')" = True ]
	venvctl cache clean
	[ -z "$(ls -A "$VENVCTL_CACHE_DIR/store")" ]
	venvctl create "${copy[@]}" two three
	ls "$VENVCTL_CACHE_DIR"/store/*/pack
	find "$VENVCTL_CACHE_DIR/store" -exec touch -h -d '60 days ago' {} +
	venvctl cache prune
	[ -z "$(ls -A "$VENVCTL_CACHE_DIR/store")" ]
}

@test "cache warm makes it where this user's environments are copied" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	venvctl cache warm -p "$PY"
	if [ "$(id -u)" -eq 0 ]; then
		ls "$VENVCTL_CACHE_DIR"/store/*/pack
	else
		! ls "$VENVCTL_CACHE_DIR"/store/*/pack
	fi
}

@test "directories as deep as they come, and beside each other, linked, copied and in what is there" {
	local d=deep args=() i mode env
	# More of them than are held open at once, with names that begin alike.
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		d=$d/d$i
		args+=("$d/m.py=i = $i" "${d}0/n.py=i = ${i}0" "$d-x/o.py=i = $i" "$d/empty/below/p.py=i = $i")
	done
	args+=("deep/__init__.py=i = 0" "deeper.py=i = -1" "$d/z/z/z/z/q.py=i = 99" "$d/z/z/z/r.py=i = 98")
	wheel "$BATS_TEST_TMPDIR/deep-1.0-py3-none-any.whl" "${args[@]}"
	mkdir want
	/usr/bin/python3 -m zipfile -e "$BATS_TEST_TMPDIR/deep-1.0-py3-none-any.whl" want
	rm -r want/deep-1.0.dist-info
	with=(-p "$PY" --no-compile --plugin="wheels:packages=$BATS_TEST_TMPDIR/deep-1.0-py3-none-any.whl")
	for mode in copy copy copy hardlink; do
		# A new one, and one that is there.
		for env in new there; do
			[ $env = new ] || venvctl create --without-pip -p "$PY" there
			venvctl create "${with[@]}" --link-mode $mode $env
			mkdir got
			cp -r "$env"/lib/python3*/site-packages/deep* got
			rm -r got/deep-1.0.dist-info
			diff -r want got || fail "$mode, $env"
			rm -r got "$env"
		done
	done
}
