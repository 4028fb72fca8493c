# SPDX-License-Identifier: GPL-2.0-or-later
#
# What each *.test file sources: tcltest, the virtual chips of sim.tcl, images to install, and
# the questions the tests ask again and again. A file ends with `finish`.

package require Tcl 8.6
package require tcltest 2.3
namespace import ::tcltest::*
source [file join [file dirname [file normalize [info script]]] sim.tcl]

# ---- the command line: -build DIR -prefix DIR, the rest is tcltest's ---------------------------
set ::e2e_options {-build build/main -prefix build/inst}
for {set i 0} {$i < [llength $argv]} {} {
	if {[lindex $argv $i] in {-build -prefix}} {
		dict set ::e2e_options [lindex $argv $i] [lindex $argv $i+1]
		set argv [lreplace $argv $i $i+1]
	} else {
		incr i
	}
}
configure -verbose {body error} {*}$argv
e2e::configure [dict get $e2e_options -build] [dict get $e2e_options -prefix]

# Commands and flash driver compiled in, or a plugin that is loaded.
testConstraint builtin [e2e::openocd_builtin]
testConstraint plugin [expr {![testConstraint builtin]}]

# A test of the other one is none of this run's: it is not counted as skipped.
namespace forget ::tcltest::test
proc test {name description args} {
	set wanted [expr {[dict exists $args -constraints] ? [dict get $args -constraints] : ""}]
	foreach front {plugin builtin} {
		if {$front in $wanted && ![testConstraint $front]} {
			return
		}
	}
	uplevel 1 [list ::tcltest::test $name $description {*}$args]
}

proc finish {} {
	cleanupTests
	e2e::cleanup
}

# ---- images ------------------------------------------------------------------------------------
# ST's own where STM32WB_IMAGES names a folder of them; always also generated ones, which only
# the virtual chip believes.
set ::st ""
if {[info exists env(STM32WB_IMAGES)] && [file isdirectory $env(STM32WB_IMAGES)]} {
	set ::st [file normalize $env(STM32WB_IMAGES)]
}
testConstraint st [expr {$::st ne ""}]

# st NAME: path of one of ST's images, by file name, wherever in the folder it is.
proc st {name} {
	foreach pattern {%s */%s */*/%s} {
		set found [glob -nocomplain -directory $::st [format $pattern $name]]
		if {[llength $found]} {
			return [lindex $found 0]
		}
	}
	error "no $name in $::st"
}

# made NAME ARGUMENT ...: an image by tests/mkimage, under ST's way of naming; made once.
proc made {name args} {
	set file $::e2e::work/images/$name
	if {![file exists $file]} {
		file mkdir $::e2e::work/images
		exec [e2e::program tests/mkimage] {*}$args -o $file
	}
	return $file
}

# ---- what a chip is --------------------------------------------------------------------------

namespace import ::e2e::peek ::e2e::view ::e2e::stats

# user_options SIM: the option bytes that are the user's, as registers in force.
proc user_options {sim} {
	set options {}
	foreach {name offset} {OPTR 0x20 PCROP1ASR 0x24 PCROP1AER 0x28 WRP1AR 0x2c WRP1BR 0x30
			PCROP1BSR 0x34 PCROP1BER 0x38 IPCCBR 0x3c} {
		lappend options $name [peek $sim [expr {0x58004000 + $offset}] 4]
	}
	return $options
}

# fingerprint SIM: all of flash, the user's options and the secure ones: equal if nothing was written.
proc fingerprint {sim} {
	set f [open "|sha256sum" r+]
	for {set at 0x08000000} {$at < 0x08100000} {incr at 0x10000} {
		puts $f [peek $sim $at 0x10000]
	}
	puts $f [user_options $sim]
	puts $f [peek $sim 0x58004080 8]
	close $f write
	set hash [lindex [read $f] 0]
	close $f
	return $hash
}

# cost SIM COMMAND ...: what these commands cost beyond `init` and `shutdown`, by counter. OpenOCD
# writes once more at its first look at a chip: that one does not count.
proc cost {sim transport args} {
	counted $sim $transport
	set empty [counted $sim $transport]
	set full [counted $sim $transport {*}$args]
	set difference {}
	foreach key [dict keys $full] {
		if {[string is integer -strict [dict get $full $key]]} {
			dict set difference $key [expr {[dict get $full $key] - [dict get $empty $key]}]
		}
	}
	return $difference
}

proc counted {sim transport args} {
	e2e::sim_say $sim stats-clear
	set result [e2e::stm32wb $sim -transport $transport {*}$args]
	if {[dict get $result status]} {
		error "[lindex $args end]: [dict get $result err]"
	}
	return [stats $sim]
}

# refusal RESULT PATTERN ...: "" if the command failed and its words match every pattern, else what not.
proc refusal {result args} {
	if {[dict get $result status] == 0} {
		return "status 0: [dict get $result out][dict get $result err]"
	}
	foreach pattern $args {
		if {![regexp -nocase $pattern [dict get $result out][dict get $result err]]} {
			return "nothing like \"$pattern\" in: [dict get $result out][dict get $result err]"
		}
	}
	return ""
}
