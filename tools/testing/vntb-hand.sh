# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Without ntb_hw_epf: its commands by hand, and ntb_tool to see the endpoint's NTB.

# shellcheck source=tools/testing/vntb.sh
. "$TOP/tools/testing/vntb.sh"

VNTB_COMMAND=0x0
VNTB_ARGUMENT=0x4
VNTB_STATUS=0x8		# and the link's in the upper half
VNTB_MW_COUNT=0x20
VNTB_MW1_OFFSET=0x24
VNTB_SPAD_OFFSET=0x28
VNTB_DB_ENTRY_SIZE=0x30
VNTB_DB_DATA=0x34
VNTB_DB_OFFSET=0xb4
CONFIGURE_DOORBELL=1
TEARDOWN_DOORBELL=2
CONFIGURE_MW=3
LINK_UP=5
VNTB_OK=1
VNTB_ERROR=2

# vntb_up_by_hand PARAMETER...: a host without a driver, its BARs enabled
vntb_up_by_hand() {
	insmod "$OBJ/obj/drivers/ntb/ntb.ko" &&
	insmod "$OBJ/obj/drivers/ntb/test/ntb_tool.ko" &&
	insmod "$OBJ/obj/drivers/pci/endpoint/functions/pci-epf-vntb.ko" &&
	load_sim "$@" && vntb_create && perst_release &&
	vntb_bind && vntb_link_by_hand
}
vntb_link_by_hand() {
	echo 1 >"$SIM/link" && echo 1 | tee /sys/bus/pci/devices/*:01:00.0/enable >/tmp/out
}

vntb_answer() { echo $(($(reg_read $VNTB_STATUS) & 0xffff)); }
vntb_answered() { [ "$(vntb_answer)" != 0 ]; }

# vntb_command COMMAND [ARGUMENT]: prints the answer
vntb_command() {
	bus host fill $(($(bar_base 0) + VNTB_STATUS)) 2 0 &&
	reg_write $VNTB_ARGUMENT "${2:-0}" && reg_write $VNTB_COMMAND "$1" &&
	wait_for 5 vntb_answered && vntb_answer
}
vntb_configure() { [ "$(vntb_command $CONFIGURE_DOORBELL 4)" = $VNTB_OK ]; }
# With a client at the endpoint that wants a link, too
vntb_client_link() { echo "$1" >"$(echo /sys/kernel/debug/ntb_tool/*:$VNTB_ID/link)"; }
vntb_link() { vntb_client_link Y && [ "$(vntb_command $LINK_UP)" = $VNTB_OK ]; }
vntb_teardown() { [ "$(vntb_command $TEARDOWN_DOORBELL 4)" = $VNTB_OK ]; }

# Doorbell NUMBER of the host: its place in the doorbell BAR, and a ring
vntb_db_place() {
	echo $(($(reg_read $VNTB_DB_ENTRY_SIZE) * $1 +
		$(reg_read $((VNTB_DB_OFFSET + 4 * $1)))))
}
vntb_ring() {
	bus host write $(($(bar_base $DB_BAR) + $(vntb_db_place "$1"))) \
		"$(reg_read $((VNTB_DB_DATA + 4 * $1)))"
}

# Doorbell bits that the endpoint's NTB device shows
vntb_tool() { echo /sys/kernel/debug/ntb_tool/*:$VNTB_ID/db; }
vntb_bits() { echo $(($(cat "$(vntb_tool)"))); }
vntb_clear() { echo "c 0xf" >"$(vntb_tool)"; }
vntb_bits_are() { [ "$(vntb_bits)" = $(($1)) ]; }

# client BYTES: a client of the endpoint's NTB has a buffer for the host, 0: it frees it
client() { echo "$1" 2>/tmp/out >"$(echo /sys/kernel/debug/ntb_tool/*:$VNTB_ID/peer0/mw_trans0)"; }

# vntb_rings NUMBER BITS: a ring shows as these bits, which are then cleared
vntb_rings() {
	vntb_clear && vntb_ring "$1" && wait_for 5 vntb_bits_are "$2" && vntb_clear
}

# The doorbell BAR is memory at OFFSET, and keeps what is written there
db_bar_keeps() {
	bus host write $(($(bar_base $DB_BAR) + $1)) 0x600dda7a &&
	[ "$(bus host read $(($(bar_base $DB_BAR) + $1)))" = 0x600dda7a ] &&
	bus host write $(($(bar_base $DB_BAR) + $1)) 0
}

# vntb_idle: nothing is requested, doorbells are memory that is polled
vntb_idle() {
	[ "$(db_handlers)" = 0 ] && [ "$(vntb_db_place 2)" = 8 ] && db_bar_keeps 0x40 &&
	vntb_rings 2 0x1 && vntb_rings 3 0x2 && vntb_rings 5 0x8
}

# vntb_embedded: one handler, one place outside of memory, a ring is all bits
vntb_embedded() {
	[ "$(vntb_mode)" = embedded ] && [ "$(db_handlers)" = 1 ] &&
	[ "$(vntb_db_place 1)" = "$(vntb_db_place 3)" ] &&
	before=$(db_count) && vntb_rings 2 0xf && [ $(($(db_count) - before)) = 1 ]
}
