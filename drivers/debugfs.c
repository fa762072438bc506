// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the simulated pair looks like from outside: its counters, and its two
 * address spaces as files, whose position is the address. An access through a
 * file is an access on that bus, of the same width if it is aligned.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "dwsim.h"

static int counters_show(struct seq_file *s, void *unused)
{
	struct dwsim *sim = s->private;
	struct dwsim_stats *st = &sim->stats;

	seq_printf(s, "rings %ld\n", atomic_long_read(&st->rings));
	seq_printf(s, "clears %ld\n", atomic_long_read(&st->clears));
	seq_printf(s, "dma_bytes %ld\n", atomic_long_read(&st->dma_bytes));
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
	debugfs_create_file("host", 0600, sim->debugfs, sim, &host_fops);
	debugfs_create_file("local", 0600, sim->debugfs, sim, &local_fops);
}
