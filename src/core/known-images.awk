# SPDX-License-Identifier: GPL-2.0-or-later
# known-images.csv -> rows of the const table in known_images.c. Fails on a row it does not understand.
BEGIN { FS = "," }
NR == 1 {
	if ($0 != "sha256,size,file,kind,version,pages,nvm,open2a,open2b,first,last") {
		print "known-images.csv: columns have changed" > "/dev/stderr"
		failed = 1
		exit
	}
	next
}
NF != 11 || length($1) != 64 || $1 !~ /^[0-9a-f]+$/ || $2 !~ /^[0-9]+$/ || $3 !~ /^[A-Za-z0-9_.]+$/ {
	print "known-images.csv:" NR ": not understood: " $0 > "/dev/stderr"
	failed = 1
	exit
}
{
	printf "{ { "
	for (i = 1; i < 64; i += 2)
		printf "0x%s,", substr($1, i, 2)
	printf " },\n  %d, \"%s\", 0x%s, %s, \"%s\" },\n", $2, $3, $5 == "" ? "0" : $5, \
		$4 == "none" ? "true" : "false", $10 == $11 ? $10 : $10 " - " $11
}
END { exit failed }
