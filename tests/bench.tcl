#!/usr/bin/tclsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tclsh bench.tcl -build DIR -prefix DIR    (make bench)
# What the commands cost on the virtual chip: ST-LINK commands, bits on SWDIO, virtual seconds; a
# V3 probe at an effective 3.3 MHz. Staging BLE_Stack_full beside stock OpenOCD's own way of
# writing the same file to the same place, and beside what the flash itself takes.
# Virtual time does not depend on the host, up to the few percent that OpenOCD's own pauses cost.

set here [file dirname [file normalize [info script]]]
source $here/e2e/sim.tcl
source $here/e2e/serve.tcl

array set option {-build build/main -prefix build/inst}
array set option $argv
e2e::configure $option(-build) $option(-prefix)

# Datasheet DS11929, typical: what programming a double word and erasing a page take.
set dword_s 81.7e-6
set page_erase_s 22.0e-3
set page 4096

set stack_size 129460 ;# BLE_Stack_full of CubeWB 1.24.0
set speed 3300

proc image {} {
	global stack_size trust consent
	set name stm32wb5x_BLE_Stack_full_fw.bin
	if {[info exists ::env(STM32WB_IMAGES)]} {
		foreach pattern {%s */%s} {
			foreach file [glob -nocomplain -directory $::env(STM32WB_IMAGES) [format $pattern $name]] {
				set trust [list --trust $::env(STM32WB_IMAGES)]
				set consent {}
				return $file
			}
		}
	}
	set trust {}
	set consent {-confirm unknown-image}
	# Not ST's length, or it would be taken for a damaged copy of ST's; the same pages.
	set file $e2e::work/$name
	exec [e2e::program tests/mkimage] --kind stack --fus2 --nvm 4 --version 1.24.0 \
		--size [expr {$stack_size - 4}] -o $file
	return $file
}

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

proc row {what cost} {
	puts [format "  %-46s %8d %10d %9.3f" $what [dict get $cost probe_commands] \
		[dict get $cost swd_bits] [dict get $cost elapsed_s]]
}

proc table {title} {
	puts ""
	puts $title
	puts [format "  %-46s %8s %10s %9s" "" commands "SWD bits" "seconds"]
}

# cost COMMAND ...: of a process of OpenOCD, beyond `init` and `shutdown` and the speed set; not
# the first on this chip, where OpenOCD writes once more.
proc cost {args} {
	global sim speed
	set seen {}
	foreach commands [list {} {} $args] {
		set before [stats]
		set result [e2e::stm32wb $sim "adapter speed $speed" {*}$commands]
		if {[dict get $result status]} {
			error "$commands: [dict get $result err]"
		}
		lappend seen [minus [stats] $before]
	}
	return [minus [lindex $seen 2] [lindex $seen 1]]
}

# asked PORT COMMAND: cost of one command in an OpenOCD that goes on.
proc asked {port command} {
	set before [stats]
	e2e::ask $port $command
	return [minus [stats] $before]
}

# staged COMMAND: the part of an upgrade from the first page erased or double word written to the
# last one written, seen by asking for the counters all the time.
proc staged {command} {
	global sim speed
	set line [e2e::openocd_command $sim init "adapter speed $speed" $command shutdown]
	set run [e2e::start [list timeout -k 5 100 {*}$line]]
	set start [stats]
	set seen {}
	while {[file exists /proc/[dict get $run pid]] && [state_of [dict get $run pid]] ne "Z"} {
		lappend seen [stats]
	}
	set result [e2e::finish_of $run]
	if {[dict get $result status]} {
		error "$command: [dict get $result err]"
	}
	set last [dict get [lindex $seen end] flash_dwords]
	foreach now $seen {
		if {[dict get $now flash_dwords] == [dict get $start flash_dwords] &&
				[dict get $now flash_erases] == [dict get $start flash_erases]} {
			set first $now
		}
		if {[dict get $now flash_dwords] == $last} {
			return [minus $now $first]
		}
	}
}

proc state_of {pid} {
	if {[catch {e2e::read_file /proc/$pid/stat} stat]} {
		return Z
	}
	return [lindex [string range $stat [string last ) $stat]+1 end] 0]
}

proc limit {bytes erased} {
	global dword_s page_erase_s page
	set seconds [expr {ceil($bytes / 8.0) * $dword_s}]
	if {$erased} {
		set seconds [expr {$seconds + ceil($bytes / double($page)) * $page_erase_s}]
	}
	return $seconds
}

# with_chip ARGUMENTS SCRIPT: virtual time moves with the wall only by what OpenOCD really waits.
proc with_chip {arguments script} {
	global trust
	if {"--idle" ni $arguments} {
		lappend arguments --idle 1
	}
	uplevel 1 [list e2e::with_sim ::sim [concat {--probe v3 --fus 2.2.0} $trust $arguments] \
		$script]
}

# used: fill the pages where the image goes with something, as an old application would have.
proc used {address size} {
	for {set at $address} {$at < $address + $size} {incr at 4096} {
		e2e::sim_say $::sim poke [format 0x%x $at] [string repeat 5a 4096]
	}
}

proc goal {met text} {
	global missed
	if {!$met} {
		incr missed
	}
	puts "  [expr {$met ? {met   } : {MISSED}}]  $text"
}

proc go {} {
	global image consent speed page missed sim
	set image [image]
	set size [file size $image]
	set pages [expr {($size + $page - 1) / $page}]
	# images.md: end - (4 NVM pages + the image's) x page, FUS 2 on a 1 MiB part.
	set address [expr {0x080F4000 - (4 + $pages) * $page}]
	set area [expr {$pages * $page}]
	set missed 0

	puts "STM32WB55RG behind an ST-LINK V3 at $speed kHz; virtual chip, [e2e::openocd_version]"

	table "Looking (beyond init and shutdown)"
	# These wait for nothing: with --idle 0 their seconds are the wire's and the probe's alone.
	with_chip {--idle 0} {
		row "stm32wb info" [cost "stm32wb info"]
		row "stm32wb fus info" [cost "stm32wb fus info"]
	}
	with_chip {} {
		row "stm32wb fus state, by itself" [cost "stm32wb fus state"]
	}
	# The first 5 ms of each of OpenOCD's pauses are free of virtual time: at --idle 1 the FUS would
	# seem slow to answer, and be looked at more than once.
	with_chip {--idle 100} {
		e2e::served port $sim {
			set tcl [dict get $port tcl]
			e2e::ask $tcl "poll off"
			e2e::ask $tcl "adapter speed $speed"
			e2e::ask $tcl "stm32wb fus start -hold"
			e2e::ask $tcl "stm32wb fus state -hold"
			set held [asked $tcl "stm32wb fus state -hold"]
			# What reading one word costs is what one memory operation costs.
			set one [asked $tcl "read_memory 0x20000000 32 1"]
		}
		row "stm32wb fus state, in a held session" $held
		set operations [expr {double([dict get $held probe_commands]) / [dict get $one probe_commands]}]
	}

	table "Staging [file tail $image], $size bytes"
	with_chip {} {
		set blank [staged [concat [list stm32wb fus upgrade $image] $consent]]
	}
	row "stm32wb fus upgrade, blank area" $blank
	with_chip {} {
		used $address $area
		set over [staged [concat [list stm32wb fus upgrade $image -confirm overwrite] $consent]]
	}
	row "stm32wb fus upgrade, used area" $over
	foreach {khz what} [list $speed "stock, same speed" 500 "stock, its own 500 kHz"] {
		with_chip {} {
			used $address $area
			set stock($khz) [cost halt "adapter speed $khz" \
				"flash write_image erase $image $address bin" "verify_image $image $address bin"]
		}
		row "$what: write_image erase + verify" $stock($khz)
	}
	set limit_blank [limit $size 0]
	set limit_used [limit $size 1]
	puts [format "  %-46s %29.3f" "the flash's own limit, blank area" $limit_blank]
	puts [format "  %-46s %29.3f" "the flash's own limit, used area" $limit_used]

	puts ""
	puts "Goals"
	set ratio_blank [expr {[dict get $blank elapsed_s] / $limit_blank}]
	set ratio_used [expr {[dict get $over elapsed_s] / $limit_used}]
	set faster [expr {[dict get $stock($speed) elapsed_s] / [dict get $over elapsed_s]}]
	goal [expr {$ratio_blank <= 1.3}] [format "blank area: %.2f x the limit (goal 1.30)" $ratio_blank]
	goal [expr {$ratio_used <= 1.3}] [format "used area: %.2f x the limit (goal 1.30)" $ratio_used]
	goal [expr {$faster > 1}] [format "used area: %.2f x as fast as stock at the same speed (goal: faster)" $faster]
	goal [expr {$operations <= 3}] [format "fus state in a held session: %.1f memory operations (goal 3)" $operations]
}

set failed [catch go why]
e2e::cleanup
if {$failed} {
	puts stderr "bench: $why"
	exit 1
}
exit [expr {$missed > 0}]
