# SPDX-License-Identifier: MIT
# store-index.bats - entries of the store that are damaged, found by their index or while they are placed

setup() {
	load common
	load wheel
	common_setup
	export VENVCTL_CACHE_DIR=$BATS_TEST_TMPDIR/cache
	wheel acme-1.0-py3-none-any.whl acme/__init__.py='answer = 42' acme/a.py=x=1 acme/z/last.py='y = 2' \
		acme-1.0.data/scripts/tool='#!python' acme-1.0.data/data/share/acme.txt=text
	with=(-p "$PY" --no-compile --plugin="wheels:packages=$PWD/acme-1.0-py3-none-any.whl")
}

# entry: the one entry of the store.
entry() {
	local all=("$VENVCTL_CACHE_DIR"/store/*)
	[ ${#all[@]} -eq 1 ] || fail "${all[@]}"
	echo "${all[0]}"
}

# packages ENV: all that the wheel brought, as text; but for what has the environment's path in it.
packages() {
	(cd "$1" && find lib/python3*/site-packages share bin/tool -printf '%y %m %s %P\n' | LC_ALL=C sort &&
		grep -hv bin/tool lib/python3*/site-packages/acme-1.0.dist-info/RECORD share/acme.txt)
}

# whole ENV: it has what an undamaged entry gives, and nothing else.
whole() {
	[ "$(packages "$1")" = "$good" ] || fail "$(diff <(echo "$good") <(packages "$1"))"
	[ "$("$1/bin/python" -c 'import acme.z.last as m; print(m.y)')" = 2 ]
	rm -r "$1"
}

damage() { # damage FILE: of the entry, so that it is another size
	chmod u+w "$(entry)/$1"
	echo '# mine' >>"$(entry)/$1"
}

made_again() { # made_again ARGS...: a create that finds the entry damaged has it whole in the end
	# With it a copy would not ask for the files.
	rm -f "$(entry)/pack"
	expect 0 venvctl create -v "${with[@]}" "$@" dmg
	stderr_has "is damaged: making it again"
	whole dmg
	expect 0 venvctl create -v "${with[@]}" "$@" dmg
	stderr_lacks damaged
	whole dmg
}

@test "what is damaged is found while it is placed, and the wheel begun again" {
	local mode file
	for mode in hardlink copy; do
		venvctl create "${with[@]}" --link-mode $mode one
		good=$(packages one)
		rm -r one
		for file in site/acme/__init__.py site/acme/z/last.py scripts/tool data/share/acme.txt; do
			damage "$file"
			made_again --link-mode $mode
		done
		rm -rf "$(entry)/site/acme/z"
		made_again --link-mode $mode
		# What a pack is made from are contents, wherever they lie.
		if [ $mode = hardlink ]; then
			mv "$(entry)/site/acme/z" "$(entry)/site/acme/y"
			ln -s y "$(entry)/site/acme/z"
			made_again --link-mode $mode
		fi
		rm "$(entry)/site/acme/a.py"
		ln -s /etc/passwd "$(entry)/site/acme/a.py"
		made_again --link-mode $mode
	done
	# A mode alone is put right.
	chmod 600 "$(entry)/site/acme/z/last.py"
	expect 0 venvctl create -v "${with[@]}" --link-mode hardlink dmg
	stderr_lacks damaged
	[ "$(stat -c %a "$(entry)/site/acme/z/last.py")" = 444 ]
}

@test "an index that is missing, cut, changed, of another version or not the user's own" {
	local index
	venvctl create "${with[@]}" one
	good=$(packages one)
	rm -r one
	index=$(entry)/index
	chmod u+w "$(entry)"
	rm "$index"
	made_again
	: >"$index.new" && mv "$index.new" "$index"
	made_again
	head -c -1 "$index" >x && mv x "$index"
	made_again
	printf 'vctlidx\002' | cat - <(tail -c +9 "$index") >x && mv x "$index"
	made_again
	sed 's/last/lost/' "$index" >x && mv x "$index"
	made_again
	mv "$index" x && ln -s "$PWD/x" "$index"
	made_again
	chmod 666 "$index"
	made_again
	[ "$(id -u)" -eq 0 ] || return 0
	chown 65534 "$index"
	made_again
}

@test "in an environment that is in use all is looked at before anything is placed" {
	command -v strace >/dev/null || skip "no strace"
	skip_sanitized "no leak is looked for under strace"
	# Behind a step that runs after publication.
	local n
	with=("${with[@]:0:3}" --link-mode hardlink --plugin="$MOCKS/mock-step.so:do=succeed" --add-plugin="${with[3]#--plugin=}")
	venvctl create "${with[@]}" one
	links() { # the links that a create makes
		strace -f -qq -o trace -e trace=linkat venvctl create -v "${with[@]}" "$1" 2>said
		n=$(grep -c 'linkat(.*= 0$' trace)
	}
	links two
	total=$n
	[ "$total" -ge 6 ]
	damage site/acme/z/last.py
	links three
	grep -q "is damaged: making it again" said
	[ "$n" -eq "$total" ] || fail "$(cat trace)"
	[ "$(cat three/lib/python3*/site-packages/acme/z/last.py)" = 'y = 2' ]
}
