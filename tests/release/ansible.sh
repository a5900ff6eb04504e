#!/bin/sh
# SPDX-License-Identifier: MIT
# ansible.sh - the role of packaging/ansible against three hosts
#
# The hosts are this machine, each with directories of its own.  ansible-core comes from the
# package index.
# shellcheck disable=SC2154
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
pyenv=$HOME/.pyenv dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
venvctl=$TEST_PREFIX/bin/venvctl
export HOME="$dir" PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8
export VENVCTL_CACHE_DIR="$dir/cache" ANSIBLE_HOME="$dir/ansible" ANSIBLE_NOCOLOR=1 \
	ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_ROLES_PATH="$top_srcdir/packaging/ansible/roles"
# Ansible wants a newer Python than the tests do.
for python in /usr/bin/python3 "$pyenv"/versions/*/bin/python3; do
	"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
done
"$venvctl" create -p "$python" tools >said 2>&1 || { cat said; exit 99; }
tools/bin/pip install -q ansible-core >said 2>&1 || skip_all "ansible-core cannot be had: $(tail -n 1 said)"

for host in one two three; do
	mkdir "$host"
	echo "$host ansible_connection=local ansible_python_interpreter=$python root=$dir/$host"
done >inventory
cat >play.yml <<'END'
- hosts: all
  gather_facts: false
  roles:
    - role: venvctl
      vars:
        venvctl_packages: []
        venvctl_config: "{{ config }}"
        venvctl_config_file: '{{ root }}/etc/venvctl.ini'
        venvctl_environments:
          - path: '{{ root }}/app'
          - path: '{{ root }}/bare env'
            options: [--without-pip, --prompt, "it's bare"]
END
n=0
ok() { # ok RESULT NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		tail -n 40 said | sed 's/^/# /'
	fi
}
config='[create]
prompt = of the site
'
play() {
	tools/bin/ansible-playbook -i inventory -e venvctl_command="$venvctl" \
		-e "$(tools/bin/python -c 'import json, sys; print(json.dumps({"config": sys.argv[1]}))' \
			"$config")" "$@" play.yml >said 2>&1
}
# changes NUMBER: of so many things on each host, and nothing failed.
changes() {
	[ "$(grep -c "changed=$1 .*unreachable=0 .*failed=0" said)" = 3 ]
}

echo 1..6
play --check && changes 3 && [ ! -e one/app ] && [ ! -e three/etc ]
ok $? "check mode says what would be made, and makes nothing"
play && changes 3 && two/app/bin/python -m pip --version >/dev/null &&
	"three/bare env/bin/python" -c 'import sys; sys.exit(sys.prefix == sys.base_prefix)' &&
	grep -q '^prompt = of the site' one/etc/venvctl.ini
ok $? "configuration and environments"
play && changes 0
ok $? "the second run changes nothing"
play --check && changes 0
ok $? "and would change nothing"
rm -r one/app
play && grep -q '^one .*changed=1 ' said && grep -q '^two .*changed=0 ' said && [ -x one/app/bin/pip ]
ok $? "what is gone is made again, and nothing else"
config='[create]
promt = of the site
'
! play && grep -q "promt" said && grep -q '^prompt = of the site' one/etc/venvctl.ini
ok $? "a configuration with a mistake does not take the old one's place"
