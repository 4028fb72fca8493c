# SPDX-License-Identifier: GPL-2.0-or-later
#
# An OpenOCD that stays and is asked through its ports. Sourced behind sim.tcl.

# e2e::served VARIABLE SIM SCRIPT: an OpenOCD that serves while SCRIPT runs; VARIABLE: dict of its ports.
proc e2e::served {variable sim script} {
	upvar 1 $variable port
	set line [openocd_command $sim -ports {-c "gdb_port 0" -c "tcl_port 0" -c "telnet_port 0"} init]
	set pipe [open "|$line </dev/null 2>@1" r]
	set port {}
	set said ""
	fconfigure $pipe -blocking 1
	while {[dict size $port] < 3} {
		if {[gets $pipe text] < 0} {
			catch {close $pipe}
			error "OpenOCD ended: $said"
		}
		append said $text \n
		if {[regexp {[Ll]istening on port (\d+) for (gdb|tcl|telnet)} $text -> number what]} {
			dict set port $what $number
		}
	}
	fconfigure $pipe -blocking 0
	fileevent $pipe readable [list read $pipe]
	set failed [catch {uplevel 1 $script} result options]
	catch {kill TERM [pid $pipe]}
	fconfigure $pipe -blocking 1
	catch {close $pipe}
	if {$failed} {
		dict incr options -level
	}
	return -options $options $result
}

# e2e::ask PORT COMMAND: one command on the Tcl port, its answer.
proc e2e::ask {port command} {
	set s [socket 127.0.0.1 $port]
	fconfigure $s -translation binary -buffering full
	puts -nonewline $s "$command\x1a"
	flush $s
	set answer ""
	while {[set c [read $s 1]] ne "\x1a" && ![eof $s]} {
		append answer $c
	}
	close $s
	return $answer
}
