// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fault: an interrupt that cannot be requested, as if it were somebody else's.
 * /sys/kernel/debug/dwsim/hold takes its number, 0 lets go of it.
 */
#include <linux/debugfs.h>
#include <linux/irq.h>

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

void dwsim_hold_init(struct dwsim *sim)
{
	mutex_init(&sim->hold.lock);
	debugfs_create_file_unsafe("hold", 0600, sim->debugfs, sim, &hold_fops);
}
