# SPDX-License-Identifier: MIT
# embed.awk - activation scripts as a table in C, see src/layout/templates.h
#
#     awk -f embed.awk FILE... >templates.c
BEGIN {
	print "/* Made by tools/embed.awk. */"
	print "#include \"layout/templates.h\""
	print ""
	print "const struct template templates[] = {"
}

# A text with more than these would not be what the C string says.
/[^ -~\t\r]/ {
	print FILENAME ":" FNR ": not ASCII" >"/dev/stderr"
	failed = 1
	exit 1
}

FNR == 1 {
	if (NR != 1)
		end_of_file()
	name = FILENAME
	sub(/.*\//, "", name)
	print "\t{ \"" name "\","
	bytes = 0
}

{
	bytes += length($0) + 1
	gsub(/[\\"]/, "\\\\&")
	gsub(/\t/, "\\t")
	gsub(/\r/, "\\r")
	print "\t  \"" $0 "\\n\""
}

function end_of_file() {
	print "\t  , " bytes " },"
}

END {
	if (failed)
		exit 1
	end_of_file()
	print "\t{ 0, 0, 0 },"
	print "};"
}
