# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What scenarios are made of. Runs inside the simulated machine.

# shellcheck source=tools/testing/epf-test.sh
. "$TOP/tools/testing/epf-test.sh"
# shellcheck source=tools/testing/results.sh
. "$TOP/tools/testing/results.sh"

SIM=/sys/bus/platform/devices/dwsim
EPF=/sys/kernel/config/pci_ep/functions/pci_epf_test/func1
TEST_DEVICE=/dev/pci-endpoint-test.0

# wait_for SECONDS COMMAND...
wait_for() {
	tries=$(($1 * 100))
	shift
	until "$@"; do
		[ "$tries" -gt 0 ] || return 1
		tries=$((tries - 1))
		sleep 0.01
	done
}

load_drivers() {
	insmod "$OBJ/obj/drivers/pci/endpoint/functions/pci-epf-test.ko" &&
	insmod "$OBJ/obj/drivers/misc/pci_endpoint_test.ko"
}

# load_sim PARAMETER...: the hardware appears, and its endpoint driver probes
load_sim() {
	insmod "$OBJ/sim/dwsim.ko" hw="$HW" "$@" || return
	EPC=$(ls /sys/class/pci_epc)
	[ -n "$EPC" ] || { echo "no endpoint controller"; return 1; }
	CONTROLLER=/sys/kernel/config/pci_ep/controllers/$EPC
}

epf_create() {
	mkdir "$EPF" &&
	echo 0x16c3 >"$EPF/vendorid" &&
	echo 0xedda >"$EPF/deviceid" &&
	echo 32 >"$EPF/msi_interrupts" &&
	echo "${MSIX:-32}" >"$EPF/msix_interrupts"
}

epf_bind() { ln -s "$EPF" "$CONTROLLER/"; }
epf_unbind() { rm "$CONTROLLER/func1"; }
ep_start() { echo 1 >"$CONTROLLER/start"; }
ep_stop() { echo 0 >"$CONTROLLER/start"; }
link_up() { echo 1 >"$SIM/link" && wait_for 5 test -c "$TEST_DEVICE"; }
link_down() { echo 0 >"$SIM/link"; }
perst_assert() { echo 1 >"$SIM/perst"; }
perst_release() { [ "$(cat "$SIM/perst")" = 0 ] || echo 0 >"$SIM/perst"; }

# bring_up PARAMETER...: from nothing to a host that has its test device
bring_up() {
	load_drivers && load_sim "$@" && epf_create && epf_bind && ep_start &&
	perst_release && link_up
}

# selftest [NAME]...: the in-tree selftest, its TAP on tty1, in make shell on tty0
selftest() {
	tests=
	for t; do
		tests="$tests -r $t"
	done
	# shellcheck disable=SC2086 # a list of options
	"$OBJ/selftest/pci_endpoint_test" $tests >"/dev/${TTY:-tty1}" 2>&1
}

# bus host|local read|write|dump ADDRESS ...: see bus.c
bus() {
	space=$1
	shift
	"$OBJ/sim/bus" "/sys/kernel/debug/dwsim/$space" "$@"
}

# bar_base NUMBER: bus address that the host gave it
bar_base() {
	sed -n "$(($1 + 1))p" /sys/bus/pci/devices/*:01:00.0/resource | cut -d' ' -f1
}

irq_descriptors() { find /sys/kernel/irq -mindepth 1 -maxdepth 1 | wc -l; }
counter() { sed -n "s/^$1 //p" /sys/kernel/debug/dwsim/counters; }

# Outbound windows of the iATU that are enabled
outbound_windows() {
	for window in 0 1 2 3; do
		bus local read $((0x41000004 + window * 0x200))
	done | grep -c '^0x[89a-f]'
}

# fail_calls require|reject FUNCTION: allocations on its behalf fail only, or never
fail_calls() {
	symbols=$(grep -A 1 " [tT] $2\$" /proc/kallsyms | cut -d' ' -f1)
	echo "0x${symbols%%[!0-9a-f]*}" >"/sys/kernel/debug/failslab/$1-start" &&
		echo "0x${symbols##*[!0-9a-f]}" >"/sys/kernel/debug/failslab/$1-end" &&
		echo 32 >/sys/kernel/debug/failslab/stacktrace-depth
}
