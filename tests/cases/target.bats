# SPDX-License-Identifier: MIT
# target.bats - ENV_DIR: what is there, what becomes of it, what is refused

setup() {
	load common
	common_setup
}

create() {
	venvctl create --without-pip -p "$PY" "$@"
}

# refused STATUS TEXT ARGS...: it ends so, says so, and changes nothing here or at home.
refused() {
	local status=$1 text=$2 before
	shift 2
	before=$(snapshot "$BATS_TEST_TMPDIR/work")$(snapshot "$HOME")
	expect "$status" create "$@"
	stderr_has "$text"
	[ "$before" = "$(snapshot "$BATS_TEST_TMPDIR/work")$(snapshot "$HOME")" ] ||
		fail "something changed"
}

works() {
	[ "$("$1/bin/python" -c 'import sys; print(sys.prefix)')" = "${2:-$(realpath "$1")}" ]
}

@test "new: nothing was there" {
	expect 0 create env
	[ -z "$output$stderr" ]
	works env
	[ "$(ls -A)" = env ]
	[ "$(stat -c %a env)" = 755 ]
}

@test "new: missing parents are made with the umask's mode, and go on rollback" {
	umask 027
	expect 0 create a/b/env
	works a/b/env
	[ "$(stat -c %a a a/b a/b/env | sort -u)" = 750 ]
	expect 6 venvctl create -p "$PY" --plugin="$MOCKS/mock-step.so" c/d/env
	[ ! -e c ]
	expect 6 venvctl create -p "$PY" --plugin="$MOCKS/mock-step.so:do=fail-in-seed" a/x/env
	[ "$(ls -A a)" = b ]
}

@test "an empty directory is filled and keeps owner, mode and inode" {
	mkdir env
	chmod 2711 env
	local before
	before=$(stat -c '%u %g %a %i' env)
	expect 0 create env
	works env
	[ "$before" = "$(stat -c '%u %g %a %i' env)" ]
	[ -e env/.gitignore ]
	[ -e env/CACHEDIR.TAG ]
	no_leftovers .
}

@test "beside: other things stay, and no mark is put among them" {
	mkdir -p env/bin env/lib/python0 env/dags
	echo mine >env/dags/a.py
	echo tool >env/bin/tool
	expect 0 create env
	works env
	[ "$(cat env/dags/a.py env/bin/tool)" = $'mine\ntool' ]
	[ ! -e env/.gitignore ]
	[ ! -e env/CACHEDIR.TAG ]
	no_leftovers .
}

@test "beside: a file in the way is a conflict that is found before anything is touched" {
	mkdir -p env/bin
	echo mine >env/bin/activate
	refused 4 "'env/bin/activate' is there already" env
	rm -r env/bin
	echo mine >env/lib
	refused 4 "'env/lib' is no directory" env
	rm env/lib
	mkdir elsewhere
	ln -s ../elsewhere env/bin
	refused 4 "'env/bin' is a link" env
	rm env/bin
	mkdir -p env/bin/python
	refused 4 "'env/bin/python' is a directory" env
}

@test "in place: interpreter, scripts and pyvenv.cfg are new, everything else stays" {
	create env
	local site
	site=$(echo env/lib/python*/site-packages)
	mkdir "$site/pkg" && echo x >"$site/pkg/a.py"
	echo y >env/bin/tool
	echo damaged >env/bin/activate
	rm env/bin/python
	echo "keep-me = 1" >>env/pyvenv.cfg
	echo mine >env/.gitignore
	for how in "" "--existing keep" "--upgrade"; do
		echo damaged >env/bin/activate
		# shellcheck disable=SC2086
		expect 0 create $how env
		works env
		[ "$(cat "$site/pkg/a.py" env/bin/tool env/.gitignore)" = $'x\ny\nmine' ]
		[ "$(cat env/bin/activate)" != damaged ]
		grep -qx 'keep-me = 1' env/pyvenv.cfg
		no_leftovers .
	done
}

@test "in place: a dangling interpreter link is replaced" {
	create env
	ln -sfn /nowhere/python3 env/bin/python3
	ln -sfn /nowhere/python3 env/bin/python
	expect 0 create env
	works env
	ln -sfn /nowhere/python3 env/bin/python3
	expect 0 create --upgrade env
	works env
	ln -sfn /nowhere/python3 env/bin/python3
	expect 0 create --copies env
	works env
}

@test "in place: copies over links, and links over copies" {
	create env
	expect 0 create --copies env
	[ ! -L env/bin/python3 ]
	[ -f env/bin/python3 ]
	works env
	expect 0 create --symlinks env
	[ -L env/bin/python3 ]
	works env
}

@test "in place: nothing is written through a link that is there" {
	create env
	local name
	for name in bin/python bin/python3 bin/activate pyvenv.cfg; do
		echo precious >precious
		cp env/pyvenv.cfg cfg
		[ "$name" != pyvenv.cfg ] || cp env/pyvenv.cfg precious
		sum=$(sha256sum <precious)
		ln -sfn "$PWD/precious" "env/$name"
		expect 0 create --copies env
		[ "$sum" = "$(sha256sum <precious)" ] || fail "written through $name"
		[ ! -L "env/$name" ]
	done
	works env
}

@test "in place: another Python gets directories of its own and a warning names the old" {
	local other
	other=$(echo ~root/.pyenv/versions/3.9*/bin/python3)
	[ -x "$other" ] || skip "no second Python"
	expect 0 venvctl create --without-pip -p "$other" env
	expect 0 create env
	stderr_has "'env/lib/python3.9' is of another Python"
	[ -d env/lib/python3.9/site-packages ]
	works env
}

@test "replace: the whole content goes, and one line says what went with it" {
	create env
	local site
	site=$(echo env/lib/python*/site-packages)
	mkdir "$site/a-1.dist-info" "$site/b-1.dist-info"
	echo x >env/mine
	expect 0 create --clear env
	stderr_has "2 packages and 'mine' of the old 'env' went with it"
	[ ! -e env/mine ]
	[ ! -e "$site/a-1.dist-info" ]
	works env
	echo x >env/mine
	expect 0 create --existing replace env
	[ "$stderr" = "venvctl: warning: 'mine' of the old 'env' went with it" ]
	[ ! -e env/mine ]
	[ "$(ls -A)" = env ]
}

@test "replace: owner, mode and attributes of the directory stay" {
	create env
	chmod 2770 env
	if [ "$(id -u)" = 0 ]; then chown 12:34 env; chmod 2770 env; fi
	local before
	before=$(stat -c '%u %g %a' env)
	expect 0 create --clear env
	[ "$before" = "$(stat -c '%u %g %a' env)" ]
	works env
	python3 -c 'import os; os.setxattr("env", "user.note", b"mine")' 2>/dev/null ||
		skip "no extended attributes here"
	before=$(stat -c '%u %g %a %i' env)
	echo x >env/mine
	expect 0 create --clear env
	[ "$before" = "$(stat -c '%u %g %a %i' env)" ]
	[ ! -e env/mine ]
	[ "$(python3 -c 'import os; print(os.getxattr("env", "user.note"))')" = "b'mine'" ]
	works env
	no_leftovers .
}

@test "replace: an access control list stays" {
	create env
	command -v setfacl >/dev/null || skip "no setfacl"
	setfacl -m u:12:rwx env || skip "no access control lists here"
	local before
	before=$(getfacl env)
	expect 0 create --clear env
	[ "$before" = "$(getfacl env)" ]
}

@test "replace: only an environment, unless forced" {
	mkdir dir
	echo mine >dir/file
	refused 4 "not deleting what it contains" --clear dir
	stderr_has "hint: add --force"
	refused 4 "not deleting what it contains" --existing replace dir
	refused 4 "not deleting what it contains" --existing reuse dir
	expect 0 create --clear --force dir
	[ ! -e dir/file ]
	works dir
	mkdir empty
	expect 0 create --clear empty
	works empty
}

@test "reuse: nothing is done when it was made from the same, else it is replaced" {
	expect 0 create --existing reuse env
	echo x >env/mine
	local before
	before=$(snapshot env)
	expect 0 create --existing reuse --json env
	stdout_has '"changed":false'
	[ "$before" = "$(snapshot env)" ]
	expect 0 create --existing reuse --system-site-packages env
	[ ! -e env/mine ]
	grep -qx 'include-system-site-packages = true' env/pyvenv.cfg
	echo x >env/mine
	sed -i '/^venvctl-recipe/d' env/pyvenv.cfg
	expect 0 create --existing reuse --system-site-packages env
	[ ! -e env/mine ]
}

@test "refuse: only nothing, or an empty directory" {
	mkdir empty
	expect 0 create --existing refuse empty
	expect 0 create --existing refuse new
	refused 4 "'new' exists already" --existing refuse new
	mkdir dir && echo x >dir/x
	refused 4 "'dir' exists already" --existing refuse dir
}

@test "--clear and --upgrade contradict each other, and any other --existing" {
	refused 2 "you cannot supply --upgrade and --clear together" --clear --upgrade env
	refused 2 "" --clear --existing keep env
	refused 2 "" --upgrade --existing refuse env
	site $'[create]\nexisting = refuse'
	create env
	echo x >env/mine
	expect 4 create env
	expect 0 create --upgrade env
	[ -e env/mine ]
	expect 0 create --clear env
	[ ! -e env/mine ]
}

@test "upgrade needs an environment, or nothing: that is made one" {
	mkdir dir empty && echo x >dir/x
	refused 4 "it is not an environment" --upgrade dir
	expect 0 create --upgrade empty
	expect 0 create --upgrade nothing
	empty/bin/python -c ''
	nothing/bin/python -c ''
}

@test "refused: what pyvenv.cfg or PATH could not hold" {
	refused 2 "ENV_DIR is empty" ""
	refused 2 "the PATH separator ':'" a:b
	refused 2 "a control character" $'a\nb'
	refused 2 "a control character" $'a\tb'
	refused 2 "a control character" $'a\x7fb'
	refused 2 "a control character" $'a\xc2\x85b'
	refused 2 "a line separator" $'a\xe2\x80\xa8b'
	refused 2 "not UTF-8" $'a\xffb'
	stderr_has 'a\xffb'
	mkdir 'x:y'
	cd 'x:y'
	refused 2 "the PATH separator ':'" env
}

@test "refused: the root, the home, and what the interpreter lies in" {
	refused 2 "the root directory" /
	refused 2 "the root directory" --clear --force ../../../../../../../../..
	refused 2 "the home directory" "$HOME"
	ln -s "$HOME" link
	refused 2 "the home directory" --clear --force link
	refused 2 "it contains the interpreter" /usr
	refused 2 "it contains the interpreter" --clear --force /usr
	# An installation of its own below a directory that could be an environment.
	mkdir -p base/inst
	create base
	refused 2 "" --clear --force "$(dirname "$(realpath "$PY")")"
}

@test "a link to a directory stays, and is what the files say" {
	mkdir real
	ln -s real link
	expect 0 create link
	[ -L link ]
	works link "$PWD/link"
	grep -q "/work/link$" link/pyvenv.cfg
	echo x >real/mine
	expect 0 create --clear link
	[ -L link ]
	[ ! -e real/mine ]
	works link "$PWD/link"
	expect 0 create --upgrade link
	[ -L link ]
	[ "$(ls -A | tr '\n' ' ')" = "link real " ]
}

@test "a failing replace through a link deletes nothing" {
	create real
	ln -s real link
	echo x >real/mine
	local before
	before=$(snapshot .)
	expect 6 venvctl create -p "$PY" --clear --plugin="$MOCKS/mock-step.so" link
	[ "$before" = "$(snapshot .)" ]
}

@test "a dangling link, a file and a device are conflicts" {
	ln -s nowhere dangling
	refused 4 "a link to something that is not there" dangling
	echo x >file
	refused 4 "it is a file" file
	refused 4 "it is a file" --clear --force file
	refused 1 "Not a directory" file/env
	mkfifo pipe
	refused 4 "not a directory" pipe
	expect 4 create /dev/null
}

@test "a redirect is never written over" {
	local how
	echo envs/main >.venv
	for how in "" --clear "--clear --force" "--existing keep" "--existing refuse" --upgrade; do
		# shellcheck disable=SC2086
		refused 4 "'.venv': it is a redirect to '$PWD/envs/main'" $how .venv
		stderr_has "hint: create '$PWD/envs/main', or delete the file"
	done
	printf '/srv/x\r\n' >.venv
	refused 4 "it is a redirect to '/srv/x'" .venv
	# What is none is a file like any other.
	: >.venv
	refused 4 "it is a file" .venv
	printf 'a\nb\n' >.venv
	refused 4 "it is a file" .venv
	printf 'a\xff\n' >.venv
	refused 4 "it is a file" .venv
	echo envs/main >venv
	refused 4 "it is a file" venv
}

@test "create . works, and the shell stays in a live directory" {
	mkdir here
	cd here
	local inode
	inode=$(stat -c %i .)
	expect 0 create .
	works .
	[ "$(stat -c %i .)" = "$inode" ]
	[ "$(stat -c %i "$PWD")" = "$inode" ]
	echo x >mine
	expect 0 create --clear .
	[ ! -e mine ]
	[ "$(stat -c %i "$PWD")" = "$inode" ]
	works .
	no_leftovers .
}

@test "create . spares the .gitignore of a project" {
	mkdir project
	cd project
	echo '*.pyc' >.gitignore
	expect 0 create .
	[ "$(cat .gitignore)" = '*.pyc' ]
}

@test "a mount point is filled, replaced and stays mounted" {
	unshare -m true 2>/dev/null || skip "no mounts here"
	mkdir mnt
	unshare -m bash -euc '
		mount -t tmpfs none mnt
		venvctl create --without-pip -p "$0" mnt
		mnt/bin/python -c ""
		echo x >mnt/mine
		venvctl create --without-pip -p "$0" --clear mnt
		test ! -e mnt/mine
		mnt/bin/python -c ""
		mountpoint -q mnt
		test -z "$(find . -name ".venvctl-*")"
		mkdir bound src
		mount --bind src bound
		venvctl create --without-pip -p "$0" bound
		venvctl create --without-pip -p "$0" --clear bound
		mountpoint -q bound
		test -e src/pyvenv.cfg
	' "$PY"
}

@test "several targets: checked before the first is made, made in order" {
	refused 2 "are the same directory, or one lies in the other" a b ./a
	refused 2 "are the same directory, or one lies in the other" a a/b
	mkdir real
	ln -s real link
	refused 2 "are the same directory, or one lies in the other" real link
	refused 2 "'x:y'" a x:y
	expect 0 create a b c/d
	works a
	works b
	works c/d
}

@test "the first failure stops, --keep-going goes on, the status is the first's" {
	mkdir -p b/bin
	echo x >b/bin/activate
	expect 4 create a b c
	[ -e a/pyvenv.cfg ]
	[ ! -e c ]
	rm -r a
	expect 4 create --keep-going a b c
	works a
	works c
	[ ! -e b/pyvenv.cfg ]
}

@test "modes follow the umask, but for scripts and interpreters" {
	local mask want
	for mask in 077:700:600 002:775:664; do
		umask "${mask%%:*}"
		want=${mask#*:}
		expect 0 create --copies "env${mask%%:*}"
		cd "env${mask%%:*}"
		[ "$(stat -c %a . bin lib | sort -u)" = "${want%:*}" ]
		[ "$(stat -c %a pyvenv.cfg .gitignore CACHEDIR.TAG | sort -u)" = "${want#*:}" ]
		[ "$(stat -c %a bin/activate* | sort -u)" = 644 ]
		[ "$(stat -c %a bin/python*  | sort -u)" = 755 ]
		cd ..
	done
}

@test "a name of 255 bytes" {
	local name
	name=$(printf 'n%.0s' $(seq 255))
	expect 0 create "$name"
	works "$name"
	expect 0 create --clear "$name"
	works "$name"
}
