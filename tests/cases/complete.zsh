# SPDX-License-Identifier: MIT
# complete.zsh - what a zsh with the function in ./fn makes of each line, given a tab behind it
#
# What is typed behind a tab is read when the completion is done.
zmodload zsh/zpty || exit 9
zpty z zsh -f -i
zpty -w z "fpath=($PWD/fn \$fpath); autoload -U compinit; compinit -u -D"
zpty -w z 'dump() { print -r -- "$BUFFER" >>got; BUFFER= }; zle -N dump; bindkey "^T" dump'
zpty -w z ': >ready'
for ((i = 0; i < 600; i++)); do [[ -e ready ]] && break; sleep 0.1; done
for words in "$@"; do
	zpty -w -n z "$words"$'\t\x14'
	for ((i = 0; i < 600; i++)); do
		zpty -r -t z line
		[[ -s got ]] && break
		sleep 0.1
	done
	print -r -- "<$(<got)>"
	rm -f got
done
