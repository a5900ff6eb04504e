# SPDX-License-Identifier: MIT
# truth.bats - what -n, `config check` and `config show` say is what a create does

setup() {
	load common
	load wheel
	common_setup
}

teardown() {
	umount ro env 2>/dev/null || true
}

# both STATUS ARGS...: a create ends with it, and so does -n, which leaves nothing and says
# the same.
both() {
	local want=$1 said
	shift
	expect "$want" venvctl create -n -p "$PY" "$@" env
	said=$stderr
	[ ! -e env ]
	expect "$want" venvctl create -p "$PY" "$@" env
	[ "$said" = "$stderr" ] || fail "-n: $said" "create: $stderr"
	[ ! -e env ]
}

@test "13.20: what create would refuse before anything is made, -n refuses, too" {
	mkdir links
	both 2 --plugin=files -o files.source="$PWD/gone"
	both 2 --plugin=files:source="$PWD/gone"
	site $'[plugin:gone]\nuse = files\nsource = gone\n[plugin:far]\nuse = wheels\npackages = acme\nfind-links = gone\n[plugin:lost]\nuse = wheels\npackages = akme\nfind-links = /'
	both 8 --plugin=gone
	both 8 --plugin=far --without-pip
	wheel links/acme-1.0-py3-none-any.whl acme.py=
	both 6 --without-pip --plugin=wheels:packages=acne,find-links="$PWD/links"
	both 6 --without-pip --plugin=wheels:packages=acme==2.0,find-links="$PWD/links"
	echo junk >links/bad-1.0-py3-none-any.whl
	both 7 --without-pip --plugin=wheels:packages=bad,find-links="$PWD/links"
	both 2 --plugin=script:source="$PWD/gone.py"
	both 8 --plugin=ezsetup
}

@test "13.20: -n tells of an interpreter without ensurepip" {
	unshare --mount true 2>/dev/null || skip "no namespaces here"
	hidden() {
		unshare --mount sh -c 'mount -t tmpfs none "$1" && shift && exec "$@"' sh "$@"
	}
	local lib
	lib=$("$PY" -c 'import ensurepip; print(ensurepip.__path__[0])')
	expect 6 hidden "$lib" venvctl create -n -p "$PY" env
	stderr_has 'has no ensurepip'
}

@test "13.20: -n tells of a directory that cannot be made" {
	touch file
	expect 1 venvctl create -n --without-pip -p "$PY" file/env
	expect 1 venvctl create --without-pip -p "$PY" file/env
	mkdir ro
	if [ "$(id -u)" -eq 0 ]; then
		mount -t tmpfs none ro 2>/dev/null && mount -o remount,ro ro || skip "cannot mount"
	else
		chmod 555 ro
	fi
	for dir in ro/env ro/a/b/env; do
		expect 1 venvctl create -n --without-pip -p "$PY" "$dir"
		said=$stderr
		expect 1 venvctl create --without-pip -p "$PY" "$dir"
		[ "$said" = "$stderr" ] || fail "-n: $said" "create: $stderr"
	done
	umount ro 2>/dev/null || true
	# What has nothing to write needs no room.
	venvctl create --without-pip -p "$PY" env
	if [ "$(id -u)" = 0 ]; then
		mount --bind env env && mount -o remount,bind,ro env
	else
		chmod 555 env
	fi
	expect 1 venvctl create -n --without-pip -p "$PY" env
	expect 1 venvctl create --without-pip -p "$PY" env
	expect 0 venvctl create -n --existing reuse --without-pip -p "$PY" env
	expect 0 venvctl create --existing reuse --without-pip -p "$PY" env
	umount env 2>/dev/null || chmod 755 env
}

@test "13.20: config check finds what a create would stumble over" {
	# check TEXT WORDS: the site's configuration has that fault, and the check says so.
	check() {
		site "$1"
		expect 8 venvctl config check
		stdout_has "$2"
		expect 8 venvctl config check "$SITE/venvctl.ini"
		stdout_has "$2"
	}
	check $'[create]\npost-setup = ensurepipp' "venvctl.ini:2: "
	stdout_has "ensurepipp"
	stdout_has "did you mean 'ensurepip'?"
	check $'[policy]\nallowed-plugins = ensurepip flies' "'flies'"
	check $'[policy]\nrequired-plugins = flies' "'flies'"
	check $'[policy]\nallowed-plugins = ensurepip\nrequired-plugins = files\n[plugin:files]\nsource = .' \
		"required-plugins"
	check $'[plugin:files]\nsource = gone' "/gone'"
	check $'[plugin:skel]\nuse = files\nsource = gone' "venvctl.ini:3: "
	check $'[network]\nca-file = gone.pem' "gone.pem"
	check $'[venvctl]\nplugin-path = gone' "/gone'"
	check $'[plugin:w]\nuse = wheels\npackages = acme\nfind-links = gone' "gone"
	check $'[plugin:s]\nuse = script\nsource = gone.py' "gone.py"
	check $'[plugin:s]\nuse = flies' "flies"
	check $'[policy]\nuser-options = flies.source' "flies"
	# All faults, not the first.
	check $'[create]\npost-setup = ensurepipp filess\n[network]\nca-file = gone.pem' "ensurepipp"
	stdout_has filess
	stdout_has gone.pem
	# What is right has none.
	mkdir -p "$SITE/skel" "$SITE/wheels"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=acme \
		-out "$SITE/ca.pem" 2>/dev/null
	site $'[venvctl]\nplugin-path = .\n[create]\npost-setup = ensurepip skel\n[plugin:skel]\nuse = files\nsource = skel\nafter = ensurepip pip\n[plugin:w]\nuse = wheels\npackages = acme\nfind-links = wheels https://acme.example/x.whl\n[network]\nca-file = ca.pem\n[policy]\nallowed-plugins = ensurepip skel w\nrequired-plugins = skel\nuser-options = skel.source'
	expect 0 venvctl config check
	[ -z "$output" ]
	expect 0 venvctl config check "$SITE/venvctl.ini"
}

@test "13.20: config show knows a key that has no value" {
	expect 0 venvctl config show prompt
	[ "$output" = "create.prompt is not set" ]
	expect 0 venvctl config show create.prompt
	expect 0 venvctl config show --show-origin network.proxy
	expect 0 venvctl config show --json prompt
	stdout_has '"create.prompt":{"value":null'
	expect 2 venvctl config show promt
	stderr_has "did you mean 'prompt'?"
	expect 2 venvctl config show create.proxy
	# One of several sections that has it is enough.
	site $'[network]\nmax-download = 2M'
	expect 0 venvctl config show max-download
	[[ $output != *'not set'* ]]
	site $'[create]\nprompt = x'
	expect 0 venvctl config show prompt
	[ "$output" = "create.prompt = x" ]
}
