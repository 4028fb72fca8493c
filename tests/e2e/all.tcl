#!/usr/bin/tclsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tclsh all.tcl -build DIR -prefix DIR ?-jobs N? ?FILE.test ...?
# Run the end to end tests, each file in a process of its own, a few at a time; longest first.
# Last line: "e2e: N passed, N failed, N skipped". Status 1 if anything failed.

set here [file dirname [file normalize [info script]]]
array set option {-jobs 2}
while {[string match -* [lindex $argv 0]]} {
	set argv [lassign $argv name value]
	set option($name) $value
}
set files $argv
if {![llength $files]} {
	# The slowest files first: they decide when everything is done.
	set first {upgrade.test faults.test stacks.test}
	set files $first
	foreach file [lsort [glob -directory $here -tails *.test]] {
		if {$file ni $first} {
			lappend files $file
		}
	}
}
array set sum {Passed 0 Failed 0 Skipped 0}
set waiting {}
foreach file $files {
	if {[file exists $here/[file tail $file]]} {
		lappend waiting $here/[file tail $file]
	}
}
set running 0
set ::finished 0

proc start {file} {
	global here option running output
	set pipe [open "|[list [info nameofexecutable] $file -build $option(-build) \
		-prefix $option(-prefix)] 2>@1" r]
	fconfigure $pipe -blocking 0
	set output($pipe) ""
	fileevent $pipe readable [list take $pipe $file [clock seconds]]
	incr running
}

proc take {pipe file since} {
	global sum running output finished
	append output($pipe) [read $pipe]
	if {![eof $pipe]} {
		return
	}
	fconfigure $pipe -blocking 1
	set died [catch {close $pipe} why]
	set text $output($pipe)
	set total {}
	foreach {-> kind number} [regexp -all -inline {(Passed|Failed|Skipped)\t(\d+)} $text] {
		lappend total $number
		incr sum($kind) $number
	}
	if {[llength $total] != 3 || $died} {
		incr sum(Failed)
		set total "ended without its totals: $why"
	}
	regsub -line -all {^\S+\.test:\tTotal.*$} $text "" text
	set text [string trim $text]
	puts [format "%-20s %s  %d s" [file tail $file] $total [expr {[clock seconds] - $since}]]
	if {$text ne ""} {
		puts $text
	}
	flush stdout
	incr running -1
	set finished 1
}

while {[llength $waiting] || $running} {
	while {[llength $waiting] && $running < $option(-jobs)} {
		set waiting [lassign $waiting file]
		start $file
	}
	vwait finished
}
puts "e2e: $sum(Passed) passed, $sum(Failed) failed, $sum(Skipped) skipped"
exit [expr {$sum(Failed) > 0}]
