# SPDX-License-Identifier: MIT
# layout.bats - pyvenv.cfg, upgrades, copies, marks
# (tests/matrix compares the trees with those of each interpreter's own venv)

setup() {
	VERSIONS=${PYENV_ROOT:-$HOME/.pyenv}/versions
	load common
	common_setup
}

create() {
	venvctl create --without-pip -p "$PY" "$@"
}

cfg() {
	sed -n "s/^$2 = //p" "$1/pyvenv.cfg"
}

keys() {
	sed 's/ = .*//' "$1/pyvenv.cfg" | tr '\n' ' '
}

@test "pyvenv.cfg: its keys in their order, and lines as every reader takes them" {
	create env
	[ "$(keys env)" = "home include-system-site-packages version executable command \
python-version base-prefix base-exec-prefix base-executable implementation venvctl \
venvctl-recipe " ] || fail "$(cat env/pyvenv.cfg)"
	[ "$(grep -cvE '^[a-z-]+ = [^ ].*[^ ]$' env/pyvenv.cfg)" -eq 0 ]
	[ "$(head -1 env/pyvenv.cfg)" = "home = /usr/bin" ]
	[[ $(cfg env venvctl-recipe) =~ ^[0-9a-f]{16}$ ]]
	[ "$(cfg env include-system-site-packages)" = false ]
	[ "$(cfg env executable)" = "$(realpath "$PY")" ]
	[ "$(cfg env base-prefix)" = "$("$PY" -c 'import sys; print(sys.base_prefix)')" ]
	create --prompt x --system-site-packages env
	[ "$(keys env | cut -d' ' -f1-5)" = "home include-system-site-packages version prompt executable" ]
	[ "$(cfg env include-system-site-packages)" = true ]
}

@test "command: the options that CPython would write, in its order" {
	local tool
	tool=$(realpath "$TEST_PREFIX/bin/venvctl")
	expect 0 venvctl create --prompt 'a b' --clear --without-scm-ignore-files \
		--system-site-packages --without-pip --copies -p "$PY" env
	[ "$(cfg env command)" = "$tool create --copies --without-pip --system-site-packages \
--clear --prompt='a b' --without-scm-ignore-files $PWD/env" ] || fail "$(cfg env command)"
	expect 0 venvctl create -p "$PY" --upgrade --without-pip env
	[ "$(cfg env command)" = "$tool create --without-pip --upgrade $PWD/env" ] ||
		fail "$(cfg env command)"
	expect 0 venvctl create -p "$PY" --plugin="$MOCKS/mock-step.so:do=seed" \
		-o network.timeout=3 other
	[ "$(cfg other command)" = "$tool create $PWD/other" ] || fail "$(cfg other command)"
}

@test "prompt: the text that Python's own repr() gives, in one line" {
	local prompt i=0
	for prompt in plain "it's" 'a "b"' $'it\'s "my" env' $'two\nlines' $'tab\tcr\r' 'back\slash' \
		$'\x01\x7f' 'ümlaut 日本' $'\xe2\x80\xae bidi' $'nbsp\xc2\xa0' $'\xe2\x80\xa8line' \
		'$(touch ran)' '`touch ran`' '__VENV_PYTHON__' '= x' ' blanks ' $'\xf0\x9f\x90\x8d'; do
		create --prompt "$prompt" --clear env
		[ "$(cfg env prompt)" = "$("$PY" -c 'import sys; print(repr(sys.argv[1]))' "$prompt")" ] ||
			fail "$(cfg env prompt)"
		[ "$(keys env | wc -w)" -eq 13 ] || fail "$(cat env/pyvenv.cfg)"
		env/bin/python -c ''
		# It survives, and means the same.
		local before
		before=$(cfg env prompt)
		create env
		[ "$before" = "$(cfg env prompt)" ]
		create --upgrade env
		[ "$before" = "$(cfg env prompt)" ]
	done
	[ ! -e ran ]
}

@test "prompt: '.' is the current directory's name, and none is the environment's" {
	mkdir 'my project'
	cd 'my project'
	create --prompt . env
	[ "$(cfg env prompt)" = "'my project'" ]
	create other
	[ "$(keys other | grep -c prompt)" -eq 0 ]
}

@test "keys: other creators' go, all others stay, and nothing is smuggled in" {
	create --prompt mine env
	cat >>env/pyvenv.cfg <<-'EOF'
		uv = 0.13.9
		virtualenv = 21.15.8
		version_info = 3.11.2.final.0
		Relocatable = true
		custom = a = b
		Other-Key=tight
		# a comment = x
		empty =
		 = no key

		no equals sign
	EOF
	local how
	for how in "" --upgrade "--existing keep"; do
		# shellcheck disable=SC2086
		create $how env
		[ "$(cfg env custom)" = "a = b" ]
		[ "$(cfg env Other-Key)" = tight ]
		[ "$(grep -ciE '^(uv|virtualenv|version_info|relocatable|empty|#.*|no equals.*) *=' env/pyvenv.cfg)" -eq 0 ] ||
			fail "$(cat env/pyvenv.cfg)"
		[ "$(grep -cvE '^[^ =]+ = [^ ].*$' env/pyvenv.cfg)" -eq 0 ] || fail "$(cat env/pyvenv.cfg)"
		[ "$(head -1 env/pyvenv.cfg)" = "home = /usr/bin" ]
		[ "$(cfg env prompt)" = "'mine'" ]
	done
	create --clear env
	[ -z "$(cfg env custom)$(cfg env prompt)" ]
}

@test "a pyvenv.cfg that cannot be read as text is made anew" {
	create env
	printf 'home = \xff\xfe\nx = \xff\nprompt = \x00\n' >env/pyvenv.cfg
	expect 0 create env
	env/bin/python -c ''
	[ -z "$(cfg env x)" ]
	head -c 2000000 /dev/zero >env/pyvenv.cfg
	expect 0 create env
	env/bin/python -c ''
}

@test "upgrade: from the interpreter that the environment names" {
	local other
	other=$(echo "$VERSIONS"/3.10*/bin/python3)
	[ -x "$other" ] || skip "no second Python"
	venvctl create --without-pip -p "$other" --prompt mine env
	echo x >env/mine
	echo damaged >env/bin/activate
	expect 0 venvctl create --upgrade --without-pip env
	[ "$(cfg env python-version)" = 3.10 ]
	[ "$(cfg env prompt)" = "'mine'" ]
	[ "$(cat env/bin/activate)" != damaged ]
	[ -e env/mine ]
	# By `home` and `version` alone, as other creators leave it.
	sed -i '/^base-executable\|^executable/d' env/pyvenv.cfg
	expect 0 venvctl create --upgrade --without-pip env
	[ "$(cfg env python-version)" = 3.10 ]
	# To another version.
	expect 0 create --upgrade env
	[ "$(cfg env python-version)" = "$("$PY" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" ]
	stderr_has "'env/lib/python3.10' is of another Python"
	env/bin/python -c ''
}

@test "upgrade: GraalPy, which calls itself GraalVM, and others call GraalPy" {
	mkdir -p graal/bin
	# A Python that answers as GraalPy would.
	cat >graal/bin/python3 <<-'END'
		#!/bin/sh
		for program; do :; done
		exec /usr/bin/python3 -E -s -S -c "import sys
		sys.implementation.name = 'graalpy'
		sys._base_executable = '$0'
		$program"
	END
	chmod +x graal/bin/python3
	expect 0 venvctl create --without-pip -p graal/bin/python3 env
	[ "$(cfg env implementation)" = GraalVM ] || fail "$(cat env/pyvenv.cfg)"
	expect 0 venvctl create --upgrade --without-pip env
	sed -i 's/^implementation = .*/implementation = GraalPy/' env/pyvenv.cfg
	expect 0 venvctl create --upgrade --without-pip env
	[ "$(cfg env implementation)" = GraalVM ] || fail "$(cat env/pyvenv.cfg)"
	expect 4 venvctl create --upgrade --without-pip -p "$PY" env
	stderr_has "it is an environment of GraalVM, '$PY' is CPython"
}

@test "upgrade: the interpreter is gone, or another implementation" {
	create env
	sed -i 's|/usr/bin|/nowhere|' env/pyvenv.cfg
	local before
	before=$(snapshot .)
	expect 3 venvctl create --upgrade --without-pip env
	stderr_has "the interpreter that it was made from is gone"
	stderr_has "hint: choose another one with --python"
	[ "$before" = "$(snapshot .)" ]
	expect 0 create --upgrade env
	env/bin/python -c ''
	[ -x /usr/bin/pypy3 ] || return 0
	before=$(snapshot .)
	expect 4 venvctl create --upgrade --without-pip -p /usr/bin/pypy3 env
	stderr_has "it is an environment of CPython"
	[ "$before" = "$(snapshot .)" ]
}

@test "copies run, also where the interpreter needs its shared library" {
	local python
	for python in "$PY" "$VERSIONS"/3.*/bin/python3; do
		[ -x "$python" ] || continue
		expect 0 venvctl create --without-pip --copies --clear --force -p "$python" env
		[ ! -L env/bin/python ]
		[ ! -L env/bin/python3 ]
		[ "$(stat -c %a env/bin/python3)" = 755 ]
		[ "$(env -i env/bin/python -c 'import sys; print(sys.prefix)')" = "$PWD/env" ]
	done
}

@test "copies where the interpreter finds its library beside itself" {
	local real
	real=$(echo "$VERSIONS"/3.10*/bin/python3.10)
	[ -x "$real" ] || skip "no Python with a shared library"
	command -v patchelf >/dev/null || skip "no patchelf"
	mkdir -p base/bin base/lib
	cp "$real" base/bin/python3.10
	patchelf --set-rpath '$ORIGIN/../lib' base/bin/python3.10
	cp "${real%/bin/*}"/lib/libpython3.10.so.1.0 base/lib/
	ln -s "${real%/bin/*}/lib/python3.10" base/lib/python3.10
	base/bin/python3.10 -c ''
	expect 0 venvctl create --without-pip --copies -p "$PWD/base/bin/python3.10" env
	mv base/lib/libpython3.10.so.1.0 base/lib/hidden
	env/bin/python -c 'import sys; print(sys.prefix)'
}

@test "no symbolic links: copies, with one warning" {
	export ASAN_OPTIONS=detect_leaks=0
	local how
	for how in "" --symlinks; do
		# shellcheck disable=SC2086
		expect 0 strace -f -qq -o /dev/null -e inject=symlinkat:error=EPERM \
			venvctl create --without-pip -p "$PY" --clear $how env
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
		stderr_has "has no symbolic links: the interpreter was copied"
		[ "$(find env -type l | wc -l)" -eq 0 ]
		env/bin/python -c ''
	done
}

@test "marks: in what venvctl made or found empty, and never over what is there" {
	create env
	grep -qx '\*' env/.gitignore
	head -1 env/CACHEDIR.TAG | grep -qx 'Signature: 8a477f597d28d172789f06886806bc55'
	create --without-scm-ignore-files plain
	[ ! -e plain/.gitignore ]
	[ -e plain/CACHEDIR.TAG ]
	site $'[create]\ncachedir-tag = no'
	create untagged
	[ ! -e untagged/CACHEDIR.TAG ]
	[ -e untagged/.gitignore ]
	# Who removed one does not want it.
	rm env/.gitignore
	echo mine >env/CACHEDIR.TAG
	create env
	[ ! -e env/.gitignore ]
	[ "$(cat env/CACHEDIR.TAG)" = mine ]
	create --clear env
	[ ! -e env/CACHEDIR.TAG ]
}

@test "marks: git does not see an environment" {
	command -v git >/dev/null || skip "git is not installed"
	git init -q .
	touch seen
	create env
	[ "$(git status --porcelain)" = "?? seen" ] || fail "$(git status --porcelain)"
	create --without-scm-ignore-files other
	[ "$(git status --porcelain)" = $'?? other/\n?? seen' ] || fail "$(git status --porcelain)"
}

@test "several umasks, in place: what was there keeps its mode" {
	create env
	chmod 700 env
	chmod 600 env/pyvenv.cfg
	umask 002
	create env
	[ "$(stat -c %a env)" = 700 ]
	[ "$(stat -c %a env/pyvenv.cfg)" = 664 ]
	[ "$(stat -c %a env/bin/activate)" = 644 ]
}
