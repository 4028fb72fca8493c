#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# style.sh PATCH...: what OpenOCD asks of a patch. Its own tools/scripts/checkpatch.pl is in no release
# tarball: CHECKPATCH=FILE runs that one too, or the kernel's, with the options of its .checkpatch.conf.

set -eu
ignore=AVOID_EXTERNS,BLOCK_COMMENT_STYLE,CAMELCASE,COMPLEX_MACRO,CONST_STRUCT,ENOSYS,FILE_PATH_CHANGES
ignore=$ignore,GERRIT_CHANGE_ID,LINE_SPACING,LOGICAL_CONTINUATIONS,MACRO_WITH_FLOW_CONTROL,NEW_TYPEDEFS
ignore=$ignore,PARENTHESIS_ALIGNMENT,PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_FALLTHROUGH,PREFER_KERNEL_TYPES
ignore=$ignore,SPDX_LICENSE_TAG,SPLIT_STRING,SSCANF_TO_KSTRTO,SWITCH_CASE_INDENT_LEVEL,TRACING_LOGGING
ignore=$ignore,VOLATILE,TYPO_SPELLING

bad=0
for patch; do
	awk -v patch="$patch" '
	function wrong(what) { print patch ":" NR ": " what; found = 1 }
	function columns(text,   i, n) {
		for (i = 1; i <= length(text); i++)
			n = substr(text, i, 1) == "\t" ? n + 4 - n % 4 : n + 1
		return n
	}

	/\r/ { wrong("carriage return") }

	# the message: who, what, why, signed by the same
	!body && /^From: / { author = substr($0, 7) }
	!body && /^Subject: / && ($0 !~ /^Subject: \[PATCH\] [a-z\/]+: [a-z]/ || length($0) > 75) { wrong("subject: " $0) }
	!body && /^Signed-off-by: / { signed = substr($0, 16) }
	!body && !NF { blank = 1 }
	!body && blank && NF && !signed { why = 1 }
	/^---$/ && !body {
		body = 1
		if (author !~ /^[^<]+ <[^@ ]+@[^> ]+>$/) wrong("no author with an address: " author)
		if (signed != author) wrong("not signed off by its author")
		if (!why) wrong("no description")
	}

	/^\+\+\+ b\// { file = substr($0, 7); code = file ~ /\.[ch]$/ }
	/^--- / { fresh = /\/dev\/null/ }
	/^@@/ { first = fresh; next }
	!/^\+/ || /^\+\+\+ / { next }
	{ text = substr($0, 2) }
	text ~ /[ \t]$/ { wrong("space at the end") }
	text ~ / \t/ { wrong("space before tab") }
	first {
		first = 0
		if (code && text != (file ~ /h$/ ? "/* SPDX-License-Identifier: GPL-2.0-or-later */" : \
			"// SPDX-License-Identifier: GPL-2.0-or-later"))
			wrong("no SPDX line: " text)
	}
	code && text ~ /^ / && text !~ /^ \*/ { wrong("indented by spaces") }
	code && columns(text) > 120 { wrong(columns(text) " columns") }
	END { if (!body) wrong("no patch"); exit found }' "$patch" >&2 || bad=1
	[ -z "${CHECKPATCH-}" ] || perl "$CHECKPATCH" --no-tree --max-line-length=120 --tab-size=4 --show-types --strict \
		--ignore "$ignore" - <"$patch" >&2 || bad=1
done
exit $bad
