// SPDX-License-Identifier: GPL-2.0-only
/*
 * A simulated pair of a PCI host and a DesignWare PCIe endpoint in one kernel,
 * for the in-tree drivers of both sides. The hardware is described by a
 * devicetree overlay, one for each kind (HW=): this file applies it, drives its
 * outer node, and lets the platform bus create the endpoint controller inside,
 * which the in-tree glue then probes. Models what the drivers of v7.0 touch and
 * no more; see Documentation/simulator.md. The module stays loaded, as neither
 * logic_iomem nor the in-tree glue can be unbound.
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>

#include "dwsim.h"

static char *hw = "unroll";
module_param(hw, charp, 0444);
MODULE_PARM_DESC(hw, "kind of hardware: name of an overlay, drivers/hw_NAME.dtso");

bool dwsim_swallow_irq;
module_param_named(swallow_irq, dwsim_swallow_irq, bool, 0644);
MODULE_PARM_DESC(swallow_irq, "fault: a write to INT_STATUS raises no interrupt");

bool dwsim_ignore_clear;
module_param_named(ignore_clear, dwsim_ignore_clear, bool, 0644);
MODULE_PARM_DESC(ignore_clear, "fault: a write of 0 to INT_CLEAR does not lower the line");

bool dwsim_ignore_wr_clear;
module_param_named(ignore_wr_clear, dwsim_ignore_wr_clear, bool, 0644);
MODULE_PARM_DESC(ignore_wr_clear, "fault: nor does one to that of the write channels");

bool dwsim_fence;
module_param_named(fence, dwsim_fence, bool, 0644);
MODULE_PARM_DESC(fence, "the endpoint moves nothing into memory, as behind an IOMMU: for hosts that mean harm");

uint dwsim_storm_limit = 200000;
module_param_named(storm_limit, dwsim_storm_limit, uint, 0644);
MODULE_PARM_DESC(storm_limit, "deliveries of a line that stays up before it is called stuck");

#define DWSIM_HW(_name)							\
	extern u8 __dtbo_hw_##_name##_begin[], __dtbo_hw_##_name##_end[];

#include "hw_list.h"
#undef DWSIM_HW

static const struct dwsim_hw {
	const char *name;
	u8 *begin;
	u8 *end;
} dwsim_hws[] = {
#define DWSIM_HW(_name) { #_name, __dtbo_hw_##_name##_begin, __dtbo_hw_##_name##_end },
#include "hw_list.h"
#undef DWSIM_HW
};

/* Another device of the endpoint's, that the host has no business with */
static u32 dwsim_neighbour_read(struct dwsim *sim, u32 offset)
{
	atomic_long_inc(&sim->stats.neighbour);

	return 0x5ec2e700;
}

static void dwsim_neighbour_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	atomic_long_inc(&sim->stats.neighbour);
}

static u32 dwsim_dma_window_read(struct dwsim *sim, u32 offset)
{
	return dwsim_dma_read(sim, DWSIM_DMA_IN_WINDOW, offset);
}

static void dwsim_dma_window_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	dwsim_dma_write(sim, DWSIM_DMA_IN_WINDOW, offset, val, mask);
}

/* Windows of the endpoint controller, by name in "reg-names" */
static const struct dwsim_window {
	const char *name;
	u32 (*read)(struct dwsim *sim, u32 offset);
	void (*write)(struct dwsim *sim, u32 offset, u32 val, u32 mask);
	void (*access)(struct dwsim *sim, struct dwsim_access *a);
} dwsim_windows[] = {
	{ "dbi", dwsim_dbi_read, dwsim_dbi_write },
	{ "dbi2", dwsim_dbi2_read, dwsim_dbi2_write },
	{ "atu", dwsim_iatu_read, dwsim_iatu_write },
	{ "dma", dwsim_dma_window_read, dwsim_dma_window_write },
	{ "neighbour", dwsim_neighbour_read, dwsim_neighbour_write },
	{ "addr_space", .access = dwsim_outbound_access },
};

static int dwsim_add_window(struct dwsim *sim, const struct dwsim_window *window)
{
	struct dwsim_region *region = &sim->region[sim->num_regions];
	int index, ret;

	index = of_property_match_string(sim->ep, "reg-names", window->name);
	if (index < 0)
		return 0;

	ret = of_address_to_resource(sim->ep, index, &region->res);
	if (ret)
		return ret;

	region->sim = sim;
	region->name = window->name;
	region->read = window->read;
	region->write = window->write;
	region->access = window->access;
	sim->num_regions++;

	return dwsim_region_add(region);
}

static int dwsim_parse(struct dwsim *sim)
{
	struct device_node *np = sim->dev->of_node;
	u32 in, out, align, wr, rd, wired[3];

	sim->ep = of_get_child_by_name(np, "pcie-ep");
	if (!sim->ep)
		return -EINVAL;

	if (of_property_read_u32(np, "inbound-windows", &in) ||
	    of_property_read_u32(np, "outbound-windows", &out) ||
	    of_property_read_u32(np, "region-align", &align) ||
	    of_property_read_u32(np, "write-channels", &wr) ||
	    of_property_read_u32(np, "read-channels", &rd) ||
	    in > DWSIM_MAX_WINDOWS || out > DWSIM_MAX_WINDOWS ||
	    wr > DWSIM_MAX_CHANNELS || rd > DWSIM_MAX_CHANNELS ||
	    !is_power_of_2(align))
		return -EINVAL;

	if (!of_property_read_u32_array(np, "wired-bar", wired, ARRAY_SIZE(wired))) {
		if (wired[0] >= PCI_STD_NUM_BARS || !is_power_of_2(wired[2]))
			return -EINVAL;
		sim->wired = (struct dwsim_wired){ wired[0], wired[1], wired[2] };
	}

	sim->dbi.has_rebar = !of_property_read_u32(np, "resizable-bar", &sim->dbi.rebar);
	if (sim->dbi.rebar >= PCI_STD_NUM_BARS)
		return -EINVAL;

	sim->has_perst = of_property_read_bool(np, "perst");
	sim->in_reset = sim->has_perst;
	sim->iatu.upper = of_property_read_bool(np, "32-bit-addresses") ? 0 : U32_MAX;
	sim->iatu.num_in = in;
	sim->iatu.num_out = out;
	sim->iatu.align = align;
	sim->edma.dir[0].num = wr;
	sim->edma.dir[1].num = rd;

	return 0;
}

static int dwsim_local_msi(struct dwsim *sim)
{
	struct device_node *np __free(device_node) =
		of_get_child_by_name(sim->dev->of_node, "msi-controller");

	return np ? dwsim_local_msi_init(sim, np) : 0;
}

static ssize_t link_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct dwsim *sim = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(sim->host.link_up));
}

static ssize_t link_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct dwsim *sim = dev_get_drvdata(dev);
	bool up;
	int ret;

	ret = kstrtobool(buf, &up);
	if (ret)
		return ret;

	guard(mutex)(&sim->power);

	if (sim->in_reset)
		return -ENOLINK;

	if (up)
		dwsim_glue_event(sim, DWSIM_LINK_UP);
	ret = dwsim_host_link(sim, up);
	if (!up)
		dwsim_glue_event(sim, DWSIM_LINK_DOWN);

	return ret ?: count;
}
static DEVICE_ATTR_RW(link);

static ssize_t perst_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct dwsim *sim = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(sim->in_reset));
}

/* The host asserts PERST#: the link is gone, and the registers soon after */
static int dwsim_perst_assert(struct dwsim *sim)
{
	int ret;

	dwsim_host_link(sim, false);
	ret = dwsim_glue_event(sim, DWSIM_PERST_ASSERT);
	/* An access that is under way ends before the registers are reset */
	scoped_guard(raw_spinlock_irqsave, &sim->reset_lock)
		WRITE_ONCE(sim->in_reset, true);
	dwsim_dbi_reset(sim);
	dwsim_iatu_reset(sim);
	dwsim_dma_reset(sim);

	return ret;
}

static ssize_t perst_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct dwsim *sim = dev_get_drvdata(dev);
	bool assert;
	int ret;

	ret = kstrtobool(buf, &assert);
	if (ret)
		return ret;

	guard(mutex)(&sim->power);

	if (!sim->has_perst)
		return -EOPNOTSUPP;
	if (assert == sim->in_reset)
		return count;

	if (assert) {
		ret = dwsim_perst_assert(sim);
	} else {
		WRITE_ONCE(sim->in_reset, false);
		ret = dwsim_glue_event(sim, DWSIM_PERST_RELEASE);
	}

	return ret ?: count;
}
static DEVICE_ATTR_RW(perst);

static struct attribute *dwsim_attrs[] = {
	&dev_attr_link.attr,
	&dev_attr_perst.attr,
	NULL,
};
ATTRIBUTE_GROUPS(dwsim);

static int dwsim_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct dwsim *sim;
	unsigned int i;
	int ret;

	sim = devm_kzalloc(dev, sizeof(*sim), GFP_KERNEL);
	if (!sim)
		return -ENOMEM;

	sim->dev = dev;
	platform_set_drvdata(pdev, sim);

	mutex_init(&sim->power);
	raw_spin_lock_init(&sim->reset_lock);
	dwsim_trace_init(sim);
	dwsim_unmodelled_init(sim);

	ret = dwsim_parse(sim);
	if (ret)
		return dev_err_probe(dev, ret, "hardware description is not valid\n");

	ret = dwsim_intc_init(sim);
	if (ret)
		return ret;

	ret = dwsim_dma_init(sim);
	if (ret)
		return dev_err_probe(dev, ret, "description of the DMA is not valid\n");

	dwsim_dbi_init(sim);
	dwsim_iatu_init(sim);

	ret = dwsim_local_msi(sim);
	if (ret)
		return ret;

	ret = dwsim_host_msi_init(sim);
	if (ret)
		return ret;

	for (i = 0; i < ARRAY_SIZE(dwsim_windows); i++) {
		ret = dwsim_add_window(sim, &dwsim_windows[i]);
		if (ret)
			return dev_err_probe(dev, ret, "window \"%s\"\n",
					     dwsim_windows[i].name);
	}

	ret = dwsim_host_init(sim);
	if (ret)
		return dev_err_probe(dev, ret, "no host bridge\n");

	dwsim_debugfs_init(sim);

	return of_platform_populate(dev->of_node, NULL, NULL, dev);
}

static const struct of_device_id dwsim_of_match[] = {
	{ .compatible = "dwsim,pair" },
	{ }
};

static struct platform_driver dwsim_driver = {
	.probe = dwsim_probe,
	.driver = {
		.name = "dwsim",
		.of_match_table = dwsim_of_match,
		.suppress_bind_attrs = true,
		.dev_groups = dwsim_groups,
	},
};

static const struct dwsim_hw *dwsim_find_hw(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dwsim_hws); i++)
		if (!strcmp(hw, dwsim_hws[i].name))
			return &dwsim_hws[i];

	return NULL;
}

static int __init dwsim_init(void)
{
	const struct dwsim_hw *desc = dwsim_find_hw();
	int ovcs_id, ret;

	if (!desc) {
		pr_err("dwsim: no hardware \"%s\"\n", hw);
		return -EINVAL;
	}

	ret = dwsim_bus_init();
	if (ret)
		return ret;

	ret = platform_driver_register(&dwsim_driver);
	if (ret)
		return ret;

	ret = dwsim_glue_register();
	if (ret)
		return ret;

	ret = of_overlay_fdt_apply(desc->begin, desc->end - desc->begin, &ovcs_id,
				   NULL);
	/* The endpoint controller had to wait for the pair: a worker probes it */
	if (!ret)
		wait_for_device_probe();

	return ret;
}
module_init(dwsim_init);

MODULE_DESCRIPTION("Simulated PCI host and DesignWare PCIe endpoint");
MODULE_LICENSE("GPL");
