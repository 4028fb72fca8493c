# SPDX-License-Identifier: GPL-2.0-or-later
#
# gdb's short words for the stm32wb commands of the OpenOCD it is connected to:
#
#     (gdb) source stm32wb.gdb
#     (gdb) target extended-remote :3333
#     (gdb) fus-info
#
# Each is a `monitor stm32wb ...`. Those that reset the chip leave it as they found it: a halted
# CPU1 is halted at its reset vector afterwards, so gdb is told to forget what it has read.

define fus-info
	monitor stm32wb fus info
end
document fus-info
Versions of FUS, wireless stack and Safeboot, and what the CM0+ runs. Only reads.
end

define fus-state
	monitor stm32wb fus state
	maintenance flush register-cache
end
document fus-state
Ask the FUS for its state through the mailbox.
end

define fus-plan
	if $argc == 1
		monitor stm32wb fus plan $arg0
	else
		monitor stm32wb fus plan
	end
end
document fus-plan
fus-plan [FILE or DIR]: what an upgrade would do, and why. Only reads.
end

define fus-upgrade
	if $argc == 1
		monitor stm32wb fus upgrade $arg0
		maintenance flush register-cache
	end
	if $argc == 3
		monitor stm32wb fus upgrade $arg0 $arg1 $arg2
		maintenance flush register-cache
	end
	if $argc != 1 && $argc != 3
		echo usage: fus-upgrade FILE or DIR [-confirm RISK]\n
	end
end
document fus-upgrade
fus-upgrade FILE or DIR [-confirm RISK]: install a coprocessor image, and what must come before it.
end
