# SPDX-License-Identifier: MIT
# upgrade-deps.bats - --upgrade-deps, from a directory that stands for the index

setup() {
	VERSIONS=$HOME/.pyenv/versions
	load common
	common_setup
	OLD=$(echo "$VERSIONS"/3.12.*/bin/python3) NEW=$(echo "$VERSIONS"/3.13.*/lib/python3.13)
	[ -x "$OLD" ] && [ -d "$NEW" ] || skip "needs Python 3.12 and 3.13"
	mkdir links && cp "$NEW"/ensurepip/_bundled/pip-*.whl links
	WANT=$(basename links/pip-*.whl) && WANT=${WANT#pip-} && WANT=${WANT%%-*}
	export PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/links PIP_CONFIG_FILE=/dev/null
}

teardown() {
	[ -z "${server-}" ] || kill "$server" 2>/dev/null || true
}

@test "pip becomes the newest after the last plugin" {
	expect 0 venvctl create -p "$OLD" --upgrade-deps env
	stderr_has "Upgrading pip ..."
	[[ $(env/bin/pip --version) == "pip $WANT "* ]]
	[ ! -e env/.venvctl-incomplete ]
	no_leftovers .
	expect 0 venvctl create -p "$OLD" other
	[[ $(other/bin/pip --version) != "pip $WANT "* ]]
}

@test "what pip cannot do is exit 6, rolled back" {
	echo damaged >links/pip-99.0-py3-none-any.whl
	expect 6 venvctl create -p "$OLD" --upgrade-deps env
	stderr_has "--upgrade-deps"
	stderr_has pip-99.0
	[ ! -e env ]
	# Nor without any pip.
	expect 6 venvctl create -p "$OLD" --without-pip --upgrade-deps env
	stderr_has "No module named pip"
	[ ! -e env ]
	no_leftovers .
}

@test "-n and --json say so, and nothing is run" {
	expect 0 venvctl create -n -p "$OLD" --upgrade-deps env
	stdout_has "upgrade  pip, from the package index"
	expect 0 venvctl create -n --json -p "$OLD" --upgrade-deps env
	stdout_has '"upgrade_deps":true'
	[ ! -e env ]
}

@test "it can be configured, and undone" {
	site $'[create]\nupgrade-deps = yes'
	expect 0 venvctl create -p "$OLD" --no-upgrade-deps env
	stderr_lacks Upgrading
	expect 0 venvctl create -p "$OLD" --upgrade env
	[[ $(env/bin/pip --version) == "pip $WANT "* ]]
	# Who configures it does not mean what somebody wants without pip.
	for option in --no-pip --without-pip; do
		expect 0 venvctl create -n -p "$OLD" $option bare
		[[ $output != *upgrade\ * ]]
		expect 0 venvctl create -p "$OLD" $option bare$option
		[ ! -e bare$option/bin/pip ]
	done
}

@test "13.9: an index that has no answer is a failure, one that has nothing newer is none" {
	local url
	unset PIP_NO_INDEX PIP_FIND_LINKS
	export PIP_RETRIES=0 PIP_TIMEOUT=2
	/usr/bin/python3 - >port 3>&- <<-'EOF' &
		import http.server, sys
		class Missing(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        self.send_error(403)
		    def log_message(self, *args):
		        pass
		server = http.server.HTTPServer(("127.0.0.1", 0), Missing)
		print(server.server_address[1], flush=True)
		server.serve_forever()
	EOF
	server=$!
	while [ ! -s port ]; do sleep 0.05; done
	# Nobody listens there; an error.
	for url in http://127.0.0.1:9/simple "http://127.0.0.1:$(cat port)/simple"; do
		PIP_INDEX_URL=$url expect 6 venvctl create -p "$OLD" --upgrade-deps env
		stderr_has "nothing was upgraded"
		stderr_lacks "done."
		[ ! -e env ]
	done
	kill "$server"
	# What is there already is an answer.
	mkdir same && cp "${OLD%/bin/*}"/lib/python3.*/ensurepip/_bundled/pip-*.whl same
	PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/same expect 0 venvctl create -p "$OLD" --upgrade-deps env
	env/bin/pip --version
}

@test "13.9: --offline has no index" {
	expect 2 venvctl create -p "$OLD" --upgrade-deps --offline env
	stderr_has "--upgrade-deps and --offline"
	expect 2 venvctl create -n -p "$OLD" --upgrade-deps --offline env
	VENVCTL_OFFLINE=yes expect 2 venvctl create -n -p "$OLD" --upgrade-deps env
	[ ! -e env ]
	# Configured for all, it gives way to those that are made without a network.
	site $'[create]\nupgrade-deps = yes'
	expect 0 venvctl create -v -n --offline -p "$OLD" env
	stdout_has 'plugin   ensurepip'
	[[ $output != *upgrade\ * ]]
	stderr_has 'upgrade-deps is passed over'
}

@test "13.9: pip installs into the environment, whatever its settings say" {
	local conf key
	unset PIP_CONFIG_FILE
	mkdir -p away "$HOME/.config/pip" own
	for key in target prefix root; do
		export "PIP_${key^^}=$PWD/away"
	done
	export PIP_USER=1 PIP_DRY_RUN=1 PIP_VERSION=1
	expect 0 venvctl create -p "$OLD" --upgrade-deps env
	[[ $(env -i env/bin/pip --version) == "pip $WANT "*"$PWD/env/"* ]]
	unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_DRY_RUN PIP_VERSION
	# Lines of the user's file, and of one that is named.
	for conf in "$HOME/.config/pip/pip.conf" own/pip.conf; do
		printf '[global]\nTarget: %s\n[install]\nuser = yes\n--prefix = %s\n  \nroot=\n  %s\n' \
			"$PWD/away" "$PWD/away" "$PWD/away" >"$conf"
		rm -rf env
		if [ "$conf" = own/pip.conf ]; then
			rm "$HOME/.config/pip/pip.conf"
			export PIP_CONFIG_FILE=own/pip.conf
			unset PIP_FIND_LINKS
			printf '[install]\nuser = yes\nfind-links =\n  %s\ntarget = %s\n' "$PWD/links" "$PWD/away" >"$conf"
		fi
		expect 0 venvctl create -p "$OLD" --upgrade-deps env
		[[ $(env -i env/bin/pip --version) == "pip $WANT "*"$PWD/env/"* ]]
	done
	[ -z "$(find away "$HOME/.local" -type f 2>/dev/null)" ] || fail "$(find away -type f | head)"
	# Settings that cannot be read are not passed over, as pip would then ask another index.
	if command -v strace >/dev/null && ! grep -qa __asan_init "$(command -v venvctl)"; then
		expect 6 strace -f -qq -o trace -P "$PWD/own/pip.conf" -e inject=openat:error=EIO \
			venvctl create -p "$OLD" --upgrade-deps unread
		stderr_has "cannot read '$PWD/own/pip.conf'"
		[ ! -e unread ]
	fi
	# So does a step, but for what it is passed on purpose.
	printf '#!/bin/sh\necho "target ${PIP_TARGET-none}"\n' >show && chmod 755 show
	export PIP_TARGET=$PWD/away
	expect 0 venvctl create -v --without-pip -p "$OLD" \
		--plugin=script:source="$PWD/show",interpreter=none shown
	stderr_has "target none"
	expect 0 venvctl create -v --without-pip -p "$OLD" --pass-env PIP_TARGET \
		--plugin=script:source="$PWD/show",interpreter=none shown2
	stderr_has "target $PWD/away"
}

@test "pip gets its settings wherever the current directory is" {
	local top=$PWD
	# Where nothing can be written, and on another file system than the temporary directory.
	cd /proc
	expect 0 env -u PIP_CONFIG_FILE venvctl create -p "$OLD" --upgrade-deps "$top/env"
	[[ $("$top/env/bin/pip" --version) == "pip $WANT "* ]]
	cd "$top"
	[ -z "$(find . -maxdepth 1 -name '.venvctl-*')" ]
}
