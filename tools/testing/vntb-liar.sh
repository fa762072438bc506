# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For the scenario vntb-hostile: the host's driver, when the endpoint says in its
# registers what cannot be.

# The host's driver gives up, or is there, when it finds this in that register
host_driver() {
	rmmod ntb_hw_epf && reg_write "$1" "$2" && insmod "$OBJ/obj/drivers/ntb/hw/epf/ntb_hw_epf.ko" ||
		die "no driver"
}
refuses() { host_driver "$@" && ! has_host_driver || die "the host takes $2 for good"; }
takes() { host_driver "$@" && has_host_driver || die "no driver afterwards"; }

rmmod ntb_tool || die "cannot remove the client"
place=$(reg_read $VNTB_SPAD_OFFSET)
for offset in $(($(stat -c %s "${config%config}resource0") - 4)) $((place + 2)); do
	refuses $VNTB_SPAD_OFFSET "$offset"
	dmesg -c | grep -q "128 scratchpads at 0x.* of BAR0, out of" || die "no line says why"
	takes $VNTB_SPAD_OFFSET "$place"
done
tap "the host's driver takes no scratchpads that are not in their BAR, or no words"

for count in 5 0xffffffff; do
	refuses $VNTB_MW_COUNT $count
	takes $VNTB_MW_COUNT 1
done
tap "nor more memory windows than it knows, and keeps no interrupt then"

for offset in 0xffffffff "$size"; do
	dmesg -c >/tmp/out
	reg_write $VNTB_MW1_OFFSET "$offset" && insmod "$OBJ/sim/dwsim-ntb-test.ko" || die "no client of the NTB"
	dmesg | grep -Eq "dwsim-ntb: window 0 of 1: -5, 0x0+ bytes" || die "a memory window at $offset of its BAR"
	rmmod dwsim_ntb_test || die "cannot remove the client"
done
tap "the host's NTB has no memory window behind the end of its BAR"

# Of four windows the host's driver has BARs for two
takes $VNTB_MW_COUNT 4
insmod "$OBJ/sim/dwsim-ntb-test.ko" || die "no client of the NTB"
for window in 2 3; do
	dmesg | grep -Eq "dwsim-ntb: window $window of 4: -22, 0x0+ bytes" || die "memory window $window has no BAR"
done
rmmod dwsim_ntb_test || die "cannot remove the client"
takes $VNTB_MW_COUNT 1
tap "nor one without a BAR"

# BAR0 leads to a copy of its registers in the memory window, by the iATU, where nobody clears them
dd if=/sys/kernel/debug/dwsim/host of=/sys/kernel/debug/dwsim/host conv=notrunc bs=256 \
	skip=$(($(bar_base 0) / 256)) seek=$(($(bar_base $MW_BAR) / 256)) \
	count=$(($(stat -c %s "${config%config}resource0") / 256)) 2>/tmp/out || die "cannot copy registers"
bus local write $iatu "$(bus local read $((iatu + 0x400)))"
dmesg -c >/tmp/out
refuses $VNTB_STATUS $VNTB_ERROR
bus local write $iatu "$own"
dmesg | grep -q "Failed to configure doorbell" || die "no line says why"
takes $VNTB_MW_COUNT 1
tap "the host's driver gives up where it can have no doorbells"

reg_write $VNTB_MW1_OFFSET 0 && insmod "$OBJ/sim/dwsim-ntb-test.ko" || die "no client of the NTB"
for answer in "-1 of 1: -22, 0x0+" "0 of 1: 0, 0x0*$(printf %x "$size")" "1 of 1: -22, 0x0+"; do
	dmesg | grep -Eq "dwsim-ntb: window $answer bytes" || die "not \"window $answer\""
done
dmesg | grep -q "dwsim-ntb: refused: set -22, clear -22" || die "the client is not told that they are refused"
tap "the host's NTB refuses memory windows that it does not have, as the endpoint does"
