# SPDX-License-Identifier: MIT
# left-out.bats - the table of options and plugins in venvctl-installers(7), cell by cell

setup() {
	load common
	common_setup
	MANUAL=$top_srcdir/docs/man/venvctl-installers.7.scd
	mkdir links
	for name in pip setuptools acme; do
		python3 "$top_srcdir/tests/store/wheelmaker.py" links "$name" 1.0
	done
	# They say that they ran, and what they were told.
	installs ez setuptools >ez_setup.py
	installs gp pip >get-pip.py
	site "[plugin:ezsetup]
url = $PWD/ez_setup.py
[plugin:getpip]
url = $PWD/get-pip.py
[plugin:wheels]
packages = pip setuptools acme
find-links = $PWD/links"
}

# installs FILE NAME: a script that does, and says in FILE what it was told.
installs() {
	cat <<-END
		import os, sys, sysconfig
		open("../$1", "w").write(str(sys.argv[1:]))
		where = os.path.join(sysconfig.get_path("purelib"), "$2")
		os.makedirs(where, exist_ok=True)
		for name in "__init__.py", "__main__.py":
		    open(os.path.join(where, name), "w").close()
	END
}

# cells OPTION: what the manual's table says of it, a line a plugin.
cells() {
	awk -v option="$1" '
		/^\[\[ \*option\*/ { n = 0; inside = 1; next }
		/^$/ { inside = 0 }
		inside && /^:</ { name[n++] = substr($2, 2, length($2) - 2) }
		inside && /^\|/ { row = $2 == option; i = 0 }
		inside && /^: / && row { sub(/^: */, ""); print name[i++] "\t" $0 }
	' "$MANUAL"
}

has() {
	compgen -G "env/lib/python3*/site-packages/$1-*.dist-info" >/dev/null
}

# create PLUGIN OPTION: configured rather than named.
create() {
	rm -rf env
	VENVCTL_POST_SETUP=$1 expect 0 venvctl create -p "$PY" "$2" env
}

holds() {
	local option=$1 plugin=$2 cell=$3 package=${3#less }
	case $cell in
	dropped)
		create "$plugin" "$option"
		[ ! -e env/gp ] && ! has pip
		expect 2 venvctl create -p "$PY" --plugin="$plugin" "$option" bad
		stderr_has "you cannot supply $option and the plugin '$plugin'"
		;;
	less\ *)
		create "$plugin" "$option"
		local other=pip
		[ "$package" != pip ] || other=setuptools
		has "$other" && ! has "$package"
		;;
	runs)
		create "$plugin" "$option"
		[ -e env/ez ]
		;;
	"a note")
		create "$plugin" "$option"
		stderr_has "is not wanted"
		[ ! -e env/ez ] && [ ! -e env/gp ]
		;;
	"passed on")
		create "$plugin" "$option"
		grep -q -- "$option" env/gp
		;;
	*)
		fail "the table says '$cell' of $plugin"
		;;
	esac
}

@test "the manual's table holds in every cell" {
	"$PY" -c 'import sys; sys.exit(sys.version_info >= (3, 12))' || skip "needs a Python before 3.12"
	local n=0 option plugin cell
	for option in --without-pip --no-pip --no-setuptools; do
		while IFS=$'\t' read -r plugin cell; do
			holds "$option" "$plugin" "$cell" || fail "$option, $plugin: $cell"
			n=$((n + 1))
		done < <(cells "$option")
	done
	[ "$n" = 12 ]
}

@test "without setuptools by ezsetup there is no pip by getpip" {
	VENVCTL_POST_SETUP="ezsetup getpip" expect 0 venvctl create -p "$PY" --no-setuptools env
	stderr_has "setuptools is not wanted"
	stderr_has "pip is not wanted"
	[ ! -e env/ez ] && [ ! -e env/gp ]
}
