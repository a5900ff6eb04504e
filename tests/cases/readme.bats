# SPDX-License-Identifier: MIT
# readme.bats - what the README says is so

setup() {
	load common
	common_setup
	kit_setup
}

# block WORD: the C block of the README that has it.
block() {
	awk -v word="$1" '
		/^```c$/ { text = ""; inside = 1; next }
		/^```$/ && inside { inside = 0; if (index(text, word)) printf "%s", text }
		inside { text = text $0 "\n" }' "$top_srcdir/README.md"
}

@test "13.21: the plugin is built and run, alone and behind the configured ones" {
	block VENV_PLUGIN_DEFINE >hello.c
	[ -s hello.c ]
	line=$(sed -n 's/^    cc -shared/-shared/p' "$top_srcdir/README.md")
	[ -n "$line" ]
	eval "${CC:-cc} $line"
	grep -qx '    venvctl create --plugin=./hello.so env' "$top_srcdir/README.md"
	expect 0 venvctl create --plugin=./hello.so env
	[ ! -e env/bin/pip ]
	expect 0 venvctl create --add-plugin=./hello.so env2
	env2/bin/pip --version
}

@test "13.21: so is the C program" {
	skip_sanitized "a program of others is not linked with them"
	{
		printf '#include <stdio.h>\n#include <venvctl/venvctl.h>\nint main(void)\n{\n'
		block venv_create
		printf 'return 0;\n}\n'
	} >program.c
	grep -q 'pkg-config --cflags --libs libvenvctl' "$top_srcdir/README.md"
	${CC:-cc} program.c $(pkg-config --cflags --libs libvenvctl) -o program
	LD_LIBRARY_PATH=$LIB ./program
	[ -e env/pyvenv.cfg ]
}

# texts FILE: what the picture FILE says, as text.
texts() {
	"$PY" - "$1" <<-'END'
		import re, sys, xml.etree.ElementTree as tree
		for line in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text"):
		    print("".join(line.itertext()))
	END
}

# Another Python and another pip are no other session.
versions() {
	sed -E 's/[0-9]+(\.[0-9]+)+/N/g; s/[0-9]+ packages?/N packages/'
}

@test "17.6: the picture shows what the commands print" {
	python3 "$top_srcdir/tools/picture.py" --text "$(command -v venvctl)" | versions >now
	[ "$(grep -c '^\$ venvctl' now)" -ge 5 ]
	texts "$top_srcdir/docs/session.svg" | versions | diff - now
	grep -qF '](docs/session.svg)' "$top_srcdir/README.md"
	# And the picture is drawn, with nothing of this machine in it.
	python3 "$top_srcdir/tools/picture.py" "$(command -v venvctl)" >picture.svg
	texts picture.svg | versions | diff - now
	[ "$(grep -c venvctl-picture picture.svg)" = 0 ]
}

@test "13.21: the first commands and the figures are true" {
	while read -r line; do
		eval "expect 0 ${line%%#*}"
	done < <(sed -n 's/^    \$ //p' "$top_srcdir/README.md" |
		sed "s/-p 3\.11/-p $("$PY" -c 'import sys; print("%d.%d" % sys.version_info[:2])')/")
	[ -d .venv ] && [ -d env ]
	# counts.bats counts them.
	grep -q 'at most 130 system calls' "$top_srcdir/README.md"
	grep -q '130' "$top_srcdir/tests/cases/counts.bats"
}
