# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For the scenario bench: samples, and a pair of which they are taken.

# shellcheck source=tools/testing/vntb-net.sh
. "$TOP/tools/testing/vntb-net.sh"
# shellcheck source=tools/testing/vntb-hand.sh
. "$TOP/tools/testing/vntb-hand.sh"

BENCH=/sys/kernel/debug/dwsim/bench
SCRATCHPAD=0x200		# one of them: memory that the host may write to
BENCH_EPF=/sys/kernel/config/pci_ep/functions/pci_epf_bench/func1

say() { echo "$*" >/dev/tty1; }

# sample NAME COMMAND [A [B]]
sample() {
	echo "$2 ${3:-0} ${4:-0} $COUNT" >$BENCH || die "$1: cannot measure"
	say "$1 $(cut -d' ' -f2- $BENCH)"
}

# ring NAME: by the host, to the event of the endpoint's NTB device
ring() {
	sample "$1" ring $(($(bar_base 2) + $(vntb_db_place 2))) \
		$(($(reg_read $((VNTB_DB_DATA + 8)))))
}

# pings HOW
pings() {
	net_ping "$COUNT" || die "$(vntb_mode): a ping is lost"
	say "ping_$1 $(sed -n 's/.* time=\([0-9.]*\) ms/\1/p' /tmp/ping |
		awk '{ printf "%d ", $1 * 1000000 }')"
}

load_bench() {
	insmod "$OBJ/obj/drivers/ntb/ntb.ko" && load_sim && insmod "$OBJ/sim/dwsim-bench.ko" ${MARKS:+marks=1}
}

# A host without a driver, so that this can change what the endpoint does
vntb_bench() {
	load_bench && insmod "$OBJ/obj/drivers/pci/endpoint/functions/pci-epf-vntb.ko" &&
	vntb_create && perst_release && vntb_bind && vntb_link_by_hand
}

# trials COMMAND...
trials() {
	trial=0
	while [ "$trial" -lt "$TRIALS" ]; do
		"$@" || die "trial $trial"
		trial=$((trial + 1))
	done
}
