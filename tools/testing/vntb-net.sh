# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Two network namespaces, "host" behind ntb_hw_epf and "ep" behind pci-epf-vntb,
# over ntb_transport.

# shellcheck source=tools/testing/vntb.sh
. "$TOP/tools/testing/vntb.sh"

HOST_ADDRESS=10.0.0.1
EP_ADDRESS=10.0.0.2

# net_join NAMESPACE PCI-ID: the interface of that NTB device joins it
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
