# SPDX-License-Identifier: GPL-2.0-only
# Each verb is a program in tools/. A new verb is one line at the end; what
# follows its '#' is its line in `make help`.

#  HW=     the kind of hardware to simulate
#  T=      run only the tests whose names match
#  KERNEL= use this kernel tree of your own, only read, instead of linux/
#  V=1     show the exact commands
#  ALL=1   with test, check and stress, also what takes long
#  SEED=   with stress, the seed of a run to repeat
# One test unless T= is given; T= with nothing behind it is all of them
ifeq ($(origin T),undefined)
run_tests = pcie_ep_doorbell.DOORBELL_TEST
else
run_tests = $(T)
endif
export HW T KERNEL V ALL SEED SEQ
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := run
.PHONY: deps hw kernel kernels debug run test check linux export shell bench stress mutants peers help

deps:
	@tools/deps build

# A wrong HW= is better known before a kernel is built than after
hw: deps
	@tools/run --check

# The kernel under test, the simulator and the selftest, as far as they are missing
name = $(if $(KERNEL),user,series)
kernel: hw
	@tree=$$(tools/tree series) && tools/build $(name) "$$tree"

# Also those that negative controls need and the one with all debugging on, which can
# only be made of linux/
kernels: kernel
	@for name in $(if $(KERNEL),,base nofallback); do \
		tree=$$(tools/tree $$name) && tools/build $$name "$$tree" || exit; \
	done
	$(if $(KERNEL),,@$(MAKE) debug)

debug: hw
	@tree=$$(tools/tree series) && tools/build series-debug "$$tree" debug.config

run: kernel; @T='$(run_tests)' tools/run $(name) # boot the simulated pair and run the in-tree selftest (the default)
linux: deps; @tools/linux # make linux/: the pinned base kernel, the series as commits on it
export: deps; @tools/export # write the commits of linux/ back to patches/
help: ; @tools/help # this list
test: kernels; @tools/test $(name) # run every test
check: kernel; @tools/deps check && tools/check # the gates that every commit has to pass
shell: kernel; @tools/shell $(name) # a shell on the simulated machine, both sides up
stress: debug; @tools/stress series-debug # hard knocks on the debug kernel: rings, orders, faults, a hostile host
