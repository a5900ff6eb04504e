# SPDX-License-Identifier: MIT
# examples.bats - every example, built against an installed copy, and run

setup() {
	# Of the caller: rustup's needs its HOME as well.
	RUSTC=$(command -v rustc || true) RUSTHOME=$HOME GO=$(command -v go || true)
	load common
	common_setup
	kit_setup
	EXAMPLES=$top_srcdir/examples
}

teardown() {
	[ -z "${SERVER-}" ] || kill "$SERVER" 2>/dev/null || true
	[ -z "${GO_PID-}" ] || kill -9 "$GO_PID" 2>/dev/null || true
}

# plugin NAME: built as its author would.
plugin() {
	$CC -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -pedantic -shared -fPIC \
		-fvisibility=hidden -Wl,-z,defs $(pkg-config --cflags venvctl-plugin) \
		"$EXAMPLES/plugins/$1.c" -o "$1.so"
}

# make_wheel: acme-1.0-py3-none-any.whl.
make_wheel() {
	python3 - <<-'EOF'
		import base64, hashlib, zipfile
		files = {"acme.py": b"answer = 42\n",
		         "acme-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
		         "acme-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\n"
		                                     b"Root-Is-Purelib: true\nTag: py3-none-any\n"}
		record = "".join("%s,sha256=%s,%d\n" % (name, base64.urlsafe_b64encode(
		    hashlib.sha256(data).digest()).decode().rstrip("="), len(data))
		    for name, data in files.items()) + "acme-1.0.dist-info/RECORD,,\n"
		with zipfile.ZipFile("acme-1.0-py3-none-any.whl", "w") as z:
		    for name, data in files.items():
		        z.writestr(name, data)
		    z.writestr("acme-1.0.dist-info/RECORD", record)
	EOF
}

@test "pip-conf writes a pip.conf that pip reads" {
	plugin pip-conf
	expect 2 venvctl create --plugin=./pip-conf.so env
	stderr_has "needs the option 'index-url'"
	[ ! -e env ]
	expect 0 venvctl create -p "$PY" --plugin=./pip-conf.so:index-url=https://pkg.example/simple \
		--add-plugin=ensurepip env
	[ "$(cat env/pip.conf)" = "[global]
index-url = https://pkg.example/simple" ]
	[ "$(env/bin/pip config get global.index-url)" = https://pkg.example/simple ]
}

@test "site-activate: sourced by activate, undone by deactivate" {
	plugin site-activate
	expect 0 venvctl create --plugin=./site-activate.so env
	expect 0 bash -c '. env/bin/activate; echo "active: $SITE_ACTIVE"; deactivate
		echo "after: ${SITE_ACTIVE-unset}"'
	stdout_has "active: yes"
	stdout_has "after: unset"
}

@test "relative-python: the stage is replaced, and the interpreter runs" {
	plugin relative-python
	expect 0 venvctl create -p "$PY" --plugin=./relative-python.so env
	[[ $(readlink env/bin/python3) == ../*$PY ]]
	[ "$(env/bin/python -c 'import sys; print(sys.prefix)')" = "$PWD/env" ]
	expect 0 venvctl plugins check ./relative-python.so
}

@test "preinstall: a wheel without starting Python" {
	plugin preinstall
	make_wheel
	expect 0 venvctl create -p "$PY" --plugin=./preinstall.so:wheel=acme-1.0-py3-none-any.whl env
	[ "$(env/bin/python -c 'import acme; print(acme.answer)')" = 42 ]
	expect 7 venvctl create -p "$PY" --plugin=./preinstall.so:wheel=acme-1.0-py3-none-any.whl \
		-o "preinstall.sha256=$(printf '%064d' 0)" env2
	[ ! -e env2 ]
}

@test "jupyter-kernel: made outside the environment, and taken back with it" {
	local kernels=$HOME/.local/share/jupyter/kernels
	plugin jupyter-kernel
	expect 0 venvctl create -p "$PY" --without-pip --plugin=./jupyter-kernel.so env
	[ "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["argv"][0])' \
		"$kernels/env/kernel.json")" = "$PWD/env/bin/python3" ]
	expect 0 venvctl create -p "$PY" --without-pip --clear --plugin=./jupyter-kernel.so env
	# A step behind it fails: its kernel goes, and what was there stays.
	expect 6 venvctl create -p "$PY" --without-pip --plugin=./jupyter-kernel.so \
		--add-plugin="$MOCKS/mock-faults.so:do=silent,at=post_setup" other
	[ ! -e other ]
	[ "$(ls "$kernels")" = env ]
	expect 6 venvctl create -p "$PY" --without-pip --plugin=./jupyter-kernel.so:prefix=mine \
		--add-plugin="$MOCKS/mock-faults.so:do=silent,at=post_setup" other
	[ ! -e mine ]
	expect 0 venvctl plugins check ./jupyter-kernel.so
	stdout_has "undo: nothing left behind"
}

@test "pinned-wheels: exact versions, and nothing is made without them" {
	plugin pinned-wheels
	mkdir wheels
	(cd wheels && make_wheel)
	expect 0 venvctl create -p "$PY" --plugin=./pinned-wheels.so:wheels=wheels,pins=acme==1.0 env
	[ "$(env/bin/python -c 'import acme; print(acme.answer)')" = 42 ]
	expect 6 venvctl create -n -p "$PY" --plugin=./pinned-wheels.so:wheels=wheels,pins=acme==2.0 other
	expect 6 venvctl create -p "$PY" --plugin=./pinned-wheels.so:wheels=wheels,pins=acme==2.0 other
	[ ! -e other ]
	user "[plugin:pinned-wheels]
wheels = $PWD/wheels
pins = acme==1.0"
	expect 0 venvctl plugins check ./pinned-wheels.so
}

@test "git-hook: runs the environment's python before a commit, and is taken back" {
	command -v git >/dev/null || skip "git is not installed"
	plugin git-hook
	git -c init.defaultBranch=main init -q repo
	echo 'def broken(' >repo/bad.py
	expect 0 venvctl create -p "$PY" --without-pip \
		--plugin="./git-hook.so:repository=repo,module=compileall" -o git-hook.git="$(command -v git)" env
	grep -qxF "exec '$PWD/env/bin/python3' -m compileall" repo/.git/hooks/pre-commit
	[ -x repo/.git/hooks/pre-commit ]
	rm repo/.git/hooks/pre-commit
	expect 6 venvctl create -p "$PY" --without-pip --plugin="./git-hook.so:repository=repo" \
		-o git-hook.git="$(command -v git)" --add-plugin="$MOCKS/mock-faults.so:do=silent,at=post_setup" other
	[ ! -e repo/.git/hooks/pre-commit ]
	echo mine >repo/.git/hooks/pre-commit
	expect 0 venvctl create -p "$PY" --without-pip --plugin="./git-hook.so:repository=repo" \
		-o git-hook.git="$(command -v git)" third
	stderr_has "there is a pre-commit hook already: it stays"
	[ "$(cat repo/.git/hooks/pre-commit)" = mine ]
}

@test "ca-bundle: over https, with its digest or not at all" {
	local sum port
	command -v openssl >/dev/null || skip "openssl is not installed"
	plugin ca-bundle
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out bundle.pem -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	sum=$(sha256sum bundle.pem)
	sum=${sum%% *}
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
	openssl s_server -accept "$port" -WWW -quiet -cert bundle.pem -key key.pem >log 2>&1 3>&- &
	SERVER=$!
	export SSL_CERT_FILE=$PWD/bundle.pem VENVCTL_LOG_FILE=$PWD/said
	timeout 20 bash -c "until (: </dev/tcp/localhost/$port) 2>/dev/null; do sleep 0.1; done"
	expect 0 venvctl create -p "$PY" --plugin="./ca-bundle.so:url=https://localhost:$port/bundle.pem,sha256=$sum" \
		--add-plugin=ensurepip env
	cmp bundle.pem env/etc/ca-bundle.pem
	[ "$(env/bin/pip config get global.cert)" = "$PWD/env/etc/ca-bundle.pem" ]
	expect 7 venvctl create -p "$PY" --plugin="./ca-bundle.so:url=https://localhost:$port/bundle.pem" \
		-o "ca-bundle.sha256=$(printf '%064d' 0)" other
	[ ! -e other ]
}

@test "a plugin in C++" {
	command -v g++ >/dev/null || skip "no C++ compiler"
	g++ -std=c++20 -Wall -Wextra -Werror -shared -fPIC $(pkg-config --cflags venvctl-plugin) \
		"$EXAMPLES/plugins/hello-cpp.cc" -o hello-cpp.so
	expect 0 venvctl create --prompt=p --plugin=./hello-cpp.so env
	[ "$(cat env/hello-cpp)" = "hello from C++, p" ]
	expect 0 venvctl plugins check ./hello-cpp.so
}

@test "a plugin in Rust" {
	[ -n "$RUSTC" ] || skip "there is no Rust compiler on this machine"
	HOME=$RUSTHOME PATH=$PATH:${RUSTC%/*} "$RUSTC" --edition 2021 --crate-type cdylib -C panic=abort -D warnings \
		"$EXAMPLES/plugins/hello-rust.rs" -o hello-rust.so
	expect 0 venvctl create --plugin=./hello-rust.so env
	[ "$(cat env/hello-rust)" = "hello from Rust" ]
	expect 0 venvctl plugins check ./hello-rust.so
}

# go_plugin DIR: hello-go.so of the sources in DIR.
go_plugin() {
	[ -n "$GO" ] || skip "there is no Go compiler on this machine"
	# One for all cases: it compiles its runtime once.
	(cd "$1" && GOCACHE=$BATS_FILE_TMPDIR/go GOPATH=$BATS_FILE_TMPDIR/gopath GOFLAGS=-buildvcs=false \
		GOTOOLCHAIN=local GOPROXY=off \
		"$GO" build -buildmode=c-shared -o "$BATS_TEST_TMPDIR/work/hello-go.so")
}

@test "a plugin in Go" {
	go_plugin "$EXAMPLES/plugins/hello-go"
	expect 0 venvctl create --prompt=p --plugin=./hello-go.so env other
	[ "$(cat env/hello-go)" = "hello from Go, p" ]
	[ "$(cat other/hello-go)" = "hello from Go, p" ]
	expect 0 venvctl create -n --plugin=./hello-go.so third
	[ -z "$stderr" ] || fail "$stderr"
	# Threads are there when the environment's python is started.
	expect 0 venvctl create -p "$PY" --plugin=./hello-go.so --add-plugin=ensurepip \
		-o ensurepip.mode=run fourth
	fourth/bin/pip --version
	expect 0 venvctl plugins check ./hello-go.so
	stdout_has "ok       runtime: Go's"
	[[ $output != *warning* ]] || fail "$output"
}

@test "what Go's runtime brings is told apart from a fault" {
	mkdir src
	cp "$EXAMPLES"/plugins/hello-go/* "$top_srcdir/tests/plugins/go-deeds.go" src
	chmod u+w src/*
	sed -i 's/^\treturn h.write("hello-go"/\th.deed()\n&/' src/hello.go
	go_plugin src
	expect 0 venvctl create -p "$PY" --without-pip --plugin=./hello-go.so env
	# Which Go raises.
	ulimit -Sn 256
	expect 0 venvctl plugins check ./hello-go.so
	stdout_has "environment: made, and nothing left behind"
	HELLO_GO_DO=pipe expect 1 venvctl plugins check ./hello-go.so
	stdout_has "FAILED   environment: it left descriptors open: "
	HELLO_GO_DO=notify expect 1 venvctl plugins check ./hello-go.so
	stdout_has "FAILED   environment: it changed what signals do: 2"
	HELLO_GO_DO=setenv expect 1 venvctl plugins check ./hello-go.so
	stdout_has "FAILED   environment: it changed the environment: HELLO_GO=1"

	HELLO_GO_DO=exit expect 6 venvctl create -p "$PY" --without-pip --plugin=./hello-go.so other
	stderr_has "plugin 'hello-go': its hook 'seed' ended the process"
	HELLO_GO_DO=panic expect 6 venvctl create -p "$PY" --without-pip --plugin=./hello-go.so other
	stderr_has "plugin 'hello-go': runtime error: invalid memory address"
	HELLO_GO_DO=goroutine expect 6 venvctl create -p "$PY" --without-pip --plugin=./hello-go.so other
	stderr_has "plugin 'hello-go': its hook 'seed' "
	# Its loop is on a stack of Go's: the handler of the interrupt has to be on another.
	go_waits wait
	kill -INT "$GO_PID"
	go_ended 130
	# It takes the first for itself; the second, whatever it does with signals, ends it.
	local n
	for n in INT TERM; do
		go_waits deaf
		kill -INT "$GO_PID"
		sleep 0.3
		kill -0 "$GO_PID" || fail "one signal ended it" "$(cat log)"
		kill -$n "$GO_PID"
		go_ended $((128 + $(kill -l $n)))
		grep -q "plugin 'hello-go': its hook 'seed' did not stop when it was asked to" log || fail "$(cat log)"
	done
}

# go_waits DEED: a create that waits in hello-go, as GO_PID.
go_waits() {
	: >log
	HELLO_GO_DO=$1 env --default-signal=INT venvctl create -p "$PY" --without-pip \
		--plugin=./hello-go.so other >log 2>&1 3>&- &
	GO_PID=$!
	timeout 60 bash -c 'until grep -q waiting log; do sleep 0.05; done'
}

# go_ended STATUS: that create has ended so, and left nothing.
go_ended() {
	local status=0
	wait "$GO_PID" || status=$?
	GO_PID=
	[ "$status" = "$1" ] || fail "status $status" "$(cat log)"
	[ ! -e other ]
	no_leftovers .
}

@test "libvenvctl in a C program" {
	skip_sanitized "the program would have to be built with them, too"
	$CC -std=c99 -Wall -Wextra -Werror -pedantic "$EXAMPLES/embed/embed.c" \
		$(pkg-config --cflags --libs libvenvctl) -o embed
	export LD_LIBRARY_PATH=$LIB
	expect 0 ./embed env
	stdout_has "embed: scripts of 'env' are in $PWD/env/bin"
	stdout_has "[main] Installing pip ..."
	stdout_has "[stdout] "
	grep -q '^prompt = .embedded.$' env/pyvenv.cfg
	env/bin/pip --version
	expect 1 ./embed /
	stderr_has "embed: "
}

@test "libvenvctl through ctypes" {
	skip_sanitized "python would have to be built with them, too"
	expect 0 python3 "$EXAMPLES/embed/embed.py" "$LIB/libvenvctl.so.0" env
	stdout_has "made env"
	[ -x env/bin/python3 ]
	expect 1 python3 "$EXAMPLES/embed/embed.py" "$LIB/libvenvctl.so.0" /
}

@test "gcc and clang, in each standard: built without a warning, loaded, run" {
	local cc std file n=0
	skip_sanitized "the program would have to be built with them, too"
	for cc in gcc clang; do
		command -v "$cc" >/dev/null || continue
		for std in c99 c11 c17; do
			for file in "$EXAMPLES"/plugins/*.c; do
				"$cc" -std=$std -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -pedantic \
					-shared -fPIC -fvisibility=hidden -Wl,-z,defs \
					$(pkg-config --cflags venvctl-plugin) "$file" \
					-o "$(basename "$file" .c).so" || fail "$cc $std $file"
			done
			expect 0 venvctl create --plugin=./site-activate.so "env-$cc-$std"
			[ -n "$(ls "env-$cc-$std/etc/venvctl/activate.d")" ]
			n=$((n + 1))
		done
		"$cc" -std=c99 -Wall -Wextra -Werror -pedantic "$EXAMPLES/embed/embed.c" \
			$(pkg-config --cflags --libs libvenvctl) -o embed || fail "$cc embed"
		"$cc" -x c++ -std=c++20 -Wall -Wextra -Werror -pedantic -shared -fPIC \
			$(pkg-config --cflags venvctl-plugin) "$EXAMPLES/plugins/hello-cpp.cc" \
			-o hello-cpp.so -lstdc++ || fail "$cc c++20"
		expect 0 venvctl create --plugin=./hello-cpp.so "env-$cc-c++20"
		# As an author has it.
		rm -rf acme
		expect 0 venvctl plugins new acme
		(make -s -C acme check CC="$cc") >log 2>&1 || fail "$cc: $(cat log)"
	done
	[ $n -gt 0 ]
}
