# SPDX-License-Identifier: MIT
# site-page.bats - what venvctl-site(7) has an administrator type is typed here, in its order

setup() {
	load common
	common_setup
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	setpriv --reuid=games --regid=games --groups=staff true 2>/dev/null || skip "cannot be another user"
	kit_setup
	# Users walk through what is here.
	chmod go+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	# The cache of whoever it is.
	unset VENVCTL_CACHE_DIR
	mkdir -p home srv opt "$BATS_TEST_TMPDIR/etc"
	install -d -o games -g games home/dana
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=acme \
		-out acme-ca.pem 2>/dev/null
}

# here TEXT: the page's names, as they are in this test.
here() {
	sed -e "s#/etc/venvctl#$SITE#g; s#/srv/#$PWD/srv/#g; s#/opt/#$PWD/opt/#g; s#/home#$PWD/home#g" \
		-e 's/\bdeploy\b\([^.]\|$\)/staff\1/g; s/\bdana\b/games/g'
}

# One of the users, who is a member of the group as well.
as_user() {
	(cd "$PWD/home/dana" && HOME=$PWD setpriv --reuid=games --regid=games --groups=staff "$@")
}

# The page as `man` shows it: with blanks before each line, which a terminal's selection takes along.
page() {
	local page=$top_builddir/docs/man/venvctl-site.7
	if [ -e "$page" ] && command -v man >/dev/null &&
		MANWIDTH=120 man -l "$page" 2>/dev/null >shown && grep -q /etc/venvctl shown; then
		return
	fi
	echo "# man cannot show it: typed with as many blanks before each line" >&3
	sed 's/^./           &/' "$top_srcdir/docs/man/venvctl-site.7.scd" >shown
}

# Each block of commands, as it is shown, in a file of its own: 01#, 02$, ..., by who types it.
blocks() {
	mkdir blocks
	/usr/bin/python3 - "$top_srcdir/docs/man/venvctl-site.7.scd" <<-'END'
		import sys
		shown = open("shown").read().split("\n")
		names = [line.strip() for line in shown]
		lines, at, n, before = open(sys.argv[1]).read().split("\n"), 0, 0, ""
		while lines:
		    line = lines.pop(0)
		    if line != "```":
		        before = line or before
		        continue
		    end = lines.index("```")
		    block, lines = lines[:end], lines[end + 1:]
		    while names[at:at + len(block)] != block:
		        at += 1
		        assert at < len(names), "not shown as it is written: %s" % block
		    n += 1
		    with open("blocks/%02d%s" % (n, "$" if before.startswith("As ") else "#"), "w") as f:
		        f.write("\n".join(shown[at:at + len(block)]) + "\n")
		    at += len(block)
	END
	# What this is a test of is installed already; an image is made by tests/release/docker.sh.
	grep -l -e '^ *\./configure ' -e '^ *RUN ' blocks/* >installs
	xargs rm <installs
}

@test "the page, from its first line to its last, as it is shown" {
	page
	blocks
	# It is indented: nothing of it may depend on the first column.
	run ! grep -q '^[^ ]' blocks/*
	[ "$(find blocks -type f | wc -l)" -ge 12 ]
	for file in blocks/*; do
		here <"$file" >script
		case $file in
		*#) expect 0 bash -e script ;;
		*) expect 0 as_user bash -e "$PWD/script" ;;
		esac
		[[ $stderr != *error:* ]] || fail "$file: $stderr"
		if grep -q 'config show plugin-path' script; then
			stdout_has "$PWD/opt/acme/venvctl/plugins"$'\t'trusted
			stdout_has acme-setup
		fi
		if grep -q 'list --json' script; then
			stdout_has "\"env_dir\":\"$PWD/home/dana/env\""
			stdout_has '"state":"ok"'
		fi
	done
	# The files are what was meant, from their first column on.
	for file in "$SITE/venvctl.ini" "$SITE"/conf.d/*.ini "$SITE/skeleton/pip.conf"; do
		run ! grep -q '^ ' "$file"
		grep -q '^\[' "$file"
	done
	expect 0 venvctl config check
	[ -z "$output" ] || fail "$output"
	# What it promises of the environments.
	grep -q pypi.acme.example home/dana/env/pip.conf
	expect 8 as_user venvctl create --plugin=getpip env2
	stderr_has "allowed-plugins in $SITE/venvctl.ini:"
	expect 0 as_user venvctl create --no-plugins env2
	stderr_has "requires it"
	grep -q pypi.acme.example home/dana/env2/pip.conf
	expect 0 as_user venvctl create --add-plugin=acme-setup env3
	# The store is used: nothing was compiled for this user.
	expect 0 as_user venvctl create -v env4
	stderr_lacks compiling
}
