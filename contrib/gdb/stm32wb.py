# SPDX-License-Identifier: GPL-2.0-or-later
"""gdb's short words for the stm32wb commands of the OpenOCD it is connected to, completed by TAB.

    (gdb) source stm32wb.py

For a gdb with Python; stm32wb.gdb, beside it, is for one without. Each word is a `monitor stm32wb
fus ...`: a file is named as the shell of OpenOCD's computer would, relative to OpenOCD's folder.
Ctrl-C waits until the command has ended; SIGINT to the process of OpenOCD stops it cleanly.
"""

import os
import signal

import gdb

# The risks that -confirm takes: as src/command/parse.c lists them.
RISKS = (
    "overwrite", "erase-stray", "factory-reset", "unknown-image", "old-pages", "rdp",
    "antirollback", "lock-authkey", "key-file", "options",
)
FORCED = ("stack-on-0.5.3",)
# word: behind `stm32wb fus`, does it name a file, may it reset the chip, options, help
WORDS = {
    "fus-info": ("info", False, False, ("-json",),
                 "Versions of FUS, wireless stack and Safeboot, and who runs. Only reads."),
    "fus-state": ("state", False, True, ("-hold", "-under-reset", "-json"),
                  "Ask the FUS for its state through the mailbox. Resets the chip."),
    "fus-plan": ("plan", True, False,
                 ("-address", "-first-install", "-delete", "-reinstall", "-no-start", "-preserve",
                  "-confirm", "-force", "-json"),
                 "fus-plan [FILE or DIR] [OPTION ...]: what an upgrade would do, and why. Only reads."),
    "fus-upgrade": ("upgrade", True, True,
                    ("-address", "-dry-run", "-first-install", "-delete", "-reinstall",
                     "-no-start", "-preserve", "-hold", "-under-reset", "-confirm", "-force",
                     "-log", "-json"),
                    "fus-upgrade FILE or DIR [OPTION ...]: install a coprocessor image, and what must"
                    " come before it."),
    "fus-diagnose": ("diagnose", False, True, ("-mailbox", "-hold", "-under-reset", "-json"),
                     "Look for everything that is known to go wrong. Only reads, but for -mailbox."),
    "fus-recover": ("recover", False, True, ("-confirm", "-hold", "-under-reset", "-json"),
                    "fus-recover [-confirm RISK]: find out what keeps the chip from its work, and put"
                    " it right."),
}


def files(word):
    """Files and folders that begin with word."""
    folder, name = os.path.split(word)
    try:
        found = sorted(os.listdir(os.path.expanduser(folder) or "."))
    except OSError:
        return []
    return [os.path.join(folder, each) for each in found if each.startswith(name)]


def undisturbed(command):
    """Run command with Ctrl-C held back; was there one?

    gdb would give up waiting for the answer, and take it for the answer to its next question.
    """
    noted = False
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        gdb.execute(command)
    finally:
        if signal.SIGINT in signal.sigpending():
            signal.sigwait({signal.SIGINT})
            noted = True
            gdb.write("Ctrl-C was noted, and OpenOCD's command has ended by itself all the same: to"
                      " stop one, send SIGINT to the openocd process, which cleans up.\n", gdb.STDERR)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return noted


class Word(gdb.Command):
    """One of the words above."""

    def __init__(self, name):
        self.name = name
        self.behind, self.takes_file, self.resets, self.options, self.__doc__ = WORDS[name]
        super().__init__(name, gdb.COMMAND_SUPPORT)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        if self.name == "fus-upgrade" and not argument.strip():
            raise gdb.GdbError("usage: fus-upgrade FILE or DIR [OPTION ...]")
        try:
            if undisturbed(("monitor stm32wb fus %s %s" % (self.behind, argument)).rstrip()):
                raise gdb.GdbError("stopped behind %s" % self.name)
        except gdb.error as error:
            if "not supported by this target" in str(error):
                raise gdb.GdbError("not connected to an OpenOCD: `target extended-remote :3333`"
                                   " first")
            if "Rcmd" in str(error):
                raise gdb.GdbError("not done: see above")
            raise gdb.GdbError("not done: %s" % error)
        finally:
            if self.resets:
                gdb.execute("maintenance flush register-cache", to_string=True)

    def complete(self, text, word):
        said = text.split()
        last = "" if not text or text[-1].isspace() else said.pop()
        before = said[-1] if said else ""
        if before == "-confirm":
            offers = RISKS
        elif before == "-force":
            offers = FORCED
        elif before in ("-address",):
            offers = ()
        elif before == "-log" or (self.takes_file and not last.startswith("-")):
            offers = files(last)
        else:
            offers = self.options
        # gdb puts the answer in the place of word, which may be less than the last one
        skip = len(last) - len(word or "")
        return [each[skip:] for each in offers if each.startswith(last)]


for each_word in WORDS:
    Word(each_word)
