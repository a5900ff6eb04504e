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
