/* SPDX-License-Identifier: GPL-2.0-only */
/* One line for each hw_NAME.dtso; Kbuild reads them too. */
DWSIM_HW(unroll)
DWSIM_HW(msi)
DWSIM_HW(fixed)
