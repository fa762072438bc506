/* SPDX-License-Identifier: GPL-2.0-only */
/* One line for each hw_NAME.dtso; Kbuild, tools/run and tools/help read them too. */
DWSIM_HW(unroll)	/* eDMA registers inside "atu", no platform MSI (the default) */
DWSIM_HW(msi)		/* a platform MSI controller beside the endpoint */
DWSIM_HW(fixed)		/* eDMA registers hardwired into a reserved BAR4 */
DWSIM_HW(hidden)	/* as fixed, but BAR4 is hidden from the host: no doorbell */
DWSIM_HW(rebar)		/* a resizable BAR2 of 1 MiB, the eDMA beside other devices' registers */
DWSIM_HW(nosub)		/* as rebar, and only whole BARs can be mapped */
DWSIM_HW(align64k)	/* an iATU that translates in steps of 64 KiB */
DWSIM_HW(few)		/* three inbound windows, two BARs */
DWSIM_HW(nowin)		/* one inbound window, one BAR: a doorbell cannot be mapped */
DWSIM_HW(low32)		/* an iATU with 32-bit addresses */
DWSIM_HW(high)		/* register windows above 4 GiB */
DWSIM_HW(perst)		/* registers that answer only after PERST# is released */
DWSIM_HW(msi_full)	/* a platform MSI controller with no vector left */
DWSIM_HW(window)	/* eDMA registers in a window of their own, "dma" */
DWSIM_HW(legacy)	/* eDMA and iATU behind viewports in DBI, version 4.70a */
DWSIM_HW(compat)	/* HDMA with the eDMA's register map, 4 + 4 channels */
DWSIM_HW(hdma)		/* HDMA with its native register map, 8 + 8 channels: no doorbell */
DWSIM_HW(hdma_msi)	/* as hdma, beside a platform MSI controller */
DWSIM_HW(noedma)	/* no eDMA: no doorbell, no DMA */
DWSIM_HW(lines)		/* an interrupt line for each channel, rings on changing lines */
DWSIM_HW(split)		/* the emulated interrupt of each direction has an INT_CLEAR of its own */
DWSIM_HW(any)		/* whatever is written to INT_CLEAR lowers the emulated interrupt */
DWSIM_HW(pulse)		/* the emulated interrupt falls by itself */
