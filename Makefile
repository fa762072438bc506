# SPDX-License-Identifier: GPL-2.0-only
# Each verb is a program in tools/. A new verb is one line at the end; what
# follows its '#' is its line in `make help`.

#  HW=     the kind of hardware to simulate
#  T=      run only the tests whose names match
#  KERNEL= use this kernel tree of your own, only read, instead of linux/
#  V=1     show the exact commands
#  ALL=1   with test and check, also what takes long
export HW T KERNEL V ALL
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := run
.PHONY: deps kernel run test check linux export shell bench stress mutants peers help

deps:
	@tools/deps build

# The kernel under test, the simulator and the selftest, as far as they are missing
kernel: deps
	@tree=$$(tools/tree series) && tools/build series "$$tree"

run: kernel; @tools/run series # boot the simulated pair and run the in-tree selftest (the default)
linux: deps; @tools/linux # make linux/: the pinned base kernel, the series as commits on it
export: deps; @tools/export # write the commits of linux/ back to patches/
help: ; @tools/help # this list
