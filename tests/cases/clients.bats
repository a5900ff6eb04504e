#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# clients.bats - venvctl-clients(7) without the clients: its lines are such that they can be
# tried, and what is venvctl's in them is taken. tests/release/clients.py has the real tools.

setup() {
	load common
	common_setup
	PAGE=$top_srcdir/docs/man/venvctl-clients.7.scd
	mkdir bin
	ln -s "$TEST_PREFIX/bin/venvctl" bin/virtualenv
	ln -s "$TEST_PREFIX/bin/venvctl" bin/pyvenv
	PATH=$PWD/bin:$PATH
}

# The lines of the page, without prompts.
lines() {
	awk '/^```$/ { inside = !inside; next } inside { sub(/^\$ /, ""); print }' "$PAGE"
}

@test "each client has its lines, and its test with the real one" {
	awk '/^## / { name = substr($0, 4); order[++n] = name }
		/^```$/ { inside = !inside; next }
		inside && /^\$ / { has[name]++ }
		END { for (i = 1; i <= n; i++) print order[i] "\t" has[order[i]] + 0 }' "$PAGE" >clients
	[ "$(wc -l <clients)" -ge 27 ]
	! grep $'\t0$' clients || fail "without a line: $(cat clients)"
	while IFS=$'\t' read -r name _; do
		grep -qF " \"$name\": " "$top_srcdir/tests/release/clients.py" || fail "untried: $name"
	done <clients
	lines >script
	bash -n script
}

@test "what is venvctl's in the lines is taken, and makes an environment" {
	# Each call by itself, with what another tool adds to it in the end.
	lines | grep -oE '\b(venvctl create|virtualenv|pyvenv) [^|&;"]*' |
		grep -v -e 'python -m' -e '"\$@"' -e '^venvctl create -p /usr/bin/python3 *$' |
		sed "s#/usr/bin/python3#$PY#; s# env\$##; s# \.venv\$##; s# *\$##" | sort -u >calls
	for call in 'venvctl create' 'venvctl create -q --existing reuse' 'virtualenv --activators=' \
		pyvenv; do
		grep -q "^$call" calls || fail "no '$call': $(cat calls)"
	done
	while read -r call; do
		rm -rf made
		expect 0 sh -c "$call made"
		[ -z "$stderr" ] || fail "$call: $stderr"
		made/bin/python -c 'import sys; assert sys.prefix != sys.base_prefix'
	done <calls
}

@test "the script that stands in for a Python has it made, and is one otherwise" {
	lines | sed -n "/^cat >venvctl-python/,/^chmod/p" >script
	bash -e script
	expect 0 ./venvctl-python -m venv --without-pip "$PWD/env"
	grep -q '^venvctl = ' env/pyvenv.cfg
	expect 0 ./venvctl-python -c 'print("still a Python")'
	stdout_has "still a Python"
}

@test "the step of an image that venvctl-site(7) shows is the Dockerfile's" {
	sed -n '/^RUN --mount/,/[^\\]$/p' "$top_srcdir/packaging/docker/Dockerfile" |
		sed -e ':a' -e '/\\$/{N;s/\\\n *//;ba' -e '}' >step
	grep -q 'venvctl create' step
	grep '^RUN --mount' "$top_srcdir/docs/man/venvctl-site.7.scd" | diff step -
}
