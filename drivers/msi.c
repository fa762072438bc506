// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two frames that turn a memory write into an edge interrupt, its data being
 * the number: the host's, for the MSI and MSI-X that the endpoint sends, and
 * optionally one of the endpoint's, an immutable parent for platform MSI as
 * GIC ITS is. Does not include masking in the frame or affinity.
 */
#include <linux/bitmap.h>
#include <linux/irq.h>
#include <linux/irqchip/irq-msi-lib.h>
#include <linux/msi.h>
#include <linux/of.h>

#include "dwsim.h"

static int dwsim_msi_claim(struct dwsim_msi *msi)
{
	unsigned int n;

	guard(raw_spinlock)(&msi->lock);

	n = find_first_bit(msi->pending, msi->num);
	if (n >= msi->num)
		return -ENOENT;
	__clear_bit(n, msi->pending);

	return n;
}

static enum hrtimer_restart dwsim_msi_deliver(struct hrtimer *timer)
{
	struct dwsim_msi *msi = container_of(timer, struct dwsim_msi, timer);
	int n;

	while ((n = dwsim_msi_claim(msi)) >= 0)
		generic_handle_domain_irq(msi->domain, n);

	return HRTIMER_NORESTART;
}

/**
 * dwsim_msi_write() - a memory write that reached a frame
 * @msi: the frame
 * @data: what was written; numbers that are not allocated are dropped
 *
 * Context: any; delivers nothing before it returns.
 */
void dwsim_msi_write(struct dwsim_msi *msi, u32 data)
{
	guard(raw_spinlock_irqsave)(&msi->lock);

	if (data >= msi->num || !test_bit(data, msi->used))
		return;

	__set_bit(data, msi->pending);
	hrtimer_start(&msi->timer, 0, HRTIMER_MODE_REL_HARD);
}

static void dwsim_msi_compose(struct irq_data *d, struct msi_msg *msg)
{
	struct dwsim_msi *msi = irq_data_get_irq_chip_data(d);

	u64 frame = msi->frame;

	/* MSI-X has a page of its own, so that one outbound window does not serve both */
	if (msi->msix_frame && irq_data_get_msi_desc(d)->pci.msi_attrib.is_msix)
		frame = msi->msix_frame;

	msg->address_lo = lower_32_bits(frame);
	msg->address_hi = upper_32_bits(frame);
	msg->data = d->hwirq;
}

static void dwsim_msi_nop(struct irq_data *d)
{
}

static struct irq_chip dwsim_msi_chip = {
	.name = "dwsim-msi",
	.irq_ack = dwsim_msi_nop,
	.irq_mask = dwsim_msi_nop,
	.irq_unmask = dwsim_msi_nop,
	.irq_compose_msi_msg = dwsim_msi_compose,
};

static int dwsim_msi_alloc(struct irq_domain *domain, unsigned int virq,
			   unsigned int nr_irqs, void *args)
{
	struct dwsim_msi *msi = domain->host_data;
	unsigned long first;
	unsigned int i;

	/* Multi-MSI: the function replaces the low bits of the data */
	scoped_guard(raw_spinlock_irqsave, &msi->lock) {
		first = bitmap_find_next_zero_area(msi->used, msi->num, 0, nr_irqs,
						   roundup_pow_of_two(nr_irqs) - 1);
		if (first >= msi->num)
			return -ENOSPC;
		bitmap_set(msi->used, first, nr_irqs);
		bitmap_clear(msi->pending, first, nr_irqs);
	}

	for (i = 0; i < nr_irqs; i++)
		irq_domain_set_info(domain, virq + i, first + i, &dwsim_msi_chip, msi,
				    handle_edge_irq, NULL, NULL);

	return 0;
}

static void dwsim_msi_free(struct irq_domain *domain, unsigned int virq,
			   unsigned int nr_irqs)
{
	struct irq_data *d = irq_domain_get_irq_data(domain, virq);
	struct dwsim_msi *msi = domain->host_data;

	scoped_guard(raw_spinlock_irqsave, &msi->lock)
		bitmap_clear(msi->used, d->hwirq, nr_irqs);
	irq_domain_free_irqs_top(domain, virq, nr_irqs);
}

static const struct irq_domain_ops dwsim_msi_domain_ops = {
	.select = msi_lib_irq_domain_select,
	.alloc = dwsim_msi_alloc,
	.free = dwsim_msi_free,
};

#define DWSIM_MSI_REQUIRED	(MSI_FLAG_USE_DEF_DOM_OPS | \
				 MSI_FLAG_USE_DEF_CHIP_OPS | \
				 MSI_FLAG_NO_AFFINITY)

static const struct msi_parent_ops dwsim_host_msi_ops = {
	.required_flags = DWSIM_MSI_REQUIRED,
	.supported_flags = MSI_GENERIC_FLAGS_MASK | MSI_FLAG_PCI_MSIX |
			   MSI_FLAG_MULTI_PCI_MSI,
	.chip_flags = MSI_CHIP_FLAG_SET_ACK,
	.bus_select_token = DOMAIN_BUS_NEXUS,
	.bus_select_mask = MATCH_PCI_MSI,
	.prefix = "dwsim-",
	.init_dev_msi_info = msi_lib_init_dev_msi_info,
};

static const struct msi_parent_ops dwsim_local_msi_ops = {
	.required_flags = DWSIM_MSI_REQUIRED,
	.supported_flags = MSI_GENERIC_FLAGS_MASK,
	.chip_flags = MSI_CHIP_FLAG_SET_ACK,
	.bus_select_token = DOMAIN_BUS_NEXUS,
	.bus_select_mask = MATCH_PLATFORM_MSI,
	.prefix = "dwsim-ep-",
	.init_dev_msi_info = msi_lib_init_dev_msi_info,
};

static int dwsim_msi_init(struct dwsim *sim, struct dwsim_msi *msi, u64 frame,
			  unsigned int num, u32 domain_flags,
			  const struct msi_parent_ops *ops)
{
	struct irq_domain_info info = {
		.fwnode = msi->fwnode,
		.ops = &dwsim_msi_domain_ops,
		.host_data = msi,
		.size = num,
		.domain_flags = domain_flags,
	};

	raw_spin_lock_init(&msi->lock);
	hrtimer_setup(&msi->timer, dwsim_msi_deliver, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	msi->frame = frame;
	msi->num = num;
	msi->used = devm_bitmap_zalloc(sim->dev, num, GFP_KERNEL);
	msi->pending = devm_bitmap_zalloc(sim->dev, num, GFP_KERNEL);
	if (!msi->used || !msi->pending)
		return -ENOMEM;

	msi->domain = msi_create_parent_irq_domain(&info, ops);

	return msi->domain ? 0 : -ENOMEM;
}

int dwsim_host_msi_init(struct dwsim *sim)
{
	struct dwsim_msi *msi = &sim->host_msi;

	msi->msix_frame = DWSIM_HOST_MSIX_FRAME;
	msi->fwnode = irq_domain_alloc_named_fwnode("dwsim-host-msi");
	if (!msi->fwnode)
		return -ENOMEM;

	return dwsim_msi_init(sim, msi, DWSIM_HOST_MSI_FRAME, DWSIM_HOST_VECTORS, 0,
			      &dwsim_host_msi_ops);
}

/**
 * dwsim_local_msi_init() - the endpoint's own MSI controller
 * @sim: the endpoint
 * @np: its node, that "msi-map" of the endpoint controller points at
 *
 * Return: 0 or an errno.
 */
int dwsim_local_msi_init(struct dwsim *sim, struct device_node *np)
{
	u32 vectors = DWSIM_LOCAL_VECTORS;

	sim->local_msi.fwnode = of_fwnode_handle(np);
	of_property_read_u32(np, "vectors", &vectors);

	return dwsim_msi_init(sim, &sim->local_msi, DWSIM_LOCAL_MSI_FRAME,
			      vectors, IRQ_DOMAIN_FLAG_MSI_IMMUTABLE,
			      &dwsim_local_msi_ops);
}
