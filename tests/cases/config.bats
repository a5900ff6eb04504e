#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is configured, by whom, and what the reader refuses.

setup() {
	load common
	common_setup
	CONF=$HOME/.config/venvctl/venvctl.ini
}

# vendor NAME TEXT: a drop-in of a package, in a LIBDIR of this case.
vendor() {
	export TEST_PKGLIBDIR=$BATS_TEST_TMPDIR/lib
	[ -d "$TEST_PKGLIBDIR" ] || cp -r "$TEST_PREFIX/lib/venvctl" "$TEST_PKGLIBDIR"
	mkdir -p "$TEST_PKGLIBDIR/conf.d"
	printf '%s\n' "$2" >"$TEST_PKGLIBDIR/conf.d/$1"
}

# dropin NAME TEXT: one of the site.
dropin() {
	mkdir -p "$SITE/conf.d"
	printf '%s\n' "$2" >"$SITE/conf.d/$1"
}

# The prompt has no value.
not_set() {
	expect 0 venvctl config show prompt
	[ "$output" = "create.prompt is not set" ] || fail "$output"
}

# shows TEXT KEY: what `config show KEY` prints.
shows() {
	expect 0 venvctl config show "$2"
	[ "$output" = "$1" ] || fail "expected '$1', not '$output'"
}

# origin TEXT KEY: where the value comes from.
origin() {
	expect 0 venvctl config show --show-origin "$2"
	[ "${output%%$'\t'*}" = "$1" ] || fail "expected '$1', not '$output'"
}

# refused LINE MESSAGE: the user's file is refused there, and says why.
refused() {
	expect 8 venvctl create --without-pip env
	stderr_has "$CONF:$1: "
	stderr_has "$2"
	[ ! -e env ]
}

@test "each layer beats those below it" {
	origin "built in" create.existing
	vendor 10-a.ini $'[create]\nprompt = vendor'
	origin "$TEST_PKGLIBDIR/conf.d/10-a.ini:2" prompt
	site $'[create]\nprompt = site'
	origin "$SITE/venvctl.ini:2" prompt
	dropin 20-b.ini $'[create]\nprompt = dropin'
	origin "$SITE/conf.d/20-b.ini:2" prompt
	dropin 30-c.ini $'[create]\n\nprompt = later'
	origin "$SITE/conf.d/30-c.ini:3" prompt
	user $'[create]\nprompt = user'
	origin "$CONF:2" prompt
	VENVCTL_PROMPT='env' origin VENVCTL_PROMPT prompt
	VENVCTL_PROMPT='env' expect 0 venvctl create --without-pip --prompt arg a
	grep -qx "prompt = 'arg'\|prompt = arg" a/pyvenv.cfg
	VENVCTL_PROMPT='env' expect 0 venvctl create --without-pip b
	grep -qx "prompt = 'env'\|prompt = env" b/pyvenv.cfg
}

@test "a drop-in of the site replaces its namesake of a package; /dev/null masks it" {
	vendor 10-a.ini $'[create]\nprompt = vendor\nwait = yes'
	shows "create.prompt = vendor" prompt
	dropin 10-a.ini $'[create]\noffline = yes'
	not_set
	shows "create.wait = no" wait
	ln -sf /dev/null "$SITE/conf.d/10-a.ini"
	shows "create.wait = no" wait
	shows "create.offline = no" offline
	# Only *.ini that is not hidden.
	dropin 99.conf $'[create]\nwait = yes'
	dropin .99.ini $'[create]\nwait = yes'
	shows "create.wait = no" wait
}

@test "a directory of drop-ins that cannot be read to its end is exit 8" {
	export ASAN_OPTIONS=detect_leaks=0
	local trace=(strace -f -qq -e trace=getdents64) dir=$SITE/conf.d
	dropin 10-a.ini $'[policy]\nallowed-plugins = ensurepip'
	for n in 1 2; do
		expect 8 "${trace[@]}" -o /dev/null -e inject=getdents64:error=EIO:when=$n \
			-P "$dir" venvctl create --without-pip -p "$PY" env
		stderr_has "cannot read '$dir': Input/output error"
		[ ! -e env ]
	done
}

@test "the user's file: VENVCTL_CONFIG, XDG_CONFIG_HOME, HOME" {
	user $'[create]\nprompt = home'
	shows "create.prompt = home" prompt
	mkdir -p xdg/venvctl
	printf '[create]\nprompt = xdg\n' >xdg/venvctl/venvctl.ini
	XDG_CONFIG_HOME=$PWD/xdg shows "create.prompt = xdg" prompt
	XDG_CONFIG_HOME=xdg shows "create.prompt = home" prompt
	printf '[create]\nprompt = named\n' >named.ini
	VENVCTL_CONFIG=named.ini XDG_CONFIG_HOME=$PWD/xdg shows "create.prompt = named" prompt
	VENVCTL_CONFIG='' shows "create.prompt = home" prompt
	VENVCTL_CONFIG=/dev/null not_set
	VENVCTL_CONFIG=missing.ini expect 8 venvctl config show
	stderr_has missing.ini
	unset HOME
	not_set
}

@test "no file of a project is read" {
	for f in venvctl.ini venvctl/venvctl.ini .venvctl.ini pyproject.toml setup.cfg .config/venvctl/venvctl.ini; do
		mkdir -p "$(dirname "$f")"
		printf '[create]\nprompt = project\n' >"$f"
	done
	not_set
	expect 0 venvctl create --without-pip env
	run ! grep -q project env/pyvenv.cfg
}

@test "lists: blanks on one line, one item a line, replaced, reset" {
	user $'[create]\npost-setup = a  b\tc'
	shows "create.post-setup = a b c" post-setup
	user $'[create]\npass-env =\n\tA\n  # comment\n\n  B'
	shows "create.pass-env = A B" pass-env
	site $'[create]\npost-setup = ensurepip'
	user $'[create]\npost-setup = other'
	shows "create.post-setup = other" post-setup
	user $'[create]\npost-setup ='
	shows "create.post-setup = " post-setup
	expect 0 venvctl create env
	[ ! -e env/bin/pip ]
	VENVCTL_POST_SETUP="x y" shows "create.post-setup = x y" post-setup
	VENVCTL_POST_SETUP='' shows "create.post-setup = " post-setup
}

@test "plugin-path adds up, the highest layer first; an empty one drops the lower ones" {
	local p
	mkdir {arg,env,user,drop,site}dir
	for p in *dir; do cp "$MOCKS/mock-step.so" "$p/"; done
	site "[venvctl]
plugin-path = $PWD/sitedir"
	dropin 1.ini "[venvctl]
plugin-path = $PWD/dropdir"
	user "[venvctl]
plugin-path =
  $PWD/userdir"
	export VENVCTL_PLUGIN_PATH=$PWD/nothing:envdir
	found() {
		expect 0 venvctl create -n --plugin-path="$1" --plugin=mock-step e
		stdout_has "from $PWD/$2/mock-step.so"
	}
	found argdir argdir
	found nowhere envdir
	rm envdir/*
	found nowhere userdir
	rm userdir/*
	found nowhere dropdir
	rm dropdir/*
	found nowhere sitedir
	user $'[venvctl]\nplugin-path ='
	expect 5 venvctl create -n --plugin=mock-step e
	expect 0 venvctl create -n --plugin=ensurepip e
}

@test "relative paths: of a file, its directory; elsewhere the current one" {
	user $'[create]\nlog-file = sub/../log'
	shows "create.log-file = ${CONF%/*}/log" log-file
	VENVCTL_LOG_FILE=x/log shows "create.log-file = $PWD/x/log" log-file
	# A plugin, too: the directory that a create is started in chooses no code.
	mkdir plug "${CONF%/*}/plug"
	cp "$MOCKS/mock-step.so" plug/
	user $'[create]\npost-setup = plug/mock-step.so'
	expect 5 venvctl create -n e
	stderr_has "${CONF%/*}/plug/mock-step.so"
	cp "$MOCKS/mock-step.so" "${CONF%/*}/plug/"
	expect 0 venvctl create -n e
	stdout_has "from ${CONF%/*}/plug/mock-step.so"
	VENVCTL_POST_SETUP=plug/mock-step.so expect 0 venvctl create -n e
	stdout_has "from $PWD/plug/mock-step.so"
}

@test "booleans and their opposites, sizes" {
	local word
	for word in yes true on 1 YES True; do
		user "[create]
wait = $word"
		shows "create.wait = yes" wait
		VENVCTL_NO_WAIT=$word shows "create.wait = no" wait
	done
	for word in no false off 0; do
		user "[create]
copies = $word"
		shows "create.symlinks = yes" symlinks
		VENVCTL_COPIES=$word shows "create.symlinks = yes" symlinks
	done
	user $'[create]\nwith-pip = no'
	shows "create.without-pip = yes" without-pip
	expect 0 venvctl create a
	[ ! -e a/bin/pip ]
	expect 0 venvctl create -n --with-pip b
	stdout_has "plugin   ensurepip"
	user $'[create]\nwait = maybe'
	refused 2 "'maybe' is no value for 'wait'"
	user $'[network]\nmax-download = 20M'
	shows "network.max-download = 20971520" max-download
	user $'[network]\nmax-download = 20X'
	refused 2 "'20X' is no value for 'max-download'"
	user $'[network]\ntimeout = 20M'
	refused 2 "'20M' is no value for 'timeout'"
	for word in timeout=-5 connect-timeout=1000001 stall-timeout=-1 retries=-1; do
		user "[network]
$word"
		refused 2 "'${word#*=}' is no value for '${word%=*}': expected a number from 0 to"
	done
}

@test "the environment: unknown variables warn, wrong values are refused" {
	VENVCTL_PROMTP=x expect 0 venvctl create --without-pip a
	stderr_has "warning: there is no variable 'VENVCTL_PROMTP'"
	for v in CLEAR UPGRADE FORCE DRY_RUN JSON; do
		expect 0 env "VENVCTL_$v=1" venvctl create --without-pip "b$v"
		stderr_has "there is no variable 'VENVCTL_$v'"
		[ -z "$output" ]
	done
	VENVCTL_WAIT=maybe expect 8 venvctl create --without-pip c
	stderr_has "VENVCTL_WAIT: 'maybe' is no value for 'wait'"
	[ ! -e c ]
}

@test "what cannot be configured" {
	local key
	for key in clear upgrade force dry-run json no-clear; do
		user "[create]
$key = yes"
		refused 2 "'$key' cannot be configured"
		stderr_has "hint: give it on the command line"
	done
	user $'[create]\ncachedir-tag = no\ndurable = yes'
	expect 0 venvctl create --without-pip env
	[ ! -e env/CACHEDIR.TAG ]
	expect 2 venvctl create --durable env2
}

@test "lines that are refused, each with file and line" {
	user $'[create]\nprompt = a\nprompt = b'
	refused 3 "the same key a second time"
	user $'[create]\nprompt = a ; why'
	refused 2 "comment behind a value"
	stderr_has "hint:"
	user $'[create]\nprompt = a # why'
	refused 2 "comment behind a value"
	user $'[create]\nprompt = # why'
	refused 2 "comment behind a value"
	user $'[create]\nprompt: a'
	refused 2 "neither a section"
	user $'[create]\npromt = a'
	refused 2 "unknown key 'promt' in [create]"
	stderr_has "hint: did you mean 'prompt'?"
	user $'[craete]\nprompt = a'
	refused 1 "unknown section 'craete'"
	stderr_has "hint: did you mean 'create'?"
	user $'[plugin:Bad]\nuse = a'
	refused 1 "'Bad' cannot name a plugin"
	user $'[plugin:store]\nuse = a'
	refused 1 "'store' cannot name a plugin"
	user $'[create]\nprompt ='
	refused 2 "'prompt' needs a value"
	user $'[create]\nprompt =\n  a\n  b'
	refused 2 "'prompt' takes one value, not a list"
	user "[create]
$(printf 'k%.0s' {1..49}) = 1"
	refused 2 "key of over 48 bytes"
	printf '[create]\nprompt = a\0b\n' >"$CONF"
	refused 2 "NUL byte"
	printf '[create]\n\nprompt = \377\n' >"$CONF"
	refused 3 "not UTF-8"
}

@test "files that are fine: CRLF, BOM, no last line end, long values, marks inside" {
	printf '\357\273\277[create]\r\nprompt = a\r\nwait = yes' >"$CONF" 2>/dev/null ||
		{ user "" && printf '\357\273\277[create]\r\nprompt = a\r\nwait = yes' >"$CONF"; }
	shows "create.prompt = a" prompt
	shows "create.wait = yes" wait
	user $'[create]\nprompt = a;b#c: "d" = e'
	shows 'create.prompt = a;b#c: "d" = e' prompt
	local n long
	for n in 190 199 200 1000 32768; do
		long=$(printf "%0${n}d" 0)
		user "[create]
prompt = $long"
		shows "create.prompt = $long" prompt
	done
	user "[create]
prompt = ${long}0"
	refused 2 "value of over 32 KiB"
}

@test "a file that others may write is refused, and says what to type" {
	user $'[create]\nprompt = a'
	chmod 666 "$CONF"
	expect 8 venvctl create --without-pip env
	stderr_has "$CONF"
	stderr_has "hint:"
	stderr_has chmod
	[ ! -e env ]
	chmod 644 "$CONF"
	shows "create.prompt = a" prompt
	chmod 777 "${CONF%/*}"
	expect 8 venvctl config show
}

@test "root under sudo does not read what another user has in HOME" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	user $'[create]\nprompt = theirs'
	chown -R 12345 "$HOME"
	SUDO_UID=12345 not_set
	DOAS_USER=x not_set
	# Nor what an earlier sudo left there.
	chown 0 "$CONF"
	SUDO_UID=12345 not_set
	chown 12345 "$CONF"
	# What root's environment names may be another user's choice.
	SUDO_UID=12345 VENVCTL_CONFIG=$CONF not_set
	stderr_has "warning: passing over what VENVCTL_CONFIG names: '$CONF' is not trusted"
	XDG_CONFIG_HOME=$HOME/.config not_set
	stderr_has "passing over what XDG_CONFIG_HOME names: '$CONF' is not trusted"
	expect 8 venvctl config show
}

@test "config show: text, origins and JSON say the same" {
	user $'[create]\nprompt = a b\nwait = on'
	expect 0 venvctl config show --show-origin --json
	python3 - "$output" "$CONF" <<-'END'
		import json, sys
		r, conf = json.loads(sys.argv[1]), sys.argv[2]
		assert r["create.prompt"] == {"value": "a b", "origin": conf + ":2"}, r
		assert r["create.wait"] == {"value": "yes", "origin": conf + ":3"}, r
		assert r["create.existing"] == {"value": "keep", "origin": "built in"}, r
	END
	expect 2 venvctl config show nonsense
	stderr_has "there is no value for 'nonsense'"
	expect 2 venvctl config
	expect 2 venvctl config shwo
}

@test "config path: what is read" {
	dropin 1.ini $'[create]\nwait = yes'
	expect 0 venvctl config path
	[ "$output" = "$SITE/venvctl.ini"$'\n'"$CONF"$'\n'"$SITE/conf.d/1.ini" ] || fail "$output"
}

@test "config check: every fault of every file, status 8" {
	printf '[create]\npromt = a\nwait = maybe\n[netwrok]\n[policy]\nrequire-sha256 = yes\n' >a.ini
	printf '[plugin:files]\nsorce = x\n' >b.ini
	printf '[create]\nprompt = a\n' >good.ini
	expect 0 venvctl config check good.ini
	[ -z "$output$stderr" ]
	expect 8 venvctl config check a.ini good.ini b.ini
	stdout_has "$PWD/a.ini:2: unknown key 'promt' in [create] (did you mean 'prompt'?)"
	stdout_has "$PWD/a.ini:3: 'maybe' is no value for 'wait'"
	stdout_has "$PWD/a.ini:4: unknown section 'netwrok' (did you mean 'network'?)"
	stdout_has "b.ini:2: 'files' has no option 'sorce'"
	stdout_has "did you mean 'source'?"
	expect 8 venvctl config check missing.ini b.ini
	stdout_has missing.ini
	stdout_has "b.ini:2: 'files' has no option 'sorce'"
	# What continues a refused key is no fault of its own, nor another key's value.
	printf '[create]\nactivators = sh\nactivators =\n  csh\n  nonsense\n' >twice.ini
	expect 8 venvctl config check twice.ini
	[ "${#lines[@]}" = 1 ] || fail "$output"
	stdout_has "twice.ini:3: the same key a second time"
	printf '[policy]\n\ntrusted-users = no,such\n' >users.ini
	expect 8 venvctl config check users.ini
	stdout_has "users.ini:3: 'no,such' is no value for 'trusted-users'"
	expect 0 venvctl config check
	user $'[create]\nwait = maybe'
	expect 8 venvctl config check
	expect 0 venvctl config check good.ini
}
