// SPDX-License-Identifier: GPL-2.0-only
/*
 * The endpoint's DMA engine, whatever its register map: write channels that move
 * memory of the endpoint to the host and read channels for the other way, linked
 * lists with a cycle bit, one level interrupt line for all or one a channel, and
 * the emulated interrupt that may come on any of them. A channel runs from a
 * timer, a list of elements up to a link at a time, so that channels take turns.
 * What nothing answers aborts it, but for a posted write to the host. Does not
 * include transfers without a linked list, arbitration weights, watermarks, or
 * interrupts to a remote host.
 */
#include <kunit/visibility.h>
#include <linux/bitfield.h>
#include <linux/of.h>

#include "dwsim.h"

/* Elements in one go, before the rest of the CPU gets a turn */
#define DWSIM_DMA_BATCH		256

/* A list without an end would run for ever */
#define DWSIM_DMA_MAX_ELEMENTS	BIT(16)

enum dwsim_dma_end {
	DWSIM_DMA_END_MORE,
	DWSIM_DMA_END_REST,
	DWSIM_DMA_END_ABORT,
};

static unsigned int dwsim_dma_line(const struct dwsim_edma *edma, bool read,
				   unsigned int index)
{
	return edma->num_lines == 1 ? 0 : read * edma->dir[0].num + index;
}

/**
 * dwsim_dma_lines() - which interrupt lines are to be up
 * @edma: the state that they follow from
 *
 * Return: a bit for each line.
 */
u32 dwsim_dma_lines(const struct dwsim_edma *edma)
{
	unsigned int i, read;
	u32 up = 0;

	for (read = 0; read < 2; read++) {
		u32 due = edma->dir[read].status & ~edma->dir[read].mask;

		if (edma->emulated & BIT(read))
			up |= BIT(edma->emulated_line[read]);
		due = FIELD_GET(DWSIM_DMA_INT_DONE, due) |
		      FIELD_GET(DWSIM_DMA_INT_ABORT, due);
		for (i = 0; i < edma->dir[read].num; i++)
			if (due & BIT(i))
				up |= BIT(dwsim_dma_line(edma, read, i));
	}

	return up;
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_dma_lines);

/**
 * dwsim_dma_update_lines() - drive the interrupt lines after a change of state
 * @sim: the endpoint
 *
 * Under edma->lock, so that two updates cannot change places.
 */
void dwsim_dma_update_lines(struct dwsim *sim)
{
	struct dwsim_edma *edma = &sim->edma;
	u32 up = dwsim_dma_lines(edma);
	unsigned int i;

	lockdep_assert_held(&edma->lock);

	for (i = 0; i < edma->num_lines; i++)
		dwsim_line_set(sim, i, up & BIT(i));
}

/**
 * dwsim_dma_ring() - raise the emulated interrupt
 * @sim: the endpoint
 * @read: whether INT_STATUS of the read channels was written
 *
 * Context: edma->lock held.
 */
void dwsim_dma_ring(struct dwsim *sim, bool read)
{
	struct dwsim_edma *edma = &sim->edma;
	unsigned int latch = edma->latch == DWSIM_LATCH_SPLIT ? read : 0;

	lockdep_assert_held(&edma->lock);

	atomic_long_inc(&sim->stats.rings);
	if (READ_ONCE(dwsim_swallow_irq) || edma->emulated & BIT(latch) ||
	    dwsim_fault(sim, DWSIM_FAULT_RING))
		return;

	if (edma->rotate)
		edma->last_line = (edma->last_line + 1) % edma->num_lines;
	if (edma->latch == DWSIM_LATCH_PULSE) {
		dwsim_line_pulse(sim, edma->last_line);
		return;
	}

	edma->emulated |= BIT(latch);
	edma->emulated_line[latch] = edma->last_line;
	dwsim_dma_update_lines(sim);
}

/**
 * dwsim_latch_clear() - what a write to INT_CLEAR does to the emulated interrupt
 * @latch: of which kind it is
 * @up: a bit for each latch that is up
 * @read: whether INT_CLEAR of the read channels is written
 * @val: to it
 *
 * Return: a bit for each latch that stays up.
 */
u8 dwsim_latch_clear(enum dwsim_latch latch, u8 up, bool read, u32 val)
{
	if (latch == DWSIM_LATCH_ANY)
		return 0;
	if (val)
		return up;

	return latch == DWSIM_LATCH_SPLIT ? up & ~BIT(read) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_latch_clear);

/**
 * dwsim_dma_ring_ack() - lower the emulated interrupt, if a write does that
 * @sim: the endpoint
 * @read: whether INT_CLEAR of the read channels is written
 * @val: to it
 *
 * Context: edma->lock held.
 */
void dwsim_dma_ring_ack(struct dwsim *sim, bool read, u32 val)
{
	struct dwsim_edma *edma = &sim->edma;

	lockdep_assert_held(&edma->lock);

	if (!val) {
		atomic_long_inc(&sim->stats.clears);
		if (READ_ONCE(dwsim_ignore_clear) ||
		    (!read && READ_ONCE(dwsim_ignore_wr_clear)))
			return;
	}

	edma->emulated = dwsim_latch_clear(edma->latch, edma->emulated, read, val);
	dwsim_dma_update_lines(sim);
}

/**
 * dwsim_ll_step() - what a channel does with one linked-list element
 * @ll: the element
 * @llp: where it is; moved on unless the channel comes to rest
 * @ccs: consumer cycle state; a link may turn it
 *
 * The driver marks a chunk with the cycle state that the channel is about to
 * have and its link with the other one, so a link is followed whatever its own
 * bit says, and the channel rests on the first element of the next chunk.
 *
 * Return: true if there is data to move.
 */
bool dwsim_ll_step(const struct dwsim_ll *ll, u64 *llp, bool *ccs)
{
	u32 control = le32_to_cpu(ll->control);

	if (control & DWSIM_LL_LLP) {
		*llp = le32_to_cpu(ll->sar[0]) | (u64)le32_to_cpu(ll->sar[1]) << 32;
		*ccs ^= !!(control & DWSIM_LL_TCB);
		return false;
	}

	if (!!(control & DWSIM_LL_CB) != *ccs)
		return false;

	*llp += sizeof(*ll);

	return true;
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_ll_step);

static bool dwsim_ll_move(struct dwsim *sim, const struct dwsim_ll *ll, bool read)
{
	u64 src = le32_to_cpu(ll->sar[0]) | (u64)le32_to_cpu(ll->sar[1]) << 32;
	u64 dst = le32_to_cpu(ll->dar[0]) | (u64)le32_to_cpu(ll->dar[1]) << 32;
	u32 size = le32_to_cpu(ll->size);

	atomic_long_inc(&sim->stats.dma_elements);
	atomic_long_add(size, &sim->stats.dma_bytes);

	return read ? dwsim_copy(sim, src, dst, size, false) :
		      dwsim_copy(sim, dst, src, size, true);
}

/* Where a channel is in its list, while it walks without a lock */
struct dwsim_dma_walk {
	u64 llp;
	bool ccs;
	unsigned int walked;
	bool done;			/* an element asked for an interrupt */
};

/* Up to and over a link */
static enum dwsim_dma_end dwsim_dma_walk(struct dwsim *sim, struct dwsim_dma_walk *walk,
					 bool read)
{
	unsigned int i;

	for (i = 0; i < DWSIM_DMA_BATCH; i++) {
		struct dwsim_ll ll;
		struct dwsim_access a = { walk->llp, (u8 *)&ll, sizeof(ll), false };

		if (++walk->walked > DWSIM_DMA_MAX_ELEMENTS) {
			dev_warn(sim->dev, "DMA: linked list without an end\n");
			return DWSIM_DMA_END_ABORT;
		}

		dwsim_local_access(sim, &a);
		if (a.refused)
			return DWSIM_DMA_END_ABORT;

		if (dwsim_ll_step(&ll, &walk->llp, &walk->ccs)) {
			if (!dwsim_ll_move(sim, &ll, read))
				return DWSIM_DMA_END_ABORT;
			walk->done |= le32_to_cpu(ll.control) & DWSIM_LL_LIE;
		} else if (le32_to_cpu(ll.control) & DWSIM_LL_LLP) {
			atomic_long_inc(&sim->stats.dma_links);
			return DWSIM_DMA_END_MORE;
		} else {
			return DWSIM_DMA_END_REST;
		}
	}

	return DWSIM_DMA_END_MORE;
}

static void dwsim_dma_account(struct dwsim_dma_chan *ch, enum dwsim_dma_end end, bool done)
{
	struct dwsim_edma *edma = &ch->sim->edma;
	struct dwsim_dma_dir *dir = &edma->dir[ch->read];

	lockdep_assert_held(&edma->lock);

	if (edma->map->done_at_rest)
		done = end == DWSIM_DMA_END_REST;
	if (done)
		dir->status |= FIELD_PREP(DWSIM_DMA_INT_DONE, BIT(ch->index));

	switch (end) {
	case DWSIM_DMA_END_MORE:
		hrtimer_start(&ch->timer, 0, HRTIMER_MODE_REL_HARD);
		break;
	case DWSIM_DMA_END_REST:
		ch->state = DWSIM_DMA_STOPPED;
		break;
	case DWSIM_DMA_END_ABORT:
		ch->state = DWSIM_DMA_HALTED;
		dir->status |= FIELD_PREP(DWSIM_DMA_INT_ABORT, BIT(ch->index));
		atomic_long_inc(&ch->sim->stats.dma_aborts);
		break;
	}

	dwsim_dma_update_lines(ch->sim);
}

static enum hrtimer_restart dwsim_dma_run(struct hrtimer *timer)
{
	struct dwsim_dma_chan *ch = container_of(timer, struct dwsim_dma_chan, timer);
	struct dwsim_edma *edma = &ch->sim->edma;
	struct dwsim_dma_walk walk;
	enum dwsim_dma_end end;
	unsigned int turn;

	scoped_guard(raw_spinlock, &edma->lock) {
		if (ch->state != DWSIM_DMA_RUNNING)
			return HRTIMER_NORESTART;
		if (!edma->map->ready(edma, ch)) {
			ch->state = DWSIM_DMA_STOPPED;
			return HRTIMER_NORESTART;
		}
		walk = (struct dwsim_dma_walk){ ch->llp, ch->ccs, ch->walked };
		turn = ch->turn;
	}

	if (dwsim_fault(ch->sim, DWSIM_FAULT_STALL))
		return HRTIMER_NORESTART;
	if (dwsim_fault(ch->sim, DWSIM_FAULT_DMA))
		end = DWSIM_DMA_END_ABORT;
	else
		end = dwsim_dma_walk(ch->sim, &walk, ch->read);

	scoped_guard(raw_spinlock, &edma->lock) {
		/* Stopped in the meantime: its registers may hold the next list */
		if (ch->turn != turn)
			return HRTIMER_NORESTART;
		ch->ccs = walk.ccs;
		ch->llp = walk.llp;
		ch->walked = walk.walked;
		dwsim_dma_account(ch, end, walk.done);
	}

	return HRTIMER_NORESTART;
}

static void dwsim_dma_count_running(struct dwsim *sim)
{
	unsigned int i, read;
	long n = 0;

	lockdep_assert_held(&sim->edma.lock);

	for (read = 0; read < 2; read++)
		for (i = 0; i < DWSIM_MAX_CHANNELS; i++)
			n += sim->edma.dir[read].ch[i].state == DWSIM_DMA_RUNNING;

	if (n > atomic_long_read(&sim->stats.dma_at_once))
		atomic_long_set(&sim->stats.dma_at_once, n);
}

/**
 * dwsim_dma_start() - what a doorbell does to a channel
 * @ch: the channel
 *
 * Context: edma->lock held; nothing is moved before it returns.
 */
void dwsim_dma_start(struct dwsim_dma_chan *ch)
{
	struct dwsim_edma *edma = &ch->sim->edma;

	lockdep_assert_held(&edma->lock);

	/* Also while it runs: past the last element it only looks for more, maybe on another CPU */
	if (!edma->map->ready(edma, ch))
		return;

	if (!ch->list) {
		dwsim_unmodelled(ch->sim, "DMA without a list", ch->index, true);
		return;
	}

	ch->state = DWSIM_DMA_RUNNING;
	ch->walked = 0;
	ch->turn++;
	dwsim_dma_count_running(ch->sim);
	hrtimer_start(&ch->timer, 0, HRTIMER_MODE_REL_HARD);
}

/**
 * dwsim_dma_stop() - stop a channel where it is
 * @ch: the channel
 *
 * What it walks on another CPU at this moment it moves, but does not report.
 *
 * Context: edma->lock held.
 */
void dwsim_dma_stop(struct dwsim_dma_chan *ch)
{
	lockdep_assert_held(&ch->sim->edma.lock);

	if (ch->state == DWSIM_DMA_RUNNING)
		ch->state = DWSIM_DMA_STOPPED;
	ch->turn++;
}

/* Whether there are DMA registers at a place; counts the access */
static bool dwsim_dma_reached(struct dwsim *sim, enum dwsim_dma_place place)
{
	atomic_long_inc(&sim->stats.dma_at[place]);

	return sim->edma.map && sim->edma.place == place;
}

/**
 * dwsim_dma_read() - read a register of the eDMA
 * @sim: the endpoint
 * @place: the window through which it is reached
 * @offset: from the DMA register base
 *
 * Context: any.
 * Return: its value; 0 if there is no such register.
 */
u32 dwsim_dma_read(struct dwsim *sim, enum dwsim_dma_place place, u32 offset)
{
	if (!dwsim_dma_reached(sim, place))
		return 0;

	guard(raw_spinlock_irqsave)(&sim->edma.lock);

	return sim->edma.map->read(sim, offset);
}

/**
 * dwsim_dma_write() - write a register of the eDMA
 * @sim: the endpoint
 * @place: the window through which it is reached
 * @offset: from the DMA register base
 * @val: 32 bits, of which
 * @mask: selects those written
 *
 * Context: any; may raise interrupt lines.
 */
void dwsim_dma_write(struct dwsim *sim, enum dwsim_dma_place place, u32 offset,
		     u32 val, u32 mask)
{
	if (!dwsim_dma_reached(sim, place))
		return;

	guard(raw_spinlock_irqsave)(&sim->edma.lock);
	sim->edma.map->write(sim, offset, val, mask);
}

bool dwsim_dma_has_viewport(struct dwsim *sim)
{
	return sim->edma.map && sim->edma.map->viewport;
}

static const struct dwsim_dma_map * const dwsim_dma_maps[] = {
	&dwsim_edma_unroll, &dwsim_edma_legacy, &dwsim_edma_compat, &dwsim_hdma,
};

static int dwsim_dma_find_map(struct dwsim *sim)
{
	struct dwsim_edma *edma = &sim->edma;
	const char *name;
	unsigned int i;
	int ret;

	ret = of_property_read_string(sim->dev->of_node, "dma-map", &name);
	if (ret || !strcmp(name, "none"))
		return ret;

	for (i = 0; i < ARRAY_SIZE(dwsim_dma_maps); i++)
		if (!strcmp(name, dwsim_dma_maps[i]->name))
			edma->map = dwsim_dma_maps[i];

	return edma->map ? 0 : -EINVAL;
}

static int dwsim_dma_find_latch(struct dwsim *sim)
{
	static const char * const kinds[] = {
		[DWSIM_LATCH_COMMON] = "common",
		[DWSIM_LATCH_SPLIT] = "split",
		[DWSIM_LATCH_ANY] = "any",
		[DWSIM_LATCH_PULSE] = "pulse",
	};
	const char *name = "common";
	int kind;

	of_property_read_string(sim->dev->of_node, "ring-latch", &name);
	kind = match_string(kinds, ARRAY_SIZE(kinds), name);
	if (kind < 0)
		return kind;
	sim->edma.latch = kind;

	return 0;
}

static enum dwsim_dma_place dwsim_dma_find_place(struct dwsim *sim)
{
	if (dwsim_dma_has_viewport(sim))
		return DWSIM_DMA_IN_DBI;
	if (of_property_match_string(sim->ep, "reg-names", "dma") >= 0)
		return DWSIM_DMA_IN_WINDOW;

	return DWSIM_DMA_IN_ATU;
}

static void dwsim_dma_init_dir(struct dwsim *sim, bool read)
{
	struct dwsim_dma_dir *dir = &sim->edma.dir[read];
	unsigned int i;

	for (i = 0; i < DWSIM_MAX_CHANNELS; i++) {
		struct dwsim_dma_chan *ch = &dir->ch[i];

		ch->sim = sim;
		ch->index = i;
		ch->read = read;
		hrtimer_setup(&ch->timer, dwsim_dma_run, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	}
}

static void dwsim_dma_reset_chan(struct dwsim_dma_chan *ch)
{
	dwsim_dma_stop(ch);
	ch->state = DWSIM_DMA_STOPPED;
	ch->list = false;
	ch->ccs = false;
	ch->llp = 0;
	memset(ch->reg, 0, sizeof(ch->reg));
}

static void dwsim_dma_reset_dir(struct dwsim_edma *edma, bool read)
{
	struct dwsim_dma_dir *dir = &edma->dir[read];
	unsigned int i;

	for (i = 0; i < DWSIM_MAX_CHANNELS; i++)
		dwsim_dma_reset_chan(&dir->ch[i]);
	dir->engine_en = 0;
	dir->powered = 0;
	dir->status = 0;
	dir->mask = edma->map ? edma->map->reset_mask : 0;
	dir->ll_err_en = 0;
}

/**
 * dwsim_dma_reset() - all registers to what they are after PERST#
 * @sim: the endpoint
 *
 * Nothing is moved any more when it returns.
 *
 * Context: process.
 */
void dwsim_dma_reset(struct dwsim *sim)
{
	struct dwsim_edma *edma = &sim->edma;
	unsigned int i, read;

	scoped_guard(raw_spinlock_irqsave, &edma->lock) {
		dwsim_dma_reset_dir(edma, false);
		dwsim_dma_reset_dir(edma, true);
		edma->emulated = 0;
		edma->viewport = 0;
		memset(edma->other, 0, sizeof(edma->other));
		dwsim_dma_update_lines(sim);
	}

	for (read = 0; read < 2; read++)
		for (i = 0; i < DWSIM_MAX_CHANNELS; i++)
			hrtimer_cancel(&edma->dir[read].ch[i].timer);
}

int dwsim_dma_init(struct dwsim *sim)
{
	struct device_node *np = sim->dev->of_node;
	struct dwsim_edma *edma = &sim->edma;
	int ret;

	raw_spin_lock_init(&edma->lock);

	ret = dwsim_dma_find_map(sim) ?: dwsim_dma_find_latch(sim);
	if (ret)
		return ret;

	edma->place = dwsim_dma_find_place(sim);
	edma->rotate = of_property_read_bool(np, "rotate-ring");
	edma->num_lines = 1;
	if (of_property_read_bool(np, "line-per-channel"))
		edma->num_lines = edma->dir[0].num + edma->dir[1].num;
	if (edma->num_lines > DWSIM_MAX_LINES)
		return -EINVAL;

	dwsim_dma_init_dir(sim, false);
	dwsim_dma_init_dir(sim, true);
	dwsim_dma_reset(sim);

	return 0;
}
