# SPDX-License-Identifier: MIT
# tools.bats - the commands of the README: who may run them, and what they say meanwhile

setup() {
	load common
	common_setup
	cd "$BATS_TEST_TMPDIR/work"
}

@test "13.21: where nothing is missing nobody is asked for root" {
	local as=()
	[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${as[@]}" test -r "$top_srcdir/tools/packages.sh" || skip "another user cannot read the sources"
	mkdir stubs
	chmod 755 "$BATS_TEST_TMPDIR" .
	printf '#!/bin/sh\necho "asked for root" >&2\nexit 9\n' | tee stubs/sudo >stubs/doas
	chmod +x stubs/*
	"${as[@]}" test -x stubs/sudo || skip "another user cannot get there"
	PATH=stubs:$PATH run "${as[@]}" "$top_srcdir/tools/packages.sh"
	[ "$status" -eq 0 ] || skip "something is missing here: $output"
	[ -z "$output" ]
	# With something missing it is.
	sed 's/wanted="/&no-such-package /' "$top_srcdir/tools/packages.sh" >packages.sh
	PATH=stubs:$PATH run "${as[@]}" sh packages.sh
	[ "$status" -eq 9 ] && [[ $output == *"asked for root"* ]] || fail "$status: $output"
}

# tree: sources whose suite is two files, of which the second waits for ./go and fails.
tree() {
	mkdir -p tree/tools
	cp "$top_srcdir/tools/check.sh" tree/tools/
	printf '#!/bin/sh\n' | tee tree/tools/packages.sh >tree/autogen.sh
	cat >tree/configure <<-'EOF'
		#!/bin/sh
		mkdir -p tests
		cat >Makefile <<'END'
		.RECIPEPREFIX = >
		all:
		check:
		> @echo "DONE: tests/one: 3 s, 5 passed, 1 skipped"
		> @while [ ! -e ../../../go ]; do sleep 0.1; done
		> @printf 'ok 1 - fine\nnot ok 2 - broken\n# the reason\n' >tests/two.log
		> @printf ':test-result: PASS fine\n:test-result: FAIL broken\n' >tests/two.trs
		> @echo "DONE: tests/two: 1 s, 1 passed, 1 FAILED"
		> @exit 1
		END
	EOF
	chmod +x tree/configure tree/autogen.sh tree/tools/*.sh
}

@test "13.21: check.sh tells of each test file as it ends, and why one failed" {
	tree
	tree/tools/check.sh >said 2>&1 3>&- &
	local pid=$! i
	for ((i = 0; i < 300; i++)); do
		! grep -q 'tests/one: 3 s, 5 passed, 1 skipped' said || break
		sleep 0.1
	done
	kill -0 $pid || fail "$(cat said)"
	touch go
	# Without git, and with one that failed.
	! wait $pid || fail "it ended well: $(cat said)"
	grep -q 'tests/one: 3 s' said
	grep -qF -- '-- build/gcc/tests/two.log' said || fail "$(cat said)"
	grep -qx 'not ok 2 - broken' said
	grep -qx '# the reason' said
	[ "$(tail -n 1 said)" = "6 passed, 1 failed, 1 skipped" ]
}
