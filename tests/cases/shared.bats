# SPDX-License-Identifier: MIT
# shared.bats - --link-mode shared: what is shared, what is not, and that it stays
# (what pip can do then is in tests/store/shared.py)

setup() {
	load common
	load wheel
	common_setup
	export VENVCTL_CACHE_DIR=$PWD/cache
	SITE_PACKAGES=lib/python$("$PY" -c 'import sys; print("%d.%d" % sys.version_info[:2])')/site-packages
}

# where ENV: the directory in which the environment's pip lies.
where() {
	"$1/bin/python" -c 'import os, pip; print(os.path.dirname(os.path.realpath(pip.__file__)))'
}

@test "pip lies in the store; the environment has a stub, and of all else its own" {
	expect 0 venvctl create -v -p "$PY" --link-mode shared env
	stderr_has "is shared: it lies in '$PWD/cache/store/"
	[ "$(ls -A "env/$SITE_PACKAGES/pip")" = __init__.py ]
	[[ $(where env) == "$PWD/cache/store/"*/site/pip ]] || fail "$(where env)"
	[ -z "$(find "env/$SITE_PACKAGES"/pip* env/bin -type f -links +1)" ]
	# What RECORD lists is there, and all that is there is listed.
	"$PY" - "env/$SITE_PACKAGES" <<-'EOF'
		import base64, csv, glob, hashlib, os, sys
		here = sys.argv[1]
		info = os.path.basename(glob.glob(here + "/pip-*.dist-info")[0])
		rows = list(csv.reader(open(os.path.join(here, info, "RECORD"))))
		for path, digest, size in rows:
		    data = open(os.path.join(here, path), "rb").read()
		    made = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
		    assert path.endswith("/RECORD") or (digest, size) == ("sha256=" + made, str(len(data))), path
		inside = set(os.path.join(d, f) for d in ("pip", info) for f in os.listdir(os.path.join(here, d))
		             if f != "__pycache__")
		assert inside == set(r[0] for r in rows if r[0][0] != "."), inside
	EOF
	# Another wheel gets links or copies.
	[ "$(find "env/$SITE_PACKAGES/setuptools" -type f | wc -l)" -gt 50 ]
}

@test "a pip that was not tried is refused by name, and linked or copied as configured" {
	wheel_version=99.1 wheel pip-99.1-py3-none-any.whl pip/__init__.py=x=1
	local with=(-p "$PY" "--plugin=$MOCKS/preinstall.so:wheel=$PWD/pip-99.1-py3-none-any.whl")
	expect 1 venvctl create "${with[@]}" --link-mode shared env
	stderr_has "'pip-99.1-py3-none-any.whl' cannot be shared: this version of pip was not tried with it"
	stderr_has "hint: with --link-mode auto it is linked or copied"
	[ ! -e env ]
	user $'[create]\nlink-mode = shared'
	expect 0 venvctl create -v "${with[@]}" env
	[ "$(grep -c 'cannot be shared: this version' <<<"$stderr")" -eq 1 ] || fail "$stderr"
	[ "$(cat "env/$SITE_PACKAGES/pip/__init__.py")" = x=1 ]
	# Nor one that only has the name and version.
	wheel_version=24.2 wheel pip-24.2-py3-none-any.whl pip/__init__.py=x=1 pip_more.py=
	with=(-p "$PY" "--plugin=$MOCKS/preinstall.so:wheel=$PWD/pip-24.2-py3-none-any.whl")
	expect 1 venvctl create "${with[@]}" --link-mode shared env2
	stderr_has "it is not the pip that is known"
	expect 0 venvctl create "${with[@]}" env2
	[ "$(cat "env2/$SITE_PACKAGES/pip/__init__.py")" = x=1 ]
}

@test "without a store that lasts it is refused by name, and unpacked as configured" {
	unset VENVCTL_CACHE_DIR HOME
	expect 1 venvctl create -p "$PY" --link-mode shared env
	stderr_has "cannot be shared: there is no store that outlives it"
	[ ! -e env ]
	site $'[create]\nlink-mode = shared'
	expect 0 venvctl create -v -p "$PY" env
	stderr_has "there is no store that outlives it"
	env/bin/pip --version
	[[ $(where env) == "$PWD/env/"* ]]
}

@test "a store on whose way others can write is not what a pip should be read from" {
	mkdir open
	chmod o+w open
	VENVCTL_CACHE_DIR=$PWD/open/cache expect 1 venvctl create -p "$PY" --link-mode shared env
	stderr_has "cannot be shared: "
	stderr_has "'$PWD/open'"
	[ ! -e env ]
	user $'[create]\nlink-mode = shared'
	VENVCTL_CACHE_DIR=$PWD/open/cache expect 0 venvctl create -p "$PY" env
	[[ $(where env) == "$PWD/env/"* ]]
}

@test "prune passes over what is shared, clean takes it with --shared only" {
	venvctl create -p "$PY" --link-mode shared env
	find cache/store -exec touch -h -d '90 days ago' {} +
	expect 0 venvctl cache prune
	env/bin/pip --version
	# The entry of setuptools went.
	[ "$(find cache/store -mindepth 1 -maxdepth 1 | wc -l)" -eq 1 ]
	expect 0 venvctl cache clean
	stderr_has "1 entry of the store, which environments share, stays: --shared removes it"
	env/bin/pip --version
	[ -z "$(ls -A cache/python)" ]
	expect 2 venvctl cache prune --shared
	expect 0 venvctl cache clean --shared
	[ "$(find cache ! -type d)" = cache/CACHEDIR.TAG ]
	run env/bin/pip --version
	[ "$status" -ne 0 ]
	# The next create brings it back, under the name that the first one knows.
	venvctl create -p "$PY" --link-mode shared env2
	env/bin/pip --version
}

@test "a damaged entry is not shared; one that is made again is still marked" {
	venvctl create -p "$PY" env
	local entry
	entry=$(dirname "$(find cache/store -path '*/site/pip')")
	entry=${entry%/site}
	chmod u+w "$entry/site/pip/_internal/main.py"
	echo '# mine' >>"$entry/site/pip/_internal/main.py"
	expect 0 venvctl create -v -p "$PY" --link-mode shared shared
	stderr_has "is damaged: making it again"
	run ! grep -q mine "$entry/site/pip/_internal/main.py"
	[ -e "$entry/shared" ]
	# Nor one whose first file is damaged, of which the environment has that of the store.
	local file
	for file in site/pip/__init__.py index; do
		chmod u+w "$entry/$file"
		echo '# mine' >"$entry/$file"
		expect 0 venvctl create -v -p "$PY" --link-mode shared --clear shared
		stderr_has "is damaged: making it again"
		[ -e "$entry/shared" ]
		shared/bin/pip --version
	done
}

@test "the mark says what an environment gets; one that says something else is a mark still" {
	venvctl create -p "$PY" --link-mode shared good
	local entry damage mark
	entry=$(dirname "$(dirname "$(where good)")")
	mark=$entry/shared
	[ -s "$mark" ] || fail "the mark is empty"
	[ "$(stat -c %Y.%y "$mark")" = "$(stat -c %Y.%y "$entry/index")" ]
	cp -p "$mark" kept
	for damage in ': >"$mark"' 'printf x >>"$mark"' 'touch "$mark"' 'printf x | dd of="$mark" conv=notrunc status=none' \
		'dd if=/dev/urandom of="$mark" bs=100 count=9 status=none; touch -r "$entry/index" "$mark"' \
		'rm "$mark"; ln -s "$PWD/kept" "$mark"' 'rm "$mark"; mkfifo -m 444 "$mark"; touch -r "$entry/index" "$mark"' \
		'chmod 666 "$mark"; touch -r "$entry/index" "$mark"' 'rm -f "$mark"'; do
		chmod u+w "$mark"
		eval "$damage"
		expect 0 venvctl create -v -p "$PY" --link-mode shared env
		stderr_lacks damaged
		diff -r --exclude=__pycache__ "good/$SITE_PACKAGES/pip" "env/$SITE_PACKAGES/pip"
		[ "$(ls "good/$SITE_PACKAGES/"pip-*)" = "$(ls "env/$SITE_PACKAGES/"pip-*)" ] || fail "$damage"
		env/bin/pip --version
		cmp "$mark" kept || fail "$damage"
		[ "$(stat -c '%F %a %y' "$mark")" = "$(stat -c '%F %a %y' kept)" ] || fail "$damage: $(stat "$mark")"
		venvctl cache clean
		[ -d "$entry" ] || fail "$damage"
		rm -r env
	done
	# Two names at once, from one mark.
	venvctl create -p "$PY" --link-mode shared one two
	one/bin/pip --version
	two/bin/pip --version
}

@test "whatever the name of the store, Python finds it" {
	local name
	for name in "it's" 'a"b' 'back\slash\n' $'new\nline' "ünï" $'\xe9\xff' '{x}%s'; do
		VENVCTL_CACHE_DIR=$PWD/$name expect 0 venvctl create -p "$PY" --link-mode shared --clear env
		env/bin/pip --version
		cmp "$PWD/$name"/store/*/site/pip/__main__.py \
			"$(env/bin/python -c 'import pip.__main__ as m, os, sys; sys.stdout.buffer.write(os.fsencode(m.__file__))')"
		venvctl cache clean --shared
	done
}

@test "an older pip makes room, a linked one of the same version stays" {
	venvctl create -p "$PY" --link-mode copy env
	local info
	info=$(find "env/$SITE_PACKAGES" -maxdepth 1 -name 'pip-*')
	expect 0 venvctl create -p "$PY" --link-mode shared env
	[[ $(where env) == "$PWD/env/"* ]]
	# An older one.
	mv "$info" "env/$SITE_PACKAGES/pip-9.0.dist-info"
	sed -i "s,$(basename "$info"),pip-9.0.dist-info," "env/$SITE_PACKAGES/pip-9.0.dist-info/RECORD"
	expect 0 venvctl create -p "$PY" --link-mode shared env
	[[ $(where env) == "$PWD/cache/store/"* ]]
	[ ! -e "env/$SITE_PACKAGES/pip/_internal/main.py" ]
	env/bin/pip --version
}

# lost WHY: check, list and info all say what became of the store, and nothing says ok.
lost() {
	expect 1 venvctl check env
	[[ $output == "env: shared-pip: its pip is shared from '$entry', which $1 (\`venvctl check --fix\` mends it)" ]] || fail "$output"
	expect 0 venvctl list
	[[ $output == *env*broken* ]] || fail "$output"
	expect 0 venvctl info --field state env
	[ "$output" = broken ] || fail "$output"
	expect 0 venvctl info --json env
	stdout_has '"state":"broken"'
	stdout_has 'shared-pip'
}

# mended WHERE: check --fix has pip in WHERE again, and RECORD lists all that the environment has.
mended() {
	expect 0 venvctl check --fix env
	stdout_has "env: shared-pip: "
	stdout_has "(mended)"
	expect 0 venvctl check env
	[ -z "$output" ] || fail "$output"
	[[ $(where env) == "$1/"* ]] || fail "$(where env)"
	env/bin/pip --version
	expect 0 venvctl info --field state env
	[ "$output" = ok ] || fail "$output"
	"$PY" - "env/$SITE_PACKAGES" <<-'EOF'
		import csv, glob, os, sys
		here = sys.argv[1]
		record, = glob.glob(here + "/pip-*.dist-info/RECORD")
		rows = set(os.path.normpath(r[0]) for r in csv.reader(open(record)))
		there = set(os.path.relpath(os.path.join(d, f), here) for d, _, fs in os.walk(here + "/pip")
		            for f in fs if "__pycache__" not in d)
		rows = set(r for r in rows if "__pycache__" not in r)
		assert {r for r in rows if r.startswith("pip/")} == there, rows ^ there
	EOF
}

@test "a store that is gone or damaged: check names it, and mends what is in the environment" {
	# A name that Python has to be told in bytes, and one that would end its literal.
	export VENVCTL_CACHE_DIR=$PWD/$'ca\'che \\ \303\274'
	expect 0 venvctl create -p "$PY" --link-mode shared env
	local entry file
	entry=$(dirname "$(find "$VENVCTL_CACHE_DIR/store" -path '*/site/pip')")
	entry=${entry%/site}
	expect 0 venvctl check env
	[ -z "$output" ] || fail "$output"
	file=$entry/site/pip/_internal/main.py
	chmod u+w "$file" "${file%/*}"
	cp -p "$file" kept
	echo >>"$file"
	lost "is damaged: 'site/pip/_internal/main.py' was changed"
	rm "$file"
	lost "is damaged: 'site/pip/_internal/main.py' is gone"
	cp -p kept "$file"
	expect 0 venvctl check env
	chmod u+w "$entry"
	mv "$entry/index" index
	lost "is damaged: it has no index"
	# The entry is made anew, for all that share it, and still kept for them.
	mended "$entry/site"
	[ -e "$entry/shared" ]
	# Where it is gone, it is made for nobody in particular: this one gets a pip of its own.
	rm -rf "$VENVCTL_CACHE_DIR"
	lost "is gone"
	expect 1 venvctl check --json env
	stdout_has '"id":"shared-pip"'
	stdout_has '"fixable":true'
	mended "$PWD/env"
}

@test "a store that is gone: upgrade and create make pip anew as well" {
	local how entry
	for how in "upgrade env" "create -p $PY env" "create -p $PY --link-mode shared env"; do
		rm -rf env
		expect 0 venvctl create -p "$PY" --link-mode shared env
		expect 0 venvctl cache clean --shared
		expect 1 venvctl check env
		# shellcheck disable=SC2086
		expect 0 venvctl $how
		expect 0 venvctl check env
		[ -z "$output" ] || fail "$output"
		env/bin/pip --version
	done
	[[ $(where env) == "$PWD/cache/"* ]]
	# With files that were deleted its version says nothing either.
	rm -rf "env/$SITE_PACKAGES/pip"
	expect 1 venvctl check env
	stdout_has "no-pip: "
	expect 0 venvctl check --fix env
	stdout_has "(mended)"
	env/bin/pip --version
}

@test "a pip of its user's that only looks shared is nobody's business" {
	expect 0 venvctl create -p "$PY" env
	local text
	rm "env/$SITE_PACKAGES/pip/__init__.py"
	for text in "# pip 1\n__path__ = ['relative' + '/site/pip']\n" "# pip 1\n__path__ = ['/x\n" \
		"# pip 1\n__path__ = ['/x\\\\xzz' + '/site/pip']\n" "# pip 1\n__path__ = ['/x'] + y\n" "__path__ = ['/x' + '/site/pip']\n"; do
		# shellcheck disable=SC2059
		printf "$text" >"env/$SITE_PACKAGES/pip/__init__.py"
		expect 0 venvctl check env
		[ -z "$output" ] || fail "$output"
	done
}

@test "a store that its user may not read is told as such" {
	reachable
	expect 0 venvctl create -p "$PY" --link-mode shared env
	local entry
	entry=$(dirname "$(find "$PWD/cache/store" -path '*/site/pip')")
	entry=${entry%/site}
	chmod -R a+rX cache env .
	expect 0 as 4711 venvctl check "$PWD/env"
	chmod 700 cache/store
	expect 1 as 4711 venvctl check "$PWD/env"
	stdout_has "shared-pip: its pip is shared from '$entry', which cannot be read by you"
}
