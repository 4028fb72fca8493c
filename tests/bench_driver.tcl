#!/usr/bin/tclsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tclsh bench_driver.tcl -build DIR -prefix DIR ?-short 1? ?-cells {V3 3300 32 ...}?    (make bench)
# What it costs to program user flash with the flash driver (the OpenOCD that OPENOCD names must have
# it), with the stm32l4x of the same OpenOCD on the same virtual chip, and what the flash takes: 81.7 us
# for a double word that is programmed, 22 ms for a page that is erased. Seconds and ST-LINK commands
# are virtual; each command's own, read by OpenOCD's script right before and behind it.
#
# The first 5 ms of each of OpenOCD's pauses are free of virtual time: short pauses are ended by more
# looks at the stub here than a real board would see. A clock below 1 MHz is raised by our driver for
# the work, and put back; stock stays at it. -short leaves slow clocks out.

set here [file dirname [file normalize [info script]]]
set cells {}
if {[set at [lsearch -exact $argv -cells]] >= 0} {
	set cells [lindex $argv $at+1]
	set argv [lreplace $argv $at $at+1]
}
source $here/bench_lib.tcl

set target_of {stm32wb target/stm32wb.cfg stm32l4x target/stm32wbx.cfg}
set place 0x08040000
set quiet "gdb_port disabled; tcl_port disabled; telnet_port disabled"
# as large as a WB55's SRAM1 is what the stock driver would have of it by default
set area "set WORKAREASIZE 0x10000"

# What is written, in this order, on one chip: into blank flash, over what is there, again, over it.
set kinds {blank {1 0} used {2 0} same {2 0} sparse {3 1}}

# data_file KIB SEED SPARSE: noise without 0xFF; sparse: each second KiB is 0xFF.
proc data_file {kib seed sparse} {
	set file $e2e::work/data$kib-$seed.bin
	if {![file exists $file]} {
		expr {srand($seed)}
		set bytes {}
		for {set i 0} {$i < $kib * 1024} {incr i} {
			lappend bytes [expr {$sparse && ($i & 1024) ? 255 : int(rand() * 255)}]
		}
		e2e::write_file $file [binary format c* $bytes]
	}
	return $file
}

# write_and_verify FILE: the commands.
proc write_and_verify {file} {
	return [list "flash write_image erase $file $::place bin" "verify_image $file $::place bin"]
}

# costs DRIVER PROBE KHZ COMMANDS: counters that each of them moves, on a blank chip, behind `reset halt`.
proc costs {driver probe khz commands} {
	global sim quiet area target_of
	with_chip [list --probe $probe] {
		set look "exec [e2e::program tests/simctl] [dict get $sim control] stats"
		set lines [list "reset halt" "adapter speed $khz" \
			"proc cost {c} { set a \[$look\]; uplevel #0 \$c; echo \"COST|\$a|\[$look\]\" }"]
		foreach command $commands {
			lappend lines "cost {$command}"
		}
		set result [e2e::run [list timeout -k 5 600 {*}[e2e::openocd_command $sim -stock \
			-target [dict get $target_of $driver] -ports [list -c "$area; $quiet"] \
			init {*}$lines shutdown]]]
	}
	set said [dict get $result out][dict get $result err]
	if {[dict get $result status]} {
		error "$driver: $said"
	}
	set seen {}
	foreach {-> before after} [regexp -all -inline -line {^COST\|(.*)\|(.*)$} $said] {
		lappend seen [minus [dict get [e2e::json $after] stats] [dict get [e2e::json $before] stats]]
	}
	return $seen
}

# add A B KEY: of two commands.
proc add {a b key} {
	return [expr {[dict get $a $key] + [dict get $b $key]}]
}

set why_small "each of the two commands loads a stub into SRAM1 and puts SRAM1 and registers back: some 20
      transfers of 0.8 ms for a write, 11 for a verify, and 16 KiB on the wire (57 ms at 3.3 MHz),
      whatever the size; the stub takes 0.7 us of its own a double word, 0.8 % of its 81.7"

proc row {probe khz kib kind write verify stock} {
	global dword_s page_erase_s why_small
	set ours [add $write $verify elapsed_s]
	set theirs [add {*}$stock elapsed_s]
	set limit [expr {[dict get $write flash_dwords] * $dword_s +
		[dict get $write flash_erases] * $page_erase_s}]
	set per_kib [expr {[add $write $verify probe_commands] / double($kib)}]
	set stock_kib [expr {[add {*}$stock probe_commands] / double($kib)}]
	set judged {}
	set ratio ""
	if {$kind eq "same"} {
		set part [expr {100.0 * $ours / $theirs}]
		lappend judged [format "%.2f %% of stock (goal 2): %s" $part [verdict $part 2 $why_small]]
	} else {
		set ratio [format %.3f [expr {$ours / $limit}]]
		if {$probe eq "v3" && $khz >= 3300} {
			lappend judged "limit x 1.05: [verdict $ratio 1.05 $why_small]"
		}
		lappend judged [format "stock x %.2f: %s" [expr {$ours / $theirs}] \
			[verdict [expr {$ours / $theirs}] 1.0]]
	}
	lappend judged "commands: [verdict $per_kib $stock_kib]"
	puts [format "  %-2s %5d %4d %-6s %8.3f %8.3f %8.3f %8.3f %8.3f %6s %6.2f %6.2f  %s" $probe $khz \
		$kib $kind [dict get $write elapsed_s] [dict get $verify elapsed_s] $ours $theirs $limit \
		$ratio $per_kib $stock_kib [join $judged "; "]]
}

proc programming {cells} {
	global kinds
	puts ""
	puts "Programming: flash write_image erase, verify_image and both with stm32wb, both with stm32l4x, what"
	puts "the flash takes, in seconds; ST-LINK commands a KiB. blank: noise into blank flash; used: noise"
	puts "over other data; same: that again; sparse: noise whose second half of each 2 KiB is 0xFF, over it."
	puts "Below 1000 kHz ours raises the clock for the work"
	puts [format "  %-2s %5s %4s %-6s %8s %8s %8s %8s %8s %6s %6s %6s" "" kHz KiB data write verify both \
		stock limit /limit ours stock]
	foreach {probe khz kib} $cells {
		set commands {}
		foreach {kind data} $kinds {
			lappend commands {*}[write_and_verify [data_file $kib {*}$data]]
		}
		set ours [costs stm32wb $probe $khz $commands]
		# it erases and writes all, whatever is there: one is as good as the other
		set stock [costs stm32l4x $probe $khz [lrange $commands 2 3]]
		foreach {kind data} $kinds {write verify} $ours {
			row $probe $khz $kib $kind $write $verify $stock
		}
	}
}

# `program FILE verify` makes a `reset init` of its own, which is measured before it and taken off.
proc one_word {} {
	puts ""
	puts "program FILE verify, over other data, V3 at 3300 kHz, without its reset init: seconds, commands"
	puts [format "  %4s %8s %8s %8s %8s" KiB stm32wb stm32l4x stm32wb stm32l4x]
	foreach kib {32 128 512} {
		set seen {}
		set commands [list {*}[write_and_verify [data_file $kib 1 0]] "reset init; adapter speed 3300" \
			"program [data_file $kib 2 0] verify $::place"]
		foreach driver {stm32wb stm32l4x} {
			lassign [lrange [costs $driver v3 3300 $commands] 2 3] reset all
			lappend seen [minus $all $reset]
		}
		lassign $seen ours stock
		puts [format "  %4d %8.3f %8.3f %8d %8d  below stock: %s" $kib [dict get $ours elapsed_s] \
			[dict get $stock elapsed_s] [dict get $ours probe_commands] \
			[dict get $stock probe_commands] \
			[verdict [expr {[dict get $ours elapsed_s] / [dict get $stock elapsed_s]}] 1.0]]
	}
}

# cpu DRIVER PROBE KHZ KIB: OpenOCD's CPU seconds of writing and verifying, beyond those of doing nothing.
proc cpu {driver probe khz kib} {
	global sim quiet area target_of
	set seen {}
	foreach commands [list [write_and_verify [data_file $kib 1 0]] {}] {
		set least {}
		foreach time {1 2 3} {
			with_chip [list --probe $probe] {
				lappend least [run_timed -stock -target [dict get $target_of $driver] \
					-ports [list -c "$area; $quiet"] init "reset halt" \
					"adapter speed $khz" {*}$commands shutdown]
			}
		}
		lappend seen [tcl::mathfunc::min {*}$least]
	}
	return [expr {max(0, [lindex $seen 0] - [lindex $seen 1])}]
}

proc host_cpu {} {
	puts ""
	puts "Host: CPU seconds of OpenOCD (user and system) a MiB written into blank flash and verified"
	puts [format "  %-2s %5s %4s %8s %8s" "" kHz KiB stm32wb stm32l4x]
	foreach {probe khz kib} {v3 3300 128 v2 4000 128} {
		set ours [expr {[cpu stm32wb $probe $khz $kib] * 1024 / $kib}]
		set stock [expr {[cpu stm32l4x $probe $khz $kib] * 1024 / $kib}]
		puts [format "  %-2s %5d %4d %8.3f %8.3f  below stock: %s" $probe $khz $kib $ours $stock \
			[verdict $ours $stock]]
	}
}

proc go {} {
	global cells option
	if {[catch {e2e::openocd_builtin} there] || !$there} {
		error "OPENOCD names no OpenOCD with the flash driver: ./setup openocd makes one"
	}
	puts "STM32WB55RG behind a virtual ST-LINK, [e2e::openocd_version], flash driver stm32wb"
	set all $cells
	if {$all eq ""} {
		foreach {probe speeds} {v3 {24000 8000 3300 1000 200} v2 4000} {
			foreach khz $speeds {
				foreach kib {32 128 512} {
					if {!$option(-short) || $khz >= 3300} {
						lappend all $probe $khz $kib
					}
				}
			}
		}
	}
	programming $all
	if {$cells eq ""} {
		one_word
		host_cpu
	}
	notes
}

finish go
