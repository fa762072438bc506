// SPDX-License-Identifier: GPL-2.0-only
/*
 * A platform glue of the simulator's own, for kinds of hardware that the
 * in-tree ones cannot express: what it tells endpoint functions about its BARs
 * comes from the node of the endpoint controller, "dwsim,pcie-ep". Uses the
 * exported DesignWare endpoint API only, as a glue in tree would. With PERST#
 * ("perst" in the outer node) the registers are left alone until the host
 * releases it, and endpoint functions hear of that and of the link.
 */
#include <linux/of.h>
#include <linux/pci-epc.h>
#include <linux/platform_device.h>

#include "pcie-designware.h"

#include "dwsim.h"

struct dwsim_glue {
	struct dw_pcie pci;
	struct pci_epc_features features;
#ifdef DWSIM_HAVE_RSVD_REGIONS
	struct pci_epc_bar_rsvd_region dma;
#endif
};

static struct dwsim_glue *to_dwsim_glue(struct dw_pcie_ep *ep)
{
	return container_of(to_dw_pcie_from_ep(ep), struct dwsim_glue, pci);
}

/* Returns nothing in 7.0, an errno in 7.3 */
static typeof(((struct dw_pcie_ep_ops *)NULL)->init(NULL))
dwsim_glue_init(struct dw_pcie_ep *ep)
{
	enum pci_barno bar;

	for (bar = BAR_0; bar < PCI_STD_NUM_BARS; bar++)
		if (!DWSIM_KEEP_RESERVED ||
		    to_dwsim_glue(ep)->features.bar[bar].type != BAR_RESERVED)
			dw_pcie_ep_reset_bar(to_dw_pcie_from_ep(ep), bar);

	return (typeof(dwsim_glue_init(ep)))0;
}

static int dwsim_glue_raise_irq(struct dw_pcie_ep *ep, u8 func_no, unsigned int type,
				u16 interrupt_num)
{
	switch (type) {
	case PCI_IRQ_INTX:
		return dw_pcie_ep_raise_intx_irq(ep, func_no);
	case PCI_IRQ_MSI:
		return dw_pcie_ep_raise_msi_irq(ep, func_no, interrupt_num);
	case PCI_IRQ_MSIX:
		return dw_pcie_ep_raise_msix_irq(ep, func_no, interrupt_num);
	default:
		return -EINVAL;
	}
}

static const struct pci_epc_features *dwsim_glue_get_features(struct dw_pcie_ep *ep)
{
	return &to_dwsim_glue(ep)->features;
}

static const struct dw_pcie_ep_ops dwsim_glue_ops = {
	.init = dwsim_glue_init,
	.raise_irq = dwsim_glue_raise_irq,
	.get_features = dwsim_glue_get_features,
};

/* "bars": a string for each BAR */
static const struct dwsim_glue_bar {
	const char *name;
	struct pci_epc_bar_desc desc;
} dwsim_glue_bars[] = {
	{ "programmable", { .type = BAR_PROGRAMMABLE } },
	{ "programmable-64", { .type = BAR_PROGRAMMABLE, .only_64bit = true } },
	{ "resizable", { .type = BAR_RESIZABLE } },
	{ "resizable-64", { .type = BAR_RESIZABLE, .only_64bit = true } },
	{ "reserved", { .type = BAR_RESERVED } },
};

static int dwsim_glue_parse_bar(struct device_node *np, unsigned int bar,
				struct pci_epc_bar_desc *desc)
{
	const char *name;
	unsigned int i;
	int ret;

	ret = of_property_read_string_index(np, "bars", bar, &name);
	if (ret)
		return ret;

	for (i = 0; i < ARRAY_SIZE(dwsim_glue_bars); i++) {
		if (!strcmp(name, dwsim_glue_bars[i].name)) {
			*desc = dwsim_glue_bars[i].desc;
			return 0;
		}
	}

	return -EINVAL;
}

/* "reserved-dma": BAR, offset and size of the DMA registers in a reserved BAR */
static int dwsim_glue_parse_dma(struct dwsim_glue *glue, struct device_node *np)
{
#ifdef DWSIM_HAVE_RSVD_REGIONS
	u32 dma[3];

	if (of_property_read_u32_array(np, "reserved-dma", dma, ARRAY_SIZE(dma)))
		return 0;
	if (dma[0] >= PCI_STD_NUM_BARS)
		return -EINVAL;

	glue->dma.type = PCI_EPC_BAR_RSVD_DMA_CTRL_MMIO;
	glue->dma.offset = dma[1];
	glue->dma.size = dma[2];
	glue->features.bar[dma[0]].nr_rsvd_regions = 1;
	glue->features.bar[dma[0]].rsvd_regions = &glue->dma;
#endif
	return 0;
}

static int dwsim_glue_parse(struct dwsim_glue *glue, struct device_node *np, bool perst)
{
	unsigned int bar;
	u32 align = 0;
	int ret;

	glue->features = (struct pci_epc_features) {
		DWC_EPC_COMMON_FEATURES,
		.msi_capable = true,
		.msix_capable = true,
		.linkup_notifier = perst,
	};

	of_property_read_u32(np, "epc-align", &align);
	glue->features.align = align;
	glue->pci.ep.page_size = align;
#ifdef DWSIM_HAVE_KEEP_BARS
	/* A glue in tree has a module parameter for it */
	glue->pci.ep.keep_rsvd_bars = of_property_read_bool(np, "keep-reserved");
#endif
	if (of_property_read_bool(np, "no-subranges"))
		glue->features.subrange_mapping = false;

	for (bar = 0; of_property_present(np, "bars") && bar < PCI_STD_NUM_BARS; bar++) {
		ret = dwsim_glue_parse_bar(np, bar, &glue->features.bar[bar]);
		if (ret)
			return ret;
	}

	return dwsim_glue_parse_dma(glue, np);
}

/* What the core cannot find out by reading registers */
static void dwsim_glue_set_map(struct dw_edma_chip *chip, const struct dwsim_edma *edma)
{
	if (edma->map == &dwsim_edma_compat) {
		chip->mf = EDMA_MF_HDMA_COMPAT;
	} else if (edma->map == &dwsim_hdma) {
		chip->mf = EDMA_MF_HDMA_NATIVE;
		chip->ll_wr_cnt = edma->dir[0].num;
		chip->ll_rd_cnt = edma->dir[1].num;
	}
}

static int dwsim_glue_start(struct dwsim_glue *glue)
{
	int ret;

	ret = dw_pcie_ep_init_registers(&glue->pci.ep);
	if (ret)
		return ret;

	pci_epc_init_notify(glue->pci.ep.epc);

	return 0;
}

/**
 * dwsim_glue_event() - what the host does to the endpoint as a whole
 * @sim: the endpoint
 * @event: told of just before the link comes up and just after it went down;
 *	   of PERST# while the registers still answer, or answer again
 *
 * Of no effect unless the glue is that of this file and takes part in it.
 *
 * Context: process, sim->power held.
 * Return: 0 or an errno.
 */
int dwsim_glue_event(struct dwsim *sim, enum dwsim_event event)
{
	struct dwsim_glue *glue = sim->glue;
	struct dw_pcie_ep *ep;

	lockdep_assert_held(&sim->power);

	if (!sim->has_perst || !glue)
		return 0;

	ep = &glue->pci.ep;
	switch (event) {
	case DWSIM_PERST_RELEASE:
		return dwsim_glue_start(glue);
	case DWSIM_PERST_ASSERT:
		pci_epc_deinit_notify(ep->epc);
		dw_pcie_ep_cleanup(ep);
		break;
	case DWSIM_LINK_UP:
		dw_pcie_ep_linkup(ep);
		break;
	case DWSIM_LINK_DOWN:
		dw_pcie_ep_linkdown(ep);
		break;
	}

	return 0;
}

static int dwsim_glue_probe(struct platform_device *pdev)
{
	struct dwsim *sim = dev_get_drvdata(pdev->dev.parent);
	struct device *dev = &pdev->dev;
	struct dwsim_glue *glue;
	int ret;

	glue = devm_kzalloc(dev, sizeof(*glue), GFP_KERNEL);
	if (!glue)
		return -ENOMEM;

	glue->pci.dev = dev;
	glue->pci.ep.ops = &dwsim_glue_ops;
	platform_set_drvdata(pdev, glue);

	ret = dwsim_glue_parse(glue, dev->of_node, sim->has_perst);
	if (ret)
		return dev_err_probe(dev, ret, "description of the BARs is not valid\n");

	dwsim_glue_set_map(&glue->pci.edma, &sim->edma);

	ret = dw_pcie_ep_init(&glue->pci.ep);
	if (ret)
		return ret;

	guard(mutex)(&sim->power);

	sim->glue = glue;
	if (sim->in_reset)
		return 0;

	ret = dwsim_glue_start(glue);
	if (ret)
		dw_pcie_ep_deinit(&glue->pci.ep);

	return ret;
}

static const struct of_device_id dwsim_glue_of_match[] = {
	{ .compatible = "dwsim,pcie-ep" },
	{ }
};

static struct platform_driver dwsim_glue_driver = {
	.probe = dwsim_glue_probe,
	.driver = {
		.name = "dwsim-pcie-ep",
		.of_match_table = dwsim_glue_of_match,
		.suppress_bind_attrs = true,
	},
};

int dwsim_glue_register(void)
{
	return platform_driver_register(&dwsim_glue_driver);
}
