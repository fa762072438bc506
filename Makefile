# SPDX-License-Identifier: GPL-2.0-only
# Each verb is a program in tools/. A new verb is one line at the end; what
# follows its '#' is its line in `make help`.

#  HW=     with run, shell, peers and stress, the kind of hardware to simulate
#  T=      run only the tests, with check look only at the patches, whose names match
#  EPF=    the function to run: test, vntb, or a directory, see Documentation/example.md
#  KERNEL= use this kernel tree of your own, only read, instead of linux/
#  TOPIC=  with mail and mailed, the topic; with run, test, shell and stress, use the base with one topic of the series and what that needs, instead of linux/
#  FAULTS= with run, faults of the model, such as swallow_irq=1, see Documentation/simulator.md
#  MIRROR= a Debian mirror that has the base kernel's package, before those of apt
#  V=1     show the exact commands
#  ALL=1   with test, check and stress, also what takes long
#  RINGS=  with stress, how many rings; STEPS= the length of the orders, INPUTS= how many hostile inputs
#  CPUS=   with stress, how many CPUs the kernel under test has; SEQ= the one order of events to walk
#  TRIALS= with bench, how often each row is measured, 15 unless given
#  N=      how many mutants, 75 unless given
#  SEED=   which mutants, 1 unless given; with stress, the seed of a run to repeat
#  DEBUG=1 with stress, on the debug kernel, where faults are found that others survive
#  BROKEN=1 with stress, break the series in one place at a time, and see that it is found
#  COVERAGE=1 with stress, all tests on a kernel that counts which lines they reach
# One test unless T= is given; T= with nothing behind it is all of them
ifeq ($(origin T),undefined)
run_tests = pcie_ep_doorbell.DOORBELL_TEST
else
run_tests = $(T)
endif
# Kbuild cannot work below such a path
ifneq ($(words $(CURDIR)) $(findstring :,$(CURDIR)),1 )
$(error there is a space or a colon in the path $(CURDIR), which the kernel's Makefiles cannot take: move the project)
endif
export HW T EPF KERNEL TOPIC FAULTS MIRROR V ALL SEED SEQ N CPUS RINGS STEPS INPUTS
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := run
.PHONY: x86 deps ours hw kernel kernels debug qemu gcov run test check linux export mail mailed shell bench stress mutants musts peers help

# Better known before anything is installed or built
x86:
	@[ "$$(uname -m)" = x86_64 ] || { echo "User-Mode Linux is for x86_64 only, this is $$(uname -m): here make linux, make export" \
		"and make help work; run the other verbs on an x86_64 machine" >&2; exit 1; }

deps:
	@tools/deps build

# For what is made of linux/ and its base, whatever tree is named
ours:
	@[ -z "$(KERNEL)$(TOPIC)" ] || { echo "KERNEL= and TOPIC= are for run, test, shell and stress: leave them away here" >&2; exit 1; }

# A wrong HW=, EPF= or FAULTS= is better known before a kernel is built than after
hw: x86 deps
	@tools/run --check

# The kernel under test, the simulator and the selftest, as far as they are missing
name = $(if $(KERNEL),user,$(if $(TOPIC),topic-$(TOPIC),series))
# A kernel without a network is built in three quarters of the time
network = $(if $(filter vntb,$(EPF)),net.config)
test bench peers: network = net.config
kernel: hw
	@tree=$$(tools/tree $(if $(TOPIC),topic/$(TOPIC),series)) && tools/build $(name) "$$tree" $(network)

# Also those that negative controls need
kernels: kernel
	@for name in $(if $(KERNEL)$(TOPIC),,base nofallback); do \
		tree=$$(tools/tree $$name) && tools/build $$name "$$tree" $(network) || exit; \
	done

# The one with all debugging on, which can only be made of linux/
debug: ours hw
	@tree=$$(tools/tree series) && tools/build series-debug "$$tree" net.config debug.config

# Mutants and musts also run KUnit on x86_64
qemu: x86 ours
	@tools/deps build check kunit

gcov: ours hw
	@tools/deps coverage && tree=$$(tools/tree series) && tools/build gcov "$$tree" net.config gcov.config

knocks = $(if $(COVERAGE),coverage,stress $(if $(BROKEN),--broken) $(if $(DEBUG),series-debug,$(name)))

run: kernel; @T='$(run_tests)' tools/run $(name) # boot the simulated pair and run the in-tree selftest, or a network over vNTB (the default verb)
linux: deps; @tools/linux # make linux/: the pinned base kernel, the series as commits on it
export: deps; @tools/export # write the commits of linux/ back to patches/
mail: deps; @tools/deps mail && tools/mail $(TOPIC) # what git send-email takes of TOPIC=, in build/mail/
mailed: ; @tools/mail --sent $(TOPIC) # note by a tag that TOPIC= was mailed as it is
help: ; @tools/help # this list
test: kernels $(if $(KERNEL)$(TOPIC),,debug); @tools/test $(name) # run every test
check: ours kernel; @tools/deps check $(if $(ALL),kunit mail) && tools/check # the gates that every commit has to pass
shell: kernel; @tools/shell $(name) # a shell on the simulated machine, both sides up
peers: ours kernel; @tools/peers # the selftest on the series, its base and the kernels of others, side by side
mutants: qemu; @tools/mutants # break the series in N= places by SEED=, one at a time, and see whether a test fails
musts: qemu; @tools/musts # take away what each claim of the series rests on, and see its own test fail
stress: $(if $(BROKEN),ours) $(if $(COVERAGE),gcov,$(if $(DEBUG),debug,kernel)); @tools/$(knocks) # hard knocks: rings, orders, faults, hostile sides; which lines all tests reach
bench: ours kernels; @tools/bench # measure what doorbells cost and bring: a table, JSON and pictures in build/bench/
