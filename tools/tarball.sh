#!/bin/sh
# SPDX-License-Identifier: MIT
# Make a tarball that works wherever it is unpacked; `make tarball` calls it.
#
#   tools/tarball.sh DIR PREFIX PKGLIBDIR NAME
#
# DIR/tarball.root has what was installed with DESTDIR; DIR/NAME.tar.xz comes of it, with all
# that is below PREFIX below NAME/.  Libraries that a machine may lack come along, in PKGLIBDIR/libs.
# What has to be mended for security stays the machine's: its C library, OpenSSL and libcurl.
set -eu
dir=$1 root=$1/tarball.root prefix=$2 pkglibdir=$3 name=$4
libs=$pkglibdir/libs doc=$prefix/share/doc/venvctl

command -v patchelf >/dev/null || {
	echo "tools/tarball.sh: patchelf is needed, and not installed" >&2
	exit 1
}
outside=$(find "$root" ! -type d ! -path "$root$prefix/*")
[ -z "$outside" ] || {
	echo "tools/tarball.sh: not below $prefix: $outside" >&2
	exit 1
}
# Nobody is to link by libtool's paths.
find "$root" -name '*.la' -exec rm {} +

# needed FILE: what comes along of the libraries that FILE is run with, each by its path here.
needed() {
	ldd "$1" | awk '$2 == "=>" && $3 ~ "^/" { print $1, $3 }' | while read -r soname path; do
		case $soname in
		libc.so* | libm.so* | libdl.so* | libpthread.so* | librt.so* | libresolv.so*) ;;
		libcrypto.so* | libssl.so* | libcurl.so*) ;;
		*) echo "$path" ;;
		esac
	done
}

# found_beside FILE: FILE finds the libraries that came along.
found_beside() {
	# shellcheck disable=SC2016 # for the linker
	patchelf --set-rpath '$ORIGIN/'"$(realpath --relative-to="${1%/*}" "$root$libs")" "$1"
}

# licence LIBRARY: what its package says, where Debian's tools can tell.
licence() {
	package=$(dpkg-query -S "$1" "/usr$1" 2>/dev/null | sed -n '1s/:.*//p') || return 0
	[ ! -e "/usr/share/doc/$package/copyright" ] ||
		cp -L "/usr/share/doc/$package/copyright" "$root$doc/copyright.$package"
}

mkdir -p "$root$libs" "$root$doc"
cp "${0%/*}/../LICENSE" "${0%/*}/../README.md" "${0%/*}/../NEWS" "$root$doc/"
find "$root" -type f \( -name venvctl -path '*/bin/*' -o -name '*.so' -o -name '*.so.*' \) |
	while read -r file; do
		case $file in
		# The whole family of libcurl is the machine's.
		*/modules/fetch.so) continue ;;
		esac
		for library in $(needed "$file"); do
			cp -L "$library" "$root$libs/"
			licence "$library"
		done
		found_beside "$file"
	done
for file in "$root$libs"/*; do
	chmod 644 "$file"
	found_beside "$file"
done
# What builds against it finds it where it was unpacked.
find "$root" -name '*.pc' | while read -r file; do
	up=$(realpath --relative-to="${file%/*}" "$root$prefix")
	sed -i "s|^prefix=.*|prefix=\${pcfiledir}/$up|" "$file"
done

# The same bytes from the same build, and root's where root unpacks it.
mv "$root$prefix" "$root/$name"
tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+w,go=u-w \
	--mtime="@${SOURCE_DATE_EPOCH:-1767225600}" -cf - "$name" | xz -T1 >"$dir/$name.tar.xz.new"
mv "$dir/$name.tar.xz.new" "$dir/$name.tar.xz"
echo "$dir/$name.tar.xz"
