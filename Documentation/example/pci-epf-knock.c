// SPDX-License-Identifier: GPL-2.0-only
/*
 * Example of an endpoint function driver with a doorbell: it counts how often
 * the host rang. BAR 0 says where the doorbell is; the first BAR that is free
 * besides leads to it where the host does not see it already. Does not include
 * anything that moves data, nor the smallest window, see pci-epf-test for both.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci-ep-msi.h>
#include <linux/pci-epc.h>
#include <linux/pci-epf.h>

/* What the host reads in BAR 0 */
struct knock_regs {
	__le32 magic;
	__le32 rings;
	__le32 doorbell_bar;
	__le32 doorbell_offset;
	__le32 doorbell_data;
};

#define KNOCK_MAGIC	0x6b636f6e

struct knock {
	const struct pci_epc_features *features;
	struct knock_regs *regs;
	enum pci_barno window;
	int virq;
};

static struct pci_epf_header knock_header = {
	.vendorid = PCI_ANY_ID,
	.deviceid = PCI_ANY_ID,
	.baseclass_code = PCI_CLASS_OTHERS,
};

static irqreturn_t knock_handler(int irq, void *data)
{
	struct knock *knock = data;

	le32_add_cpu(&knock->regs->rings, 1);
	return IRQ_HANDLED;
}

/* The host does not see the doorbell yet: lead a BAR to it */
static int knock_map(struct pci_epf *epf, u64 address, u32 *offset)
{
	struct knock *knock = epf_get_drvdata(epf);
	enum pci_barno bar = pci_epc_get_next_free_bar(knock->features, BAR_1);
	int ret;

	if (bar == NO_BAR)
		return -ENOSPC;

	ret = pci_epf_assign_bar_space(epf, SZ_4K, bar, knock->features,
				       PRIMARY_INTERFACE, address & ~(SZ_4K - 1ULL));
	if (ret)
		return ret;

	ret = pci_epc_set_bar(epf->epc, epf->func_no, epf->vfunc_no, &epf->bar[bar]);
	if (ret)
		return ret;

	knock->window = bar;
	*offset = address - epf->bar[bar].phys_addr;
	return 0;
}

static void knock_free_doorbell(struct pci_epf *epf)
{
	struct knock *knock = epf_get_drvdata(epf);

	if (!knock->virq)
		return;

	if (knock->window != NO_BAR)
		pci_epc_clear_bar(epf->epc, epf->func_no, epf->vfunc_no,
				  &epf->bar[knock->window]);
	knock->window = NO_BAR;
	free_irq(knock->virq, knock);
	knock->virq = 0;
	pci_epf_free_doorbell(epf);
}

static int knock_alloc_doorbell(struct pci_epf *epf)
{
	struct knock *knock = epf_get_drvdata(epf);
	struct pci_epf_doorbell_msg *db;
	enum pci_barno bar;
	u32 offset;
	int ret;

	ret = pci_epf_alloc_doorbell(epf, 1);
	if (ret)
		return ret;

	db = epf->db_msg;
	ret = request_irq(db->virq, knock_handler, db->irq_flags, "knock", knock);
	if (ret) {
		pci_epf_free_doorbell(epf);
		return ret;
	}
	knock->virq = db->virq;

	bar = db->bar;
	offset = db->offset;
	if (bar == NO_BAR) {
		ret = knock_map(epf, ((u64)db->msg.address_hi << 32) | db->msg.address_lo,
				&offset);
		if (ret) {
			knock_free_doorbell(epf);
			return ret;
		}
		bar = knock->window;
	}

	knock->regs->doorbell_bar = cpu_to_le32(bar);
	knock->regs->doorbell_offset = cpu_to_le32(offset);
	knock->regs->doorbell_data = cpu_to_le32(db->msg.data);
	return 0;
}

static void knock_epc_deinit(struct pci_epf *epf)
{
	knock_free_doorbell(epf);
	pci_epc_clear_bar(epf->epc, epf->func_no, epf->vfunc_no, &epf->bar[BAR_0]);
}

static int knock_epc_init(struct pci_epf *epf)
{
	int ret;

	ret = pci_epc_write_header(epf->epc, epf->func_no, epf->vfunc_no, epf->header);
	if (ret)
		return ret;

	ret = pci_epc_set_bar(epf->epc, epf->func_no, epf->vfunc_no, &epf->bar[BAR_0]);
	if (ret)
		return ret;

	ret = knock_alloc_doorbell(epf);
	if (ret)
		dev_err(&epf->dev, "no doorbell: %d\n", ret);
	return ret;
}

static const struct pci_epc_event_ops knock_event_ops = {
	.epc_init = knock_epc_init,
	.epc_deinit = knock_epc_deinit,
};

static int knock_bind(struct pci_epf *epf)
{
	struct knock *knock = epf_get_drvdata(epf);

	knock->features = pci_epc_get_features(epf->epc, epf->func_no, epf->vfunc_no);
	if (!knock->features)
		return -EOPNOTSUPP;

	knock->regs = pci_epf_alloc_space(epf, sizeof(*knock->regs), BAR_0, knock->features,
					  PRIMARY_INTERFACE);
	if (!knock->regs)
		return -ENOMEM;

	knock->regs->magic = cpu_to_le32(KNOCK_MAGIC);
	knock->regs->doorbell_bar = cpu_to_le32(NO_BAR);
	return 0;
}

static void knock_unbind(struct pci_epf *epf)
{
	struct knock *knock = epf_get_drvdata(epf);

	if (epf->epc->init_complete)
		knock_epc_deinit(epf);
	pci_epf_free_space(epf, knock->regs, BAR_0, PRIMARY_INTERFACE);
}

static const struct pci_epf_ops knock_ops = {
	.bind = knock_bind,
	.unbind = knock_unbind,
};

static int knock_probe(struct pci_epf *epf, const struct pci_epf_device_id *id)
{
	struct knock *knock = devm_kzalloc(&epf->dev, sizeof(*knock), GFP_KERNEL);

	if (!knock)
		return -ENOMEM;

	knock->window = NO_BAR;
	epf->header = &knock_header;
	epf->event_ops = &knock_event_ops;
	epf_set_drvdata(epf, knock);
	return 0;
}

static const struct pci_epf_device_id knock_ids[] = {
	{ .name = "pci_epf_knock" },
	{ }
};

static struct pci_epf_driver knock_driver = {
	.driver.name = "pci_epf_knock",
	.probe = knock_probe,
	.id_table = knock_ids,
	.ops = &knock_ops,
	.owner = THIS_MODULE,
};

static int __init knock_init(void)
{
	return pci_epf_register_driver(&knock_driver);
}
module_init(knock_init);

static void __exit knock_exit(void)
{
	pci_epf_unregister_driver(&knock_driver);
}
module_exit(knock_exit);

MODULE_DESCRIPTION("PCI endpoint function that counts doorbell rings");
MODULE_LICENSE("GPL");
