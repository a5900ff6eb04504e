# SPDX-License-Identifier: MIT
# others.bats - the options of virtualenv and uv do here what they do there, or are refused

setup() {
	load common
	load wheel
	common_setup
	mkdir bin
	ln -s "$TEST_PREFIX/bin/venvctl" bin/virtualenv
	ln -s "$TEST_PREFIX/bin/venvctl" bin/pyvenv
	PATH=$PWD/bin:$PATH
}

# made NAME...: these directories were made, and no other.
made() {
	[ "$(ls -d */ | grep -v '^bin/$' | tr -d /| xargs)" = "$*" ] || fail "$(ls -d */)"
}

@test "13.19: virtualenv's options that take a value take it" {
	expect 0 virtualenv -p "$PY" --without-pip --creator builtin --seeder app-data --app-data x \
		--discovery builtin --try-first-with "$PY" --wheel none --reset-app-data \
		--read-only-app-data --symlink-app-data --with-traceback --never-download \
		--no-periodic-update --upgrade-embed-wheels env
	made env
	expect 0 virtualenv -v -p "$PY" --pip bundle --setuptools=none --wheel=embed env2
	stderr_has '--wheel is taken, and changes nothing'
	[ -e env2/bin/pip ] && [ ! -e env2/lib/python3*/site-packages/setuptools ]
	expect 0 virtualenv -p "$PY" --pip=none --setuptools none env3
	[ ! -e env3/bin/pip ]
	made env env2 env3
	expect 2 virtualenv -p "$PY" --pip
	# By another name these are ours, which take none.
	expect 2 venvctl create --creator x env4
	expect 2 venvctl create --app-data x env4
	expect 0 venvctl create -n -p "$PY" --pip env4
}

@test "13.19: a version comes from --extra-search-dir, or not at all" {
	expect 2 virtualenv -p "$PY" --pip 23.0 env
	stderr_has '--pip 23.0'
	stderr_has 'hint: name a directory'
	[ ! -e env ] && [ ! -e 23.0 ]
	wheel pip-1.0-py3-none-any.whl pip/__init__.py="__version__ = '1.0'"
	expect 0 virtualenv -p "$PY" --pip 1.0 --extra-search-dir "$PWD" env
	[ "$(env/bin/python -c 'import pip; print(pip.__version__)')" = 1.0 ]
	expect 6 virtualenv -p "$PY" --pip 1.1 --extra-search-dir "$PWD" env2
}

@test "13.19: --activators has virtualenv's names" {
	expect 0 virtualenv -p "$PY" --without-pip --activators bash,fish env
	[ -e env/bin/activate ] && [ -e env/bin/activate.fish ] && [ ! -e env/bin/activate.csh ]
	expect 0 virtualenv -p "$PY" --without-pip --activators=batch,cshell,powershell,python env2
	[ -e env2/bin/activate.bat ] && [ -e env2/bin/activate.csh ] && [ ! -e env2/bin/activate ]
	expect 2 virtualenv -p "$PY" --without-pip --activators bsh env3
	expect 0 venvctl create -p "$PY" --without-pip --activators sh,cmd env4
}

@test "13.19: version_info is what the interpreter says, and only of virtualenv" {
	expect 0 virtualenv -p "$PY" --without-pip env
	[ "$(sed -n 's/^version_info = //p' env/pyvenv.cfg)" = \
		"$("$PY" -c 'import sys; print(".".join(map(str, sys.version_info)))')" ]
	for name in pyvenv 'venvctl create'; do
		rm -rf env
		expect 0 $name -p "$PY" --without-pip env
		! grep version_info env/pyvenv.cfg
	done
}

@test "13.19: -p py311, 311, python3.11-64" {
	local mm spec
	mm=$("$PY" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	for spec in "py${mm/./}" "${mm/./}" "python$mm-64" "py$mm" "$mm-64" "cpython${mm/./}" py3; do
		rm -rf env
		expect 0 virtualenv -p "$spec" --without-pip env
	done
	expect 3 virtualenv -p "$mm-32" --without-pip no
	expect 3 virtualenv -p py299 --without-pip no
	expect 3 virtualenv -p pyx --without-pip no
}

@test "13.19: VIRTUALENV_<OPTION> is read as virtualenv reads it" {
	export VIRTUALENV_WITHOUT_PIP=1 VIRTUALENV_SYSTEM_SITE_PACKAGES=true
	VIRTUALENV_PYTHON=$'3.99\n'$PY expect 0 virtualenv env
	grep -qx 'include-system-site-packages = true' env/pyvenv.cfg
	[ ! -e env/bin/pip ]
	# What is typed wins, and so does a variable of ours.
	VIRTUALENV_PYTHON=3.99 expect 0 virtualenv -p "$PY" --no-system-site-packages env2
	grep -qx 'include-system-site-packages = false' env2/pyvenv.cfg
	VENVCTL_SYSTEM_SITE_PACKAGES=no expect 0 virtualenv -p "$PY" env3
	grep -qx 'include-system-site-packages = false' env3/pyvenv.cfg
	VIRTUALENV_ACTIVATORS=bash VIRTUALENV_APP_DATA=/x expect 0 virtualenv -p "$PY" env4
	[ ! -e env4/bin/activate.csh ]
	VIRTUALENV_COPIES=maybe expect 2 virtualenv -p "$PY" env5
	stderr_has VIRTUALENV_COPIES
	VIRTUALENV_COPIES=no expect 0 virtualenv -p "$PY" env5
	[ -L env5/bin/python3 ]
	# Under no other name.
	expect 0 venvctl create --without-pip -p "$PY" env6
	grep -qx 'include-system-site-packages = false' env6/pyvenv.cfg
}

@test "13.19: uv's options are taken, or refused by name" {
	expect 0 venvctl create -p "$PY" --without-pip --python-preference only-system --no-project \
		--no-python-downloads --no-config --link-mode clone env
	made env
	touch env/mine
	expect 0 venvctl create -p "$PY" --without-pip -c env
	[ ! -e env/mine ]
	expect 2 venvctl create --link-mode symlink env2
	for option in --managed-python --system; do
		expect 2 venvctl create -p "$PY" --without-pip $option env2
		stderr_has "$option is none of venvctl's options"
		stderr_has 'hint: '
	done
	made env
}

@test "13.19: no option may be abbreviated" {
	for option in --system-site --without-p --prom=x --cl --hel --upgrade-d --no-per; do
		expect 2 venvctl create -p "$PY" $option env
		stderr_has "there is no option '${option%%=*}"
		expect 2 virtualenv -p "$PY" $option env
	done
	# Not what is a value, or stands behind --.
	expect 0 venvctl create -p "$PY" --without-pip --prompt --prom env
	grep -q -- "--prom" env/pyvenv.cfg
	expect 0 venvctl create -p "$PY" --without-pip -- --cl
	[ -d ./--cl ]
}

@test "13.19: activation sets what virtualenv's does, and only of virtualenv" {
	# tests/activate/virtualenv.py has all shells.
	expect 0 virtualenv -p "$PY" --without-pip env
	activated() {
		env -u PKG_CONFIG_PATH "$@" sh -c '. env/bin/activate; echo "$PKG_CONFIG_PATH"; deactivate
			echo "${PKG_CONFIG_PATH-unset}"'
	}
	[ "$(activated)" = "$PWD/env/lib/pkgconfig"$'\nunset' ]
	[ "$(activated PKG_CONFIG_PATH=/x:/y)" = "$PWD/env/lib/pkgconfig:/x:/y"$'\n/x:/y' ]
	lacks() { # lacks WORD DIRECTORY: no file there has it
		! grep -rn "$1" "$2" || fail "$1 is in $2"
	}
	lacks TCL_LIB env/bin
	lacks __VENV env/bin
	# The system's Python has no tkinter.
	mkdir fake
	touch fake/init.tcl
	TCL_LIBRARY=$PWD/fake expect 0 virtualenv -p "$PY" --without-pip env2
	"$PY" -c 'import tkinter' 2>/dev/null || lacks TCL_LIB env2/bin
	# Other names have none of it, and what they make anew is theirs.
	for name in pyvenv 'venvctl create'; do
		rm -rf env2
		TCL_LIBRARY=$PWD/fake expect 0 $name -p "$PY" --without-pip env2
		lacks PKG_CONFIG env2/bin
		lacks TCL_LIB env2/bin
		lacks __VENV env2/bin
	done
	expect 0 venvctl create --upgrade --without-pip env
	lacks PKG_CONFIG env/bin
}
