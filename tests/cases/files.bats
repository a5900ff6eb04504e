# SPDX-License-Identifier: MIT
# files.bats - the plugin files: a directory copied over the environment

setup() {
	load common
	common_setup
	mkdir -p skel/etc/venvctl/activate.d skel/lib
	echo '[global]' >skel/pip.conf
	echo 'echo __VENV_DIR__' >skel/etc/venvctl/activate.d/site.sh
	printf '#!/bin/sh\n' >skel/tool
	chmod 755 skel/tool
	ln -s pip.conf skel/link
	SKEL=files:source=$PWD/skel
}

@test "the tree is copied: files, modes, links, placeholders left alone" {
	expect 0 venvctl create -p "$PY" --plugin="$SKEL" env
	[ -z "$stderr" ]
	cmp skel/pip.conf env/pip.conf
	[ -x env/tool ] && [ ! -x env/pip.conf ]
	[ "$(readlink env/link)" = pip.conf ]
	grep -q '^echo __VENV_DIR__$' env/etc/venvctl/activate.d/site.sh
}

@test "placeholders are quoted for the file's language, or raw" {
	expect 0 venvctl create -p "$PY" --plugin="$SKEL,placeholders=quoted" "a b"
	[ "$(sh "a b/etc/venvctl/activate.d/site.sh")" = "$PWD/a b" ]
	expect 0 venvctl create -p "$PY" --plugin="$SKEL,placeholders=raw" "c  d"
	grep -Fqx "echo $PWD/c  d" "c  d/etc/venvctl/activate.d/site.sh"
}

@test "--clear tells nothing of what comes again, however it was replaced" {
	load wheel
	mkdir wh skel/dir
	echo x >skel/dir/file
	wheel wh/acme-1.0-py3-none-any.whl acme.py=
	printf '#!/bin/sh\nexit 0\n' >step.sh
	chmod 755 step.sh
	local top=$PWD post way
	# Placed before publication, and after it, behind a step that waits for that.
	for post in "" "--plugin=script:source=$PWD/step.sh,interpreter=none"; do
		# By one exchange, and entry by entry where the caller stands in it.
		for way in exchange entry; do
			local make=(venvctl create -p "$PY" --without-pip ${post:+"$post"} "--plugin=$SKEL"
				"--plugin=wheels:packages=acme,find-links=$top/wh")
			rm -rf "$top/env"
			expect 0 "${make[@]}" "$top/env"
			[ "$way" = exchange ] || cd env
			expect 0 "${make[@]}" --json --clear "$top/env"
			stderr_lacks "went with"
			stdout_has "\"published\":\"$way"
			stdout_has '"removed_packages":0'
			# What its user changed, added, removed and installed went with it, or came back.
			echo mine >>"$top/env/pip.conf"
			echo mine >"$top/env/dir/more"
			echo echo >"$top/env/tool"
			ln -sf mine "$top/env/link"
			mkdir "$(echo "$top"/env/lib/python3*/site-packages)/mine-1.0.dist-info"
			expect 0 "${make[@]}" --json --clear "$top/env"
			[[ $stderr == *"1 package, '"*" and "*" of the old '$top/env' went with it" ]] || fail "$stderr"
			stdout_has '"removed_packages":1'
			rm "$top/env/tool"
			[ "$way" = exchange ] || cd "$top/env"
			expect 0 "${make[@]}" --clear "$top/env"
			stderr_lacks "went with"
			echo mine >"$top/env/dir/more"
			expect 0 "${make[@]}" --clear "$top/env"
			stderr_has "warning: 'dir' of the old"
			cd "$top"
			no_leftovers .
		done
	done
}

@test "pyvenv.cfg and the interpreter are never written over" {
	for name in pyvenv.cfg bin/python3; do
		rm -rf bad && mkdir -p bad/bin && echo x >"bad/$name"
		expect 6 venvctl create -p "$PY" --plugin="files:source=$PWD/bad" env
		stderr_has "'$name' is venvctl's own"
		[ ! -e env ]
		no_leftovers .
	done
}

@test "a link that leads out is refused" {
	ln -sf ../../outside skel/etc/out
	expect 6 venvctl create -p "$PY" --plugin="$SKEL" env
	stderr_has "the link 'etc/out' leads out of the environment"
	ln -sfn /etc/passwd skel/etc/out
	expect 6 venvctl create -p "$PY" --plugin="$SKEL" env
	[ ! -e env ]
	no_leftovers .
}

@test "a link that leads out through another link is refused" {
	local to
	mkdir skel/dir
	ln -s . skel/dir/d
	# dir/d/.. is the environment's parent wherever d is the environment itself.
	for to in d/../x d/../../x lib/../d/../x ./d/.. ../dir/d/..; do
		ln -sfn "$to" skel/dir/m
		expect 6 venvctl create -p "$PY" --plugin="$SKEL" env
		stderr_has "the link 'dir/m' leads out of the environment"
	done
	for to in .. ../lib ./../lib/a/b d/x ...; do
		ln -sfn "$to" skel/dir/m
		expect 0 venvctl create -p "$PY" --plugin="$SKEL" --clear env
		[ "$(readlink env/dir/m)" = "$to" ]
	done
}

@test "a directory is not copied into an environment that lies in it" {
	local source
	mkdir project
	ln -s project link
	for source in "$PWD" "$PWD/project" "$PWD/link" /; do
		expect 6 venvctl create -p "$PY" --plugin="files:source=$source" project/env
		stderr_has "'$source' cannot be copied into 'project/env', which lies in it"
		[ -z "$(ls -A project)" ] || fail "$(ls -A project)"
	done
	expect 0 venvctl create -p "$PY" --plugin="files:source=$PWD/project" project-env
}

@test "a directory that cannot be read to its end is told: there is no smaller tree" {
	export ASAN_OPTIONS=detect_leaks=0
	local trace=(strace -f -qq -e trace=getdents64) reads
	expect 0 "${trace[@]}" -o log venvctl create -p "$PY" --plugin="$SKEL" env
	reads=$(grep -c getdents64 log)
	[ "$reads" -gt 20 ]
	for n in $(seq "$reads"); do
		rm -rf env
		run --separate-stderr "${trace[@]}" -o /dev/null \
			-e inject=getdents64:error=EIO:when="$n" \
			venvctl create -p "$PY" --plugin="$SKEL" env
		[ "$status" -ne 0 ] || fail "read $n of $reads"
		stderr_has "cannot read '" && stderr_has "Input/output error"
		[ ! -e env ]
		no_leftovers .
	done
}

@test "a source that is not there is found before anything is made" {
	expect 2 venvctl create -p "$PY" --plugin=files:source=/nowhere env
	stderr_has "cannot open '/nowhere': No such file"
	expect 2 venvctl create -p "$PY" --plugin=files env
	stderr_has "needs the option 'source'"
	[ ! -e env ]
}

@test "a source that others can change is refused before anything is made" {
	chmod 777 skel/etc/venvctl
	expect 8 venvctl create -p "$PY" --plugin="$SKEL" env
	stderr_has "'$PWD/skel/etc/venvctl' is writable by others"
	stderr_has "hint: chmod go-w '$PWD/skel/etc/venvctl'"
	chmod 755 skel/etc/venvctl && chmod 666 skel/pip.conf
	expect 8 venvctl create -p "$PY" --plugin="$SKEL" env
	stderr_has "'$PWD/skel/pip.conf' is writable by others"
	chmod 644 skel/pip.conf && mkdir up && chmod 777 up && mv skel up
	expect 8 venvctl create -p "$PY" --plugin="files:source=$PWD/up/skel" env
	stderr_has "'$PWD/up' is writable by others"
	[ ! -e env ]
	no_leftovers .
	if [ "$(id -u)" = 0 ]; then
		chmod 755 up && chown 12345 up/skel/tool
		expect 8 venvctl create -p "$PY" --plugin="files:source=$PWD/up/skel" env
		stderr_has "'$PWD/up/skel/tool' belongs to user 12345"
		site $'[policy]\ntrusted-users = 12345'
		expect 0 venvctl create -p "$PY" --plugin="files:source=$PWD/up/skel" env
	fi
}

@test "in place: changed files follow, and a failure brings the old ones back" {
	venvctl create -p "$PY" --plugin="$SKEL" env
	echo own >env/own
	echo '[changed]' >skel/pip.conf
	expect 0 venvctl create -p "$PY" --plugin="$SKEL" env
	grep -q changed env/pip.conf
	[ -e env/own ]
	snapshot env >before
	echo '[again]' >skel/pip.conf
	expect 6 venvctl create -p "$PY" --plugin="$SKEL" \
		--add-plugin=script:source=/bin/false,interpreter=none env
	snapshot env | diff before -
	no_leftovers .
}

@test "beside: a file of somebody else is a conflict, and stays" {
	mkdir env && echo theirs >env/pip.conf
	expect 4 venvctl create -p "$PY" --plugin="$SKEL" env
	stderr_has pip.conf
	[ "$(cat env/pip.conf)" = theirs ] && [ ! -e env/tool ] && [ ! -e env/pyvenv.cfg ]
	no_leftovers .
}

@test "replace: a failure leaves the old environment" {
	venvctl create -p "$PY" --without-pip env && echo old >env/own
	snapshot env >before
	ln -sfn /etc skel/out
	expect 6 venvctl create -p "$PY" --clear --plugin="$SKEL" env
	snapshot env | diff before -
	rm skel/out
	expect 0 venvctl create -p "$PY" --clear --plugin="$SKEL" env
	[ -e env/pip.conf ] && [ ! -e env/own ]
}

@test "named instances, of which there may be several" {
	mkdir other && echo more >other/more
	site "[create]
post-setup = skel other
[plugin:skel]
use = files
source = $PWD/skel
[plugin:other]
use = files
source = $PWD/other"
	expect 0 venvctl create -p "$PY" env
	[ -e env/pip.conf ] && [ -e env/more ]
}
