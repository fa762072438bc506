# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For scenarios of vNTB, sourced after lib.sh.

VNTB=/sys/kernel/config/pci_ep/functions/pci_epf_vntb/func1
VNTB_ID=10:00.0		# on the virtual bus of the endpoint
DB_BAR=2		# the host's driver knows these from the device's ID
MW_BAR=4

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
		mw1 ${MW_SIZE:-0x100000}
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
