// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of the host's NTB that asks for memory windows that are not there,
 * which no client in the tree does. One line a window on the kernel log.
 */
#include <linux/module.h>
#include <linux/ntb.h>
#include <linux/pci.h>

static void dwsim_ntb_window(struct ntb_dev *ntb, int index)
{
	resource_size_t size = 0;
	phys_addr_t addr;
	int ret;

	ret = ntb_peer_mw_get_addr(ntb, index, &addr, &size);
	pr_info("dwsim-ntb: window %d of %d: %d, %pa bytes\n", index,
		ntb_peer_mw_count(ntb), ret, &size);
}

static int dwsim_ntb_probe(struct ntb_client *client, struct ntb_dev *ntb)
{
	/* The other one is the endpoint's */
	if (strcmp(dev_driver_string(&ntb->pdev->dev), "ntb_hw_epf"))
		return -ENODEV;

	dwsim_ntb_window(ntb, -1);
	dwsim_ntb_window(ntb, 0);
	dwsim_ntb_window(ntb, ntb_peer_mw_count(ntb));

	return 0;
}

static void dwsim_ntb_remove(struct ntb_client *client, struct ntb_dev *ntb)
{
}

static struct ntb_client dwsim_ntb_client = {
	.ops = {
		.probe = dwsim_ntb_probe,
		.remove = dwsim_ntb_remove,
	},
};
module_ntb_client(dwsim_ntb_client);

MODULE_DESCRIPTION("Test of the memory windows of the simulated host's NTB");
MODULE_LICENSE("GPL");
