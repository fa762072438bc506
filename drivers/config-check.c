// SPDX-License-Identifier: GPL-2.0-only
/* A kernel that cannot carry the simulator fails to build it, with a reason. */
#include <linux/build_bug.h>
#include <linux/kconfig.h>
#include <linux/init.h>

#include "dwsim.h"

static void __init __maybe_unused dwsim_config_check(void)
{
	/* logic_iomem gives the registers a life */
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_UML_PCI));
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_INDIRECT_IOMEM));
	/* the hardware is described by an overlay */
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_OF_OVERLAY));
	/* the drivers under test */
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_PCI_ENDPOINT_CONFIGFS));
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_PCIE_DW_PLAT_EP));
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_PCI_ENDPOINT_MSI_DOORBELL));
	/* the DesignWare core calls it only when it is built in */
	BUILD_BUG_ON(!IS_BUILTIN(CONFIG_DW_EDMA));
}
