// SPDX-License-Identifier: GPL-2.0-only
/*
 * The endpoint's eDMA: unrolled register map, write channels that move memory
 * of the endpoint to the host and read channels for the other way, linked lists
 * with a cycle bit, one level interrupt line, and interrupt emulation: a write
 * to an INT_STATUS register raises the line and sets no status bit, a write of
 * 0 to an INT_CLEAR register lowers it again. A transfer is done when the
 * doorbell write returns. Does not include transfers without a linked list,
 * arbitration weights, or interrupts to a remote host.
 */
#include <kunit/visibility.h>
#include <linux/bitfield.h>

#include "dwsim.h"

#define DWSIM_EDMA_LINE		0

/* A list without an end would hold a CPU for ever */
#define DWSIM_EDMA_MAX_ELEMENTS	BIT(16)

/* Under edma->lock, so that two updates of the line cannot change places */
static void dwsim_edma_update_line(struct dwsim *sim)
{
	struct dwsim_edma *edma = &sim->edma;

	lockdep_assert_held(&edma->lock);

	dwsim_line_set(sim, DWSIM_EDMA_LINE,
		       edma->emulated ||
		       edma->dir[0].status & ~edma->dir[0].mask ||
		       edma->dir[1].status & ~edma->dir[1].mask);
}

static u64 dwsim_edma_get64(const u32 *reg)
{
	return reg[0] | (u64)reg[1] << 32;
}

static void dwsim_edma_put64(u32 *reg, u64 val)
{
	reg[0] = lower_32_bits(val);
	reg[1] = upper_32_bits(val);
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

static void dwsim_ll_move(struct dwsim *sim, const struct dwsim_ll *ll, bool read)
{
	u64 src = le32_to_cpu(ll->sar[0]) | (u64)le32_to_cpu(ll->sar[1]) << 32;
	u64 dst = le32_to_cpu(ll->dar[0]) | (u64)le32_to_cpu(ll->dar[1]) << 32;
	u32 size = le32_to_cpu(ll->size);

	if (read)
		dwsim_copy(sim, src, dst, size, false);
	else
		dwsim_copy(sim, dst, src, size, true);

	atomic_long_add(size, &sim->stats.dma_bytes);
}

/* Returns the interrupt status bits that the walk set for its channel */
static u32 dwsim_edma_walk(struct dwsim *sim, bool read, u64 *llp, bool *ccs)
{
	unsigned int i;
	u32 status = 0;

	for (i = 0; i < DWSIM_EDMA_MAX_ELEMENTS; i++) {
		struct dwsim_ll ll;
		struct dwsim_access a = { *llp, (u8 *)&ll, sizeof(ll), false };
		u64 at = *llp;

		dwsim_local_access(sim, &a);
		if (dwsim_ll_step(&ll, llp, ccs)) {
			dwsim_ll_move(sim, &ll, read);
			if (le32_to_cpu(ll.control) & DWSIM_LL_LIE)
				status |= FIELD_PREP(DWSIM_DMA_INT_DONE, 1);
		} else if (*llp == at) {
			return status;
		}
	}

	dev_warn(sim->dev, "eDMA: linked list without an end\n");

	return FIELD_PREP(DWSIM_DMA_INT_ABORT, 1);
}

static void dwsim_edma_doorbell(struct dwsim *sim, bool read, u32 val)
{
	struct dwsim_edma *edma = &sim->edma;
	struct dwsim_edma_dir *dir = &edma->dir[read];
	unsigned int index = FIELD_GET(DWSIM_DMA_DOORBELL_CH, val);
	u32 *reg = dir->ch[index].reg;
	u32 *control1 = &reg[DWSIM_DMA_CH_CONTROL1 / 4];
	u32 status;
	bool ccs;
	u64 llp;

	scoped_guard(raw_spinlock_irqsave, &edma->lock) {
		if (val & DWSIM_DMA_DOORBELL_STOP || !(dir->engine_en & 1) ||
		    index >= (read ? edma->num_rd : edma->num_wr) ||
		    !(*control1 & DWSIM_DMA_CH_LLE) ||
		    FIELD_GET(DWSIM_DMA_CH_STATUS, *control1) == DWSIM_DMA_CH_RUNNING)
			return;

		FIELD_MODIFY(DWSIM_DMA_CH_STATUS, control1, DWSIM_DMA_CH_RUNNING);
		ccs = *control1 & DWSIM_DMA_CH_CCS;
		llp = dwsim_edma_get64(&reg[DWSIM_DMA_CH_LLP / 4]);
	}

	if (dwsim_fault(sim, DWSIM_FAULT_DMA))
		status = FIELD_PREP(DWSIM_DMA_INT_ABORT, 1);
	else
		status = dwsim_edma_walk(sim, read, &llp, &ccs);

	scoped_guard(raw_spinlock_irqsave, &edma->lock) {
		FIELD_MODIFY(DWSIM_DMA_CH_STATUS, control1,
			     status & DWSIM_DMA_INT_ABORT ? DWSIM_DMA_CH_HALTED :
							    DWSIM_DMA_CH_STOPPED);
		FIELD_MODIFY(DWSIM_DMA_CH_CCS, control1, ccs);
		dwsim_edma_put64(&reg[DWSIM_DMA_CH_LLP / 4], llp);
		dir->status |= status << index;
		dwsim_edma_update_line(sim);
	}
}

/* A global register of one direction; caller holds edma->lock */
static u32 *dwsim_edma_global(struct dwsim_edma *edma, u32 offset)
{
	switch (offset) {
	case DWSIM_DMA_WR_ENGINE_EN:
		return &edma->dir[0].engine_en;
	case DWSIM_DMA_RD_ENGINE_EN:
		return &edma->dir[1].engine_en;
	case DWSIM_DMA_WR_INT_STATUS:
		return &edma->dir[0].status;
	case DWSIM_DMA_RD_INT_STATUS:
		return &edma->dir[1].status;
	case DWSIM_DMA_WR_INT_MASK:
		return &edma->dir[0].mask;
	case DWSIM_DMA_RD_INT_MASK:
		return &edma->dir[1].mask;
	case DWSIM_DMA_WR_LL_ERR_EN:
		return &edma->dir[0].ll_err_en;
	case DWSIM_DMA_RD_LL_ERR_EN:
		return &edma->dir[1].ll_err_en;
	default:
		return offset < DWSIM_DMA_CH_BASE ? &edma->other[offset / 4] : NULL;
	}
}

/* A channel's register; caller holds edma->lock */
static u32 *dwsim_edma_channel(struct dwsim_edma *edma, u32 offset)
{
	unsigned int index = (offset - DWSIM_DMA_CH_BASE) / DWSIM_DMA_CH_STRIDE;
	bool read = (offset - DWSIM_DMA_CH_BASE) % DWSIM_DMA_CH_STRIDE >=
		    DWSIM_DMA_CH_READ;
	u32 reg = (offset - DWSIM_DMA_CH_BASE) % DWSIM_DMA_CH_READ;

	if (index >= (read ? edma->num_rd : edma->num_wr) || reg >= DWSIM_DMA_CH_END)
		return NULL;

	return &edma->dir[read].ch[index].reg[reg / 4];
}

static u32 *dwsim_edma_reg(struct dwsim_edma *edma, u32 offset)
{
	if (offset < DWSIM_DMA_CH_BASE)
		return dwsim_edma_global(edma, offset);

	return dwsim_edma_channel(edma, offset);
}

u32 dwsim_edma_read(struct dwsim *sim, u32 offset)
{
	struct dwsim_edma *edma = &sim->edma;
	u32 *reg;

	guard(raw_spinlock_irqsave)(&edma->lock);

	switch (offset) {
	case DWSIM_DMA_CTRL:
		return FIELD_PREP(DWSIM_DMA_NUM_WR_CHAN, edma->num_wr) |
		       FIELD_PREP(DWSIM_DMA_NUM_RD_CHAN, edma->num_rd);
	case DWSIM_DMA_WR_DOORBELL:
	case DWSIM_DMA_RD_DOORBELL:
	case DWSIM_DMA_WR_INT_CLEAR:
	case DWSIM_DMA_RD_INT_CLEAR:
		return 0;
	}

	reg = dwsim_edma_reg(edma, offset);
	if (!reg)
		atomic_long_inc(&sim->stats.unmodelled);

	return reg ? *reg : 0;
}

static void dwsim_edma_ring(struct dwsim *sim)
{
	atomic_long_inc(&sim->stats.rings);
	if (READ_ONCE(dwsim_swallow_irq) || dwsim_fault(sim, DWSIM_FAULT_RING))
		return;

	sim->edma.emulated = true;
	dwsim_edma_update_line(sim);
}

static void dwsim_edma_clear(struct dwsim *sim, bool read, u32 val)
{
	sim->edma.dir[read].status &= ~val;
	if (!val) {
		atomic_long_inc(&sim->stats.clears);
		if (!READ_ONCE(dwsim_ignore_clear))
			sim->edma.emulated = false;
	}
	dwsim_edma_update_line(sim);
}

void dwsim_edma_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_edma *edma = &sim->edma;
	u32 *reg;

	switch (offset) {
	case DWSIM_DMA_WR_DOORBELL:
		dwsim_edma_doorbell(sim, false, val);
		return;
	case DWSIM_DMA_RD_DOORBELL:
		dwsim_edma_doorbell(sim, true, val);
		return;
	}

	guard(raw_spinlock_irqsave)(&edma->lock);

	switch (offset) {
	case DWSIM_DMA_CTRL:
		return;
	case DWSIM_DMA_WR_INT_STATUS:
	case DWSIM_DMA_RD_INT_STATUS:
		dwsim_edma_ring(sim);
		return;
	case DWSIM_DMA_WR_INT_CLEAR:
		dwsim_edma_clear(sim, false, val);
		return;
	case DWSIM_DMA_RD_INT_CLEAR:
		dwsim_edma_clear(sim, true, val);
		return;
	}

	reg = dwsim_edma_reg(edma, offset);
	if (!reg) {
		atomic_long_inc(&sim->stats.unmodelled);
		return;
	}

	*reg = (*reg & ~mask) | (val & mask);
	dwsim_edma_update_line(sim);
}

void dwsim_edma_init(struct dwsim *sim)
{
	raw_spin_lock_init(&sim->edma.lock);
}
