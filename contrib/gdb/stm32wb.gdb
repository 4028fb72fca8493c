# SPDX-License-Identifier: GPL-2.0-or-later
#
# gdb's short words for the stm32wb commands of the OpenOCD it is connected to:
#
#     (gdb) source stm32wb.gdb
#     (gdb) target extended-remote :3333
#     (gdb) fus-info
#
# Each is a `monitor stm32wb fus ...`. Those that reset the chip leave it as they found it: a halted
# CPU1 is halted at its reset vector afterwards, so gdb is told to forget what it has read. A gdb with
# Python has stm32wb.py instead: the same words, completed by TAB, and with Ctrl-C held back until the
# command has ended, which `define` cannot do: here it would leave gdb out of step with OpenOCD.
#
# `define` fails in one way only, by a command that is not there: after-wrong-words.

define fus-info
	if $argc > 0
		echo usage: fus-info\n
		after-wrong-words
	end
	monitor stm32wb fus info
end
document fus-info
Versions of FUS, wireless stack and Safeboot, and who runs. Only reads.
end

define fus-state
	if $argc > 0
		echo usage: fus-state\n
		after-wrong-words
	end
	monitor stm32wb fus state
	maintenance flush register-cache
end
document fus-state
Ask the FUS for its state through the mailbox. Resets the chip.
Wait for its end: no Ctrl-C, which leaves gdb out of step; SIGINT to the openocd process stops it.
end

define fus-plan
	if $argc == 0
		monitor stm32wb fus plan
	end
	if $argc == 1
		monitor stm32wb fus plan $arg0
	end
	if $argc == 2
		monitor stm32wb fus plan $arg0 $arg1
	end
	if $argc == 3
		monitor stm32wb fus plan $arg0 $arg1 $arg2
	end
	if $argc > 3
		echo usage: fus-plan [FILE or DIR [-OPTION [VALUE]]]\n
		after-wrong-words
	end
end
document fus-plan
fus-plan [FILE or DIR [OPTION ...]]: what an upgrade would do, and why. Only reads.
end

define fus-upgrade
	if $argc == 1
		monitor stm32wb fus upgrade $arg0
		maintenance flush register-cache
	end
	if $argc == 2
		monitor stm32wb fus upgrade $arg0 $arg1
		maintenance flush register-cache
	end
	if $argc == 3
		monitor stm32wb fus upgrade $arg0 $arg1 $arg2
		maintenance flush register-cache
	end
	if $argc == 4
		monitor stm32wb fus upgrade $arg0 $arg1 $arg2 $arg3
		maintenance flush register-cache
	end
	if $argc == 5
		monitor stm32wb fus upgrade $arg0 $arg1 $arg2 $arg3 $arg4
		maintenance flush register-cache
	end
	if $argc < 1 || $argc > 5
		echo usage: fus-upgrade FILE or DIR [OPTION ...], four words of options at most\n
		after-wrong-words
	end
end
document fus-upgrade
fus-upgrade FILE or DIR [OPTION ...]: install a coprocessor image, and what must come before it.
Wait for its end: no Ctrl-C, which leaves gdb out of step; SIGINT to the openocd process stops it.
end

define fus-diagnose
	if $argc > 1
		echo usage: fus-diagnose [-mailbox]\n
		after-wrong-words
	end
	if $argc == 0
		monitor stm32wb fus diagnose
	else
		monitor stm32wb fus diagnose $arg0
		maintenance flush register-cache
	end
end
document fus-diagnose
fus-diagnose [-mailbox]: look for everything that is known to go wrong. Only reads, but for -mailbox.
Wait for its end: no Ctrl-C, which leaves gdb out of step; SIGINT to the openocd process stops it.
end

define fus-recover
	if $argc == 0
		monitor stm32wb fus recover
	end
	if $argc == 2
		monitor stm32wb fus recover $arg0 $arg1
	end
	if $argc != 0 && $argc != 2
		echo usage: fus-recover [-confirm RISK]\n
		after-wrong-words
	end
	maintenance flush register-cache
end
document fus-recover
fus-recover [-confirm RISK]: find out what keeps the chip from its work, and put it right.
Wait for its end: no Ctrl-C, which leaves gdb out of step; SIGINT to the openocd process stops it.
end
