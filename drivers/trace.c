// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last transactions of the simulated pair, for debugfs: when, on which CPU,
 * which path, what was moved and who answered. Ordinary memory that a CPU
 * reaches without a window is not seen. Names of registers are looked up when
 * the trace is read. Does not include filters; the ring holds the last
 * DWSIM_TRACE_LEN events and is always on.
 */
#include <linux/debugfs.h>
#include <linux/sched/clock.h>
#include <linux/seq_file.h>
#include <linux/unaligned.h>

#include "dwsim.h"

static u64 dwsim_trace_value(const struct dwsim_access *a, size_t n)
{
	switch (n) {
	case 1:
		return a->buf[0];
	case 2:
		return get_unaligned_le16(a->buf);
	case 4:
		return get_unaligned_le32(a->buf);
	case 8:
		return get_unaligned_le64(a->buf);
	default:
		return 0;
	}
}

/**
 * dwsim_trace() - note one transaction, after it is done
 * @sim: the endpoint
 * @path: the address space, a constant string
 * @a: the access; a read has its answer in the buffer
 * @n: the bytes of it that are meant
 * @who: what answered, a constant string
 * @at: where in that, or where it leads to
 *
 * Context: any.
 */
void dwsim_trace(struct dwsim *sim, const char *path, const struct dwsim_access *a,
		 size_t n, const char *who, u64 at)
{
	struct dwsim_trace *trace = &sim->trace;
	struct dwsim_trace_event event = {
		.time = local_clock(),
		.path = path,
		.who = who,
		.at = at,
		.addr = a->addr,
		.len = n,
		.write = a->write,
		.cpu = raw_smp_processor_id(),
		.value = a->buf ? dwsim_trace_value(a, n) : 0,
	};

	guard(raw_spinlock_irqsave)(&trace->lock);
	trace->event[trace->next++ % DWSIM_TRACE_LEN] = event;
}

/* An event that has neither address nor data: an interrupt */
void dwsim_trace_irq(struct dwsim *sim, const char *who, unsigned int number)
{
	dwsim_trace(sim, "irq", &(struct dwsim_access){}, 0, who, number);
}

struct dwsim_reg_name {
	u32 offset;
	const char *name;
};

static const struct dwsim_reg_name dwsim_dma_names[] = {
	{ DWSIM_DMA_CTRL, "CTRL" },
	{ DWSIM_DMA_WR_ENGINE_EN, "WR_ENGINE_EN" },
	{ DWSIM_DMA_WR_DOORBELL, "WR_DOORBELL" },
	{ DWSIM_DMA_RD_ENGINE_EN, "RD_ENGINE_EN" },
	{ DWSIM_DMA_RD_DOORBELL, "RD_DOORBELL" },
	{ DWSIM_DMA_WR_INT_STATUS, "WR_INT_STATUS" },
	{ DWSIM_DMA_WR_INT_MASK, "WR_INT_MASK" },
	{ DWSIM_DMA_WR_INT_CLEAR, "WR_INT_CLEAR" },
	{ DWSIM_DMA_WR_LL_ERR_EN, "WR_LL_ERR_EN" },
	{ DWSIM_DMA_RD_INT_STATUS, "RD_INT_STATUS" },
	{ DWSIM_DMA_RD_INT_MASK, "RD_INT_MASK" },
	{ DWSIM_DMA_RD_INT_CLEAR, "RD_INT_CLEAR" },
	{ DWSIM_DMA_RD_LL_ERR_EN, "RD_LL_ERR_EN" },
	{ DWSIM_DMA_VIEWPORT, "VIEWPORT" },
	{ }
};

/* Of a channel of the eDMA */
static const struct dwsim_reg_name dwsim_channel_names[] = {
	{ DWSIM_DMA_CH_CONTROL1, "CONTROL1" },
	{ DWSIM_DMA_CH_CONTROL2, "CONTROL2" },
	{ DWSIM_DMA_CH_SIZE, "SIZE" },
	{ DWSIM_DMA_CH_SAR, "SAR" },
	{ DWSIM_DMA_CH_DAR, "DAR" },
	{ DWSIM_DMA_CH_LLP, "LLP" },
	{ }
};

static const struct dwsim_reg_name dwsim_hdma_names[] = {
	{ DWSIM_HDMA_CH_EN, "EN" },
	{ DWSIM_HDMA_DOORBELL, "DOORBELL" },
	{ DWSIM_HDMA_LLP, "LLP" },
	{ DWSIM_HDMA_CYCLE, "CYCLE" },
	{ DWSIM_HDMA_CONTROL1, "CONTROL1" },
	{ DWSIM_HDMA_CH_STAT, "STAT" },
	{ DWSIM_HDMA_INT_STAT, "INT_STAT" },
	{ DWSIM_HDMA_INT_SETUP, "INT_SETUP" },
	{ DWSIM_HDMA_INT_CLEAR, "INT_CLEAR" },
	{ }
};

static const struct dwsim_reg_name dwsim_atu_names[] = {
	{ DWSIM_ATU_CTRL1, "CTRL1" },
	{ DWSIM_ATU_CTRL2, "CTRL2" },
	{ DWSIM_ATU_LOWER_BASE, "LOWER_BASE" },
	{ DWSIM_ATU_UPPER_BASE, "UPPER_BASE" },
	{ DWSIM_ATU_LIMIT, "LIMIT" },
	{ DWSIM_ATU_LOWER_TARGET, "LOWER_TARGET" },
	{ DWSIM_ATU_UPPER_TARGET, "UPPER_TARGET" },
	{ DWSIM_ATU_UPPER_LIMIT, "UPPER_LIMIT" },
	{ }
};

static const struct dwsim_reg_name dwsim_dbi_names[] = {
	{ PCI_VENDOR_ID, "ID" },
	{ PCI_COMMAND, "COMMAND" },
	{ PCI_BASE_ADDRESS_0, "BAR0" },
	{ PCI_BASE_ADDRESS_1, "BAR1" },
	{ PCI_BASE_ADDRESS_2, "BAR2" },
	{ PCI_BASE_ADDRESS_3, "BAR3" },
	{ PCI_BASE_ADDRESS_4, "BAR4" },
	{ PCI_BASE_ADDRESS_5, "BAR5" },
	{ DWSIM_PORT_DEBUG1, "PORT_DEBUG1" },
	{ DWSIM_MISC_CONTROL_1, "MISC_CONTROL_1" },
	{ DWSIM_VERSION_NUMBER, "VERSION_NUMBER" },
	{ DWSIM_VERSION_TYPE, "VERSION_TYPE" },
	{ DWSIM_ATU_VIEWPORT, "ATU_VIEWPORT" },
	{ }
};

static const char *dwsim_name(const struct dwsim_reg_name *names, u32 offset)
{
	for (; names->name; names++)
		if (names->offset == (offset & ~3))
			return names->name;

	return "";
}

/* A register of a channel that has a block of its own */
static void dwsim_show_channel_reg(struct seq_file *s, const struct dwsim_reg_name *names,
				   u32 offset, u32 stride, u32 read)
{
	seq_printf(s, " DMA_%s_CH%u_%s", offset % stride < read ? "WR" : "RD",
		   offset / stride, dwsim_name(names, offset % read));
}

static void dwsim_show_dma_reg(struct seq_file *s, const struct dwsim_dma_map *map,
			       u32 offset)
{
	if (!map)
		return;

	if (map == &dwsim_hdma)
		dwsim_show_channel_reg(s, dwsim_hdma_names, offset, DWSIM_HDMA_CH_STRIDE,
				       DWSIM_HDMA_CH_READ);
	else if (map->viewport && offset >= DWSIM_DMA_VIEWPORT_BASE)
		seq_printf(s, " DMA_CH_%s",
			   dwsim_name(dwsim_channel_names, offset - DWSIM_DMA_VIEWPORT_BASE));
	else if (offset >= DWSIM_DMA_CH_BASE)
		dwsim_show_channel_reg(s, dwsim_channel_names, offset - DWSIM_DMA_CH_BASE,
				       DWSIM_DMA_CH_STRIDE, DWSIM_DMA_CH_READ);
	else if (map->power && offset >= DWSIM_DMA_RD_PWR_EN)
		seq_printf(s, " DMA_RD_PWR_EN%u", (offset - DWSIM_DMA_RD_PWR_EN) / 4);
	else if (map->power && offset >= DWSIM_DMA_WR_PWR_EN)
		seq_printf(s, " DMA_WR_PWR_EN%u", (offset - DWSIM_DMA_WR_PWR_EN) / 4);
	else
		seq_printf(s, " DMA_%s", dwsim_name(dwsim_dma_names, offset));
}

static void dwsim_show_dbi_reg(struct seq_file *s, const struct dwsim_dma_map *map,
			       u32 offset)
{
	bool viewport = map && map->viewport;

	if (viewport && offset >= DWSIM_DMA_DBI_OFFSET)
		dwsim_show_dma_reg(s, map, offset - DWSIM_DMA_DBI_OFFSET);
	else if (viewport && offset >= DWSIM_ATU_VIEWPORT_BASE)
		seq_printf(s, " ATU_%s",
			   dwsim_name(dwsim_atu_names, offset - DWSIM_ATU_VIEWPORT_BASE));
	else
		seq_printf(s, " %s", dwsim_name(dwsim_dbi_names, offset));
}

static void dwsim_show_reg(struct seq_file *s, const char *window, u32 offset)
{
	const struct dwsim *sim = s->private;
	const struct dwsim_dma_map *map = sim->edma.map;

	if (!strcmp(window, "dma"))
		dwsim_show_dma_reg(s, map, offset);
	else if (!strcmp(window, "atu") && offset >= DWSIM_DMA_OFFSET)
		dwsim_show_dma_reg(s, map, offset - DWSIM_DMA_OFFSET);
	else if (!strcmp(window, "atu"))
		seq_printf(s, " %s%u_%s", offset & DWSIM_ATU_INBOUND ? "IN" : "OUT",
			   offset / DWSIM_ATU_STRIDE,
			   dwsim_name(dwsim_atu_names, offset % DWSIM_ATU_INBOUND));
	else if (!strncmp(window, "dbi", 3))
		dwsim_show_dbi_reg(s, map, offset);
}

static void dwsim_show_event(struct seq_file *s, const struct dwsim_trace_event *e)
{
	seq_printf(s, "[%5llu.%06llu] cpu%u %-5s ", e->time / NSEC_PER_SEC,
		   e->time % NSEC_PER_SEC / NSEC_PER_USEC, e->cpu, e->path);

	if (!e->len) {
		seq_printf(s, "%s %llu\n", e->who, e->at);
		return;
	}

	seq_printf(s, "%s %zu at 0x%llx", e->write ? "write" : "read", e->len, e->addr);
	if (e->len <= 8)
		seq_printf(s, " = 0x%0*llx", (int)e->len * 2, e->value);
	seq_printf(s, ": %s+0x%llx", e->who, e->at);
	dwsim_show_reg(s, e->who, e->at);
	seq_putc(s, '\n');
}

static int trace_show(struct seq_file *s, void *unused)
{
	struct dwsim *sim = s->private;
	struct dwsim_trace *trace = &sim->trace;
	unsigned long i, last;

	scoped_guard(raw_spinlock_irqsave, &trace->lock)
		last = trace->next;

	for (i = last > DWSIM_TRACE_LEN ? last - DWSIM_TRACE_LEN : 0; i < last; i++) {
		struct dwsim_trace_event event;

		scoped_guard(raw_spinlock_irqsave, &trace->lock)
			event = trace->event[i % DWSIM_TRACE_LEN];
		dwsim_show_event(s, &event);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(trace);

void dwsim_trace_init(struct dwsim *sim)
{
	raw_spin_lock_init(&sim->trace.lock);
}

void dwsim_trace_debugfs(struct dwsim *sim)
{
	debugfs_create_file("trace", 0444, sim->debugfs, sim, &trace_fops);
}
