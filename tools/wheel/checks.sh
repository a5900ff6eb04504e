# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# checks.sh - what a wheel has to be, for tools/wheel.sh
mkdir "$work/unpacked"
/usr/bin/python3 -m zipfile -e "$wheel" "$work/unpacked"

# It can be uploaded, and its tag is true: not one symbol needs a later glibc.
"$work/tools/bin/twine" check --strict "$wheel"
"$work/tools/bin/auditwheel" show "$wheel" >"$work/audit" 2>&1 || {
	cat "$work/audit" >&2
	die "auditwheel has failed"
}
cat "$work/audit" >>"$log"
tr '\n' ' ' <"$work/audit" |
	grep -q "consistent with the following platform tag: \"$platform\"" || {
	cat "$work/audit" >&2
	die "this is no wheel for $platform"
}
echo "auditwheel: $platform"

# Nothing is loaded but glibc, and a module shows one function and stays loaded.
find "$work/unpacked" -type f \( -name '*.so*' -o -path '*/scripts/venvctl' \) >"$work/files"
[ "$(wc -l <"$work/files")" -gt 10 ] || die "files are missing in the wheel"
while read -r file; do
	name=${file##*/}
	needs=$(readelf -dW "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		grep -Evx 'lib(c|m|dl|rt|pthread)\.so\.[0-9]+|ld-linux.*' || :)
	[ -z "$needs" ] || die "$name needs $needs"
	# What the build knew of its own place would lead astray, and differ each time.
	if grep -qF "$work" "$file"; then
		die "$name names a directory of the build"
	fi
	case $file in
	*/modules/*)
		shown=$(readelf --dyn-syms -W "$file" | awk '$7 != "UND" && $5 != "LOCAL" && $8 != "" && NR > 3')
		[ "$(echo "$shown" | wc -l)" = 1 ] || die "$name shows more than one function: $shown"
		readelf -dW "$file" | grep -q NODELETE || die "$name can be unloaded"
		;;
	esac
done <"$work/files"

# Each library that is linked in has its licence and its line in the bill of materials.
rows | while read -r name _; do
	find "$work/unpacked" -path "*/licenses/vendored/$name.txt" -size +0 | grep -q . ||
		die "the licence of $name is missing"
	grep -q "\"name\": \"$name\"" "$work/pyvenvctl.cdx.json" || die "$name is missing in the SBOM"
done
