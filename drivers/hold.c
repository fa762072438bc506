// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults that are none of the hardware, in /sys/kernel/debug/dwsim. hold takes the
 * number of an interrupt that cannot be requested, as if it were somebody else's,
 * and 0 lets go of it. busy takes milliseconds for which works that are scheduled
 * on this CPU have to wait, as they may on a busy machine.
 */
#include <linux/debugfs.h>
#include <linux/irq.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "dwsim.h"

static int hold_get(void *data, u64 *val)
{
	struct dwsim *sim = data;

	*val = READ_ONCE(sim->hold.irq);

	return 0;
}

static int hold_set(void *data, u64 val)
{
	struct dwsim *sim = data;
	struct dwsim_hold *hold = &sim->hold;

	if (val && (val > INT_MAX || !irq_get_chip(val)))
		return -EINVAL;

	guard(mutex)(&hold->lock);

	if (hold->irq)
		irq_clear_status_flags(hold->irq, IRQ_NOREQUEST);
	if (val)
		irq_set_status_flags(val, IRQ_NOREQUEST);
	WRITE_ONCE(hold->irq, val);

	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(hold_fops, hold_get, hold_set, "%llu\n");

/* A work that does not sleep has the CPU's share of the workqueue for itself */
static void hold_be_busy(struct work_struct *work)
{
	struct dwsim_hold *hold = container_of(work, struct dwsim_hold, busy);
	unsigned long end = jiffies + msecs_to_jiffies(hold->busy_ms);

	while (time_before(jiffies, end))
		cond_resched();
}

static int busy_set(void *data, u64 val)
{
	struct dwsim_hold *hold = &((struct dwsim *)data)->hold;

	if (val > 10000)
		return -EINVAL;

	flush_work(&hold->busy);
	hold->busy_ms = val;
	schedule_work(&hold->busy);

	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(busy_fops, NULL, busy_set, "%llu\n");

void dwsim_hold_init(struct dwsim *sim)
{
	mutex_init(&sim->hold.lock);
	INIT_WORK(&sim->hold.busy, hold_be_busy);
	debugfs_create_file_unsafe("hold", 0600, sim->debugfs, sim, &hold_fops);
	debugfs_create_file_unsafe("busy", 0200, sim->debugfs, sim, &busy_fops);
}
