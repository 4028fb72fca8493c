# SPDX-License-Identifier: GPL-2.0-or-later
#
# Start, ask and end virtual chips (stm32wb-sim), and run a real OpenOCD on them. For the end to
# end tests, the demo and the bench. Wants: e2e::configure.

namespace eval e2e {
	namespace export peek stats view
	variable build ""    ;# build tree: stm32wb-sim, simctl, tests/mkimage
	variable prefix ""   ;# where OpenFUS is installed
	variable work ""     ;# a directory of our own
	variable sims {}     ;# process ids of running simulators
	variable count 0
	variable start_ms 10000    ;# longest wait for a simulator to listen
	variable stop_ms 20000     ;# and to end when asked
	variable openocd_s 120     ;# longest life of one OpenOCD
}

# e2e::configure BUILD PREFIX: where things are. Makes a work directory that e2e::cleanup removes.
proc e2e::configure {where inst} {
	variable build [file normalize $where]
	variable prefix [file normalize $inst]
	variable work [exec mktemp -d /tmp/openfus-e2e.XXXXXX]
	# The journal of option bytes must not meet the user's own.
	set ::env(XDG_STATE_HOME) $work/state
}

proc e2e::program {name} {
	variable build
	set override "OPENFUS_[string toupper [string map {- _} [file tail $name]]]"
	if {[info exists ::env($override)]} {
		return $::env($override)
	}
	return $build/$name
}

# e2e::sim_start ?ARGUMENT ...?: a virtual chip on a free port, in a session of its own so that a
# ^C meant for OpenOCD does not reach it. Returns a dict: pid port control stats log line.
proc e2e::sim_start {args} {
	variable work
	variable sims
	variable count
	variable start_ms
	set base $work/sim[incr count]
	set command [list setsid [program stm32wb-sim] --stlink 0 --control $base.sock \
		--stats $base.json {*}$args]
	if {"--idle" ni $args} {
		lappend command --idle 100
	}
	set out [open "|$command 2>$base.log" r]
	fconfigure $out -blocking 0
	set pid [pid $out]
	lappend sims $pid
	set line ""
	set deadline [expr {[clock milliseconds] + $start_ms}]
	set timer [after $start_ms {set ::e2e::heard timeout}]
	while {![regexp {127\.0\.0\.1:(\d+)} $line -> port]} {
		if {[eof $out] || [clock milliseconds] >= $deadline} {
			after cancel $timer
			set why [read_file $base.log]
			catch {close $out}
			error "stm32wb-sim does not listen: $why (command: $command)"
		}
		fileevent $out readable {set ::e2e::heard line}
		vwait ::e2e::heard
		gets $out line
	}
	after cancel $timer
	fileevent $out readable {}
	return [dict create pid $pid port $port control $base.sock stats $base.json log $base.log \
		out $out line $line]
}

# e2e::sim_say SIM WORD ...: one line to the control socket; its JSON answer as a Tcl value.
proc e2e::sim_say {sim args} {
	set answer [json [exec [program tests/simctl] [dict get $sim control] {*}$args]]
	if {![dict get $answer ok]} {
		error "stm32wb-sim: [lrange $args 0 2]: [dict get $answer error]"
	}
	return $answer
}

# e2e::peek SIM ADDRESS LENGTH: bytes as hex; no counter sees it.
proc e2e::peek {sim address length} {
	return [dict get [sim_say $sim peek [format 0x%x $address] $length] hex]
}

# e2e::stats SIM: the counters, as --stats writes them.
proc e2e::stats {sim} {
	return [dict get [sim_say $sim stats] stats]
}

# e2e::view SIM: the CM0+ with X-ray eyes; versions as words in hex (0x02020000 is 2.2.0); selects:
# what SBRV makes it run when an application starts it (the stack: at the secure boundary SFSA).
proc e2e::view {sim} {
	set view [sim_say $sim view]
	foreach key {fus_version stack_version} {
		dict set view $key [format 0x%08x [dict get $view $key]]
	}
	set boot [expr {[dict get $view sbrv] * 4}]
	if {[dict get $view sbrv] == 0x3d000} {
		dict set view selects fus
	} elseif {$boot == [dict get $view sfsa] * 4096} {
		dict set view selects stack
	} else {
		dict set view selects [format 0x%x $boot]
	}
	return $view
}

# e2e::kill SIGNAL PID: the shell's kill; not every system has the program.
proc e2e::kill {signal pid} {
	exec sh -c "kill -$signal $pid"
}

# e2e::sim_stop SIM: end it and wait until it has gone; returns its final counters. One that does
# not end well (a crash, a sanitizer's finding) is an error.
proc e2e::sim_stop {sim} {
	variable sims
	set pid [dict get $sim pid]
	set sims [lsearch -all -inline -not -exact $sims $pid]
	catch {kill TERM $pid}
	wait_for_end [dict get $sim out] $pid
	if {[catch {close [dict get $sim out]} why options] && ($::e2e::deaf ne "" ||
			[lindex [dict get $options -errorcode] 2] ne "SIGKILL")} { # else it is a test's
		append why " " $::e2e::deaf
		error "stm32wb-sim: $why: [string range [read_file [dict get $sim log]] end-4000 end]"
	}
	if {[file exists [dict get $sim stats]]} {
		return [json [read_file [dict get $sim stats]]]
	}
	return {}
}

# e2e::wait_for_end CHANNEL PID: until the process has closed its output; a deaf one is killed.
proc e2e::wait_for_end {channel pid} {
	variable stop_ms
	set ::e2e::deaf ""
	set timer [after $stop_ms [list e2e::give_up $pid]]
	fconfigure $channel -blocking 0
	fileevent $channel readable [list e2e::drain $channel]
	while {![eof $channel]} {
		vwait ::e2e::heard
	}
	after cancel $timer
	fconfigure $channel -blocking 1
}

proc e2e::give_up {pid} {
	variable stop_ms
	set ::e2e::deaf "did not end within $stop_ms ms"
	kill KILL $pid
}

proc e2e::drain {channel} {
	read $channel
	set ::e2e::heard output
}

# e2e::with_sim VARIABLE ARGUMENTS SCRIPT: a chip that lives while SCRIPT runs.
proc e2e::with_sim {variable arguments script} {
	upvar 1 $variable sim
	set sim [sim_start {*}$arguments]
	set failed [catch {uplevel 1 $script} result options]
	set died [catch {sim_stop $sim} why]
	if {$died} {
		append result "; $why"
		return -code error $result
	}
	if {$failed} {
		dict incr options -level
	}
	return -options $options $result
}

# e2e::openocd_command SIM ?OPTION ...? COMMAND ...: the command line a user would type. Options:
# -transport T, -stock (without us), -target FILE, -ports ARGUMENTS (in place of: none open), -quiet.
proc e2e::openocd_command {sim args} {
	variable prefix
	set config [list -f interface/stm32wb-sim.cfg -f target/stm32wbx.cfg -f stm32wb.cfg]
	set transport dapdirect_swd
	set ports [list -c "gdb_port disabled; tcl_port disabled; telnet_port disabled"]
	while {[string match -* [lindex $args 0]]} {
		set args [lassign $args option]
		switch -- $option {
			-transport { set args [lassign $args transport] }
			-stock { set config [lrange $config 0 end-2] }
			-target {
				set args [lassign $args target]
				set config [lreplace $config 3 3 $target]
			}
			-ports { set args [lassign $args ports] }
			-quiet { set ports [list -c "debug_level 0; [lindex $ports 1]"] }
			default { error "e2e::openocd_command: bad option $option" }
		}
	}
	set line [list env STM32WB_SIM_PORT=[dict get $sim port] STM32WB_SIM_TRANSPORT=$transport \
		[openocd_program] -s $prefix/share/openfus/tcl {*}[lrange $config 0 1] {*}$ports \
		{*}[lrange $config 2 end]]
	foreach command $args {
		lappend line -c $command
	}
	return $line
}

# e2e::openocd_version: the first line it says of itself.
proc e2e::openocd_version {} {
	set result [run [list [openocd_program] --version]]
	return [lindex [split [string trim [dict get $result err][dict get $result out]] \n] 0]
}

# e2e::openocd_builtin: does this OpenOCD have the stm32wb commands, and so the flash driver, by itself?
proc e2e::openocd_builtin {} {
	set result [run [list [openocd_program] -c {echo "has [llength [info commands stm32wb]]"} \
		-c shutdown]]
	return [regexp {has 1} [dict get $result out][dict get $result err]]
}

proc e2e::openocd_program {} {
	if {[info exists ::env(OPENOCD)]} {
		return $::env(OPENOCD)
	}
	return openocd
}

# e2e::openocd SIM ?OPTION ...? COMMAND ...: run it to its end. Returns a dict: status out err all.
proc e2e::openocd {sim args} {
	variable openocd_s
	return [run [list timeout -k 5 $openocd_s {*}[openocd_command $sim {*}$args]]]
}

# e2e::stm32wb SIM COMMAND ...: "init", these commands, "shutdown".
proc e2e::stm32wb {sim args} {
	set options {}
	while {[string match -* [lindex $args 0]]} {
		lappend options [lindex $args 0] [lindex $args 1]
		set args [lrange $args 2 end]
	}
	return [openocd $sim {*}$options init {*}$args shutdown]
}

# e2e::run COMMAND: a process to its end. Returns a dict: status out err.
proc e2e::run {command} {
	variable work
	variable count
	set base $work/run[incr count]
	set status 0
	if {[catch {exec {*}$command >$base.out 2>$base.err </dev/null} message options]} {
		set code [dict get $options -errorcode]
		switch -- [lindex $code 0] {
			CHILDSTATUS { set status [lindex $code 2] }
			CHILDKILLED { set status [lindex $code 2] }
			default { error $message }
		}
	}
	return [dict create status $status out [read_file $base.out] err [read_file $base.err]]
}

# e2e::start COMMAND: a process in the background; e2e::finish_of waits for its end.
# Returns a dict: pid out err channel.
proc e2e::start {command} {
	variable work
	variable count
	set base $work/run[incr count]
	set channel [open "|[list {*}$command >$base.out 2>$base.err]" w]
	return [dict create pid [pid $channel] out $base.out err $base.err channel $channel]
}

# e2e::finish_of STARTED: a dict as e2e::run's.
proc e2e::finish_of {started} {
	set status 0
	if {[catch {close [dict get $started channel]} -> options]} {
		set code [dict get $options -errorcode]
		if {[lindex $code 0] in {CHILDSTATUS CHILDKILLED}} {
			set status [lindex $code 2]
		}
	}
	return [dict create status $status out [read_file [dict get $started out]] \
		err [read_file [dict get $started err]]]
}

proc e2e::read_file {name} {
	set f [open $name r]
	fconfigure $f -encoding binary -translation binary
	set data [read $f]
	close $f
	return $data
}

proc e2e::write_file {name data} {
	set f [open $name w]
	fconfigure $f -encoding binary -translation binary
	puts -nonewline $f $data
	close $f
	return $name
}

# e2e::cleanup: no simulator and no file of ours survives us.
proc e2e::cleanup {} {
	variable sims
	variable work
	foreach pid $sims {
		catch {kill TERM $pid}
	}
	set sims {}
	if {$work ne "" && ![info exists ::env(E2E_KEEP)]} {
		file delete -force $work
	}
}

# e2e::json TEXT: a JSON value as Tcl: objects are dicts, arrays lists, null "", true 1, false 0.
proc e2e::json {text} {
	set at 0
	set value [json_value $text at]
	if {[regexp {\A\s*\S} [string range $text $at end]]} {
		error "JSON: rubbish behind the value in: $text"
	}
	return $value
}

proc e2e::json_take {text atvar pattern} {
	upvar 1 $atvar at
	if {![regexp "\\A\\s*($pattern)" [string range $text $at end] whole token]} {
		error "JSON: expected $pattern at [string range $text $at [expr {$at + 30}]]"
	}
	incr at [string length $whole]
	return $token
}

proc e2e::json_value {text atvar} {
	upvar 1 $atvar at
	set token [json_take $text at {[][{}]|"(?:[^"\\]|\\.)*"|[-+.0-9eE]+|true|false|null}]
	switch -glob -- $token {
		"\{" {
			set object [dict create]
			if {[regexp {\A\s*\}} [string range $text $at end] whole]} {
				incr at [string length $whole]
				return $object
			}
			while 1 {
				set key [json_string [json_take $text at {"(?:[^"\\]|\\.)*"}]]
				json_take $text at :
				dict set object $key [json_value $text at]
				if {[json_take $text at {[,\}]}] eq "\}"} {
					return $object
				}
			}
		}
		"\\\[" {
			set array {}
			if {[regexp {\A\s*\]} [string range $text $at end] whole]} {
				incr at [string length $whole]
				return $array
			}
			while 1 {
				lappend array [json_value $text at]
				if {[json_take $text at {[],]}] eq "\]"} {
					return $array
				}
			}
		}
		"\"*" { return [json_string $token] }
		true { return 1 }
		false { return 0 }
		null { return "" }
		default { return $token }
	}
}

proc e2e::json_string {token} {
	return [subst -nocommands -novariables [string map {\\/ /} [string range $token 1 end-1]]]
}
