// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the simulated pair looks like from outside: its counters, BARs, windows
 * and interrupt lines, faults that can be ordered, and its two address spaces as
 * files, whose position is the address. An access through a file is an access on
 * that bus, of the same width if it is aligned.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/irqflags.h>
#include <linux/seq_file.h>
#include <linux/string_choices.h>
#include <linux/uaccess.h>

#include "dwsim.h"

static int counters_show(struct seq_file *s, void *unused)
{
	struct dwsim *sim = s->private;
	struct dwsim_stats *st = &sim->stats;

	seq_printf(s, "rings %ld\n", atomic_long_read(&st->rings));
	seq_printf(s, "clears %ld\n", atomic_long_read(&st->clears));
	seq_printf(s, "dma_bytes %ld\n", atomic_long_read(&st->dma_bytes));
	seq_printf(s, "dma_elements %ld\n", atomic_long_read(&st->dma_elements));
	seq_printf(s, "dma_links %ld\n", atomic_long_read(&st->dma_links));
	seq_printf(s, "dma_aborts %ld\n", atomic_long_read(&st->dma_aborts));
	seq_printf(s, "dma_at_once %ld\n", atomic_long_read(&st->dma_at_once));
	seq_printf(s, "dma_in_atu %ld\n", atomic_long_read(&st->dma_at[DWSIM_DMA_IN_ATU]));
	seq_printf(s, "dma_in_window %ld\n",
		   atomic_long_read(&st->dma_at[DWSIM_DMA_IN_WINDOW]));
	seq_printf(s, "dma_in_dbi %ld\n", atomic_long_read(&st->dma_at[DWSIM_DMA_IN_DBI]));
	seq_printf(s, "dma_viewport %ld\n", atomic_long_read(&st->dma_viewport));
	seq_printf(s, "dma_power %ld\n", atomic_long_read(&st->dma_power));
	seq_printf(s, "hdma %ld\n", atomic_long_read(&st->hdma));
	seq_printf(s, "atu_viewport %ld\n", atomic_long_read(&st->atu_viewport));
	seq_printf(s, "no_bar %ld\n", atomic_long_read(&st->no_bar));
	seq_printf(s, "no_window %ld\n", atomic_long_read(&st->no_window));
	seq_printf(s, "no_target %ld\n", atomic_long_read(&st->no_target));
	seq_printf(s, "no_second %ld\n", atomic_long_read(&st->no_second));
	seq_printf(s, "wired %ld\n", atomic_long_read(&st->wired));
	seq_printf(s, "no_master %ld\n", atomic_long_read(&st->no_master));
	seq_printf(s, "in_reset %ld\n", atomic_long_read(&st->in_reset));
	seq_printf(s, "misaligned %ld\n", atomic_long_read(&st->misaligned));
	seq_printf(s, "neighbour %ld\n", atomic_long_read(&st->neighbour));
	seq_printf(s, "unmodelled %ld\n", atomic_long_read(&st->unmodelled));
	dwsim_unmodelled_show(sim, s);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int bars_show(struct seq_file *s, void *unused)
{
	struct dwsim *sim = s->private;
	struct dwsim_dbi *dbi = &sim->dbi;
	u32 bar[PCI_STD_NUM_BARS], mask[PCI_STD_NUM_BARS], command;
	unsigned int i;

	scoped_guard(raw_spinlock_irqsave, &dbi->lock) {
		memcpy(bar, &dbi->reg[PCI_BASE_ADDRESS_0 / 4], sizeof(bar));
		memcpy(mask, dbi->bar_mask, sizeof(mask));
		command = dbi->reg[PCI_COMMAND / 4];
	}

	seq_printf(s, "memory %s, bus master %s\n",
		   str_on_off(command & PCI_COMMAND_MEMORY),
		   str_on_off(command & PCI_COMMAND_MASTER));
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		seq_printf(s, "BAR%u 0x%08x mask 0x%08x\n", i, bar[i], mask[i]);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(bars);

static void dwsim_show_window(struct seq_file *s, const char *dir, unsigned int i,
			      const struct dwsim_atu_window *win)
{
	if (!win->enabled)
		return;

	seq_printf(s, "%s%u ", dir, i);
	if (win->bar_mode)
		seq_printf(s, "BAR%u", win->bar);
	else
		seq_printf(s, "0x%llx-0x%llx", win->base, win->limit);
	seq_printf(s, " -> 0x%llx\n", win->target);
}

static int windows_show(struct seq_file *s, void *unused)
{
	struct dwsim *sim = s->private;
	struct dwsim_atu_window win;
	unsigned int i, in;

	for (in = 0; in < 2; in++) {
		for (i = 0; i < (in ? sim->iatu.num_in : sim->iatu.num_out); i++) {
			scoped_guard(raw_spinlock_irqsave, &sim->iatu.lock)
				dwsim_atu_window_decode(sim->iatu.raw[in][i], &win);
			dwsim_show_window(s, in ? "in" : "out", i, &win);
		}
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(windows);

static int lines_show(struct seq_file *s, void *unused)
{
	struct dwsim *sim = s->private;
	unsigned int i;

	for (i = 0; i < DWSIM_MAX_LINES; i++) {
		unsigned int irq = irq_find_mapping(sim->intc.domain, i);
		struct dwsim_line line;

		if (!irq)
			continue;

		scoped_guard(raw_spinlock_irqsave, &sim->intc.lock)
			line = sim->intc.line[i];
		seq_printf(s, "line%u irq %u %s%s%s\n", i, irq,
			   line.level ? "up" : "low", line.masked ? " masked" : "",
			   line.stuck ? " stuck" : "");
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lines);

static const char * const dwsim_fault_names[DWSIM_NUM_FAULTS] = {
	[DWSIM_FAULT_ATU] = "atu",
	[DWSIM_FAULT_OUT] = "out",
	[DWSIM_FAULT_DMA] = "dma",
	[DWSIM_FAULT_RING] = "ring",
	[DWSIM_FAULT_MSI] = "msi",
	[DWSIM_FAULT_STALL] = "stall",
};

/**
 * dwsim_fault() - whether something is to fail now
 * @sim: the endpoint
 * @fault: what
 *
 * Context: any.
 * Return: true as many times as "fault" in debugfs was told, and not before.
 */
bool dwsim_fault(struct dwsim *sim, enum dwsim_fault fault)
{
	if (atomic_dec_if_positive(&sim->fault_after[fault]) >= 0 ||
	    atomic_dec_if_positive(&sim->fault[fault]) < 0)
		return false;

	dwsim_trace_irq(sim, dwsim_fault_names[fault], 0);

	return true;
}

static int fault_show(struct seq_file *s, void *unused)
{
	struct dwsim *sim = s->private;
	unsigned int i;

	for (i = 0; i < DWSIM_NUM_FAULTS; i++)
		seq_printf(s, "%s %d\n", dwsim_fault_names[i],
			   atomic_read(&sim->fault[i]));

	return 0;
}

/* "NAME", "NAME COUNT" or "NAME COUNT AFTER" */
static ssize_t fault_write(struct file *file, const char __user *ubuf, size_t len,
			   loff_t *pos)
{
	struct dwsim *sim = ((struct seq_file *)file->private_data)->private;
	unsigned int count = 1, after = 0;
	char buf[32], name[16];
	int n, fault;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = '\0';

	n = sscanf(buf, "%15s %u %u", name, &count, &after);
	if (n < 1 || count > INT_MAX || after > INT_MAX)
		return -EINVAL;

	fault = match_string(dwsim_fault_names, DWSIM_NUM_FAULTS, name);
	if (fault < 0)
		return -EINVAL;
	atomic_set(&sim->fault_after[fault], after);
	atomic_set(&sim->fault[fault], count);

	return len;
}

static int fault_open(struct inode *inode, struct file *file)
{
	return single_open(file, fault_show, inode->i_private);
}

static const struct file_operations fault_fops = {
	.owner = THIS_MODULE,
	.open = fault_open,
	.read = seq_read,
	.write = fault_write,
	.llseek = seq_lseek,
	.release = single_release,
};

#define DWSIM_BUS_CHUNK		256

typedef void (*dwsim_access_fn)(struct dwsim *sim, struct dwsim_access *a);

static ssize_t dwsim_bus_read(struct dwsim *sim, char __user *ubuf, size_t len,
			      loff_t *pos, dwsim_access_fn access)
{
	u8 buf[DWSIM_BUS_CHUNK] __aligned(8);
	size_t n = min(len, sizeof(buf));
	struct dwsim_access a = { *pos, buf, n, false };

	access(sim, &a);
	if (copy_to_user(ubuf, buf, n))
		return -EFAULT;
	*pos += n;

	return n;
}

static ssize_t dwsim_bus_write(struct dwsim *sim, const char __user *ubuf, size_t len,
			       loff_t *pos, dwsim_access_fn access)
{
	u8 buf[DWSIM_BUS_CHUNK] __aligned(8);
	size_t n = min(len, sizeof(buf));
	struct dwsim_access a = { *pos, buf, n, true };

	if (copy_from_user(buf, ubuf, n))
		return -EFAULT;
	/* What it raises comes after the last of its registers. */
	scoped_guard(irqsave)
		access(sim, &a);
	*pos += n;

	return n;
}

#define DWSIM_BUS_FILE(_name, _access)						\
static ssize_t _name##_read(struct file *file, char __user *ubuf, size_t len,	\
			    loff_t *pos)					\
{										\
	return dwsim_bus_read(file->private_data, ubuf, len, pos, _access);	\
}										\
										\
static ssize_t _name##_write(struct file *file, const char __user *ubuf,	\
			     size_t len, loff_t *pos)				\
{										\
	return dwsim_bus_write(file->private_data, ubuf, len, pos, _access);	\
}										\
										\
static const struct file_operations _name##_fops = {				\
	.owner = THIS_MODULE,							\
	.open = simple_open,							\
	.read = _name##_read,							\
	.write = _name##_write,							\
	.llseek = default_llseek,						\
}

DWSIM_BUS_FILE(host, dwsim_mmio_access);
DWSIM_BUS_FILE(local, dwsim_local_access);

void dwsim_debugfs_init(struct dwsim *sim)
{
	sim->debugfs = debugfs_create_dir("dwsim", NULL);
	debugfs_create_file("counters", 0444, sim->debugfs, sim, &counters_fops);
	debugfs_create_file("bars", 0444, sim->debugfs, sim, &bars_fops);
	debugfs_create_file("windows", 0444, sim->debugfs, sim, &windows_fops);
	debugfs_create_file("lines", 0444, sim->debugfs, sim, &lines_fops);
	debugfs_create_file("fault", 0600, sim->debugfs, sim, &fault_fops);
	dwsim_trace_debugfs(sim);
	debugfs_create_file("host", 0600, sim->debugfs, sim, &host_fops);
	debugfs_create_file("local", 0600, sim->debugfs, sim, &local_fops);
	dwsim_hold_init(sim);
}
