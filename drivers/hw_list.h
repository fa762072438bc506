/* SPDX-License-Identifier: GPL-2.0-only */
/* One line for each hw_NAME.dtso; Kbuild, tools/run and tools/help read them too. */
DWSIM_HW(unroll)	/* eDMA registers inside "atu", no platform MSI (the default) */
DWSIM_HW(msi)		/* a platform MSI controller beside the endpoint */
DWSIM_HW(fixed)		/* eDMA registers hardwired into a reserved BAR4 */
