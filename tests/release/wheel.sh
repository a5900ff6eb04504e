#!/bin/sh
# SPDX-License-Identifier: MIT
# wheel.sh - the wheel, made in a fresh Debian 12, and used by every interpreter of this machine
#
# shellcheck disable=SC2154
cd "$top_srcdir" || exit 99
# shellcheck source=tests/release/bare.sh
. tests/release/bare.sh

make_chroot
ok $? "a chroot"
# Where this machine takes packages from, security included, and how it reaches the index.
# shellcheck disable=SC2016
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)|$(ORIGIN)' 'Created-By: Packages' |
	sed -n 's/|Debian$//p' | sort -u >"$root/etc/apt/sources.list"
mkdir -p "$root/usr/local/share/ca-certificates" "$root/etc/ssl/certs"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/index.crt"
env | sed -n 's/^\(PIP_INDEX_URL\|PIP_EXTRA_INDEX_URL\|PIP_DEFAULT_TIMEOUT\|https_proxy\|HTTPS_PROXY\)=/&/p' >"$root.pip"
give_tree root
# shellcheck disable=SC2046 # no word of it has a space
inside root env PIP_CERT=/etc/ssl/certs/index.crt $(cat "$root.pip") tools/wheel.sh /home/root/wheel
made=$?
ok $made "tools/wheel.sh in it"
rm -f "$root.pip"
[ "$made" = 0 ] || {
	echo "1..$n"
	exit 0
}
# With what it has to say of its sources.
grep -E '^==|cannot be had|whl$' "$log" | sed 's/^/# /'

dir=$(mktemp -d) || exit 99
cp "$root"/home/root/wheel/pyvenvctl-*.whl "$dir/" &&
	VENVCTL_WHEEL=$(echo "$dir"/*.whl) python3 -B tests/python/wheel.py >"$log" 2>&1
ok $? "every interpreter uses it"
sed 's/^/# /' "$log"

# Its own TLS library looks where the system has its certificates.
mkdir "$dir/unpacked" "$dir/prefix" && /usr/bin/python3 -m zipfile -e "$dir"/*.whl "$dir/unpacked" &&
	cp -R "$dir"/unpacked/*.data/data/. "$dir/prefix/" && cp -R "$dir"/unpacked/*.data/scripts "$dir/prefix/bin" &&
	chmod 755 "$dir/prefix/bin/venvctl" &&
	TEST_PREFIX=$dir/prefix python3 -B tests/net/certificates.py >"$log" 2>&1
ok $? "certificates of Debian, Fedora, SUSE and Alpine"
sed 's/^/# /' "$log"

# The example in the documentation of venv, which is CPython's: from its package.
if (cd "$dir" && apt-get -qq download python3.11-doc && dpkg-deb -x python3.11-doc_*.deb doc) >"$log" 2>&1; then
	VENV_DOCUMENTATION=$dir/doc/usr/share/doc/python3.11/html/_sources/library/venv.rst.txt \
		python3 -B tests/python/documentation.py >"$log" 2>&1
	ok $? "ExtendedEnvBuilder of the documentation, by pyvenvctl"
else
	n=$((n + 1))
	echo "ok $n - ExtendedEnvBuilder # SKIP python3.11-doc cannot be had: $(tail -n 1 "$log")"
fi
rm -rf "$dir"
echo "1..$n"
