# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For the scenario bus: one access of the host or the endpoint, and what is counted.

ATU=0x41000000		# as in hw_pair.dtsi
OUTBOUND=0x42f00000

# is SPACE ADDRESS BYTES VALUE
is() {
	found=$(bus "$1" peek $(($2)) "$3")
	[ "$found" = "$4" ] || die "$what: $3 bytes of $1 at $(printf %#x $(($2))) are $found, not $4"
}

# counted NAME NUMBER COMMAND...: the counter moves by that much
counted() {
	name=$1 number=$2 before=$(counter "$1")
	shift 2
	"$@"
	[ $(($(counter "$name") - before)) -eq "$number" ] ||
		die "$what: $name went from $before to $(counter "$name")"
}

# command_register BITS: of the host's command register, memory 2, bus master 4
command_register() {
	printf '%b' "\\00$1" | dd of="$(echo /sys/bus/pci/devices/*:01:00.0/config)" \
		bs=1 seek=4 conv=notrunc 2>/dev/null
}
