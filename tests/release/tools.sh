#!/bin/sh
# SPDX-License-Identifier: MIT
# tools.sh - tools that make their environments with virtualenv make them with venvctl
#
# Each comes from the package index; a plugin and a policy of the site are in force.
# shellcheck disable=SC2154
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
export TEST_SYSCONFDIR="$work/etc" VENVCTL_CACHE_DIR="$work/cache" PYTHONDONTWRITEBYTECODE=1
export VIRTUALENV_CREATOR=venvctl VIRTUALENV_SEEDER=venvctl
# tox lets through what it is told to, and without it the site would be another one.
export TOX_OVERRIDE='testenv.pass_env=TEST_SYSCONFDIR,VENVCTL_CACHE_DIR'
mkdir -p home etc/skeleton
echo acme >etc/skeleton/acme
cat >etc/venvctl.ini <<END
[create]
post-setup += files
[plugin:files]
source = $work/etc/skeleton
[policy]
allowed-plugins = ensurepip wheels files
END

# have TOOL: an environment with that tool and pyvenvctl; what keeps it away is in $work/why.
have() {
	/usr/bin/python3 -m venv "$work/$1-host" >why 2>&1 &&
		"$work/$1-host/bin/pip" install -q --timeout 20 --retries 1 "$1" virtualenv >why 2>&1 ||
		return 1
	site=$("$work/$1-host/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	mkdir "$site/pyvenvctl-0.1.0.dist-info"
	printf 'Metadata-Version: 2.1\nName: pyvenvctl\nVersion: 0.1.0\n' \
		>"$site/pyvenvctl-0.1.0.dist-info/METADATA"
	printf '[virtualenv.create]\nvenvctl = pyvenvctl_virtualenv:Creator\n%s\n%s\n' '[virtualenv.seed]' \
		'venvctl = pyvenvctl_virtualenv:Seeder' >"$site/pyvenvctl-0.1.0.dist-info/entry_points.txt"
	echo "$top_srcdir/python" >"$site/pyvenvctl.pth"
}

n=0
# smoke TOOL: the function tool_TOOL makes an environment below the current directory.
smoke() {
	n=$((n + 1))
	name="$1 makes its environment with venvctl, as the site wants it"
	if ! have "$1"; then
		echo "ok $n - $name # SKIP $1 cannot be had: $(tail -n 1 why)"
		return
	fi
	mkdir "$1"
	if (cd "$1" && HOME="$work/$1" PATH="$TEST_PREFIX/bin:$work/$1-host/bin:/usr/bin:/bin" &&
		export HOME PATH && "tool_$(echo "$1" | tr - _)") >log 2>&1 &&
		cfg=$(find "$1" -name pyvenv.cfg) && [ -n "$cfg" ] && grep -q '^venvctl = ' "$cfg" &&
		[ -e "${cfg%/*}/acme" ] && grep -qx "prefix=$work/${cfg%/*}" log; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 40 log | sed 's/^/# /'
	fi
}
print='import sys; print("prefix=" + sys.prefix)'

tool_tox() {
	printf '[tox]\nskipsdist = true\nenvlist = a\n[testenv]\ncommands = python show.py\n' >tox.ini
	echo "$print" >show.py
	tox -q
}

tool_nox() {
	cat >noxfile.py <<END
import nox
@nox.session
def t(session):
    session.run("python", "-c", '$print')
END
	nox
}

repository() {
	git init -q "$1" && cd "$1" && git config user.email a@example.org && git config user.name a
}

tool_pre_commit() {
	(
		repository hook || exit 1
		cat >.pre-commit-hooks.yaml <<-'END'
			- id: show
			  name: show
			  entry: show
			  language: python
			  always_run: true
			  verbose: true
		END
		echo "from setuptools import setup; setup(name='show', version='1', scripts=['show'])" >setup.py
		printf '#!/usr/bin/env python\n%s\n' "$print" >show
		chmod +x show
		git add . && git commit -qm show
	) || return 1
	commit=$(git -C hook rev-parse HEAD)
	mv hook "$work/hook"
	repository project || return 1
	printf 'repos:\n- repo: file://%s/hook\n  rev: %s\n  hooks: [{id: show}]\n' "$work" "$commit" \
		>.pre-commit-config.yaml
	git add . && pre-commit run --all-files
}

tool_pipenv() {
	printf '[packages]\n' >Pipfile
	PIPENV_VENV_IN_PROJECT=1 pipenv run python -c "$print"
}

tool_hatch() {
	cat >pyproject.toml <<-'END'
		[project]
		name = "x"
		version = "1"
		[build-system]
		requires = ["hatchling"]
		build-backend = "hatchling.build"
		[tool.hatch.envs.default]
		skip-install = true
		path = "own"
	END
	hatch run python -c "$print"
}

tool_poetry() {
	cat >pyproject.toml <<-'END'
		[tool.poetry]
		package-mode = false
		[tool.poetry.dependencies]
		python = ">=3.8"
	END
	POETRY_VIRTUALENVS_IN_PROJECT=true poetry run python -c "$print"
}

tool_pdm() {
	cat >pyproject.toml <<-'END'
		[project]
		name = "x"
		version = "1"
		requires-python = ">=3.8"
	END
	export PDM_CHECK_UPDATE=0 PDM_VENV_IN_PROJECT=1
	pdm venv create && pdm use --venv in-project && pdm run python -c "$print"
}

echo 1..7
for tool in tox nox pre-commit poetry hatch pdm pipenv; do
	if [ $tool = pre-commit ] && ! command -v git >/dev/null; then
		n=$((n + 1))
		echo "ok $n - $tool # SKIP git is not installed"
		continue
	fi
	smoke $tool
done
