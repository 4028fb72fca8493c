#!/usr/bin/tclsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tclsh bench_flash.tcl -build DIR -prefix DIR    (make bench-flash)
# Staging at every speed of the probes: ours (core_speed_test, in-process, the same accounting), and
# stock OpenOCD's `flash write_image erase` + `verify_image` of the same sizes at the same speed and
# at its default, on the virtual chip. Virtual seconds, ST-LINK commands, host CPU seconds.

set here [file dirname [file normalize [info script]]]
source $here/e2e/sim.tcl

array set option {-build build/main -prefix build/inst}
array set option $argv
e2e::configure $option(-build) $option(-prefix)

set place 0x08040000
set sizes {129460 340176} ;# BLE_Stack_full, Thread_MTD

# User and system time of the processes that have ended, in seconds (100 ticks).
proc cpu_of_children {} {
	set stat [e2e::read_file /proc/[pid]/stat]
	set fields [lrange [string range $stat [string last ) $stat]+2 end] 0 end]
	return [expr {([lindex $fields 13] + [lindex $fields 14]) / 100.0}]
}

# stock PROBE KHZ SIZE: seconds, commands, host CPU seconds beyond those of init and halt.
proc stock {probe khz size} {
	set file $e2e::work/data$size.bin
	set channel [open $file wb]
	expr {srand(1)}
	for {set i 0} {$i < $size} {incr i} {
		puts -nonewline $channel [format %c [expr {int(rand() * 255)}]]
	}
	close $channel
	set seen {}
	e2e::with_sim ::sim [list --probe $probe --idle 1 --fus 2.2.0] {
		foreach commands [list {} [list "flash write_image erase $file $::place bin" \
				"verify_image $file $::place bin"]] {
			set before [e2e::stats $::sim]
			set cpu [cpu_of_children]
			set result [e2e::stm32wb $::sim halt "adapter speed $khz" {*}$commands]
			if {[dict get $result status]} {
				error [dict get $result err]
			}
			set after [e2e::stats $::sim]
			lappend seen [list \
				[expr {[dict get $after elapsed_s] - [dict get $before elapsed_s]}] \
				[expr {[dict get $after probe_commands] - [dict get $before probe_commands]}] \
				[expr {[cpu_of_children] - $cpu}]]
		}
	}
	return [lmap a [lindex $seen 1] b [lindex $seen 0] {expr {$a - $b}}]
}

set failed [catch {
	puts "ours, in-process"
	puts [exec [e2e::program core_speed_test] 2>@1]
	puts "stock OpenOCD: write_image erase + verify_image"
	foreach {probe speeds} {v3 {24000 8000 3300 1000 500 200} v2 {4000 480}} {
		foreach khz $speeds {
			foreach size $sizes {
				lassign [stock $probe $khz $size] seconds commands cpu
				puts [format "%s %5d kHz %6d bytes: %7.3f s, %.2f commands a KiB, %.2f CPU s a MiB" \
					$probe $khz $size $seconds [expr {$commands * 1024.0 / $size}] \
					[expr {$cpu * 1048576.0 / $size}]]
			}
		}
	}
} why]
e2e::cleanup
if {$failed} {
	puts stderr "bench_flash: $why"
	exit 1
}
