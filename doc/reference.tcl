#!/usr/bin/env tclsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The parts of manual and man pages that the code knows best: commands, options, rules, checks and
# messages from the C tables of src/core and src/command, the virtual chip from its own --help.
#
#     tclsh doc/reference.tcl -sim PROGRAM check      complain about what is out of date
#     tclsh doc/reference.tcl -sim PROGRAM write      renew it
#
# A target is a whole file (doc/ref-NAME.texi) or, in a man page, what stands between the lines
# `.\" BEGIN NAME` and `.\" END NAME`.

package require Tcl 8.6
set top [file dirname [file dirname [file normalize [info script]]]]

proc slurp {file} {
	set f [open $file]
	fconfigure $f -encoding utf-8
	set text [read $f]
	close $f
	return $text
}

# ---- C, as far as tables and calls need it ------------------------------------------------------

# c_tokens FILE: words, literals, comments and marks of a C file.
proc c_tokens {file} {
	set text [slurp [file join $::top $file]]
	return [regexp -all -inline -expanded {
		/\*(?:[^*]|\*+[^*/])*\*+/ | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | //[^\n]* |
		[A-Za-z_][A-Za-z_0-9]* | [0-9][0-9A-Za-z.]* | \S
	} $text]
}

# c_macros FILE: name and value of each #define that is one string or one word.
proc c_macros {file} {
	set macros {}
	foreach {- name value} [regexp -all -inline -line {^#define\s+(\w+)\s+("[^"\n]*"|\w+)\s*$} \
			[slurp [file join $::top $file]]] {
		dict set macros $name $value
	}
	return $macros
}

# c_table FILE NAME: the rows of `NAME[] = { {...}, ... }`: each a list of fields, a field a list of
# tokens; comments of a row are its last field.
proc c_table {file name} {
	set tokens [c_tokens $file]
	set rows {}
	set at -1
	foreach i [lsearch -all -exact $tokens $name] {
		if {[join [lrange $tokens $i+1 $i+4] ""] eq "\[\]=\{"} {
			set at [expr {$i + 5}]
		}
	}
	if {$at < 0} {
		error "$file: no table $name"
	}
	set depth 1
	set comments {}
	set row {}
	set field {}
	for {} {$depth > 0} {incr at} {
		set token [lindex $tokens $at]
		switch -glob -- $token {
			/\\** {
				lappend comments $token
				continue
			}
			\{ {
				if {[incr depth] == 2} {
					set row {}
					set field {}
					continue
				}
			}
			\} {
				if {[incr depth -1] == 1} {
					if {[llength $field]} {
						lappend row $field
					}
					lappend rows [list {*}$row $comments]
					set comments {}
					continue
				}
			}
			, {
				if {$depth == 2} {
					lappend row $field
					set field {}
					continue
				}
			}
		}
		lappend field $token
	}
	return $rows
}

# c_text TOKENS ?MACROS?: string literals that stand side by side as one string.
proc c_text {tokens {macros {}}} {
	set text ""
	foreach token $tokens {
		if {[dict exists $macros $token]} {
			set token [dict get $macros $token]
		}
		if {[string match {"*} $token]} {
			append text [string map {\\n " " \\\" \" \\\\ \\} [string range $token 1 end-1]]
		}
	}
	return $text
}

# c_calls FILE NAME ...: the arguments of each call, as lists of tokens, behind the function's name.
proc c_calls {file args} {
	set tokens [c_tokens $file]
	set calls {}
	for {set i 0} {$i < [llength $tokens]} {incr i} {
		if {[lindex $tokens $i] ni $args || [lindex $tokens $i+1] ne "("} {
			continue
		}
		set call [list [lindex $tokens $i]]
		set depth 1
		set argument {}
		for {set at [expr {$i + 2}]} {$depth > 0 && $at < [llength $tokens]} {incr at} {
			set token [lindex $tokens $at]
			if {$token in {( [ \{}} {
				incr depth
			} elseif {$token in {) ] \}}} {
				incr depth -1
			}
			if {$depth == 0 || ($depth == 1 && $token eq ",")} {
				lappend call $argument
				set argument {}
			} else {
				lappend argument $token
			}
		}
		lappend calls $call
	}
	return $calls
}

# plain FORMAT: what printf would put in is an ellipsis.
proc plain {format} {
	regsub -all {%[-+ 0#]*[0-9*]*(\.[0-9*]+)?(ll|l|z|h)*[diuxXsco]} $format "..." format
	return [string trim [string map {%% %} $format]]
}

# ---- what is known -----------------------------------------------------------------------------

proc sources {} {
	set files [glob -directory $::top -tails src/core/*.c src/command/*.c]
	return [lsort $files]
}

# commands: {name usage help} in the order of the table.
proc commands {} {
	set rows {}
	foreach row [c_table src/command/command.c commands] {
		lappend rows [list [c_text [lindex $row 0]] [c_text [lindex $row 1]] \
			[c_text [lindex $row 2]]]
	}
	return $rows
}

# options: the words that start with `-`.
proc options {} {
	return [lmap row [c_table src/command/parse.c option_rows] {c_text [lindex $row 0]}]
}

proc risks {} {
	set tokens [c_tokens src/command/parse.c]
	set at [lsearch -exact $tokens risks]
	set end [lsearch -start $at -exact $tokens \}]
	return [lmap token [lrange $tokens $at $end] {
		if {![string match {"*} $token]} continue
		string trim $token {"}
	}]
}

# source_of COMMENTS: what stands in a row's comments, as one line.
proc source_of {comments} {
	set text {}
	foreach comment $comments {
		lappend text [string trim [regsub -all {\s*\n\s*\*?\s*} [string range $comment 2 end-2] " "]]
	}
	return [join $text "; "]
}

# rules: {id lifted sentence remedy source}: the planner's, then those before other commands.
proc rules {} {
	set rows {}
	foreach row [c_table src/core/rules.c rules] {
		lassign $row id - by - - sentence remedy
		set id [c_text $id]
		set lifted [dict get [list NEVER "" CONFIRM "-confirm $id" FORCE "-force $id"] [lindex $by 0]]
		lappend rows [list $id $lifted [c_text $sentence] [c_text $remedy] \
			[source_of [lindex $row end]]]
	}
	foreach row [c_table src/core/guards.c guards] {
		lassign $row id - - confirm - sentence remedy
		set id [c_text $id]
		lappend rows [list $id [expr {$confirm eq "true" ? "-confirm $id" : ""}] \
			[c_text $sentence] [c_text $remedy] [source_of [lindex $row end]]]
	}
	return $rows
}

# refusals: {id sentence} of the rules that are no row of a table.
proc refusals {} {
	set rows {}
	foreach file [sources] {
		set macros [c_macros $file]
		foreach call [c_calls $file wb_refuse] {
			set id [c_text [lindex $call 2] $macros]
			set sentence [plain [c_text [lindex $call 3] $macros]]
			if {$sentence eq ""} continue
			if {[lindex $call 2] eq {z - > rule}} {
				lappend rows [list write-protected $sentence] [list pcrop $sentence]
			} elseif {$id ne ""} {
				lappend rows [list $id $sentence]
			}
		}
	}
	return [lsort -index 0 $rows]
}

# rule_ids: every id that a refusal can name.
proc rule_ids {} {
	return [lsort -unique [concat [lmap row [rules] {lindex $row 0}] \
		[lmap row [refusals] {lindex $row 0}]]]
}

proc checks {} {
	return [lmap row [c_table src/core/diagnose.c rows] {
		list [c_text [lindex $row 0]] [c_text [lindex $row 1]]
	}]
}

# numbers TABLE: {range text first last} of the FUS's numbers, from names.c.
proc numbers {table} {
	set macros [c_macros src/core/packets.h]
	return [lmap row [c_table src/core/names.c $table] {
		lassign [lmap end [lrange $row 0 1] {
			expr {[dict exists $macros $end] ? [dict get $macros $end] : $end}
		}] first last
		set range [format "0x%02X" $first]
		if {$first != $last} {
			append range [format " to 0x%02X" $last]
		}
		list $range [c_text [lindex $row 2]] [expr {$first}] [expr {$last}]
	}]
}

# What a failure's status is about: themes of the list of messages, in the order of the manual.
set themes {
	WB_ERR_USAGE "Words that make no sense" WB_ERR_HOST "Your computer: files, folders, memory"
	WB_ERR_IMAGE "Files that are no image" WB_ERR_LINK "Probe, cable and debug port"
	WB_ERR_RESET "Resets that nobody ordered" WB_ERR_TIMEOUT "Waits that ended"
	WB_ERR_CHIP "A chip that says what cannot be" WB_ERR_FUS "The FUS said no"
	WB_ERR_FLASH "The flash controller" WB_ERR_STUB "The helper in SRAM"
	WB_ERR_STOPPED "You asked to stop"
}

# messages: dict of status -> sentences.
proc messages {} {
	set found {}
	foreach file [sources] {
		set macros [c_macros $file]
		foreach call [c_calls $file wb_fail usage_fail] {
			if {[lindex $call 0] eq "usage_fail"} {
				set status WB_ERR_USAGE
				set format [lindex $call 2]
			} else {
				set status [lsearch -inline -glob [lindex $call 2] WB_ERR_*]
				set format [lindex $call 3]
			}
			set text [plain [c_text $format $macros]]
			if {[dict exists $::themes $status] && [regexp {[a-z]{3}.*[a-z]{3}} $text] &&
					![string match "*usage: stm32wb*" $text]} {
				dict lappend found $status $text
			}
		}
	}
	return $found
}

# sim_help: dict of section -> {word help} rows of stm32wb-sim --help.
proc sim_help {} {
	set text [exec env ARGP_HELP_FMT=rmargin=240 $::sim_program --help]
	set section options
	set rows {}
	foreach line [split $text \n] {
		switch -glob -- $line {
			Parts* {set section parts}
			"FUS versions*" {set section versions}
			"Faults are*" {set section when}
			WHAT:* {set section what}
			Quirks* {set section quirks}
			"The control socket*" {set section control}
			default {
				if {$section eq "options"} {
					if {[regexp {^ +((?:-\w|-\?), )?(--\S+)\s+(\S.*)$} $line - short long help]} {
						dict lappend rows options [list $short$long $help]
					}
				} elseif {$section eq "control"} {
					if {[regexp {^  (\S.*)$} $line - word]} {
						dict lappend rows control [list $word ""]
					}
				} elseif {[regexp {^  (\S+)\s*(.*)$} $line - word help]} {
					dict lappend rows $section [list $word $help]
				}
			}
		}
	}
	foreach section {options parts versions when what quirks control} {
		if {![dict exists $rows $section]} {
			error "$::sim_program --help: no $section"
		}
	}
	return $rows
}

# ---- texinfo and man ---------------------------------------------------------------------------

proc texi {text} {
	set text [string map {@ @@ \{ @\{ \} @\}} $text]
	return [regsub -all {`([^`']*)[`']} $text {@code{\1}}]
}

proc roff {text} {
	set text [string map {\\ \\e - \\-} $text]
	regsub -all {`([^`']*)[`']} $text {\\fB\1\\fR} text
	return [regsub -all -line {^([.'])} $text {\\\&\1}]
}

proc sentence {text} {
	set text [string toupper $text 0 0]
	return [expr {[regexp {[.!?]$} $text] ? $text : "$text."}]
}

set note "@c Made by doc/reference.tcl from the tables in src/: change those, then `make doc-tables`.\n"

proc make_ref-commands {} {
	set out $::note
	foreach row [commands] {
		lassign $row name usage help
		append out "@anchor{command [string map {_ -} $name]}\n@deffn {Command} {stm32wb $name} [texi $usage]\n"
		append out [texi $help] "\n@end deffn\n\n"
	}
	return $out
}

proc make_ref-rules {} {
	set out $::note
	append out "@table @code\n"
	foreach row [rules] {
		lassign $row id lifted sentence remedy source
		append out "@item $id\n[texi [sentence $sentence]] [texi [sentence $remedy]]"
		append out [expr {$lifted eq "" ? " Nothing lifts it." : " To go ahead: @code{[texi $lifted]}."}]
		append out [expr {$source eq "" ? "" : "\nSource: [texi $source]."}] "\n\n"
	}
	append out "@end table\n"
	return $out
}

proc make_ref-refusals {} {
	set out $::note
	append out "@table @code\n"
	set last ""
	foreach row [refusals] {
		lassign $row id sentence
		append out [expr {$id eq $last ? "" : "@item $id\n"}] [texi [sentence $sentence]] "\n\n"
		set last $id
	}
	append out "@end table\n"
	return $out
}

proc make_ref-checks {} {
	set out "$::note@table @code\n"
	foreach row [checks] {
		append out "@item [lindex $row 0]\n[texi [lindex $row 1]].\n\n"
	}
	return "$out@end table\n"
}

proc make_ref-messages {} {
	set out $::note
	set messages [messages]
	foreach {status theme} $::themes {
		if {![dict exists $messages $status]} continue
		append out "@subheading $theme\n@itemize\n"
		foreach text [lsort -unique [dict get $messages $status]] {
			append out "@item\n[texi $text]\n"
		}
		append out "@end itemize\n\n"
	}
	return $out
}

proc make_ref-states {} {
	set out "$::note@subheading States of the FUS\n@table @code\n"
	foreach row [numbers fus_states] {
		append out "@item [lindex $row 0]\n[texi [lindex $row 1]]\n"
	}
	append out "@end table\n\n@subheading Errors of the FUS\n@table @code\n"
	foreach row [numbers fus_errors] {
		lassign $row range text number
		append out "@item $range\n[texi [sentence $text]]"
		foreach advice [numbers upgrade_advice] {
			if {$number >= [lindex $advice 2] && $number <= [lindex $advice 3]} {
				append out " Behind an upgrade: [texi [sentence [lindex $advice 1]]]"
			}
		}
		append out \n
	}
	return "$out@end table\n"
}

proc make_ref-sim {} {
	set help [sim_help]
	set out $::note
	foreach {section title} {options Options parts Parts versions {FUS versions}
			when {Faults: when} what {Faults: what} quirks Quirks control {Control socket}} {
		append out "@subheading $title\n@table @code\n"
		foreach row [dict get $help $section] {
			append out "@item [texi [lindex $row 0]]\n[texi [lindex $row 1]]\n"
		}
		append out "@end table\n\n"
	}
	return $out
}

proc man_list {rows} {
	set out ""
	foreach row $rows {
		append out ".TP\n\\fB[roff [lindex $row 0]]\\fR\n[roff [lindex $row 1]]\n"
	}
	return $out
}

proc man_commands {} {
	return [man_list [lmap row [commands] {
		list "stm32wb [lindex $row 0] [lindex $row 1]" [lindex $row 2]
	}]]
}

proc man_rules {} {
	set ids {}
	set out ""
	foreach row [rules] {
		lassign $row id lifted sentence
		lappend ids $id
		append out [man_list [list [list $id "[sentence $sentence][expr {
			$lifted eq "" ? "" : " ($lifted)"}]"]]]
	}
	set last ""
	foreach row [refusals] {
		lassign $row id sentence
		if {$id ni $ids && $id ne $last} {
			append out [man_list [list [list $id [sentence $sentence]]]]
		}
		set last $id
	}
	return $out
}

proc man_checks {} {
	return [man_list [checks]]
}

proc man_section {name} {
	set rows [dict get [sim_help] $name]
	if {$name eq "control"} {
		return ".nf\n[join [lmap row $rows {roff [lindex $row 0]}] \n]\n.fi\n"
	}
	return [man_list $rows]
}

# ---- targets -----------------------------------------------------------------------------------

set whole {ref-commands ref-rules ref-refusals ref-checks ref-messages ref-states ref-sim}
set blocks {
	stm32wb-fus.7 {commands man_commands rules man_rules checks man_checks}
	stm32wb-sim.1 {options {man_section options} parts {man_section parts}
		versions {man_section versions} when {man_section when} what {man_section what}
		quirks {man_section quirks} control {man_section control}}
}

# wanted: dict of file -> what it should hold.
proc wanted {} {
	set wanted {}
	foreach name $::whole {
		dict set wanted doc/$name.texi [make_$name]
	}
	foreach {file parts} $::blocks {
		set text [slurp [file join $::top doc $file]]
		foreach {name make} $parts {
			set begin ".\\\" BEGIN $name\n"
			set from [string first $begin $text]
			set to [string first ".\\\" END $name\n" $text]
			if {$from < 0 || $to < $from} {
				error "doc/$file: no block $name"
			}
			incr from [string length $begin]
			set text [string range $text 0 $from-1][{*}$make][string range $text $to end]
		}
		dict set wanted doc/$file $text
	}
	return $wanted
}

proc main {argv} {
	if {[llength $argv] != 3 || [lindex $argv 0] ne "-sim" || [lindex $argv 2] ni {check write}} {
		puts stderr "usage: reference.tcl -sim PROGRAM check|write"
		exit 2
	}
	set ::sim_program [lindex $argv 1]
	set old {}
	dict for {file text} [wanted] {
		set path [file join $::top $file]
		if {[file exists $path] && [slurp $path] eq $text} {
			continue
		}
		lappend old $file
		if {[lindex $argv 2] eq "write"} {
			set f [open $path w]
			fconfigure $f -encoding utf-8
			puts -nonewline $f $text
			close $f
			puts "$file: renewed"
		}
	}
	if {[lindex $argv 2] eq "check" && [llength $old]} {
		puts stderr "not what the code says: [join $old {, }]; run make doc-tables"
		exit 1
	}
}

if {[info exists argv0] && [file normalize $argv0] eq [file normalize [info script]]} {
	main $argv
}
