// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of both NTBs that does what no client in the tree does. Of the host's
 * it asks for memory windows that are not there, one line a window on the kernel
 * log, and to set up such ones. When the endpoint's goes, it tells whether PCI is
 * locked against rescans.
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/ntb.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

static DECLARE_COMPLETION(dwsim_ntb_rescanned);

static void dwsim_ntb_rescan(struct work_struct *work)
{
	pci_lock_rescan_remove();
	pci_unlock_rescan_remove();
	complete(&dwsim_ntb_rescanned);
}

static DECLARE_WORK(dwsim_ntb_work, dwsim_ntb_rescan);

static bool dwsim_ntb_is_host(struct ntb_dev *ntb)
{
	return !strcmp(dev_driver_string(&ntb->pdev->dev), "ntb_hw_epf");
}

static void dwsim_ntb_window(struct ntb_dev *ntb, int index)
{
	resource_size_t size = 0;
	phys_addr_t addr;
	int ret;

	ret = ntb_peer_mw_get_addr(ntb, index, &addr, &size);
	pr_info("dwsim-ntb: window %d of %d: %d, %pa bytes\n", index,
		ntb_peer_mw_count(ntb), ret, &size);
}

/* The endpoint refuses one that is empty, and to tear down one that is not there */
static void dwsim_ntb_refused(struct ntb_dev *ntb)
{
	int set = ntb_mw_set_trans(ntb, NTB_DEF_PEER_IDX, 0, 0, 0);
	int clear = ntb_mw_clear_trans(ntb, NTB_DEF_PEER_IDX,
				       ntb_peer_mw_count(ntb));

	pr_info("dwsim-ntb: refused: set %d, clear %d\n", set, clear);
}

static int dwsim_ntb_probe(struct ntb_client *client, struct ntb_dev *ntb)
{
	int i;

	if (!dwsim_ntb_is_host(ntb))
		return 0;

	for (i = -1; i <= ntb_peer_mw_count(ntb); i++)
		dwsim_ntb_window(ntb, i);
	dwsim_ntb_refused(ntb);

	return 0;
}

static void dwsim_ntb_remove(struct ntb_client *client, struct ntb_dev *ntb)
{
	bool open;

	if (dwsim_ntb_is_host(ntb))
		return;

	/* Somebody else's rescan has to wait until this bus is gone */
	reinit_completion(&dwsim_ntb_rescanned);
	schedule_work(&dwsim_ntb_work);
	open = wait_for_completion_timeout(&dwsim_ntb_rescanned,
					   msecs_to_jiffies(200));
	pr_info("dwsim-ntb: removed while rescans %s\n", open ? "go on" : "wait");
}

static struct ntb_client dwsim_ntb_client = {
	.ops = {
		.probe = dwsim_ntb_probe,
		.remove = dwsim_ntb_remove,
	},
};

static int __init dwsim_ntb_init(void)
{
	return ntb_register_client(&dwsim_ntb_client);
}
module_init(dwsim_ntb_init);

static void __exit dwsim_ntb_exit(void)
{
	ntb_unregister_client(&dwsim_ntb_client);
	flush_work(&dwsim_ntb_work);
}
module_exit(dwsim_ntb_exit);

MODULE_DESCRIPTION("Client of the NTBs of the simulated pair");
MODULE_LICENSE("GPL");
