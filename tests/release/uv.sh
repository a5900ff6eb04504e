#!/bin/sh
# SPDX-License-Identifier: MIT
# uv.sh - a real uv: as installer of the plugin requirements, in environments that may be moved,
# and led by a redirect
#
# uv comes from the package index; the wheels that it installs are made here.
# shellcheck disable=SC2154,SC2016,SC1091
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
dir=$(mktemp -d) && dir=$(realpath "$dir") || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
python=/usr/bin/python3
export HOME="$dir/home" LC_ALL=C.UTF-8 VENVCTL_CACHE_DIR="$dir/cache" UV_CACHE_DIR="$dir/uv-cache" \
	TEST_SYSCONFDIR="$dir/etc" UV_PYTHON_DOWNLOADS=never PYTHONDONTWRITEBYTECODE=1
unset VIRTUAL_ENV CONDA_PREFIX UV_PYTHON PIP_INDEX_URL
mkdir home wheels
venvctl=$TEST_PREFIX/bin/venvctl
"$venvctl" create -q -p "$python" tools || exit 99
tools/bin/pip install -q --timeout 20 --retries 1 uv >said 2>&1 ||
	skip_all "uv cannot be had: $(tail -n 1 said)"
echo "# $(tools/bin/uv --version)"
export PATH="$dir/tools/bin:$TEST_PREFIX/bin:/usr/bin:/bin"
for what in "base 1.0" "base 2.0" "acme 1.0 py3-none-any >=3.3 base"; do
	# shellcheck disable=SC2086 # words
	"$python" "$top_srcdir/tests/store/wheelmaker.py" wheels $what || exit 99
done
digest=$(sha256sum wheels/base-2.0-py3-none-any.whl | cut -d' ' -f1)

n=0
ok() { # ok NAME COMMAND...: a test that COMMAND ends well
	n=$((n + 1)) name=$1
	shift
	# In a condition there is no -e.
	(
		set -e
		"$@"
	) >said 2>&1
	# shellcheck disable=SC2181
	if [ "$?" = 0 ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 40 said | sed 's/^/# /'
	fi
}
is() { # is WANT FOUND
	[ "$1" = "$2" ] || { echo "'$2', not '$1'"; exit 1; }
}
exits() { # exits STATUS COMMAND...
	want=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$want" ] || { echo "$status, not $want: $*"; exit 1; }
}
by_uv() { # by_uv ARGS...: a create whose requirements uv installs, from the wheels alone
	venvctl create --without-pip -p "$python" -o requirements.installer=uv \
		-o requirements.no-index=yes -o requirements.find-links="$dir/wheels" "$@"
}

installs() {
	echo acme >r.txt
	by_uv --json -r r.txt "env with blank" >json
	is 1.0 "$("env with blank/bin/acme")"
	is 2.0 "$("env with blank/bin/base")"
	[ ! -e "env with blank/bin/pip" ]
	"$python" - <<-'END'
		import json
		o = json.load(open("json"))
		assert [(i["name"], i["version"]) for i in o["installed"]] == [("acme", "1.0"), ("base", "2.0")], o
	END
	venvctl check "env with blank"
	is 2 "$(venvctl info --field packages "env with blank")"
}
fails() {
	echo no-such-package >bad.txt
	exits 6 by_uv -r bad.txt new
	[ ! -e new ]
	echo "base==2.0 --hash=sha256:$(printf '%064d' 0)" >hash.txt
	exits 6 by_uv -o requirements.require-hashes=yes -r hash.txt new
	[ ! -e new ]
	# What was there stays as it was.
	find "env with blank" -type f -exec sha256sum {} + | sort >before
	exits 6 by_uv -r bad.txt "env with blank"
	find "env with blank" -type f -exec sha256sum {} + | sort | diff before -
	[ -z "$(find . -maxdepth 1 -name '.venvctl-*')" ]
}
options() {
	echo "base==2.0 --hash=sha256:$digest" >hash.txt
	by_uv -o requirements.require-hashes=yes -r hash.txt hashed
	is 2.0 "$(hashed/bin/base)"
	echo 'base<2' >c.txt
	echo acme >r.txt
	by_uv --offline --add-plugin requirements -o requirements.constraints="$dir/c.txt" \
		-o requirements.packages=acme constrained
	is 1.0 "$(constrained/bin/base)"
	# Not where the caller's variables lead, and with an environment active.
	(. ./hashed/bin/activate && UV_PROJECT_ENVIRONMENT="$dir/hashed" UV_SYSTEM_PYTHON=1 UV_TARGET="$dir/target" \
		by_uv -r r.txt elsewhere)
	is 1.0 "$(elsewhere/bin/acme)"
	[ ! -e hashed/bin/acme ] && [ ! -e target ]
	mkdir led
	printf '[pip]\nprefix = "%s/led/pre"\n' "$dir" >led/uv.toml
	(cd led && by_uv -r ../r.txt env)
	is 1.0 "$(led/env/bin/acme)"
	[ ! -e led/pre ]
	# Into one that is there, and by upgrade; reuse has nothing to do.
	by_uv --add-plugin requirements -o requirements.packages=acme hashed
	is 1.0 "$(hashed/bin/acme)"
	by_uv --json --existing reuse -r r.txt again >/dev/null
	by_uv --json --existing reuse -r r.txt again >json
	grep -q '"changed":false' json
}
relocatable() {
	by_uv --relocatable -r r.txt may-move
	uv pip install -q --python may-move/bin/python --no-index --find-links wheels --reinstall base
	mv may-move moved
	is 1.0 "$(moved/bin/acme)"
	is 2.0 "$(moved/bin/base)"
	venvctl check moved
	is true "$(venvctl info --field relocatable moved)"
}
# The first lines of scripts are uv's; and what uv calls relocatable is moved as ours is.
alike() {
	uv venv -q --relocatable -p "$python" theirs
	uv pip install -q --python theirs/bin/python --no-index --find-links wheels acme
	venvctl create -q --relocatable -p "$python" ours
	head -n 3 theirs/bin/acme | sed "s/'python'/'python3'/" >lines
	head -n 3 ours/bin/pip | diff lines -
	grep -x 'relocatable = true' theirs/pyvenv.cfg ours/pyvenv.cfg
	mkdir gone
	mv theirs 'gone/th$(touch canary)eirs'
	mv ours 'gone/o$(touch canary)urs'
	venvctl check gone/*
	is 1.0 "$('gone/th$(touch canary)eirs/bin/acme')"
	'gone/o$(touch canary)urs/bin/pip' --version
	[ ! -e canary ]
}
# Which shells find a moved environment: as many as with uv, and those that tell no place.
shells() {
	for shell in bash zsh ksh93 dash mksh yash "busybox sh" fish tcsh bsd-csh; do
		command -v "${shell% *}" >/dev/null || continue
		for which in theirs ours; do
			case $which in
			theirs) cp -a gone/*eirs copy ;;
			*) cp -a gone/*urs copy ;;
			esac
			where=no
			case $shell in
			fish) script=". copy/bin/activate.fish; echo \$VIRTUAL_ENV" ;;
			*csh) script="source copy/bin/activate.csh; echo \$VIRTUAL_ENV" ;;
			*) script=". ./copy/bin/activate; echo \"\$VIRTUAL_ENV\"" ;;
			esac
			# shellcheck disable=SC2086 # a word or two
			is=$(PATH=/usr/bin:/bin $shell -c "$script" 2>/dev/null | tail -n 1) || :
			[ "$is" != "$dir/copy" ] || where=yes
			eval "$which=$where"
			rm -r copy
		done
		echo "$shell: uv's $theirs, ours $ours"
		[ "$ours" = yes ]
	done >table
	sed 's/^/# /' table >&3
}
redirects() {
	mkdir project
	venvctl create -q --without-pip -p "$python" --project-root project/ build/env
	is "$dir/build/env/bin/python" "$(cd project && uv python find 2>/dev/null | sed 's/python3$/python/')"
	# A project in which uv made the environment.
	uv venv -q -p "$python" uvs
	echo "$dir/uvs" >project/.venv
	is "$dir/uvs" "$(cd project && venvctl info --field env_dir)"
	(cd project && venvctl run python -c pass)
	exits 4 venvctl create -q --without-pip -p "$python" --project-root project env2
	is "$dir/uvs" "$(cat project/.venv)"
	[ ! -e env2 ]
	venvctl remove uvs
	is "$dir/uvs" "$(cat project/.venv)"
}
exec 3>&1
ok "installer = uv: what the file lists, into an environment without pip" installs
ok "... what cannot be installed leaves none, or the old one" fails
ok "... its options, and none of the caller's" options
ok "... in an environment that may be moved; and what uv pip installs later" relocatable
ok "uv's relocatable and ours: the same lines, and both are moved" alike
ok "... activated in a copy, shell by shell" shells
ok "a redirect of ours leads uv, and uv's environment is not written over" redirects
echo "1..$n"
