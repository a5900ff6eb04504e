#!/bin/sh
# SPDX-License-Identifier: MIT
# docker.sh - packaging/docker/Dockerfile, instruction by instruction, without Docker
#
# Each stage is a chroot with a fresh Debian 12; a cache mount is a tmpfs of its own, which
# stays from build to build.
# shellcheck disable=SC2154
cd "$top_srcdir" || exit 99
# shellcheck source=tests/release/bare.sh
. tests/release/bare.sh
command -v patchelf >/dev/null || skip_all "patchelf is not installed"

stages=$root/stages cache=$root/cache context=$root/context

# stage N: a fresh Debian, in which things run.
stage() {
	now=$stages/$1
	mkdir -p "$now"
	for d in "$root"/*; do
		case $d in
		*/proc | */dev) mkdir "$now/${d##*/}" ;;
		"$stages" | "$cache" | "$context") ;;
		*) cp -a "$d" "$now/" || return 1 ;;
		esac
	done
	mount -t proc proc "$now/proc"
	mount --bind /dev "$now/dev"
	path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

# run WORDS: as RUN has them.
run() {
	words=$1
	target=
	case $words in
	--mount=type=cache,target=*)
		target=${words#--mount=type=cache,target=}
		target=${target%% *}
		words=${words#* }
		mkdir -p "$now$target"
		mount --bind "$cache" "$now$target"
		;;
	--*) return 1 ;;
	esac
	# The way to the package index is this machine's, as the one to Debian's packages is.
	chroot "$now" env -i PATH="$path" HOME=/root DEBIAN_FRONTEND=noninteractive \
		${certificates:+PIP_CERT=/etc/ssl/here.crt} \
		sh -exc "$words" >>"$log" 2>&1 </dev/null
	status=$?
	[ -z "$target" ] || umount "$now$target" || status=1
	[ -z "$target" ] || rmdir "$now$target" || status=1
	return $status
}

# build PREFIX: the file's instructions, stage after stage.
build() {
	n_stage=0
	sed -e '/^#/d' -e ':a' -e '/\\$/{N;s/\\\n *//;ba' -e '}' -e '/^$/d' \
		packaging/docker/Dockerfile >"$root/context.said"
	while read -r instruction words; do
		echo "+ $instruction $words" >>"$log"
		case $instruction in
		FROM)
			n_stage=$((n_stage + 1))
			stage "$1$n_stage" || return 1
			;;
		RUN) run "$words" || return 1 ;;
		ADD)
			for file in "$context"/${words% *}; do
				tar -C "$now${words#* }" -xf "$file" || return 1
			done
			;;
		COPY)
			case $words in
			--from=build\ *)
				words=${words#* }
				cp -a "$stages/${1}1${words% *}" "$now${words#* }" || return 1
				;;
			*) mkdir -p "$now${words#* }" && cp "$context/${words% *}" "$now${words#* }" || return 1 ;;
			esac
			;;
		ENV) path=$(PATH=$path && eval "echo ${words#PATH=}") ;;
		CMD)
			answer=$(python3 -c 'import json, os, sys
os.execvp("chroot", ["chroot", sys.argv[1], "env", "-i", "PATH=" + sys.argv[2]]
          + json.loads(sys.argv[3]))' "$now" "$path" "$words" </dev/null 2>>"$log") || return 1
			;;
		*) return 1 ;;
		esac
	done <"$root/context.said"
}

echo 1..6
make_chroot
ok $? "a chroot"
mkdir -p "$stages" "$cache" "$context"
certificates=${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}
if [ -r "$certificates" ]; then
	mkdir -p "$root/etc/ssl" && cp "$certificates" "$root/etc/ssl/here.crt"
else
	certificates=
fi
mount -t tmpfs tmpfs "$cache"
echo six >"$context/requirements.txt"
make -s -C "$top_builddir" tarball TARBALL_DIR="$context" >"$log" 2>&1
ok $? "make tarball"
build first
ok $? "each instruction of the Dockerfile"
[ "$answer" = "/app/lib/python3.11/site-packages/six.py" ] && [ ! -e "$now/cache" ] &&
	! ls "$now"/opt/venvctl* "$now/usr/local/bin/venvctl" 2>/dev/null &&
	chroot "$now" /app/bin/python -m pip --version >>"$log" 2>&1 &&
	[ -z "$(find "$now/app" -type f -links +1)" ] && ls "$cache/venvctl/store" >>"$log"
ok $? "the image has the environment, whole, and neither venvctl nor its cache"
# Once more, as after a change of requirements.txt: the cache is used.
now=$stages/first1
run 'VENVCTL_CACHE_DIR=/none true' && rm -rf "$now/app" &&
	run "--mount=type=cache,target=/cache VENVCTL_CACHE_DIR=/cache/venvctl PIP_CACHE_DIR=/cache/pip \
		venvctl create -v --link-mode=copy -r /src/requirements.txt /app" &&
	! tail -n 40 "$log" | grep -i compiling
ok $? "the next build unpacks and compiles nothing"
sizes() {
	for how in --link-mode=copy --no-compile --without-pip; do
		run "--mount=type=cache,target=/cache VENVCTL_CACHE_DIR=/cache/venvctl \
			venvctl create --link-mode=copy $how /$how" || return 1
		echo "# $how: $(du -sk --apparent-size "$now/$how" | cut -f1) KiB, $(find "$now/$how" | wc -l) inodes"
		for _ in 1 2 3; do
			before=$(date +%s%N)
			[ $how = --without-pip ] ||
				chroot "$now" "/$how/bin/python" -B -c 'import pip._internal.cli.main' || return 1
			echo "# $how: started in $((($(date +%s%N) - before) / 1000000)) ms"
		done
	done >"$root/context.sizes"
}
sizes
ok $? "with and without byte code"
cat "$root/context.sizes"
