# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Part of lib.sh, for scenarios that are the host of pci-epf-test themselves.

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
