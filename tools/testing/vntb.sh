# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For scenarios of vNTB, sourced after lib.sh: two network namespaces, "host"
# behind ntb_hw_epf and "ep" behind pci-epf-vntb, over ntb_transport.

VNTB=/sys/kernel/config/pci_ep/functions/pci_epf_vntb/func1
VNTB_ID=10:00.0		# on the virtual bus of the endpoint
HOST_ADDRESS=10.0.0.1
EP_ADDRESS=10.0.0.2
# The polled doorbells of pci-epf-vntb, and what ntb_transport rings: bit 0 is
# the third word
DB_WORDS=4
DB_TRANSPORT=2

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
		db_count $DB_WORDS
		spad_count 128
		num_mws 1
		mw1 0x100000
		vntb_vid 0x1957
		vntb_pid 0x080a
		vbus_number 0x10
		ctrl_bar 0
		db_bar 2
		mw1_bar 4
	END
}

vntb_bind() { ln -s "$VNTB" "$CONTROLLER/"; }
vntb_unbind() { rm "$CONTROLLER/func1"; }

has_host_driver() { [ -e /sys/bus/pci/drivers/ntb_hw_epf/*:01:00.0 ]; }
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
	vntb_load && load_sim "$@" && vntb_create && vntb_bind && ep_start &&
	vntb_link_up && net_up
}

# net_ping [COUNT]: none lost; what ping says of the time is in /tmp/ping
net_ping() {
	timeout 60 ip netns exec host ping -q -c "${1:-100}" -i 0.01 -W 2 $EP_ADDRESS >/tmp/ping &&
	grep -q ' 0% packet loss' /tmp/ping
}
ping_times() { sed -n 's/^rtt //p' /tmp/ping; }

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

# Interrupts of pci-epf-vntb's doorbells: their lines, how many, and how often
db_lines() { grep pci_epf_vntb_db /proc/interrupts; }
db_handlers() { db_lines | wc -l; }
db_count() { db_lines | awk '{ n += $2 } END { print n + 0 }'; }

# vntb_mode: how doorbells arrive, from what /proc/interrupts shows
vntb_mode() {
	case $(db_lines) in
	'') echo polled ;;
	*pMSI*) echo msi ;;
	*) echo embedded ;;
	esac
}
