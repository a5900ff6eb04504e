#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# trust.bats - whose plugins are loaded: nobody but root, the user and whom the site
# trusts may be able to change what is run

setup() {
	load common
	common_setup
	mkdir -p way/to/dir
	FILE=$PWD/way/to/dir/mock-seed.so
	cp "$MOCKS/mock-seed.so" "$FILE"
	if [ "$(id -u)" = 0 ]; then
		# The directories of the case, up to one that anybody may pass.
		chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" 2>/dev/null || :
	fi
}

teardown() {
	[ -z "${OUTSIDE-}" ] || rm -rf "$OUTSIDE"
}

# refused COMPONENT WHY HINT: by its path, by its name, and by `plugins list`.
refused() {
	expect 5 venvctl create -p $PY --plugin "$FILE" env
	stderr_has "'$FILE' is not trusted: '$1' $2"
	stderr_has "hint: $3"
	expect 5 venvctl create -p $PY --plugin-path "${FILE%/*}" --plugin mock-seed env
	stderr_has "'$1' $2"
	expect 5 venvctl create -n -p $PY --plugin "$FILE" env
	[ ! -e env ]
	VENVCTL_PLUGIN_PATH='' expect 0 env VENVCTL_CONFIG="$PWD/list.ini" venvctl plugins list
	[[ $output == *"'$1' $2"* ]] || fail "$output"
}

loaded() {
	expect 0 venvctl create -n -p $PY --plugin "$FILE" env
	expect 0 venvctl create -n -p $PY --plugin-path "${FILE%/*}" --plugin mock-seed env
}

list() {
	printf '[venvctl]\nplugin-path = %s\n' "${FILE%/*}" >list.ini
}

as_root() {
	[ "$(id -u)" = 0 ] || skip "only root can be somebody else"
}

@test "writable by others, anywhere on the way" {
	list
	loaded
	local part
	for part in "$FILE" "$PWD/way/to/dir" "$PWD/way/to" "$PWD/way"; do
		chmod o+w "$part"
		refused "$part" "is writable by others (mode 0" "chmod go-w '$part'"
		chmod go-w "$part"
		loaded
	done
	# A sticky bit is no help where it is not root's; and no help to a file.
	chmod 1777 "$FILE"
	refused "$FILE" "is writable by others (mode 1777" "chmod go-w"
}

@test "writable by a group: the owner's own or root's passes, another does not" {
	as_root
	list
	chmod g+w way/to "$FILE"
	loaded
	chgrp 4321 way/to
	refused "$PWD/way/to" "is writable by its group (mode 0775" "chmod g-w '$PWD/way/to'"
	chgrp 0 way/to
	chgrp 4321 "$FILE"
	refused "$FILE" "is writable by its group" "chmod g-w '$FILE', or let the site's [policy] say trusted-groups = 4321"
	site $'[policy]\ntrusted-groups = 4321'
	loaded
	# A group's directory, and files of the group's members in it.
	chgrp -R 4321 way
	chmod -R g+w way
	loaded
	chown -R 4322 way
	site $'[policy]\ntrusted-groups = 4321\ntrusted-users = 4322'
	loaded
	# Whom anybody may be is trusted by nobody.
	chmod o+w "$FILE"
	refused "$FILE" "is writable by others" "chmod go-w '$FILE'"
	chown -R 0:0 way
	chmod -R go-w way
}

@test "owned by another user, anywhere on the way" {
	as_root
	list
	local part
	for part in "$FILE" "$PWD/way/to/dir" "$PWD/way"; do
		local hint="move '$FILE'"
		[ "$part" != "$FILE" ] || hint="as root, \`chown -h root '$FILE'\`"
		chown 4321 "$part"
		refused "$part" "belongs to user 4321, who is neither root nor you" "$hint"
		chown 0 "$part"
		loaded
	done
	chown 4321:4321 "$FILE"
	chmod 664 "$FILE"
	site $'[policy]\ntrusted-users = 4321'
	# A private group of its owner may write.
	loaded
	site $'[policy]\ntrusted-users = 4322'
	refused "$FILE" "belongs to user 4321" "as root, "
	# Users cannot widen that.
	rm "$SITE/venvctl.ini"
	user $'[policy]\ntrusted-users = 4321'
	expect 8 venvctl create -p $PY --plugin "$FILE" env
}

@test "whom nobody knows any more is trusted for nothing, and stops nobody" {
	as_root
	list
	chown 4321 "$FILE"
	site $'[policy]\ntrusted-users = no-such-user 4321\ntrusted-groups = no-such-group'
	# The others are still trusted.
	loaded
	expect 0 venvctl create -v --without-pip -p $PY env1
	stderr_has "$SITE/venvctl.ini:2: there is no user 'no-such-user': passing it over"
	stderr_has "$SITE/venvctl.ini:3: there is no group 'no-such-group': passing it over"
	expect 0 venvctl create --without-pip -p $PY env2
	[ -z "$stderr" ] || fail "$stderr"
	expect 0 venvctl config check
	stdout_has "$SITE/venvctl.ini:2: warning: 'trusted-users' names 'no-such-user': there is no such user"
	stdout_has "$SITE/venvctl.ini:3: warning: 'trusted-groups' names 'no-such-group': there is no such group"
	[ "${#lines[@]}" -eq 2 ] || fail "$output"
	# Not one owner or group more is trusted because of it: neither -1 nor root's or nobody's.
	site $'[policy]\ntrusted-users = no-such-user\ntrusted-groups = no-such-group'
	for each in 4321 65534 4294967294; do
		chown "$each" "$FILE"
		refused "$FILE" "belongs to user $each" "as root, "
	done
	chown 0:4321 "$FILE"
	chmod g+w "$FILE"
	refused "$FILE" "is writable by its group" "chmod g-w '$FILE'"
	# What nobody can be called is a mistake.
	for each in root,dana /etc/x a:b; do
		site "[policy]
trusted-users = $each"
		expect 8 venvctl create -n --without-pip -p $PY env3
		stderr_has "$SITE/venvctl.ini:2: '$each' is no value for 'trusted-users': expected a name or a number"
	done
}

# accounts PASSWD GROUP COMMAND...: with these lines more in /etc/passwd and /etc/group.
accounts() {
	cat /etc/passwd - <<<"$1" >passwd
	cat /etc/group - <<<"$2" >group
	chmod 644 passwd group
	shift 2
	unshare -m sh -c 'mount --bind passwd /etc/passwd && mount --bind group /etc/group && exec "$@"' sh "$@"
}

@test "who it is, by name where it has one" {
	as_root
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	local passwd='dana:x:1004:1004::/home/dana:/bin/sh' group='deploy:x:4321:dana'
	chown 1004 "$FILE"
	expect 5 accounts "$passwd" "$group" venvctl create -p $PY --plugin "$FILE" env
	stderr_has "'$FILE' belongs to user 1004 (dana), who is neither root nor you"
	stderr_has "hint: as root, \`chown -h root '$FILE'\` if it is to be trusted, or let the site's [policy] say trusted-users = dana"
	chown 1004 "${FILE%/*}"
	expect 5 accounts "$passwd" "$group" venvctl create -p $PY --plugin "$FILE" env
	stderr_has "hint: move '$FILE' to a directory of root's, or let the site's [policy] say trusted-users = dana"
	chown 0 "$FILE" "${FILE%/*}"
	chgrp 4321 "$FILE"
	chmod g+w "$FILE"
	expect 5 accounts "$passwd" "$group" venvctl create -p $PY --plugin "$FILE" env
	stderr_has "or let the site's [policy] say trusted-groups = deploy"
	# What is proposed helps, and who is not there is a number.
	site $'[policy]\ntrusted-groups = deploy\ntrusted-users = dana'
	chown 1004 "$FILE"
	expect 0 accounts "$passwd" "$group" venvctl create -n -p $PY --plugin "$FILE" env
	# A line that is no account's makes nobody of root's number.
	site $'[policy]\ntrusted-users = dana'
	for each in 'dana:x:::' 'dana:x' 'dana:x:1004x' 'dana:x:99999999999:' 'dan:x:1004:'; do
		chown 1004:0 "$FILE"
		expect 5 accounts "${each%1004x}" '' venvctl create -n -p $PY --plugin "$FILE" env
	done
}

@test "links are followed, and what they lead to is judged" {
	mkdir real
	mv "$FILE" real/
	ln -s "$PWD/real/mock-seed.so" "$FILE"
	loaded
	stdout_has "$PWD/real/mock-seed.so"
	chmod o+w real
	expect 5 venvctl create -p $PY --plugin "$FILE" env
	stderr_has "'$PWD/real' is writable by others"
	stderr_has "hint: chmod go-w '$PWD/real'"
	chmod o-w real
	# Through a link on the way.
	ln -s way/to link
	FILE=$PWD/link/dir/../dir/mock-seed.so
	ln -sf ../../../real/mock-seed.so way/to/dir/mock-seed.so
	expect 5 venvctl create -p $PY --plugin "$PWD/link/dir/other.so" env
	loaded
	chmod o+w way/to
	expect 5 venvctl create -p $PY --plugin "$PWD/link/dir/mock-seed.so" env
	stderr_has "'$PWD/way/to' is writable by others"
	# A circle ends.
	ln -s circle.so circle.so
	expect 5 venvctl create -p $PY --plugin ./circle.so env
	stderr_has "Too many levels of symbolic links"
}

@test "a sticky directory of root: what is yours or root's passes, not another's link" {
	as_root
	mkdir shared
	chmod 1777 shared
	mv way shared/
	FILE=$PWD/shared/way/to/dir/mock-seed.so
	loaded
	chown 4321 shared
	expect 5 venvctl create -p $PY --plugin "$FILE" env
	stderr_has "'$PWD/shared' belongs to user 4321"
	chown 0 shared
	# Anybody may have put it there.
	ln -s way shared/link
	FILE=$PWD/shared/link/to/dir/mock-seed.so
	loaded
	chown -h 4321 shared/link
	expect 5 venvctl create -p $PY --plugin "$FILE" env
	stderr_has "'$PWD/shared/link' belongs to user 4321"
	# Where only root can put a link, its owner says nothing.
	chmod 0755 shared
	loaded
	cp "$MOCKS/mock-seed.so" shared/
	chmod 1777 shared
	FILE=$PWD/shared/mock-seed.so
	loaded
	chown 4321 "$FILE"
	expect 5 venvctl create -p $PY --plugin "$FILE" env
}

@test "an access control list is no way round it" {
	command -v setfacl >/dev/null || skip "setfacl is not installed (package acl)"
	setfacl -m u:4321:rx way/to 2>/dev/null || skip "no access control lists here"
	list
	# One that gives nobody the right to write is none of our business.
	loaded
	setfacl -m u:4321:rwx way/to
	refused "$PWD/way/to" "may be written by whom its access control list names" \
		"setfacl -b '$PWD/way/to'"
	setfacl -b way/to
	loaded
}

@test "a user: own files and root's, in a directory of root or of one's own" {
	as_root
	command -v setpriv >/dev/null || skip "setpriv is not installed (package util-linux)"
	OUTSIDE=$(mktemp -d /tmp/venvctl-trust-XXXXXX)
	local as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	cp -r "$TEST_PREFIX/bin" "$TEST_PREFIX/lib" "$OUTSIDE/"
	mkdir "$OUTSIDE/work"
	cp "$MOCKS/mock-seed.so" "$OUTSIDE/work/"
	chown -R 65534:65534 "$OUTSIDE/work"
	chmod 755 "$OUTSIDE"
	$as test -x "$OUTSIDE/bin/venvctl" || skip "no place that both may reach"
	cd "$OUTSIDE/work"
	export HOME=$PWD VENVCTL_CACHE_DIR=$PWD/cache
	# shellcheck disable=SC2086
	try() { expect "$1" $as "$OUTSIDE/bin/venvctl" create -p $PY --plugin ./mock-seed.so "$2"; }
	try 0 own
	chown 0:0 mock-seed.so
	try 0 roots
	chown 4321 mock-seed.so
	try 5 no
	stderr_has "belongs to user 4321, who is neither root nor you"
	stderr_has "hint: as root, \`chown -h root '$OUTSIDE/work/mock-seed.so'\` if it is to be trusted"
	stderr_has "trusted-users = 4321"
	# A directory, which may be somebody's home, is given to nobody.
	chown 65534 mock-seed.so
	chown 4321 .
	try 5 no
	stderr_has "hint: move '$OUTSIDE/work/mock-seed.so' to a directory of root's"
	[[ $stderr != *chown* ]] || fail "$stderr"
	chown 65534 .
	# A user-private group, as with a umask of 002.
	chown 65534:65534 mock-seed.so
	chmod 775 mock-seed.so .
	try 0 private
	chgrp 4321 .
	try 5 no
	stderr_has "is writable by its group"
}

@test "root: what the environment of another user names is passed over, with a warning" {
	as_root
	chown -R 4321 way
	VENVCTL_PLUGIN_PATH=${FILE%/*} expect 5 venvctl create -p $PY --plugin mock-seed env
	stderr_has "passing over what VENVCTL_PLUGIN_PATH names: '${FILE%/*}' is not trusted: '$PWD/way' belongs to user 4321"
	stderr_has "there is no plugin 'mock-seed'"
	# It shadows nothing.
	cp "$MOCKS/mock-seed.so" way/to/dir/ensurepip.so
	VENVCTL_PLUGIN_PATH=${FILE%/*} SUDO_UID=4321 expect 0 venvctl create -n -p $PY env
	stdout_has "$TEST_PREFIX/lib/venvctl/plugins/ensurepip.so"
	# What was named by hand is refused.
	expect 5 venvctl create -n -p $PY --plugin-path "${FILE%/*}" env
}

@test "a set-user-ID copy refuses to run" {
	as_root
	command -v setpriv >/dev/null || skip "there is no setpriv (util-linux)"
	skip_sanitized "they cannot look into such a process"
	cp -r "$TEST_PREFIX/bin" "$TEST_PREFIX/lib" way/
	chmod 4755 way/bin/venvctl
	expect 2 setpriv --reuid=4321 --clear-groups way/bin/venvctl create -n env
	stderr_has "must not be installed set-user-ID"
	chgrp 4321 way/bin/venvctl
	chmod 2755 way/bin/venvctl
	expect 2 setpriv --reuid=4321 --clear-groups way/bin/venvctl plugins list
	stderr_has "must not be installed set-user-ID"
	chmod 755 way/bin/venvctl
	expect 0 setpriv --reuid=4321 --clear-groups way/bin/venvctl --version
}

# The files of the system as this test needs them, in a mount namespace of its own.
sudo_space() {
	cat >space.sh <<-'END'
		set -e
		{ cat /etc/passwd; echo "acme:x:4321:4321::$HOME4321:/bin/sh"; } >passwd
		{ cat /etc/shadow; echo 'acme:*:19000:0:99999:7:::'; } >shadow
		printf 'Defaults !requiretty\nDefaults env_keep += "HOME VENVCTL_PLUGIN_PATH TEST_SYSCONFDIR"\nacme ALL=(ALL) NOPASSWD: ALL\n' >sudoers
		chmod 644 passwd
		chmod 600 shadow
		chmod 440 sudoers
		for file in passwd shadow sudoers; do
			mount --bind "$file" "/etc/$file"
		done
		exec setpriv --reuid=4321 --regid=4321 --clear-groups "$@"
	END
	unshare -m sh space.sh "$@"
}

@test "under a real sudo: the user's file and directories are not root's" {
	as_root
	command -v sudo >/dev/null || skip "there is no sudo"
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	export HOME4321=$PWD/acme
	mkdir -p acme/.config/venvctl
	printf '[create]\nprompt = theirs\n' >acme/.config/venvctl/venvctl.ini
	chown -R 4321:4321 acme
	chmod 755 acme
	# As themselves it is their file.
	HOME=$PWD/acme expect 0 sudo_space venvctl config show prompt
	[ "$output" = "create.prompt = theirs" ]
	HOME=$PWD/acme expect 0 sudo_space sudo -n sh -c 'echo "$SUDO_UID $HOME"; id -u'
	[ "$output" = "4321 $PWD/acme"$'\n0' ]
	HOME=$PWD/acme expect 0 sudo_space sudo -n "$(command -v venvctl)" config show prompt
	[ "$output" = "create.prompt is not set" ]
	# What they named in the environment is passed over.
	chown -R 4321 way
	HOME=$PWD/acme VENVCTL_PLUGIN_PATH=${FILE%/*} expect 5 sudo_space \
		sudo -n "$(command -v venvctl)" create -n -p $PY --plugin mock-seed env
	stderr_has "passing over what VENVCTL_PLUGIN_PATH names"
	stderr_has "belongs to user 4321"
}

@test "the shipped plugins: the file and its directory alone are judged" {
	cp -r "$TEST_PREFIX/bin" "$TEST_PREFIX/lib" .
	local tool=$PWD/bin/venvctl dir=$PWD/lib/venvctl/plugins
	chmod o+w lib
	expect 0 "$tool" create -n -p $PY env
	stdout_has "$dir/ensurepip.so"
	chmod o+w "$dir"
	expect 5 "$tool" create -p $PY env
	stderr_has "'$dir' is writable by others"
	chmod o-w "$dir"
	chmod o+w "$dir/ensurepip.so"
	expect 5 "$tool" create -p $PY env
	stderr_has "'$dir/ensurepip.so' is writable by others"
	[ ! -e env ]
}

@test "what is no file" {
	local what
	mkdir d.so
	mkfifo p.so
	ln -s /dev/zero z.so
	for what in d.so p.so z.so gone.so gone/x.so; do
		expect 5 timeout 20 venvctl create -p $PY --plugin "./$what" env
		stderr_has "$what"
	done
	[ ! -e env ]
}

@test "13.13: in a user namespace without root the installation is as good as the program" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to be somebody else"
	local as=(setpriv --reuid=65533 --regid=65533 --clear-groups)
	local inside=("${as[@]}" unshare -U --map-user=1000 --)
	"${inside[@]}" true 2>/dev/null || skip "no user namespaces here"
	"${as[@]}" test -r "$TEST_PREFIX/lib/venvctl/plugins/files.so" ||
		skip "another user cannot read what was built"
	OUTSIDE=$(mktemp -d /tmp/venvctl-trust-XXXXXX)
	chown 65533 "$OUTSIDE"
	mkdir -p "$OUTSIDE/etc/conf.d" "$OUTSIDE/skel" "$OUTSIDE/home/.config/venvctl"
	chmod 755 "$OUTSIDE/etc" "$OUTSIDE/skel"
	echo mine >"$OUTSIDE/skel/file"
	printf '[create]\nprompt = sites\n' >"$OUTSIDE/etc/venvctl.ini"
	chown -R 65533 "$OUTSIDE/home" "$OUTSIDE/skel"
	export TEST_SYSCONFDIR=$OUTSIDE/etc HOME=$OUTSIDE/home VENVCTL_CACHE_DIR=$OUTSIDE/home/cache
	cd "$OUTSIDE"
	# The map of that namespace has no root, and what is root's belongs to nobody.
	[[ $("${inside[@]}" cat /proc/self/uid_map) == *1000* ]]
	[ "$("${inside[@]}" stat -c %u "$TEST_PREFIX/lib/venvctl/plugins/files.so")" -ne 0 ]
	expect 0 "${inside[@]}" venvctl create -p $PY env
	[ "$(sed -n 's/^prompt = //p' env/pyvenv.cfg)" = "'sites'" ]
	env/bin/pip --version
	# What anybody could write is nobody's.
	chmod o+w "$OUTSIDE/etc/venvctl.ini"
	expect 8 "${inside[@]}" venvctl create --without-pip -p $PY no
	chmod o-w "$OUTSIDE/etc/venvctl.ini"
	# Elsewhere nobody can tell, and the hint is none that cannot be followed.
	cp "$MOCKS/mock-seed.so" skel/
	chown 0 skel skel/mock-seed.so
	expect 5 "${inside[@]}" venvctl create --without-pip -p $PY --plugin=./skel/mock-seed.so no
	stderr_has "is root's"
	stderr_has 'map root (user 0)'
	stderr_lacks chown
	[ ! -e no ]
}
