# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += doc/matrix.md doc/driver.md doc/testing.md doc/demo.svg
