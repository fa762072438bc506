// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register maps of the eDMA: unrolled; legacy, with the registers of one channel
 * at a time; HDMA compat, with a power switch for each channel. In all of them a
 * write to an INT_STATUS register raises the emulated interrupt and sets no
 * status bit; what lowers it again is up to its kind, see enum dwsim_latch.
 */
#include <kunit/visibility.h>
#include <linux/bitfield.h>

#include "dwsim.h"

static bool dwsim_edma_ready(const struct dwsim_edma *edma, const struct dwsim_dma_chan *ch)
{
	const struct dwsim_dma_dir *dir = &edma->dir[ch->read];

	return dir->engine_en & 1 && (!edma->map->power || dir->powered & BIT(ch->index));
}

static void dwsim_edma_doorbell(struct dwsim *sim, bool read, u32 val)
{
	struct dwsim_dma_dir *dir = &sim->edma.dir[read];
	unsigned int index = FIELD_GET(DWSIM_DMA_DOORBELL_CH, val);

	if (index >= dir->num)
		return;

	if (val & DWSIM_DMA_DOORBELL_STOP)
		dwsim_dma_stop(&dir->ch[index]);
	else
		dwsim_dma_start(&dir->ch[index]);
}

static void dwsim_edma_clear(struct dwsim *sim, bool read, u32 val)
{
	sim->edma.dir[read].status &= ~val;
	dwsim_dma_update_lines(sim);
	dwsim_dma_ring_ack(sim, read, val);
}

static u32 dwsim_edma_chan_read(const struct dwsim_dma_chan *ch, u32 reg)
{
	switch (reg) {
	case DWSIM_DMA_CH_CONTROL1:
		return (ch->reg[0] & ~(DWSIM_DMA_CH_STATUS | DWSIM_DMA_CH_CCS)) |
		       FIELD_PREP(DWSIM_DMA_CH_STATUS, ch->state) |
		       FIELD_PREP(DWSIM_DMA_CH_CCS, ch->ccs);
	case DWSIM_DMA_CH_LLP:
		return lower_32_bits(ch->llp);
	case DWSIM_DMA_CH_LLP + 4:
		return upper_32_bits(ch->llp);
	default:
		return ch->reg[reg / 4];
	}
}

/*
 * DONE comes before the channel has looked past its last element, so a driver may
 * write where the next list is while that goes on, on another CPU. It is over with
 * the first such write, or the old place would take the new one's.
 */
static void dwsim_edma_chan_write(struct dwsim_dma_chan *ch, u32 reg, u32 val)
{
	switch (reg) {
	case DWSIM_DMA_CH_CONTROL1:
		dwsim_dma_stop(ch);
		ch->list = val & DWSIM_DMA_CH_LLE;
		ch->ccs = val & DWSIM_DMA_CH_CCS;
		ch->reg[0] = val;
		break;
	case DWSIM_DMA_CH_LLP:
		dwsim_dma_stop(ch);
		ch->llp = (ch->llp & ~(u64)U32_MAX) | val;
		break;
	case DWSIM_DMA_CH_LLP + 4:
		dwsim_dma_stop(ch);
		ch->llp = lower_32_bits(ch->llp) | (u64)val << 32;
		break;
	default:
		ch->reg[reg / 4] = val;
	}
}

/* The channel and its register at an offset behind the global registers */
static struct dwsim_dma_chan *dwsim_edma_chan(struct dwsim_edma *edma, u32 offset, u32 *reg)
{
	unsigned int index;
	bool read;

	if (edma->map->viewport) {
		if (offset < DWSIM_DMA_VIEWPORT_BASE)
			return NULL;
		index = FIELD_GET(DWSIM_DMA_VIEWPORT_CH, edma->viewport);
		read = edma->viewport & DWSIM_DMA_VIEWPORT_READ;
		*reg = offset - DWSIM_DMA_VIEWPORT_BASE;
	} else {
		if (offset < DWSIM_DMA_CH_BASE)
			return NULL;
		offset -= DWSIM_DMA_CH_BASE;
		index = offset / DWSIM_DMA_CH_STRIDE;
		read = offset % DWSIM_DMA_CH_STRIDE >= DWSIM_DMA_CH_READ;
		*reg = offset % DWSIM_DMA_CH_READ;
	}

	if (index >= edma->dir[read].num || *reg >= DWSIM_DMA_CH_END)
		return NULL;

	return &edma->dir[read].ch[index];
}

/* A power switch of HDMA compat: its channel's bit, and in which direction */
static u32 dwsim_edma_power(const struct dwsim_edma *edma, u32 offset, bool *read)
{
	unsigned int index;

	if (!edma->map->power || offset < DWSIM_DMA_WR_PWR_EN)
		return 0;

	*read = offset >= DWSIM_DMA_RD_PWR_EN;
	index = (offset - (*read ? DWSIM_DMA_RD_PWR_EN : DWSIM_DMA_WR_PWR_EN)) / 4;

	return index < edma->dir[*read].num ? BIT(index) : 0;
}

/* A global register that is memory */
static u32 *dwsim_edma_global(struct dwsim_edma *edma, u32 offset)
{
	switch (offset) {
	case DWSIM_DMA_WR_ENGINE_EN:
		return &edma->dir[0].engine_en;
	case DWSIM_DMA_RD_ENGINE_EN:
		return &edma->dir[1].engine_en;
	case DWSIM_DMA_WR_INT_MASK:
		return &edma->dir[0].mask;
	case DWSIM_DMA_RD_INT_MASK:
		return &edma->dir[1].mask;
	case DWSIM_DMA_WR_LL_ERR_EN:
		return &edma->dir[0].ll_err_en;
	case DWSIM_DMA_RD_LL_ERR_EN:
		return &edma->dir[1].ll_err_en;
	case DWSIM_DMA_VIEWPORT:
		if (edma->map->viewport)
			return &edma->viewport;
	}

	if (offset >= (edma->map->viewport ? DWSIM_DMA_VIEWPORT_BASE : DWSIM_DMA_CH_BASE))
		return NULL;

	return &edma->other[offset / 4];
}

static u32 dwsim_edma_read(struct dwsim *sim, u32 offset)
{
	struct dwsim_edma *edma = &sim->edma;
	struct dwsim_dma_chan *ch;
	u32 *reg, ch_reg;

	switch (offset) {
	case DWSIM_DMA_CTRL:
		return FIELD_PREP(DWSIM_DMA_NUM_WR_CHAN, edma->dir[0].num) |
		       FIELD_PREP(DWSIM_DMA_NUM_RD_CHAN, edma->dir[1].num);
	case DWSIM_DMA_WR_DOORBELL:
	case DWSIM_DMA_RD_DOORBELL:
	case DWSIM_DMA_WR_INT_CLEAR:
	case DWSIM_DMA_RD_INT_CLEAR:
		return 0;
	case DWSIM_DMA_WR_INT_STATUS:
		return edma->dir[0].status;
	case DWSIM_DMA_RD_INT_STATUS:
		return edma->dir[1].status;
	}

	ch = dwsim_edma_chan(edma, offset, &ch_reg);
	if (ch)
		return dwsim_edma_chan_read(ch, ch_reg);

	reg = dwsim_edma_global(edma, offset);
	if (!reg)
		dwsim_unmodelled(sim, "edma", offset, false);

	return reg ? *reg : 0;
}

static void dwsim_edma_update(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_edma *edma = &sim->edma;
	struct dwsim_dma_chan *ch;
	u32 *reg, ch_reg, power;
	bool read;

	ch = dwsim_edma_chan(edma, offset, &ch_reg);
	if (ch) {
		val = (dwsim_edma_chan_read(ch, ch_reg) & ~mask) | (val & mask);
		dwsim_edma_chan_write(ch, ch_reg, val);
		return;
	}

	reg = dwsim_edma_global(edma, offset);
	if (!reg) {
		dwsim_unmodelled(sim, "edma", offset, true);
		return;
	}

	*reg = (*reg & ~mask) | (val & mask);
	if (reg == &edma->viewport)
		atomic_long_inc(&sim->stats.dma_viewport);

	power = dwsim_edma_power(edma, offset, &read);
	if (power && *reg & 1) {
		edma->dir[read].powered |= power;
		atomic_long_inc(&sim->stats.dma_power);
	} else if (power) {
		edma->dir[read].powered &= ~power;
	}
	dwsim_dma_update_lines(sim);
}

static void dwsim_edma_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	switch (offset) {
	case DWSIM_DMA_CTRL:
		break;
	case DWSIM_DMA_WR_DOORBELL:
		dwsim_edma_doorbell(sim, false, val);
		break;
	case DWSIM_DMA_RD_DOORBELL:
		dwsim_edma_doorbell(sim, true, val);
		break;
	case DWSIM_DMA_WR_INT_STATUS:
	case DWSIM_DMA_RD_INT_STATUS:
		dwsim_dma_ring(sim, offset == DWSIM_DMA_RD_INT_STATUS);
		break;
	case DWSIM_DMA_WR_INT_CLEAR:
		dwsim_edma_clear(sim, false, val);
		break;
	case DWSIM_DMA_RD_INT_CLEAR:
		dwsim_edma_clear(sim, true, val);
		break;
	default:
		dwsim_edma_update(sim, offset, val, mask);
	}
}

const struct dwsim_dma_map dwsim_edma_unroll = {
	.name = "unroll",
	.ready = dwsim_edma_ready,
	.read = dwsim_edma_read,
	.write = dwsim_edma_write,
};
EXPORT_SYMBOL_IF_KUNIT(dwsim_edma_unroll);

const struct dwsim_dma_map dwsim_edma_legacy = {
	.name = "legacy",
	.viewport = true,
	.ready = dwsim_edma_ready,
	.read = dwsim_edma_read,
	.write = dwsim_edma_write,
};

const struct dwsim_dma_map dwsim_edma_compat = {
	.name = "hdma-compat",
	.power = true,
	.ready = dwsim_edma_ready,
	.read = dwsim_edma_read,
	.write = dwsim_edma_write,
};
