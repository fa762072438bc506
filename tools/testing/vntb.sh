# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For scenarios of vNTB, sourced after lib.sh: two network namespaces, "host"
# behind ntb_hw_epf and "ep" behind pci-epf-vntb, over ntb_transport.

VNTB=/sys/kernel/config/pci_ep/functions/pci_epf_vntb/func1
VNTB_ID=10:00.0		# on the virtual bus of the endpoint
DB_BAR=2		# the host's driver knows these from the device's ID
MW_BAR=4
HOST_ADDRESS=10.0.0.1
EP_ADDRESS=10.0.0.2

vntb_load() {
	for module in ntb/ntb ntb/hw/epf/ntb_hw_epf ntb/ntb_transport \
		pci/endpoint/functions/pci-epf-vntb; do
		insmod "$OBJ/obj/drivers/$module.ko" || return
	done
}

vntb_create() {
	mkdir "$VNTB" &&
	echo 0x1957 >"$VNTB/vendorid" &&
	echo 0x0809 >"$VNTB/deviceid" || return
	while read -r name value; do
		echo "$value" >"$VNTB/pci_epf_vntb.0/$name" || return
	done <<-END
		db_count 4
		spad_count 128
		num_mws 1
		mw1 0x100000
		vntb_vid 0x1957
		vntb_pid 0x080a
		vbus_number 0x10
		ctrl_bar 0
		db_bar $DB_BAR
		mw1_bar $MW_BAR
	END
}

# A controller that runs may not be unlinked from
vntb_bind() { ln -s "$VNTB" "$CONTROLLER/" && ep_start; }
vntb_unbind() { ep_stop && rm "$CONTROLLER/func1"; }

has_host_driver() { cat /sys/bus/pci/devices/*:01:00.0/uevent | grep -q ^DRIVER=ntb_hw_epf; }
vntb_link_up() { echo 1 >"$SIM/link" && wait_for 5 has_host_driver; }

# net_device NAMESPACE PCI-ID: the interface of that NTB device joins it
net_join() {
	for net in /sys/class/net/*; do
		case $(readlink -f "$net/device") in */*:"$2"/*)
			ip link set "${net##*/}" netns "$1" name ntb
			return
		esac
	done
	return 1
}

# The client device of each NTB that is there appears when its module is loaded
net_up() {
	insmod "$OBJ/obj/drivers/net/ntb_netdev.ko" &&
	net_join host 01:00.0 && net_join ep "$VNTB_ID" &&
	ip -n host addr add $HOST_ADDRESS/24 dev ntb &&
	ip -n ep addr add $EP_ADDRESS/24 dev ntb &&
	ip -n host link set ntb up && ip -n ep link set ntb up &&
	wait_for 20 net_carrier
}
net_down() { rmmod ntb_netdev; }

net_carrier() {
	ip -n host -o link show ntb | grep -q LOWER_UP &&
	ip -n ep -o link show ntb | grep -q LOWER_UP
}

# vntb_up PARAMETER...: from nothing to two namespaces that reach each other
vntb_up() {
	ip netns add host && ip netns add ep &&
	vntb_load && load_sim "$@" && vntb_create && perst_release &&
	vntb_bind && vntb_link_up && net_up
}

# net_ping [COUNT]: none lost. One at a time: after the last of several, ping
# waits no longer than twice the longest time so far, which a busy machine exceeds.
net_ping() {
	count=${1:-100} ip netns exec host sh -c '
		while [ "$count" -gt 0 ]; do
			ping -c 1 -W 5 "$0" || exit
			count=$((count - 1))
		done' $EP_ADDRESS >/tmp/ping
}
# The median of these pings and their range
ping_times() {
	sed -n 's/.* time=\([0-9.]*\) ms/\1/p' /tmp/ping | sort -n | awk '
		{ t[NR] = $1 }
		END { printf "median %s ms, %s to %s ms\n", t[int((NR + 1) / 2)], t[1], t[NR] }'
}

# net_bulk FROM TO ADDRESS BYTES: over TCP, what arrives is what was sent
net_bulk() {
	head -c "$4" /dev/urandom >/tmp/sent
	ip netns exec "$2" timeout 60 nc -l -N -p 5000 </dev/null >/tmp/received &
	receiver=$!
	wait_for 5 listens "$2" || return
	ip netns exec "$1" timeout 60 nc -N "$3" 5000 </tmp/sent || return
	wait $receiver || return
	cmp /tmp/sent /tmp/received || return
	echo "dwsim: $4 bytes from $1 to $2, $(cksum </tmp/received)"
}
listens() { ip netns exec "$1" cat /proc/net/tcp | grep -q ':1388 .* 0A '; }

# Interrupts of pci-epf-vntb's doorbells: their lines, the handlers, how often
db_lines() { grep pci_epf_vntb_db /proc/interrupts; }
db_handlers() { db_lines | grep -o pci_epf_vntb_db | wc -l; }
db_count() { db_lines | awk '{ for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }'; }

# vntb_mode: how doorbells arrive, from what /proc/interrupts shows
vntb_mode() {
	case $(db_lines) in
	'') echo polled ;;
	*pMSI*) echo msi ;;
	*) echo embedded ;;
	esac
}

# Without ntb_hw_epf: its commands by hand, and ntb_tool to see the endpoint's NTB
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
vntb_link() { [ "$(vntb_command $LINK_UP)" = $VNTB_OK ]; }
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
	vntb_rings 1 0x1 && vntb_rings 2 0x2 && vntb_rings 3 0x4
}

# vntb_embedded: one handler, one place outside of memory, a ring is all bits
vntb_embedded() {
	[ "$(vntb_mode)" = embedded ] && [ "$(db_handlers)" = 1 ] &&
	[ "$(vntb_db_place 1)" = "$(vntb_db_place 3)" ] &&
	before=$(db_count) && vntb_rings 2 0x7 && [ $(($(db_count) - before)) = 1 ]
}

irq_descriptors() { find /sys/kernel/irq -mindepth 1 -maxdepth 1 | wc -l; }
