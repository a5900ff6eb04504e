#!/bin/sh
# SPDX-License-Identifier: MIT
# snippets.sh - every command, INI file and program of README and manual on a fresh Debian 12
#
# As root, and as somebody whom sudo lets install.  What cannot work as it stands (another
# Python than Debian's, a program that is not there, the Internet) is put right by a line of
# `mend`, each of which has to find its words.  tools/demo.sh and check.sh are in chroot.sh, the
# hooks of venvctl-activation(7) in activators.bats, venvctl-site(7) in site-page.bats, and
# venvctl-clients(7) in clients.py.
# shellcheck disable=SC2154,SC2016
cd "$top_srcdir" || exit 99
# shellcheck source=tests/release/bare.sh
. tests/release/bare.sh
pages=$(find docs/man -name '*.scd' ! -name 'venvctl-site.*' \
	! -name 'venvctl-clients.*' | sort)

# commands FILE: the lines of its code that are commands, without a prompt.
commands() {
	awk '/^```/ { inside = !inside; next }
		inside || /^    [^ ]/ { sub(/^    /, ""); sub(/^\$ /, ""); print }' "$1" |
		grep -E '^(venvctl|make|cd|cat env|sudo|cc|\./[a-z.]+( |$)|tools/)'
}

# blocks FILE WORD N: its Nth block of code that has WORD.
blocks() {
	awk -v word="$2" -v want="$3" '/^```/ { inside = !inside
			if (!inside && index(text, word) && ++n == want) printf "%s", text
			text = ""; next }
		inside { text = text $0 "\n" }' "$1" | sed 's/\\\\n/\\n/g'
}

# mend WORDS INSTEAD: in the commands that are to be run.
mend() {
	grep -qF -- "$1" "$home/script" || echo "false # no '$1'" >>"$home/script"
	awk -v words="$1" -v instead="$2" '{ while ((i = index($0, words)) && !done[NR]++)
		$0 = substr($0, 1, i - 1) instead substr($0, i + length(words)); print }' \
		"$home/script" >"$home/mended" && mv "$home/mended" "$home/script"
}

# run PAGE: the commands in script, in the place for PAGE.
run() {
	[ -s "$home/script" ] && inside "$user" sh -exc "mkdir -p ../work && cd ../work && . ../script"
	ok $? "$user: $1"
}

program() { # program NAME: the C file has to compile, and to run
	inside "$user" sh -exc "cd ../work; cc -Wall -Werror -Wno-pedantic $1.c \
		\$(pkg-config --cflags --libs libvenvctl) -o $1; ./$1"
	ok $? "$user: $1"
}

install_it() {
	commands README.md | grep -v -e ^tools/ -e ^venvctl -e '^cc ' >"$home/script"
	[ "$(wc -l <"$home/script")" = 5 ] && inside "$user" sh -exc '. ../script'
	ok $? "$user: README, install it"
	inside "$user" sh -exc 'fish -c "complete -C \"venvctl help cre\"" | grep -q ^create'
	ok $? "$user: fish completes"
}

readme() {
	blocks README.md VENV_PLUGIN_DEFINE 1 >"$home/work/hello.c"
	commands README.md | grep -e ^venvctl -e '^cc ' >"$home/script"
	run README
	{
		printf '#include <stdio.h>\n#include <venvctl/venvctl.h>\nint main(void)\n{\n'
		blocks README.md venv_create 1
		printf 'return 0;\n}\n'
	} >"$home/work/readme.c"
	program readme
}

manual() {
	page=docs/man/libvenvctl.3.scd
	{
		printf '#include <stdio.h>\n#include <venvctl/venvctl.h>\nint main(void)\n{\n'
		blocks $page 'err = ' 1
		blocks $page venv_builder_new 1 | sed 's/"3\.12"/"3.11"/'
		echo 'b = venv_builder_new(&err);'
		# In main it is a function of gcc's.
		blocks $page post_setup 1 | sed 's/^static //'
		blocks $page venv_builder_begin 1
		printf 'venv_builder_free(b);\nreturn !!err.code;\n}\n'
	} >"$home/work/libvenvctl.c"
	program libvenvctl
	: >"$home/work/requirements.txt"
	for page in $pages; do
		commands "$page" >"$home/script"
		case ${page##*/} in
		venvctl-config.1.scd) echo '[create]' >"$home/work/venvctl.ini" ;;
		venvctl-create.1.scd) mend '-p 3.12' '-p 3.11' ;;
		venvctl-installers.7.scd) mend 'create --plugin=getpip' 'create -n --plugin=getpip' ;;
		venvctl-run.1.scd) mend 'gunicorn app:main' 'python -c pass' ;;
		venvctl-upgrade.1.scd) mend '-p 3.13 --upgrade-deps' '-p 3.11' ;;
		esac
		[ ! -s "$home/script" ] || run "${page##*/}"
	done
}

# What the files name has to be there, as it is where somebody uses them.
ini_files() {
	inside "$user" sh -exc 'cd ../work
		sudo mkdir -p /etc/venvctl/skeleton /etc/venvctl/wheels /srv/wheels /srv/venvctl/store
		sudo venvctl cache warm --site /srv/venvctl/store
		sudo touch /etc/venvctl/acme-ca.pem /etc/venvctl/corp-ca.py
		for name in acme-files acme-setup; do
			[ -d $name ] || venvctl plugins new $name
			make -C $name
			sudo make -C $name install
		done'
	ok $? "$user: plugins of the INI files"
	for page in README.md $pages; do
		i=1
		while blocks "$page" '[' $i >"$home/work/site.ini" && [ -s "$home/work/site.ini" ]; do
			i=$((i + 1))
			grep -qE '^\[(venvctl|create|network|store|policy|plugin:[a-z-]+)\]$' "$home/work/site.ini" ||
				continue
			inside "$user" sh -exc 'cd /etc/venvctl
				sudo install -m 644 "$HOME/work/site.ini" /etc/venvctl/site.ini
				venvctl config check site.ini; sudo rm site.ini'
			ok $? "$user: ${page##*/}, INI file $((i - 1))"
		done
	done
}

make_chroot
ok $? "a chroot"
give_tree root
inside root sh -exc 'tools/packages.sh
	apt-get install -qq -y --no-install-recommends sudo fish
	echo "somebody ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/somebody'
ok $? "root: tools/packages.sh"
for user in root somebody; do
	home=$root/home/$user
	[ "$user" = root ] || give_tree "$user"
	mkdir -p "$home/work" "$root/opt/app"
	chown -R --reference="$home" "$home/work" "$root/opt/app"
	rm -rf "$root/opt/app/env"
	install_it
	readme
	manual
	ini_files
done
echo "1..$n"
