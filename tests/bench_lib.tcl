# SPDX-License-Identifier: GPL-2.0-or-later
#
# What bench.tcl and bench_driver.tcl have in common: virtual chips, their counters, verdicts. Wants
# ::argv: -build DIR -prefix DIR ?-short 1?

source [file dirname [file normalize [info script]]]/e2e/sim.tcl

array set option {-build build/main -prefix build/inst -short 0}
array set option $argv
e2e::configure $option(-build) $option(-prefix)

# Datasheet DS11929, typical: what programming a double word and erasing a page take.
set dword_s 81.7e-6
set page_erase_s 22.0e-3
set page 4096

set trust {}  ;# more arguments of a virtual chip
set notes {}
set missed 0

proc stats {} {
	return [e2e::stats $::sim]
}

# minus A B: counters' difference, for those that are numbers.
proc minus {a b} {
	set difference {}
	dict for {key value} $a {
		if {[string is double -strict $value]} {
			dict set difference $key [expr {$value - [dict get $b $key]}]
		}
	}
	return $difference
}

# with_chip ARGUMENTS SCRIPT: virtual time moves with the wall only by what OpenOCD really waits.
proc with_chip {arguments script} {
	global trust
	if {"--idle" ni $arguments} {
		lappend arguments --idle 1
	}
	if {"--probe" ni $arguments} {
		lappend arguments --probe v3
	}
	uplevel 1 [list e2e::with_sim ::sim [concat {--fus 2.2.0} $trust $arguments] $script]
}

# verdict VALUE GOAL ?NOTE?: "ok", or by how much the goal is missed; NOTE goes below the table.
proc verdict {value goal {note ""}} {
	global missed notes
	if {$value <= $goal} {
		return ok
	}
	incr missed
	if {$note eq ""} {
		return [format "missed by %.2f" [expr {$value - $goal}]]
	}
	if {$note ni $notes} {
		lappend notes $note
	}
	return [format "missed by %.2f (%d)" [expr {$value - $goal}] \
		[expr {[lsearch -exact $notes $note] + 1}]]
}

# run_timed COMMAND ...: an OpenOCD to its end; CPU seconds of it alone (user and system).
proc run_timed {args} {
	set line [e2e::openocd_command $::sim {*}$args]
	set result [e2e::run [list bash -c {TIMEFORMAT="%3U %3S"; time "$@"} time timeout -k 5 300 {*}$line]]
	if {[dict get $result status]} {
		error "$args: [dict get $result err]"
	}
	lassign [lindex [split [string trim [dict get $result err]] \n] end] user system
	return [expr {$user + $system}]
}

proc three {number} {
	if {$number eq ""} {
		return ""
	}
	return [format %.3f $number]
}

# notes: what the verdicts refer to, and how many goals are missed.
proc notes {} {
	global notes missed
	puts ""
	set i 0
	foreach note $notes {
		puts "  ([incr i]) $note"
	}
	puts [expr {$missed ? "$missed figures miss their goal" : "all goals met"}]
}

# finish SCRIPT: run it; no process or file survives. The exit status says whether a goal is missed.
proc finish {script} {
	global missed
	set failed [catch $script why]
	e2e::cleanup
	if {$failed} {
		puts stderr "bench: $why"
		exit 1
	}
	exit [expr {$missed > 0}]
}
