#!/usr/bin/tclsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tclsh bench.tcl -build DIR -prefix DIR ?-short 1?    (make bench)
# What the commands cost on the virtual chip, beside stock OpenOCD's own way, what the flash itself
# takes, and the goals. ST-LINK commands, SWD bits and seconds are virtual: the same on every machine,
# up to the few percent that OpenOCD's own pauses cost. Host CPU seconds are this machine's.
#
# Ours at every speed is what core_speed_test measures in-process, with the accounting of OpenOCD's
# dapdirect transport: the plugin would raise a slow clock. -short leaves stock at slow clocks out.

set here [file dirname [file normalize [info script]]]
source $here/bench_lib.tcl
source $here/e2e/serve.tcl

# CubeWB 1.24.0's; the speeds that these probes have.
array set name {129460 BLE_Stack_full 340176 Thread_MTD}
set place 0x08040000
set speed 3300

# image SIZE: ST's file, or one of ours that is as large. Sets what the chip and the command need for it.
proc image {size} {
	global trust consent
	set name stm32wb5x_$::name($size)_fw.bin
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
		--size [expr {$size - 4}] -o $file
	return $file
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

proc limit {bytes erased} {
	global dword_s page_erase_s page
	set seconds [expr {ceil($bytes / 8.0) * $dword_s}]
	if {$erased} {
		set seconds [expr {$seconds + ceil($bytes / double($page)) * $page_erase_s}]
	}
	return $seconds
}

# ---- looking -------------------------------------------------------------------------------------

proc looking {} {
	global speed sim
	table "Looking, V3 at $speed kHz (beyond init and shutdown)"
	# These wait for nothing: with --idle 0 their seconds are the wire's and the probe's alone.
	with_chip {--idle 0} {
		row "stm32wb info" [cost "stm32wb info"]
		row "stm32wb fus info" [cost "stm32wb fus info"]
	}
	with_chip {} {
		row "stm32wb fus state, by itself" [cost "stm32wb fus state"]
	}
	# The first 5 ms of each of OpenOCD's pauses are free of virtual time: at a small --idle the FUS would
	# seem slow to answer, and be looked at more than once.
	with_chip {--idle 300} {
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
	}
	row "stm32wb fus state, in a held session" $held
	set operations [expr {double([dict get $held probe_commands]) / [dict get $one probe_commands]}]
	puts [format "  memory operations of the last: %.1f, goal 3: %s" $operations \
		[verdict $operations 3]]
}

# ---- staging -------------------------------------------------------------------------------------

# ours: what core_speed_test prints, as a dict of PROBE,KHZ,SIZE,AREA: {seconds commands-a-KiB};
# its last lines, about whole upgrades, go to `upgrades`.
proc ours {} {
	global upgrades
	set rows {}
	set upgrades {}
	foreach line [split [exec env BENCH=[expr {$::option(-short) ? "" : 1}] \
			[e2e::program core_speed_test] 2>@1] \n] {
		if {[regexp {^(V\d) +(\d+) kHz +(\d+) bytes, (\w+) *: +([\d.]+) s.*?([\d.]+) commands} $line \
				-> probe khz size area seconds commands]} {
			if {$area eq "same"} {
				set commands [expr {$commands * 1024.0 / $size}]
			}
			dict set rows [string tolower $probe],$khz,$size,$area [list $seconds $commands]
		}
		if {[regexp {^(.*): ([\d.]+) s = ([\d.]+) s staging \+ ([\d.]+) s FUS \+ ([\d.]+) s rest.*; (\d+) starts.*; (\d+) link} \
				$line -> what all staging fus rest starts operations]} {
			lappend upgrades [list $what $all $staging $fus $rest $starts $operations]
		}
	}
	return $rows
}

proc data_file {size} {
	set file $e2e::work/data$size.bin
	if {![file exists $file]} {
		expr {srand(1)}
		set bytes {}
		for {set i 0} {$i < $size} {incr i} {
			lappend bytes [expr {int(rand() * 255)}]
		}
		e2e::write_file $file [binary format c* $bytes]
	}
	return $file
}

# stock PROBE KHZ SIZE: {seconds commands CPU-seconds} of write_image erase and verify_image, beyond
# those of init, halt and shutdown.
proc stock {probe khz size} {
	global place
	set file [data_file $size]
	set seen {}
	with_chip [list --probe $probe] {
		foreach commands [list {} [list "flash write_image erase $file $place bin" \
				"verify_image $file $place bin"]] {
			set before [stats]
			set cpu [run_timed init halt "adapter speed $khz" {*}$commands shutdown]
			set cost [minus [stats] $before]
			lappend seen [list [dict get $cost elapsed_s] [dict get $cost probe_commands] $cpu]
		}
	}
	return [lmap a [lindex $seen 1] b [lindex $seen 0] {expr {$a - $b}}]
}

proc staging_row {probe khz size area ours stock default} {
	global ratio_goal
	lassign $ours seconds per_kib
	lassign $stock stock_s stock_commands
	set limit [limit $size [expr {$area eq "used"}]]
	set stock_kib ""
	if {$stock_s ne ""} {
		set stock_kib [format %.2f [expr {$stock_commands * 1024.0 / $size}]]
	}
	set judged {}
	if {$area eq "same"} {
		set value ""
		if {$stock_s ne ""} {
			set part [expr {100.0 * $seconds / $stock_s}]
			lappend judged [format "%.2f %% of stock (goal 2): %s" $part [verdict $part 2]]
		}
	} else {
		set value [format %.3f [expr {$seconds / $limit}]]
		if {($probe eq "v3" && $khz >= 3300)} {
			lappend judged "limit x 1.05: [verdict $value 1.05]"
		}
		if {$stock_s ne ""} {
			lappend judged [format "stock x %.2f: %s" [expr {$seconds / $stock_s}] \
				[verdict [expr {$seconds / $stock_s}] 1.0]]
		}
	}
	if {$stock_kib ne ""} {
		lappend judged "commands: [verdict $per_kib $stock_kib]"
	}
	puts [format "  %-2s %5d %-14s %-5s %8s %8s %8s %8.3f %6s %6.2f %6s  %s" $probe $khz \
		$::name($size) $area $seconds [three $stock_s] [three [lindex $default 0]] $limit $value \
		$per_kib $stock_kib [join $judged "; "]]
}

proc staging {} {
	global option cpu
	set ours [ours]
	puts ""
	puts "Staging: ours (verification included), stock OpenOCD (flash write_image erase, verify_image) at the"
	puts "same speed and at its own default (500 kHz: 200 of a V3, 480 of a V2), and what the flash takes"
	puts "(81.7 us a double word, 22 ms a page erased), in seconds; ST-LINK commands a KiB, ours and stock's"
	puts [format "  %-2s %5s %-14s %-5s %8s %8s %8s %8s %6s %6s %6s" "" kHz image area ours stock \
		default limit /limit ours stock]
	foreach {probe speeds slow} {v3 {24000 8000 3300 1000 200} 200 v2 {4000 480} 480} {
		foreach size {129460 340176} {
			set default {}
			if {!$option(-short)} {
				set default [stock $probe $slow $size]
			}
			foreach khz $speeds {
				set at_speed $default
				if {$khz != $slow} {
					set at_speed [expr {$khz < 3300 && $option(-short) ? {} : [stock $probe $khz $size]}]
				}
				set cpu(stock,$probe,$khz,$size) [lindex $at_speed 2]
				foreach area {blank used same} {
					if {[dict exists $ours $probe,$khz,$size,$area]} {
						staging_row $probe $khz $size $area [dict get $ours $probe,$khz,$size,$area] \
							$at_speed $default
					}
				}
			}
		}
	}
}

# ---- the host ------------------------------------------------------------------------------------

# upgrade_cpu PROBE KHZ IMAGE SIZE: CPU seconds of a whole upgrade beyond init and shutdown, and of
# staging in it: what it takes more than one that finds the image in its place.
proc upgrade_cpu {probe khz image size} {
	global consent page sim
	# images.md: end - (4 NVM pages + the image's) x page, FUS 2 on a 1 MiB part.
	set address [expr {0x080F4000 - (4 + ($size + $page - 1) / $page) * $page}]
	set seen {}
	foreach there {0 1 0 1 0 1} {
		with_chip [list --probe $probe --idle 100] {
			if {$there} {
				set data [e2e::read_file $image]
				for {set at 0} {$at < $size} {incr at $page} {
					binary scan [string range $data $at [expr {$at + $page - 1}]] H* hex
					e2e::sim_say $sim poke [format 0x%x [expr {$address + $at}]] $hex
				}
			}
			lappend seen [run_timed init "adapter speed $khz" \
				[concat [list stm32wb fus upgrade $image -confirm overwrite] $consent] shutdown]
		}
	}
	# the FUS is followed in both, for as long as the machine makes it: the least of three of each
	foreach {without with} $seen {
		lappend staged $without
		lappend found $with
	}
	set staged [tcl::mathfunc::min {*}$staged]
	with_chip [list --probe $probe --idle 100] {
		set nothing [run_timed init "adapter speed $khz" shutdown]
	}
	return [list [expr {$staged - $nothing}] \
		[expr {max(0, $staged - [tcl::mathfunc::min {*}$found])}]]
}

proc host_cpu {} {
	global cpu trust consent
	puts ""
	puts "Host: CPU seconds of OpenOCD (user and system) a MiB: staging, less than 0.1 is noise; the whole of"
	puts "the upgrade, the FUS's work followed included; stock's write and verify"
	puts [format "  %-2s %5s %-14s %8s %8s %8s" "" kHz image staging whole stock]
	foreach {probe khz} {v3 3300 v2 4000} {
		foreach size {129460 340176} {
			set image [image $size]
			set mib [expr {$size / 1048576.0}]
			lassign [upgrade_cpu $probe $khz $image $size] whole staging
			set mine [expr {$staging / $mib}]
			set theirs [expr {$cpu(stock,$probe,$khz,$size) / $mib}]
			puts [format "  %-2s %5d %-14s %8.3f %8.3f %8.3f  staging below stock: %s" $probe $khz \
				$::name($size) $mine [expr {$whole / $mib}] $theirs [verdict $mine $theirs]]
		}
	}
}

# ---- whole upgrades ------------------------------------------------------------------------------

# The virtual chip's: how long the CM0+ takes to say that it is ready (src/sim/cpu2.c).
set boot_s 0.020
set stack_more_s 0.010

set why_rest "a third of the rest is the CM0+'s boots, which alone are more than 3 % of short work; the rest is
      some 200 transfers of 0.8 ms (three ST-LINK commands each): look, reset and hold, load and
      verify the stub, scan user flash (25 ms of CPU1), 10 transfers a reset, up to 10 ms to see one"

proc rest {} {
	global upgrades boot_s stack_more_s
	puts ""
	puts "Upgrades, V3 at 3300 kHz, in-process: seconds; the rest is all but staging and the FUS's operations;"
	puts "of the rest the CM0+ boots for 20 ms at every start (a stack for 30); ops are link operations"
	puts [format "  %-34s %7s %7s %7s %7s %7s %7s %7s %5s" "" all staging FUS rest "% FUS" boots \
		"% left" ops]
	foreach upgrade $upgrades {
		lassign $upgrade what all staging fus rest starts operations
		set percent [expr {100.0 * $rest / $fus}]
		set boots [expr {$starts * $boot_s + ([string match FUS* $what] ? 0 : $stack_more_s)}]
		puts [format "  %-34s %7.3f %7.3f %7.3f %7.3f %7.2f %7.3f %7.2f %5d  goal 3: %s" $what $all \
			$staging $fus $rest $percent $boots [expr {100.0 * ($rest - $boots) / $fus}] \
			$operations [verdict $percent 3 $::why_rest]]
	}
}

proc go {} {
	global trust
	set trust {}
	puts "STM32WB55RG behind a virtual ST-LINK, [e2e::openocd_version]"
	image 129460
	looking
	set trust {}
	staging
	host_cpu
	rest
	notes
}

finish go
