# SPDX-License-Identifier: MIT
# wheels.bats - the plugin wheels: real wheels, placed without Python

setup_file() {
	local dir=$BATS_FILE_TMPDIR/links
	mkdir -p "$dir"
	make() { python3 "$top_srcdir/tests/store/wheelmaker.py" "$dir" acme_tool "$@"; }
	make 1.0
	make 1.9
	make 1.10
	make 2.0 py3-none-any '>=3.99'
	make 3.0rc1
	make 4.0 cp27-cp27m-linux_x86_64
	make 5.0 py3-none-musllinux_1_1_sparc
	make() { python3 "$top_srcdir/tests/store/wheelmaker.py" "$dir" acme_odd "$@"; }
	make 1.0RC1
	make 1.0+acme.1
	make 0.9 py3-none-any '>=3.*'
}

setup() {
	load common
	common_setup
	LINKS=$BATS_FILE_TMPDIR/links
	W=wheels:find-links=$LINKS
}

version() {
	"$1/bin/${2:-acme_tool}"
}

@test "the newest that fits and is no pre-release, with its console script" {
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=Acme.Tool" env
	[ -z "$stderr" ]
	[ "$(version env)" = 1.10 ]
	info=$(echo env/lib/python3*/site-packages/acme_tool-1.10.dist-info)
	[ "$(cat "$info/INSTALLER")" = venvctl ] && [ -e "$info/REQUESTED" ]
	grep -q '\.\./\.\./\.\./bin/acme_tool,sha256=' "$info/RECORD"
}

@test "a pin, also of a pre-release, and a path" {
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=acme-tool==1.9.0" a
	[ "$(version a)" = 1.9 ]
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=acme_tool==3.0rc1" b
	[ "$(version b)" = 3.0rc1 ]
	expect 0 venvctl create -p "$PY" \
		--plugin="wheels:packages=$LINKS/acme_tool-1.0-py3-none-any.whl" c
	[ "$(version c)" = 1.0 ]
}

@test "versions in other words: candidates, local versions, what nobody understands" {
	# 1.0RC1 is a pre-release and no 1.0; 1.0+acme.1 is a 1.0.
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=acme-odd" a
	[ "$(version a acme_odd)" = 1.0+acme.1 ]
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=acme-odd==1.0" b
	[ "$(version b acme_odd)" = 1.0+acme.1 ]
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=acme-odd==1.0-c1" c
	[ "$(version c acme_odd)" = 1.0RC1 ]
	# A Requires-Python that is no list of specifiers refuses nothing, as with pip.
	expect 0 venvctl create -v -p "$PY" --plugin="$W,packages=acme-odd==0.9" d
	[ "$(version d acme_odd)" = 0.9 ]
	stderr_has "its Requires-Python '>=3.*' is not understood"
}

@test "what does not fit is exit 6 before anything is made, and says what would" {
	for version in 2.0 4.0 5.0; do
		expect 6 venvctl create -p "$PY" --plugin="$W,packages=acme-tool==$version" env
		stderr_has "acme_tool-$version-"
		[ ! -e env ]
	done
	stderr_has "for another Python or platform"
	stderr_has "would fit"
	expect 6 venvctl create -p "$PY" --plugin="$W,packages=acme-tool==2.0" env
	stderr_has "needs Python >=3.99"
	expect 6 venvctl create -p "$PY" --plugin="$W,packages=nothing" env
	stderr_has "there is no wheel of 'nothing'"
	expect 2 venvctl create -p "$PY" --plugin=wheels:find-links=/nowhere,packages=a env
	stderr_has "cannot open '/nowhere': No such file"
	expect 2 venvctl create -p "$PY" --plugin=wheels:packages=/nowhere/a-1-py3-none-any.whl env
	no_leftovers .
}

@test "requirements: pins with hashes, a wrong one is exit 7" {
	sum=$(sha256sum "$LINKS/acme_tool-1.9-py3-none-any.whl" | cut -c-64)
	printf '# ours\nacme-tool==1.9 \\\n    --hash=sha256:%064d \\\n    --hash=sha256:%s\n' 0 "$sum" >pins
	expect 0 venvctl create -p "$PY" --plugin="$W,requirements=$PWD/pins" env
	[ "$(version env)" = 1.9 ]
	printf 'acme-tool==1.9 --hash=sha256:%064d\n' 0 >pins
	expect 7 venvctl create -p "$PY" --plugin="$W,requirements=$PWD/pins" bad
	echo 'acme-tool==1.9' >pins
	expect 2 venvctl create -p "$PY" --plugin="$W,requirements=$PWD/pins" bad
	stderr_has "pins:1: expected NAME==VERSION --hash"
	printf 'acme-tool==1.9 --hash=sha256:%s \\' "$sum" >pins
	expect 0 venvctl create -p "$PY" --plugin="$W,requirements=$PWD/pins" env2
	[ "$(version env2)" = 1.9 ]
	# Some hundred hashes on one line are a line.
	(printf 'acme-tool==1.9'; for n in {1..200}; do printf ' --hash=sha256:%064d' "$n"; done
		printf ' --hash=sha256:%s # the last\n' "$sum") >pins
	expect 0 venvctl create -p "$PY" --plugin="$W,requirements=$PWD/pins" env3
	[ ! -e bad ]
	no_leftovers .
}

@test "requirements: environment markers are judged for the environment's Python" {
	hash=--hash=sha256:$(sha256sum "$LINKS/acme_tool-1.9-py3-none-any.whl" | cut -c-64)
	cat >pins <<-END
		acme-tool==1.9 ; python_version >= "3.3" and sys_platform != "win32" $hash
		nothing==1 ; python_version < "3" or (os_name == "nt" and implementation_name == "cpython") \\
		    --hash=sha256:$(printf '%064d' 0)
	END
	expect 0 venvctl create -p "$PY" --plugin="$W,requirements=$PWD/pins" env
	[ "$(version env)" = 1.9 ]
	echo "acme-tool==1.9; python_versoin > '3' $hash" >pins
	expect 2 venvctl create -p "$PY" --plugin="$W,requirements=$PWD/pins" bad
	stderr_has "$PWD/pins:1: it has a variable that is not known here (' python_versoin > '3'')"
	[ ! -e bad ]
}

@test "one project in two versions is refused before anything is made" {
	expect 2 venvctl create -p "$PY" --plugin="$W,packages=acme-tool==1.0,packages=Acme_Tool==1.9" bad
	stderr_has "'acme_tool' is asked for twice"
	[ ! -e bad ]
	expect 2 venvctl create -p "$PY" --plugin="$W,packages=acme-tool==1.0,packages=acme_tool==1.0" bad
	stderr_has "'acme_tool' is asked for twice"
}

@test "what a wheel requires and the environment does not have is told" {
	mkdir needy
	python3 "$top_srcdir/tests/store/wheelmaker.py" needy needy 1.0 py3-none-any '' \
		'Acme.Tool>=1.0' 'acme-tool (<2)' 'acme_tool[extra] ~=5.0 ; python_version > "3"' \
		missing 'absent!=2,>=1' 'other; extra == "test"' 'ancient; python_version < "3"' \
		'elsewhere @ https://localhost/elsewhere.whl' 'acme-tool @ https://localhost/x.whl'
	expect 0 venvctl create -p "$PY" --plugin="$W,find-links=$PWD/needy,packages=needy,packages=acme-tool==1.9" env
	want="venvctl: warning: plugin 'wheels': needy requires acme_tool ~=5.0, not version 1.9
venvctl: warning: plugin 'wheels': needy requires missing, which is not installed
venvctl: warning: plugin 'wheels': needy requires absent !=2,>=1, which is not installed
venvctl: warning: plugin 'wheels': needy requires elsewhere, which is not installed"
	[ "$stderr" = "$want" ] || fail "$stderr"
	# Judged when all plugins are done.
	mkdir more
	for name in missing elsewhere; do
		python3 "$top_srcdir/tests/store/wheelmaker.py" more "$name" 1.0
	done
	site "[plugin:more]
use = wheels
find-links = $PWD/more
packages = missing elsewhere"
	expect 0 venvctl create -p "$PY" --plugin="$W,find-links=$PWD/needy,packages=needy,packages=acme-tool==1.9" \
		--add-plugin more full
	stderr_lacks missing
	stderr_lacks elsewhere
	stderr_has "requires absent"
	# Where there is more than the environment has, nothing is said.
	expect 0 venvctl create -p "$PY" --system-site-packages --plugin="wheels:find-links=$PWD/needy,packages=needy" wide
	[ -z "$stderr" ]
}

@test "where digests are required a wheel without one has to be trusted" {
	mkdir open && cp "$LINKS"/acme_tool-1.0-* open && chmod 777 open
	site $'[policy]\nrequire-sha256 = yes'
	expect 8 venvctl create -p "$PY" --plugin="wheels:find-links=$PWD/open,packages=acme-tool" env
	stderr_has "refused without a digest by require-sha256 in $SITE/venvctl.ini:2"
	stderr_has "is writable by others"
	[ ! -e env ]
	no_leftovers .
	printf 'acme-tool==1.0 --hash=sha256:%s\n' "$(sha256sum open/*.whl | cut -c-64)" >pins
	expect 0 venvctl create -p "$PY" --plugin="wheels:find-links=$PWD/open,requirements=$PWD/pins" env
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=acme-tool" env2
	chmod 755 open
	expect 0 venvctl create -p "$PY" --plugin="wheels:find-links=$PWD/open,packages=acme-tool" env3
}

@test "pip and setuptools are left out where they are not wanted" {
	cp /usr/share/python-wheels/pip-*.whl . 2>/dev/null || skip "no wheel of pip"
	expect 0 venvctl create -p "$PY" --plugin="$W,find-links=$PWD,packages=pip,packages=acme-tool" a
	a/bin/pip --version && a/bin/python -m pip check
	expect 0 venvctl create -v -p "$PY" --no-pip --plugin="$W,find-links=$PWD,packages=pip,packages=acme-tool" b
	[ ! -e b/bin/pip ] && [ "$(version b)" = 1.10 ]
	stderr_has "pip is not wanted"
}

# A site with pip and a tool in its list; the wheel of pip is the machine's.
site_with_pip() {
	cp /usr/share/python-wheels/pip-*.whl . 2>/dev/null || skip "no wheel of pip"
	site "[create]
post-setup = site-wheels
[plugin:site-wheels]
use = wheels
find-links =
    $LINKS
    $PWD
$1"
}

@test "--without-pip leaves pip out of the site's list, and contradicts one's own" {
	site_with_pip "packages = acme-tool pip"
	expect 0 venvctl create -p "$PY" a
	[ -e a/bin/pip ]
	expect 0 venvctl create -p "$PY" --without-pip a-bare
	[ ! -e a-bare/bin/pip ] && [ "$(version a-bare)" = 1.10 ]
	# Named, but the list is still the site's.
	expect 0 venvctl create -p "$PY" --without-pip --plugin=site-wheels b
	[ ! -e b/bin/pip ] && [ "$(version b)" = 1.10 ]
	expect 2 venvctl create -p "$PY" --without-pip --plugin="$W,packages=PIP" c
	stderr_has "you cannot supply --without-pip and a list of packages with pip in it"
	stderr_has "'wheels' (--plugin)"
	expect 2 venvctl create -p "$PY" --without-pip -o site-wheels.packages=pip==1 c
	stderr_has "'site-wheels' (-o)"
	echo 'pip==1 --hash=sha256:0' >pins
	expect 2 venvctl create -p "$PY" --without-pip -o "site-wheels.requirements=pins" \
		-o site-wheels.packages=acme-tool c
	[ ! -e c ]
	# A configured --without-pip gives way.
	VENVCTL_WITHOUT_PIP=yes expect 0 venvctl create -p "$PY" -o site-wheels.packages=pip c
	[ -e c/bin/pip ]
	# The same list and another answer: not the same environment.
	expect 0 venvctl create -p "$PY" --existing reuse --without-pip a
	[ ! -e a/bin/pip ]
}

@test "pip, setuptools and three packages in every environment, offline, by one line" {
	mkdir more
	for name in setuptools acme_base acme_lint; do
		python3 "$top_srcdir/tests/store/wheelmaker.py" more "$name" 1.0
	done
	site_with_pip "    $PWD/more
packages = pip setuptools acme-tool acme-base acme-lint"
	expect 0 venvctl create -p "$PY" --offline env
	[ -z "$stderr" ]
	run env/bin/pip list --format=freeze --disable-pip-version-check
	[ "$(sed 's/pip==.*/pip/' <<<"$output")" = "acme_base==1.0
acme_lint==1.0
acme_tool==1.10
pip
setuptools==1.0" ] || fail "$output"
}

@test "--without-pip does not take pip from a list that the site requires" {
	site_with_pip "packages = pip
[policy]
required-plugins = site-wheels"
	expect 0 venvctl create -p "$PY" --without-pip env
	stderr_has "the plugin 'site-wheels' runs all the same: $SITE/venvctl.ini:"
	[ -e env/bin/pip ]
}

@test "--upgrade runs the list that brings pip, and no other" {
	site_with_pip "packages = acme-tool pip"
	venvctl create -p "$PY" --no-plugins env
	expect 0 venvctl create --upgrade env
	[ -e env/bin/pip ] && [ "$(version env)" = 1.10 ]
	venvctl create -p "$PY" --no-plugins bare
	expect 0 venvctl create --upgrade --without-pip bare
	[ ! -e bare/bin/pip ] && [ ! -e bare/bin/acme_tool ]
	site_with_pip "packages = acme-tool"
	expect 0 venvctl create --upgrade bare
	[ ! -e bare/bin/acme_tool ]
}

@test "--upgrade-deps is done by a list with pip in it, however it is written" {
	site_with_pip "packages = pip"
	export PIP_NO_INDEX=1
	expect 0 venvctl create -n -p "$PY" --upgrade-deps env
	[[ $output != *upgrade\ * ]]
	expect 0 venvctl create -p "$PY" --upgrade-deps env
	stderr_lacks Upgrading
	pip=$(echo pip-*.whl) && version=${pip#pip-} && version=${version%%-*}
	printf '# all\n  pip==%s \\\n --hash=sha256:%s\n' "$version" "$(sha256sum pip-*.whl | cut -c-64)" >pins
	site_with_pip "requirements = $PWD/pins"
	expect 0 venvctl create -p "$PY" --upgrade-deps env2
	stderr_lacks Upgrading
	env2/bin/pip --version
}

@test "a failure later rolls it back; a second create has nothing to do" {
	venvctl create -p "$PY" --plugin="$W,packages=acme-tool==1.9" env
	snapshot env >before
	expect 6 venvctl create -p "$PY" --plugin="$W,packages=acme-tool" \
		--add-plugin=script:source=/bin/false,interpreter=none env
	snapshot env | diff before -
	expect 0 venvctl create -p "$PY" --plugin="$W,packages=acme-tool" env
	[ "$(version env)" = 1.10 ]
	[ ! -e "$(echo env/lib/python3*/site-packages)/acme_tool-1.9.dist-info" ]
}

@test "site-packages that cannot be read to their end do not pass for empty ones" {
	export ASAN_OPTIONS=detect_leaks=0
	local refused=0
	venvctl create -p "$PY" --plugin="$W,packages=acme-tool==1.9" env
	cp -a env kept
	snapshot env >before
	for n in $(seq 20); do
		rm -rf env && cp -a kept env
		run --separate-stderr strace -f -qq -e trace=getdents64 -o log \
			-e inject=getdents64:error=EIO:when="$n" \
			-P "$(echo "$PWD"/env/lib/python3*/site-packages)" \
			venvctl create -p "$PY" --plugin="$W,packages=acme-tool" env
		grep -q EIO log || break
		if [ "$status" -ne 0 ]; then
			stderr_has "Input/output error"
			snapshot env | diff before -
			refused=$((refused + 1))
		fi
		# The old one or the new one, and never both.
		echo env/lib/python3*/site-packages/acme_tool-*.dist-info
		[ "$(echo env/lib/python3*/site-packages/acme_tool-*.dist-info | wc -w)" = 1 ]
	done
	[ "$n" -gt 2 ] && [ "$n" -lt 20 ] && [ "$refused" -ge 2 ]
}

@test "no Python is started once the wheel is in the store" {
	venvctl create -p "$PY" --plugin="$W,packages=acme-tool" warm
	command -v strace || skip "needs strace"
	# Which has to know nothing of leaks while it is traced.
	ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=execve venvctl create -p "$PY" --plugin="$W,packages=acme-tool" env
	[ "$(grep -c execve trace)" = 1 ]
}
