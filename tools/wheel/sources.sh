# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# sources.sh - the sources of the libraries from Debian, for tools/wheel.sh: with the patches
# that Debian has for them, those of security included
#
# What apt knows of this machine stays as it is: the lists lie in $work/apt.

# has_sources NAME URI SUITE COMPONENT: one more place to take sources from.
has_sources() {
	printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n\n' \
		"$2" "$3" "$4" /usr/share/keyrings/debian-archive-keyring.gpg >>"$work/apt/$1.sources"
}

# apt NAME COMMAND...: with those of that name.
apt() {
	list=$work/apt/$1
	command=$2
	shift 2
	"apt-$command" -qq -o Dir::Etc::sourcelist="$list.sources" -o Dir::Etc::sourceparts=/nonexistent \
		-o Dir::State::lists="$list.lists" -o Dir::Cache="$list.cache" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}

# The suites of this machine, those of security behind (apt asks the first that has a version);
# and the next one for what the mirror has not got.
know_sources() {
	mkdir -p "$work/apt/own.lists/partial" "$work/apt/next.lists/partial" \
		"$work/apt/own.cache" "$work/apt/next.cache"
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' | sort -u | sort -s -t '|' -k 3,3 | while IFS='|' read -r origin uri suite component; do
		[ "$origin" = Debian ] || continue
		has_sources own "$uri" "$suite" "$component"
		case $suite in
		*-*) ;;
		*) has_sources next "$uri" trixie "$component" ;;
		esac
	done
	[ -e "$work/apt/own.sources" ] || die "apt of this machine knows no Debian"
	apt own get update
	apt next get update
}

# take PACKAGE: its source into $work/PACKAGE, and a line of $work/taken on what it is.
take() {
	newest=
	for from in own next; do
		for version in $(apt $from cache showsrc --only-source "$1" |
			sed -n 's/^Version: //p' | sort -uVr); do
			newest=${newest:-$version}
			if (cd "$work/apt" && apt $from get source --download-only "$1=$version"); then
				dsc=$work/apt/$1_${version#*:}.dsc
				dpkg-source --no-check -x "$dsc" "$work/$1"
				printf '%s %s %s\n' "$1" "$version" "$(sha256sum "$dsc" | cut -d ' ' -f 1)" \
					>>"$work/taken"
				[ "$version" = "$newest" ] || echo "$1 $newest cannot be had: this is $version" |
					tee -a "$work/warnings"
				return
			fi
		done
	done
	die "there is no source of $1"
}
