#!/usr/bin/tclsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tclsh demo.tcl -build DIR -prefix DIR     (what ./setup demo runs)
# A virtual STM32WB55 as it comes from the factory, with an application in flash, behind a virtual
# ST-LINK; a stock OpenOCD with our plugin brings its FUS and its BLE stack up to date. Every
# command line is shown as one would type it. Status 0 only if all came out as promised.

source [file join [file dirname [file normalize [info script]]] e2e sim.tcl]

array set option {-build build/main -prefix build/inst}
array set option $argv
e2e::configure $option(-build) $option(-prefix)

# ---- how it looks --------------------------------------------------------------------------------

set tty [expr {![catch {exec test -t 1 >@stdout}]}]
set colour [expr {$tty && ![info exists env(NO_COLOR)]}]

proc paint {code text} {
	return [expr {$::colour ? "\033\[${code}m$text\033\[0m" : $text}]
}

proc heading {text} {
	global step
	puts ""
	puts [paint "1;36" [format "%s %d. %s %s" -- [incr step] $text \
		[string repeat - [expr {max(3, 72 - [string length $text])}]]]]
}

proc say {text} {
	puts $text
}

proc verdict {good what} {
	global bad
	if {!$good} {
		incr bad
	}
	puts "  [expr {$good ? [paint "1;32" { ok }] : [paint "1;31" FAIL]}]  $what"
}

# shown LINE: a command line over several lines, as it can be pasted into a shell.
proc shown {line} {
	set rows {}
	set row ""
	foreach word $line {
		if {[string first [pwd]/ $word] == 0} {
			set word [string range $word [string length [pwd]/] end]
		}
		if {[regexp {[^-A-Za-z0-9_./=:]} $word]} {
			set word "\"$word\""
		}
		if {$row ne "" && ($word in {-c openocd} && $row ne "" || [string length $row] > 70)} {
			lappend rows $row
			set row ""
		}
		append row [expr {$row eq "" ? "" : " "}] $word
	}
	lappend rows $row
	return [join $rows " \\\n      "]
}

# openocd COMMAND ...: run it on our terminal, as a user would see it.
proc openocd {args} {
	global sim
	set line [e2e::openocd_command $sim -quiet {*}$args]
	puts [paint 33 "  $ [shown [lrange $line 1 end]]"]
	puts ""
	flush stdout
	set status 0
	if {[catch {exec {*}$line <@stdin >@stdout 2>@stderr} why options]} {
		set status [lindex [dict get $options -errorcode] 2]
	}
	verdict [expr {$status == 0}] "exit status $status"
}

# ---- the images ----------------------------------------------------------------------------------

proc found {folder name} {
	foreach pattern [list $name */$name */*/$name] {
		foreach file [glob -nocomplain -directory $folder $pattern] {
			return $file
		}
	}
	return ""
}

proc make_image {name args} {
	set file $e2e::work/$name
	exec [e2e::program tests/mkimage] {*}$args -o $file
	return $file
}

set consent {}
set trust {}
set fus ""
set stack ""
if {[info exists env(STM32WB_IMAGES)]} {
	set fus [found $env(STM32WB_IMAGES) stm32wb5x_FUS_fw.bin]
	set stack [found $env(STM32WB_IMAGES) stm32wb5x_BLE_Stack_full_fw.bin]
	set trust [list --trust $env(STM32WB_IMAGES)]
}
set generated [expr {$fus eq "" || $stack eq ""}]
if {$generated} {
	set fus [make_image stm32wb5x_FUS_fw.bin --kind fus --version 2.2.0 --size 24400]
	set stack [make_image stm32wb5x_BLE_Stack_full_fw.bin --kind stack --fus2 --nvm 4 \
		--version 1.24.0 --size 129400]
	set consent {-confirm unknown-image}
	set trust {}
}

# ---- the demo --------------------------------------------------------------------------------------

set app [e2e::program tests/app/counter.bin]
set app_counter 0x20002ff0
set began [clock milliseconds]
set bad 0

proc peek {address length} {
	return [e2e::peek $::sim $address $length]
}

# User option bytes: OPTR, PCROP1A*, WRP1*, PCROP1B*, IPCCBR, as FLASH shows them.
proc option_bytes {} {
	return [peek 0x58004020 32]
}

proc counter {} {
	binary scan [binary decode hex [peek $::app_counter 4]] iu value
	return $value
}

# Where user flash of 1 MiB ends below the images: all of it must stay as it is.
proc application {} {
	return [peek 0x08000000 0x10000]
}

proc go {} {
	global sim app trust fus stack generated consent bad

	puts [paint 1 "OpenFUS: the wireless coprocessor of an STM32WB, upgraded from OpenOCD"]
	say ""
	say "A virtual STM32WB55 stands in for your board: CPU1 runs real code, and the FUS, the"
	say "wireless stack, flash and option bytes behave as ST documents them. OpenOCD is your"
	say "distribution's own ([e2e::openocd_version])."
	say "While OpenOCD waits, the chip's time runs 100 times as fast as yours (--idle 100)."
	if {$generated} {
		say "The images are generated: set STM32WB_IMAGES to a folder of ST's to see those. They are"
		say "in no list of ST's, so the commands below ask for them by -confirm unknown-image."
	} else {
		say "The images are ST's, from $::env(STM32WB_IMAGES)."
	}

	heading "A board as it left the factory"
	set command [list --fus 1.2.0 --app $app {*}$trust]
	puts [paint 33 "  $ [shown [list stm32wb-sim --stlink 0 --idle 100 {*}$command]]"]
	set sim [e2e::sim_start {*}$command]
	set options [option_bytes]
	set flash [application]
	set first [counter]
	e2e::sim_say $sim advance 100
	say ""
	say "  FUS 1.2.0, no stack; an application counts milliseconds: $first, now [counter]."

	heading "Wake the FUS and ask who is there"
	openocd init "stm32wb fus start -hold" "stm32wb fus info" "reset run" shutdown

	heading "Bring the FUS up to date"
	openocd init [concat [list stm32wb fus upgrade $fus] $consent] shutdown

	heading "Install the BLE stack"
	openocd init [concat [list stm32wb fus upgrade $stack] $consent] shutdown

	heading "Look again"
	openocd init "stm32wb fus info" shutdown

	heading "And the rest of the board?"
	set view [e2e::view $sim]
	set before [counter]
	e2e::sim_say $sim advance 100
	set after [counter]
	verdict [expr {[dict get $view fus_version] eq "0x02020000"}] "FUS 2.2.0 is in place"
	verdict [expr {[dict get $view selects] eq "stack"}] "the coprocessor boots the BLE stack from now on"
	verdict [expr {[application] eq $flash}] "application flash: byte for byte what it was (64 KiB compared)"
	verdict [expr {[option_bytes] eq $options}] "user option bytes: byte for byte what they were"
	verdict [expr {$after > $before}] "the application runs again: its counter goes from $before to $after"

	set seconds [format %.1f [expr {([clock milliseconds] - $::began) / 1000.0}]]
	puts ""
	if {$bad} {
		puts [paint "1;31" "$bad of the promises above were not kept ($seconds s)"]
	} else {
		puts [paint "1;32" "All as promised, in $seconds s."]
		say "The same lines work on a real board: replace interface/stm32wb-sim.cfg by"
		say "interface/stlink.cfg, jlink.cfg or cmsis-dap.cfg. README.md has them ready to paste,"
		say "and says how to start a virtual chip by hand."
	}
}

set failed [catch go why options]
e2e::cleanup
if {$failed} {
	puts stderr "demo: $why"
	exit 1
}
exit [expr {$bad > 0}]
