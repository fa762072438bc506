// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to registers that the model does not know: counted, and the first
 * few kinds of them named, so that a run tells where the model is too small.
 */
#include <linux/seq_file.h>

#include "dwsim.h"

/**
 * dwsim_unmodelled() - note an access that the model has no answer for
 * @sim: the endpoint
 * @block: whose register, a literal
 * @offset: its offset in the block
 * @write: direction
 *
 * Context: any; may be called with the lock of a block held.
 */
void dwsim_unmodelled(struct dwsim *sim, const char *block, u32 offset, bool write)
{
	struct dwsim_unmodelled *un = &sim->unmodelled;
	unsigned int i;

	atomic_long_inc(&sim->stats.unmodelled);

	guard(raw_spinlock_irqsave)(&un->lock);

	for (i = 0; i < un->num; i++)
		if (un->reg[i].offset == offset && un->reg[i].write == write &&
		    !strcmp(un->reg[i].block, block))
			break;

	if (i == ARRAY_SIZE(un->reg))
		return;
	if (i == un->num) {
		un->reg[i].block = block;
		un->reg[i].offset = offset;
		un->reg[i].write = write;
		un->num++;
	}
	un->reg[i].count++;
}

void dwsim_unmodelled_show(struct dwsim *sim, struct seq_file *s)
{
	struct dwsim_unmodelled *un = &sim->unmodelled;
	unsigned int i;

	guard(raw_spinlock_irqsave)(&un->lock);

	for (i = 0; i < un->num; i++)
		seq_printf(s, "not modelled: %s of %s+0x%x, %lu times\n",
			   un->reg[i].write ? "write" : "read", un->reg[i].block,
			   un->reg[i].offset, un->reg[i].count);
}

void dwsim_unmodelled_init(struct dwsim *sim)
{
	raw_spin_lock_init(&sim->unmodelled.lock);
}
