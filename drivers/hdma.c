// SPDX-License-Identifier: GPL-2.0-only
/*
 * The native register map of the HDMA: nothing but channels, each with its own
 * doorbell, enable and interrupt registers; nothing to count them by, and no
 * interrupt emulation. A channel that comes to rest raises its interrupt.
 */
#include <linux/bitfield.h>

#include "dwsim.h"

static bool dwsim_hdma_ready(const struct dwsim_edma *edma, const struct dwsim_dma_chan *ch)
{
	return ch->reg[DWSIM_HDMA_CH_EN / 4] & DWSIM_HDMA_CH_ENABLE;
}

static struct dwsim_dma_chan *dwsim_hdma_chan(struct dwsim_edma *edma, u32 offset, u32 *reg)
{
	unsigned int index = offset / DWSIM_HDMA_CH_STRIDE;
	bool read = offset % DWSIM_HDMA_CH_STRIDE >= DWSIM_HDMA_CH_READ;

	*reg = offset % DWSIM_HDMA_CH_READ;
	if (index >= edma->dir[read].num || *reg >= DWSIM_HDMA_CH_END)
		return NULL;

	return &edma->dir[read].ch[index];
}

static u32 dwsim_hdma_done(const struct dwsim_dma_chan *ch)
{
	return FIELD_PREP(DWSIM_DMA_INT_DONE, BIT(ch->index));
}

static u32 dwsim_hdma_abort(const struct dwsim_dma_chan *ch)
{
	return FIELD_PREP(DWSIM_DMA_INT_ABORT, BIT(ch->index));
}

static u32 dwsim_hdma_int_stat(struct dwsim_edma *edma, const struct dwsim_dma_chan *ch)
{
	u32 status = edma->dir[ch->read].status;

	return (status & dwsim_hdma_done(ch) ? DWSIM_HDMA_INT_STOP : 0) |
	       (status & dwsim_hdma_abort(ch) ? DWSIM_HDMA_INT_ABORT : 0);
}

static void dwsim_hdma_int_clear(struct dwsim_edma *edma, const struct dwsim_dma_chan *ch,
				 u32 val)
{
	u32 *status = &edma->dir[ch->read].status;

	if (val & DWSIM_HDMA_INT_STOP)
		*status &= ~dwsim_hdma_done(ch);
	if (val & DWSIM_HDMA_INT_ABORT)
		*status &= ~dwsim_hdma_abort(ch);
}

/* An interrupt has to be enabled, and not masked */
static void dwsim_hdma_int_setup(struct dwsim_edma *edma, const struct dwsim_dma_chan *ch,
				 u32 val)
{
	u32 *mask = &edma->dir[ch->read].mask;

	*mask |= dwsim_hdma_done(ch) | dwsim_hdma_abort(ch);
	if (val & DWSIM_HDMA_INT_STOP_EN && !(val & DWSIM_HDMA_INT_STOP))
		*mask &= ~dwsim_hdma_done(ch);
	if (val & DWSIM_HDMA_INT_ABORT_EN && !(val & DWSIM_HDMA_INT_ABORT))
		*mask &= ~dwsim_hdma_abort(ch);
}

static u32 dwsim_hdma_chan_read(struct dwsim_edma *edma, const struct dwsim_dma_chan *ch,
				u32 reg)
{
	switch (reg) {
	case DWSIM_HDMA_DOORBELL:
	case DWSIM_HDMA_INT_CLEAR:
		return 0;
	case DWSIM_HDMA_LLP:
		return lower_32_bits(ch->llp);
	case DWSIM_HDMA_LLP + 4:
		return upper_32_bits(ch->llp);
	case DWSIM_HDMA_CYCLE:
		return DWSIM_HDMA_CYCLE_CCS_EN | FIELD_PREP(DWSIM_HDMA_CYCLE_CCS, ch->ccs);
	case DWSIM_HDMA_CH_STAT:
		return ch->state;
	case DWSIM_HDMA_INT_STAT:
		return dwsim_hdma_int_stat(edma, ch);
	default:
		return ch->reg[reg / 4];
	}
}

static u32 dwsim_hdma_read(struct dwsim *sim, u32 offset)
{
	struct dwsim_dma_chan *ch;
	u32 reg;

	atomic_long_inc(&sim->stats.hdma);

	ch = dwsim_hdma_chan(&sim->edma, offset, &reg);
	if (!ch) {
		dwsim_unmodelled(sim, "hdma", offset, false);
		return 0;
	}

	return dwsim_hdma_chan_read(&sim->edma, ch, reg);
}

static void dwsim_hdma_chan_write(struct dwsim_edma *edma, struct dwsim_dma_chan *ch,
				  u32 reg, u32 val)
{
	ch->reg[reg / 4] = val;

	switch (reg) {
	case DWSIM_HDMA_DOORBELL:
		if (val & DWSIM_HDMA_DOORBELL_STOP)
			dwsim_dma_stop(ch);
		else if (val & DWSIM_HDMA_DOORBELL_START)
			dwsim_dma_start(ch);
		break;
	case DWSIM_HDMA_LLP:
		ch->llp = (ch->llp & ~(u64)U32_MAX) | val;
		break;
	case DWSIM_HDMA_LLP + 4:
		ch->llp = lower_32_bits(ch->llp) | (u64)val << 32;
		break;
	case DWSIM_HDMA_CYCLE:
		if (val & DWSIM_HDMA_CYCLE_CCS_EN)
			ch->ccs = val & DWSIM_HDMA_CYCLE_CCS;
		break;
	case DWSIM_HDMA_CONTROL1:
		ch->list = val & DWSIM_HDMA_LLE;
		break;
	case DWSIM_HDMA_INT_SETUP:
		dwsim_hdma_int_setup(edma, ch, val);
		break;
	case DWSIM_HDMA_INT_CLEAR:
		dwsim_hdma_int_clear(edma, ch, val);
		break;
	}
}

static void dwsim_hdma_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_edma *edma = &sim->edma;
	struct dwsim_dma_chan *ch;
	u32 reg;

	atomic_long_inc(&sim->stats.hdma);

	ch = dwsim_hdma_chan(edma, offset, &reg);
	if (!ch) {
		dwsim_unmodelled(sim, "hdma", offset, true);
		return;
	}

	val = (dwsim_hdma_chan_read(edma, ch, reg) & ~mask) | (val & mask);
	dwsim_hdma_chan_write(edma, ch, reg, val);
	dwsim_dma_update_lines(sim);
}

const struct dwsim_dma_map dwsim_hdma = {
	.name = "hdma",
	.done_at_rest = true,
	.reset_mask = U32_MAX,
	.ready = dwsim_hdma_ready,
	.read = dwsim_hdma_read,
	.write = dwsim_hdma_write,
};
