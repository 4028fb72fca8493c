# SPDX-License-Identifier: GPL-2.0-or-later
#
# The chips and upgrades that several *.test files need: starting points, and what must be true
# after a command, whether it succeeded or not. Sourced behind lib.tcl.

set ::transports {dapdirect_swd hla_swd}

# The application in flash: counts SysTicks at app_counter in SRAM1 (tests/app).
set ::app_file [e2e::program tests/app/counter.bin]
set ::app_counter 0x20002ff0

# fus_image, stack_image: ST's where there are any, else generated ones (their test signature is
# all the virtual chip asks for). Sizes that ST never used: an image with a listed name, size and
# version but another hash is taken for a damaged one, as it should be.
proc fus_image {} {
	if {$::st ne ""} {
		return [st stm32wb5x_FUS_fw.bin]
	}
	return [made stm32wb5x_FUS_fw.bin --kind fus --version 2.2.0 --size 24400]
}

proc stack_image {} {
	if {$::st ne ""} {
		return [st stm32wb5x_BLE_Stack_full_fw.bin]
	}
	return [made stm32wb5x_BLE_Stack_full_fw.bin --kind stack --fus2 --nvm 4 --version 1.24.0 \
		--size 129400]
}

# A small one, for what is done many times.
proc small_stack {} {
	return [made stm32wb5x_BLE_HCILayer_fw.bin --kind stack --version 1.24.0 --size 12300]
}

# install FILE ?OPTION ...?: the command that installs it; a generated image needs the consent
# that any image needs which is not in the list of ST's.
proc install {file args} {
	if {![file_is_listed $file]} {
		lappend args -confirm unknown-image
	}
	return [concat [list stm32wb fus upgrade $file] $args]
}

proc file_is_listed {file} {
	return [expr {$::st ne "" && [string first $::st [file normalize $file]] == 0}]
}

# trust: arguments that make the chip believe the images above.
proc trust {} {
	if {$::st ne ""} {
		return [list --trust $::st]
	}
	return {}
}

# chip VARIABLE ARGUMENTS SCRIPT: a WB55 with the application in flash, ST's images trusted.
proc chip {variable arguments script} {
	uplevel 1 [list e2e::with_sim $variable [concat [list --app $::app_file] [trust] $arguments] \
		$script]
}

# The application moves: its counter differs after a while of virtual time.
proc app_runs {sim} {
	set before [peek $sim $::app_counter 4]
	e2e::sim_say $sim advance 100
	return [expr {[peek $sim $::app_counter 4] ne $before}]
}

# remember SIM: what a command must leave as it found it.
proc remember {sim} {
	set app [peek $sim 0x08000000 [file size $::app_file]]
	return [dict create app $app options [user_options $sim]]
}

# left_wrong SIM BEFORE ?SELECTS?: "" if the chip is as commands.md promises: application flash and
# user option bytes unchanged, the application running, SBRV selecting SELECTS.
proc left_wrong {sim before {selects ""}} {
	set now [remember $sim]
	set wrong {}
	foreach what {app options} {
		if {[dict get $now $what] ne [dict get $before $what]} {
			lappend wrong "$what changed: [dict get $before $what] -> [dict get $now $what]"
		}
	}
	if {![app_runs $sim]} {
		lappend wrong "the application does not run"
	}
	if {$selects ne "" && [dict get [view $sim] selects] ne $selects} {
		lappend wrong "SBRV selects [dict get [view $sim] selects], not $selects"
	}
	return [join $wrong "; "]
}

# upgrade_wrong SIM BEFORE TRANSPORT COMMANDS EXPECTED: run commands, the last an upgrade; "" if
# status 0, view has the expected keys, and the chip was left right.
proc upgrade_wrong {sim transport commands expected} {
	set before [remember $sim]
	set result [e2e::stm32wb $sim -transport $transport {*}$commands]
	if {[dict get $result status]} {
		return "status [dict get $result status]: [dict get $result err]"
	}
	set now [view $sim]
	foreach {key value} $expected {
		if {[dict get $now $key] ne $value} {
			return "$key is [dict get $now $key], not $value; [dict get $result err]"
		}
	}
	return [left_wrong $sim $before]
}

proc sha256 {file} {
	return [lindex [exec sha256sum $file] 0]
}
