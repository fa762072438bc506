# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For scenarios that answer the host's driver themselves, sourced after lib.sh. The
# windows of BAR0 and BAR1 change places: the host's driver then has its registers
# in BAR1's memory, where the script answers, and pci-epf-test, reached through
# BAR1, does no more than raise the interrupts.

IATU=0x41000000		# "atu" of hw_pair.dtsi; pci-epf-test maps its BARs in order
TARGET=0x114
RAISE_MSI=0x2

target() { echo $((IATU + $1 * 0x200 + TARGET)); }
swap() {
	zero=$(bus local read "$(target 0)")
	one=$(bus local read "$(target 1)")
	bus local write "$(target 0)" "$one" && bus local write "$(target 1)" "$zero"
}

# swapped: both sides are up, and bar0 to bar2 are where their BARs are
swapped() {
	bring_up && use_msi && swap || die "cannot set up the pair"
	bar0=$(($(bar_base 0))) bar1=$(($(bar_base 1))) bar2=$(($(bar_base 2)))
}

# The steps of an answer, in one process as the host waits for a second only
until_command() { echo "until $((bar0 + COMMAND)) $(($1)) , write $((bar0 + COMMAND)) 0"; }
status() {
	echo ", write $((bar0 + STATUS)) $(($1 | STATUS_IRQ_RAISED))" \
		", write $((bar1 + IRQ_TYPE)) 1 , write $((bar1 + IRQ_NUMBER)) 1" \
		", write $((bar1 + COMMAND)) $RAISE_MSI"
}
