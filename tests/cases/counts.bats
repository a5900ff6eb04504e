# SPDX-License-Identifier: MIT
# counts.bats - what a create costs, counted: processes, libraries, system calls

setup() {
	load common
	common_setup
	command -v strace >/dev/null || skip "no strace"
	! grep -qa __asan_init "$(command -v venvctl)" || skip "sanitizers make calls of their own"
	# Once, so that the interpreter is known.
	venvctl create --without-pip -p "$PY" warm
}

# calls ARGS...: the system calls of a create, in $calls and in the file "trace".
calls() {
	rm -rf env
	# The size of the environment is not ours.
	env -i PATH="$PATH" HOME="$HOME" LANG="$LANG" TERM="$TERM" \
		VENVCTL_CACHE_DIR="$VENVCTL_CACHE_DIR" TEST_SYSCONFDIR="$TEST_SYSCONFDIR" \
		strace -f -qq -o trace venvctl create --without-pip -p "$PY" "$@" env
	calls=$(grep -cE '^[0-9]+ +[a-z_0-9]+\(' trace)
}

# counted NAME ARGS...: a create with pip, of which the trace and the tree hold what `budgets`
# says of NAME.
counted() {
	local name=$1 calls files directories inodes objects processes line
	shift
	[ -d "env-$name" ] || venvctl create -p "$PY" --no-setuptools "$@" "warm-$name"
	env -i PATH="$PATH" HOME="$HOME" LANG="$LANG" TERM="$TERM" \
		VENVCTL_CACHE_DIR="$VENVCTL_CACHE_DIR" TEST_SYSCONFDIR="$TEST_SYSCONFDIR" \
		strace -f -qq -o trace venvctl create -p "$PY" --no-setuptools "$@" "env-$name"
	calls=$(grep -cE '^[0-9]+ +[a-z_0-9]+\(' trace)
	files=$(find "env-$name" ! -type d | wc -l)
	directories=$(find "env-$name" -type d | wc -l)
	inodes=$((files + directories))
	objects=$(grep -cE 'openat\(.*\.so(\.[0-9]+)*",.* = [0-9]' trace)
	processes=$(grep -cE ' (execve|execveat|fork|vfork|clone|clone3)\(' trace)
	echo "# $name: $calls calls, $files files, $directories directories, $objects shared objects," \
		"$processes processes" >&3
	line=$(grep "^$name " "$BATS_TEST_DIRNAME/budgets")
	# shellcheck disable=SC2086 # words
	set -- $line
	[ "$calls" -le $(($2 + $3 * files + $4 * directories)) ] || fail "$name: $calls system calls"
	[ "$objects" -le "$5" ] || fail "$name: $(grep '\.so' trace)"
	[ "$processes" -le "$6" ] || fail "$name: $(grep -E 'execve|fork|clone' trace)"
	[ "$inodes" -le "$7" ] || fail "$name: $(find "env-$name")"
}

components() {
	local slashes=${1//[^\/]/}
	echo ${#slashes}
}

# What root need not ask: whether others can write what leads to a copy of a user's own.
of_user() {
	if [ "$(id -u)" = 0 ]; then echo 0; else echo 16; fi
}

@test "a warm bare create starts no process" {
	calls
	[ "$(grep -cE ' (execve|execveat)\(' trace)" -eq 1 ]
	[ "$(grep -cE ' (fork|vfork|clone|clone3|posix_spawn)\(' trace)" -eq 0 ]
}

@test "a warm bare create makes at most 130 system calls" {
	calls
	echo "# $calls system calls" >&3
	[ "$calls" -le 130 ] || fail "$calls system calls:" "$(cat trace)"
	[ "$(grep -cE ' (fsync|fdatasync|sync|syncfs)\(' trace)" -eq 0 ]
	# One write a file, and one for the journal.
	[ "$(grep -cE ' write\(' trace)" -eq $((1 + $(find env -type f -printf '%i\n' | sort -u | wc -l))) ]
}

# allowed FILES DIRECTORIES NAME CALLS FILE DIRECTORY...
allowed() {
	echo $(($4 + $5 * $1 + $6 * $2))
}

# further NAME ARGS...: each environment of a call but the first costs no more than `budgets`
# says, one by one and with -j.
further() {
	local name=$1 jobs n two files directories line
	shift
	for jobs in 1 2; do
		for n in 2 6; do
			rm -rf e[1-6]
			seq -f 'e%g' $n >list
			env -i PATH="$PATH" HOME="$HOME" LANG="$LANG" TERM="$TERM" \
				VENVCTL_CACHE_DIR="$VENVCTL_CACHE_DIR" TEST_SYSCONFDIR="$TEST_SYSCONFDIR" \
				strace -f -qq -o trace venvctl create -p "$PY" -j $jobs --from-file list "$@"
			# Who waits for whom differs from one time to the next.
			calls=$(grep -E '^[0-9]+ +[a-z_0-9]+\(' trace | grep -vcE ' (futex|madvise|mmap|munmap|mprotect|brk)\(')
			[ $n != 2 ] || two=$calls
		done
		files=$(find e3 ! -type d | wc -l)
		directories=$(find e3 -type d | wc -l)
		calls=$(((calls - two + 3) / 4))
		echo "# $name, -j $jobs: $calls calls for each further one" >&3
		line=$(grep "^next-$name " "$BATS_TEST_DIRNAME/budgets")
		# shellcheck disable=SC2086 # words
		[ "$calls" -le "$(allowed $files $directories $line)" ] ||
			fail "$name, -j $jobs: $calls" "$(grep -A400 '/e6"' trace)"
	done
}

@test "several environments share what can be shared, one by one and side by side" {
	further bare --without-pip
}

@test "... and with pip" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	venvctl create -p "$PY" --no-setuptools warm-up
	venvctl create -p "$PY" --no-setuptools --link-mode shared warm-shared
	further linked --no-setuptools --link-mode hardlink
	further shared --no-setuptools --link-mode shared
}

@test "at most five shared objects, and none of the modules' libraries" {
	local tool
	tool=$(command -v venvctl)
	[ "$(ldd "$tool" | grep -vc vdso)" -le 5 ] || fail "$(ldd "$tool")"
	[ "$(ldd "$tool" | grep -cE 'curl|zip|crypto|ssl|jansson')" -eq 0 ]
	calls
	[ "$(grep -cE 'openat\(.*\.so(\.[0-9]+)*",.* = [0-9]' trace)" -eq 3 ] ||
		fail "$(grep '\.so' trace)"
}

@test "a configuration file adds at most 12 calls, and 2 a directory on its way" {
	calls
	local before=$calls
	site $'[create]\nprompt = x'
	calls
	[ $((calls - before)) -le $((12 + 2 * $(components "$SITE/"))) ] ||
		fail "$before without, $calls with the site's file"
	mkdir -p "$SITE/conf.d"
	before=$calls
	printf '[create]\nprompt = y\n' >"$SITE/conf.d/a.ini"
	calls
	[ $((calls - before)) -le $((14 + $(of_user))) ] || fail "$before without, $calls with a first drop-in"
	before=$calls
	printf '[create]\nprompt = z\n' >"$SITE/conf.d/b.ini"
	calls
	[ $((calls - before)) -le $((12 + $(of_user))) ] || fail "$before without, $calls with a second drop-in"
	before=$calls
	user $'[create]\nprompt = u'
	calls
	[ $((calls - before)) -le $((12 + 2 * 3 + $(of_user))) ] ||
		fail "$before without, $calls with the user's file"
	[ "$(grep -c '^prompt = .u.$' env/pyvenv.cfg)" -eq 1 ] || cat env/pyvenv.cfg
}

@test "what is not needed is not opened: no plugin, no module, no template" {
	calls
	[ "$(grep -cE 'lib/venvctl/(plugins|modules)|share/venvctl' trace)" -eq 0 ] ||
		fail "$(grep -E 'lib/venvctl|share/venvctl' trace)"
}

# budget NAME STEPS NAMES: what `budgets` allows, that many directories on the way, names in bin.
budget() {
	local line
	line=$(grep "^$1 " "$BATS_TEST_DIRNAME/budgets")
	# shellcheck disable=SC2086 # words
	set -- $line "$2" "$3"
	echo $(($2 + $3 * $5 + $4 * $6 + $(of_user)))
}

@test "run starts no process, and makes no more system calls than the budget says" {
	mkdir -p sub
	venvctl create --without-pip -p "$PY" sub/.venv
	cd sub
	env -i PATH="$PATH" HOME="$HOME" LANG="$LANG" strace -f -qq -o trace venvctl run true
	calls=$(grep -cE '^[0-9]+ +[a-z_0-9]+\(' <(sed '/sub\/\.venv\/bin\/true/q' trace))
	echo "# $calls system calls" >&3
	[ "$calls" -le "$(budget run "$(components "$PWD/.venv")" 0)" ] || fail "$calls system calls:" "$(cat trace)"
	[ "$(grep -cE ' (fork|vfork|clone|clone3|posix_spawn)\(' trace)" -eq 0 ]
	[ "$(grep -cE ' execve\(.* = 0$' trace)" -eq 2 ]
	# Whatever is installed in it.
	for i in $(seq 50); do
		mkdir "$(echo .venv/lib/python3*/site-packages)/p$i-1.0.dist-info"
	done
	local before=$calls
	env -i PATH="$PATH" HOME="$HOME" LANG="$LANG" strace -f -qq -o trace venvctl run true
	calls=$(grep -cE '^[0-9]+ +[a-z_0-9]+\(' <(sed '/sub\/\.venv\/bin\/true/q' trace))
	[ "$calls" -le $((before + 2)) ] || fail "$before, then $calls"
}

@test "info starts no process, and makes no more system calls than the budget says" {
	local how names most
	venvctl create --without-pip -p "$PY" env
	names=$(find env/bin -mindepth 1 | wc -l)
	for how in info info-json; do
		# shellcheck disable=SC2086 # words
		env -i PATH="$PATH" HOME="$HOME" LANG="$LANG" VENVCTL_CACHE_DIR="$VENVCTL_CACHE_DIR" \
			TEST_SYSCONFDIR="$TEST_SYSCONFDIR" strace -f -qq -o trace venvctl ${how/-/ --} env >/dev/null
		calls=$(grep -cE '^[0-9]+ +[a-z_0-9]+\(' trace)
		most=$(budget $how "$(components "$PWD/env")" "$names")
		echo "# $how: $calls system calls, at most $most" >&3
		[ "$calls" -le "$most" ] || fail "$how: $calls system calls:" "$(cat trace)"
		[ "$(grep -cE ' (fork|vfork|clone|clone3|posix_spawn)\(' trace)" -eq 0 ]
		[ "$(grep -cE ' execve\(.* = 0$' trace)" -eq 1 ]
	done
}

@test "with pip: linked, copied and shared, each within its budget" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	counted linked --link-mode hardlink
	counted copied --link-mode copy
	counted shared --link-mode shared
}

@test "what is there already costs no more than what is made" {
	"$PY" -c 'import ensurepip' 2>/dev/null || skip "$PY has no ensurepip"
	venvctl create -p "$PY" --no-setuptools --link-mode hardlink env-reused
	counted reused --link-mode hardlink --existing reuse
}
