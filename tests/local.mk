# SPDX-License-Identifier: GPL-2.0-or-later
# Tests. Each room's unit tests are listed in tests/unit/<room>.mk.
include tests/unit/core.mk
include tests/unit/stub.mk
include tests/unit/command.mk
include tests/unit/sim.mk
