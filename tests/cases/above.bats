# SPDX-License-Identifier: MIT
# above.bats - where a copied interpreter looks for a standard library that is not its own

REAL_HOME=$HOME

setup() {
	load common
	common_setup
	export PATH=$TEST_PREFIX/bin:/usr/bin:/bin
}

# plant DIR X.Y: what an interpreter could take for its library, which tells if it is read.
plant() {
	local lib
	for lib in lib lib64; do
		mkdir -p "$1/$lib/python$2/lib-dynload" "$1/$lib/pypy$2"
		echo 'raise SystemExit("taken from above")' |
			tee "$1/$lib/python$2/"{os,encodings,site}.py >"$1/$lib/pypy$2/os.py"
		(cd "$1/$lib/python$2" && "$PY" -m zipfile -c "../python${2/./}.zip" ./*.py)
		echo junk >"$1/$lib/libpython$2.so.1.0"
	done
	mkdir -p "$1/lib-python/3"
	cp "$1/lib/pypy$2/os.py" "$1/lib-python/3/"
	echo junk >"$1/libpython$2.so.1.0"
	echo lib >"$1/pybuilddir.txt"
	echo lib | tee "$1/python._pth" >"$1/python$2._pth"
}

# portable PYTHON X.Y: the same in ./base, with the library that it finds beside itself.
portable() {
	local real library
	real=$(readlink -f "$1")
	rm -rf base && mkdir -p base/bin base/lib
	cp "$real" "base/bin/python$2"
	for library in "${real%/bin/*}"/lib/libpython"$2"*.so.1.0; do
		[ -f "$library" ] || return 1
		cp "$library" base/lib/
	done
	patchelf --set-rpath "\$ORIGIN/../lib" "base/bin/python$2"
	ln -s "${real%/bin/*}/lib/python$2" "base/lib/python$2"
}

# not_taken PYTHON: in an environment of copies; nor is anything said of it.
not_taken() {
	rm -rf above/beside/env
	expect 0 venvctl create --without-pip --copies -p "$1" above/beside/env
	stderr_lacks 'by others'
	expect 0 above/beside/env/bin/python -c 'import os; print(os.__file__)'
	[[ $output != *above* ]] || fail "$1: $output"
}

@test "13.8: no interpreter of this machine takes its library from above its environment" {
	local python version
	command -v patchelf >/dev/null || skip "patchelf is not installed"
	for python in "$PY" /usr/bin/pypy3 "$REAL_HOME"/.pyenv/versions/3.*/bin/python3; do
		[ -x "$python" ] || continue
		version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
		rm -rf above && mkdir -p above/beside
		plant above "$version"
		plant above/beside "$version"
		not_taken "$python"
		# Nor where its library comes along.
		if [[ $python == */.pyenv/* ]]; then
			portable "$python" "$version"
			not_taken "$PWD/base/bin/python$version"
			[ -f above/beside/env/lib/libpython"$version"*.so.1.0 ]
		fi
	done
}

@test "13.8: nor does a PyPy whose library comes along" {
	[ -x /usr/bin/pypy3.9 ] || skip "no PyPy"
	mkdir -p above/beside base/bin base/lib
	plant above 3.9
	plant above/beside 3.9
	cp /usr/bin/pypy3.9 base/bin/
	cp -L /usr/lib/*/libpypy3.9-c.so base/bin/
	ln -s /usr/lib/pypy3.9 base/lib/pypy3.9
	not_taken "$PWD/base/bin/pypy3.9"
	[ -f above/beside/env/bin/libpypy3.9-c.so ]
}

# new_python: ./base/bin/python3.14, which says that it is one, beside its library.
new_python() {
	mkdir -p base/bin base/lib
	echo 'int is_library;' | ${CC:-cc} -shared -fPIC -Wl,-soname,libpython3.14.so.1.0 \
		-o base/lib/libpython3.14.so.1.0 -x c -
	cat >python.c <<'C'
#include <stdlib.h>
#include <unistd.h>
extern int is_library;
int main(int argc, char **argv)
{
	return is_library + execl(getenv("PY"), "python", "-E", "-s", "-S", "-c", getenv("SAYS"),
				  argv[argc - 1], (char *)NULL);
}
C
	${CC:-cc} -o base/bin/python3.14 python.c base/lib/libpython3.14.so.1.0 \
		-Wl,-rpath,"\$ORIGIN/../lib"
	export PY SAYS="
import sys
sys.hexversion = 0x030e00f0
sys.version_info = (3, 14, 0, 'final', 0)
sys.base_prefix = sys.base_exec_prefix = '$PWD/base'
sys._base_executable = '$PWD/base/bin/python3.14'
import sysconfig
sysconfig.get_path = lambda *a, **k: '/v/lib/python3.14/site-packages'
exec(sys.argv[1].replace('with open(', 'text(\"libpython\", \"$PWD/base/lib/libpython3.14.so.1.0\")\n        with open(', 1))"
}

@test "13.8: from 3.14 on a library that comes along looks above: what is there is refused" {
	skip_sanitized "the interpreter is a program of ours"
	new_python
	local python=$PWD/base/bin/python3.14
	mkdir -p above/beside above/lib
	: >above/lib/python314.zip
	for option in '' -n; do
		expect 4 venvctl create $option --without-pip --copies -p "$python" above/beside/env
		stderr_has "'$PWD/above/lib/python314.zip' would be the standard library"
		stderr_has 'hint: use --symlinks'
	done
	[ ! -e above/beside/env ]
	# Links leave its library where it is.
	expect 0 venvctl create --without-pip -p "$python" above/beside/env
	rm -r above/lib
	expect 0 venvctl create --clear --without-pip --copies -p "$python" above/beside/env
	[ -f above/beside/env/lib/libpython3.14.so.1.0 ]
	# What lies above the base is the base's own affair.
	mkdir -p lib
	: >lib/python314.zip
	expect 0 venvctl create --clear --without-pip --copies -p "$python" above/beside/env
	stderr_lacks 'by others'
	# Reached by a link, it is somewhere else as well.
	mkdir -p base/inside
	ln -s "$PWD/base/inside" above/link
	mkdir above/lib
	: >above/lib/python314.zip
	expect 4 venvctl create --without-pip --copies -p "$python" above/link/env
}

@test "13.8: and where others could put one there, it is said" {
	skip_sanitized "the interpreter is a program of ours"
	new_python
	local python=$PWD/base/bin/python3.14
	mkdir -p shared/mine
	says() { # says WHERE: a create in shared/mine names that
		rm -rf shared/mine/env
		expect 0 venvctl create --without-pip --copies -p "$python" shared/mine/env
		stderr_has "'$PWD/$1/lib/python314.zip' may be made by others"
		stderr_has 'use --symlinks, or a directory where nobody else writes'
	}
	silent() {
		rm -rf shared/mine/env
		expect 0 venvctl create --without-pip --copies "$@" shared/mine/env
		stderr_lacks "by others"
	}
	silent -p "$python"
	# As /tmp is.
	chmod 1777 shared
	says shared
	silent -p "$PY"
	chmod 755 shared
	if [ "$(id -u)" = 0 ]; then
		chgrp 12345 shared && chmod 775 shared
		says shared
		site $'[policy]\ntrusted-groups = 12345'
		silent -p "$python"
		rm -r "$SITE"
		chgrp 0 shared
		silent -p "$python"
		chmod 755 shared && chown 12345 shared
		says shared
		chown 0 shared
	fi
	# The directory that would hold it is what counts, if there is one.
	mkdir shared/lib
	chmod 777 shared/lib
	says shared
	chmod 755 shared/lib && chmod 1777 shared
	silent -p "$python"
	rmdir shared/lib
	# As it is where links cannot be made.
	rm -rf shared/mine/env
	export ASAN_OPTIONS=detect_leaks=0
	expect 0 strace -f -qq -o /dev/null -e inject=symlinkat:error=EPERM \
		venvctl create --without-pip -p "$python" shared/mine/env
	stderr_has "'$PWD/shared/lib/python314.zip' may be made by others"
}

@test "13.8: so do builds that ask the kernel where their code is" {
	local version=3.12 python
	python=$(echo "$REAL_HOME"/.pyenv/versions/$version.*/bin/python3)
	[ -x "$python" ] || skip "no Python $version"
	command -v patchelf >/dev/null || skip "patchelf is not installed"
	mkdir -p shared/mine
	chmod 1777 shared
	portable "$python" $version
	expect 0 venvctl create --without-pip --copies -p "$PWD/base/bin/python$version" shared/mine/env
	stderr_lacks 'by others'
	printf '\0/proc/self/maps\0' >>base/lib/libpython$version.so.1.0
	expect 0 venvctl create --without-pip --copies -p "$PWD/base/bin/python$version" shared/mine/env2
	stderr_has "'$PWD/shared/lib/python312.zip' may be made by others"
	# The program itself may be all there is.
	rm -rf base && mkdir -p base/bin base/lib
	version=$("$PY" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	cp "$(readlink -f "$PY")" "base/bin/python$version"
	ln -s "/usr/lib/python$version" base/lib/
	printf '\0/proc/self/maps\0' >>"base/bin/python$version"
	expect 0 venvctl create --without-pip --copies -p "$PWD/base/bin/python$version" shared/mine/env3
	stderr_has "'$PWD/shared/lib/python${version/./}.zip' may be made by others"
}
