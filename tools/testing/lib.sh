# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What scenarios are made of. Runs inside the simulated machine.

SIM=/sys/bus/platform/devices/dwsim
PARAMS=/sys/module/dwsim/parameters
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

# selftest [NAME]...: the in-tree selftest, its TAP on tty1
selftest() {
	tests=
	for t; do
		tests="$tests -r $t"
	done
	# shellcheck disable=SC2086 # a list of options
	"$OBJ/selftest/pci_endpoint_test" $tests >/dev/tty1 2>&1
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

# What pci-epf-test keeps at the start of BAR0; the host driver's names
COMMAND=0x4
STATUS=0x8
IRQ_TYPE=0x24
IRQ_NUMBER=0x28
DB_BAR=0x34
DB_OFFSET=0x38
DB_DATA=0x3c
ENABLE_DOORBELL=0x40
DISABLE_DOORBELL=0x80
STATUS_IRQ_RAISED=0x40
STATUS_DOORBELL_SUCCESS=0x200
STATUS_DOORBELL_ENABLE_SUCCESS=0x400
STATUS_DOORBELL_ENABLE_FAIL=0x800
STATUS_DOORBELL_DISABLE_SUCCESS=0x1000
STATUS_DOORBELL_DISABLE_FAIL=0x2000

reg_read() { bus host read $(($(bar_base 0) + $1)); }
reg_write() { bus host write $(($(bar_base 0) + $1)) "$2"; }

status_has() { [ $(($(reg_read $STATUS) & $1)) -eq $(($1)) ]; }

# Answers come as MSI, as the host's driver asks for them
use_msi() { "$OBJ/sim/bus" "$TEST_DEVICE" irqtype 1; }

# epf_command NUMBER: to pci-epf-test; returns when it has answered
epf_command() {
	reg_write $STATUS 0 &&
	reg_write $IRQ_TYPE 1 &&
	reg_write $IRQ_NUMBER 1 &&
	reg_write $COMMAND "$1" &&
	wait_for 5 status_has $STATUS_IRQ_RAISED
}

db_enable() { epf_command $ENABLE_DOORBELL && status_has $STATUS_DOORBELL_ENABLE_SUCCESS; }
db_disable() { epf_command $DISABLE_DOORBELL && status_has $STATUS_DOORBELL_DISABLE_SUCCESS; }
db_address() { echo $(($(bar_base "$(($(reg_read $DB_BAR)))") + $(reg_read $DB_OFFSET))); }
db_write() { bus host write "$(db_address)" "$(reg_read $DB_DATA)"; }

# A ring that arrives is answered in the status register
db_ring() {
	reg_write $STATUS 0 && db_write && wait_for 5 status_has $STATUS_DOORBELL_SUCCESS
}

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

# What a debug kernel knows at the end; a leak shows once its object is 5 s old
debug_checks() {
	[ ! -e /proc/lockdep_stats ] || grep 'debug_locks: *1' /proc/lockdep_stats ||
		{ echo "dwsim: lockdep has switched itself off"; return 1; }
	leaks=/sys/kernel/debug/kmemleak
	[ -e $leaks ] && ! grep -q kmemleak=off /proc/cmdline || return 0
	sleep 5.2
	echo scan >$leaks && echo scan >$leaks && cat $leaks
	[ -z "$(cat $leaks)" ] || { echo "dwsim: memory leaks"; return 1; }
}

trace_tail() {
	[ -e /sys/kernel/debug/dwsim/trace ] || return 0
	echo "dwsim: trace"
	tail -n 40 /sys/kernel/debug/dwsim/trace
}

report() {
	echo "dwsim: counters"
	cat /sys/kernel/debug/dwsim/counters
	echo "dma_channels $(find /sys/class/dma -mindepth 1 | wc -l)"
	echo "dwsim: interrupts"
	cat /proc/interrupts
}

# tap CLAIM [NOTE]: a claim that held, as a result on tty1; tap_end after the last
tap() {
	[ -n "${taps:-}" ] || echo "TAP version 13" >/dev/tty1
	taps=$((${taps:-0} + 1))
	echo "ok $taps - $1${2:+ # $2}" >/dev/tty1
}
tap_end() { echo "1..$taps" >/dev/tty1; }
