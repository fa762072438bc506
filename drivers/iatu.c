// SPDX-License-Identifier: GPL-2.0-only
/*
 * The endpoint's address translation unit: inbound windows that match a BAR or
 * an address, outbound windows that match an address, unrolled register map or
 * one window at a time behind a viewport.
 * Does not include I/O and message types, function numbers or TLP attributes.
 */
#include <kunit/visibility.h>
#include <linux/bitfield.h>

#include "dwsim.h"

/**
 * dwsim_atu_window_decode() - the meaning of one window's registers
 * @raw: its registers
 * @win: set to what they say
 */
void dwsim_atu_window_decode(const u32 *raw, struct dwsim_atu_window *win)
{
	u32 ctrl1 = raw[DWSIM_ATU_CTRL1 / 4];
	u32 ctrl2 = raw[DWSIM_ATU_CTRL2 / 4];

	win->enabled = ctrl2 & DWSIM_ATU_ENABLE;
	win->bar_mode = ctrl2 & DWSIM_ATU_BAR_MODE;
	win->bar = FIELD_GET(DWSIM_ATU_BAR, ctrl2);
	win->type = FIELD_GET(DWSIM_ATU_TYPE, ctrl1);
	win->base = raw[DWSIM_ATU_LOWER_BASE / 4] |
		    (u64)raw[DWSIM_ATU_UPPER_BASE / 4] << 32;
	win->target = raw[DWSIM_ATU_LOWER_TARGET / 4] |
		      (u64)raw[DWSIM_ATU_UPPER_TARGET / 4] << 32;
	win->limit = raw[DWSIM_ATU_LIMIT / 4];
	if (ctrl1 & DWSIM_ATU_INCREASE_REGION)
		win->limit |= (u64)raw[DWSIM_ATU_UPPER_LIMIT / 4] << 32;
	else
		win->limit |= (u64)raw[DWSIM_ATU_UPPER_BASE / 4] << 32;
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_atu_window_decode);

static size_t dwsim_atu_match(const struct dwsim_atu_window *win, u64 addr,
			      size_t len, u64 *target)
{
	if (!win->enabled || win->type != DWSIM_ATU_TYPE_MEM ||
	    addr < win->base || addr > win->limit)
		return 0;

	*target = win->target + (addr - win->base);

	return min_t(u64, len, win->limit - addr + 1);
}

/**
 * dwsim_atu_inbound() - translate a host's access by one window
 * @win: the window
 * @bar: the BAR that claimed the access
 * @offset: its offset in that BAR
 * @addr: its bus address
 * @len: bytes wanted, all inside the BAR
 * @target: set to the endpoint-local address
 *
 * Return: the bytes of @len that the window translates, 0 if it does not match.
 */
size_t dwsim_atu_inbound(const struct dwsim_atu_window *win, unsigned int bar,
			 u64 offset, u64 addr, size_t len, u64 *target)
{
	if (!win->bar_mode)
		return dwsim_atu_match(win, addr, len, target);

	if (!win->enabled || win->type != DWSIM_ATU_TYPE_MEM || win->bar != bar)
		return 0;

	*target = win->target + offset;

	return len;
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_atu_inbound);

/**
 * dwsim_atu_outbound() - translate an endpoint's access by one window
 * @win: the window
 * @addr: endpoint-local address
 * @len: bytes wanted
 * @target: set to the PCI bus address
 *
 * Return: the bytes of @len that the window translates, 0 if it does not match.
 */
size_t dwsim_atu_outbound(const struct dwsim_atu_window *win, u64 addr,
			  size_t len, u64 *target)
{
	return dwsim_atu_match(win, addr, len, target);
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_atu_outbound);

size_t dwsim_iatu_inbound(struct dwsim *sim, unsigned int bar, u64 offset,
			  u64 addr, size_t len, u64 *target)
{
	struct dwsim_iatu *iatu = &sim->iatu;
	struct dwsim_atu_window win;
	unsigned int i;
	size_t n;

	guard(raw_spinlock_irqsave)(&iatu->lock);

	for (i = 0; i < iatu->num_in; i++) {
		dwsim_atu_window_decode(iatu->raw[1][i], &win);
		n = dwsim_atu_inbound(&win, bar, offset, addr, len, target);
		if (n)
			return n;
	}

	return 0;
}

size_t dwsim_iatu_outbound(struct dwsim *sim, u64 addr, size_t len, u64 *target)
{
	struct dwsim_iatu *iatu = &sim->iatu;
	struct dwsim_atu_window win;
	unsigned int i;
	size_t n;

	guard(raw_spinlock_irqsave)(&iatu->lock);

	for (i = 0; i < iatu->num_out; i++) {
		dwsim_atu_window_decode(iatu->raw[0][i], &win);
		n = dwsim_atu_outbound(&win, addr, len, target);
		if (n)
			return n;
	}

	return 0;
}

/*
 * The register of an implemented window. Drivers look for the last window by
 * trying the next, so one that is none is no surprise.
 */
static u32 *dwsim_iatu_reg(struct dwsim *sim, u32 offset, bool write)
{
	struct dwsim_iatu *iatu = &sim->iatu;
	unsigned int index = offset / DWSIM_ATU_STRIDE;
	bool in = offset & DWSIM_ATU_INBOUND;
	u32 reg = offset % DWSIM_ATU_INBOUND;

	lockdep_assert_held(&iatu->lock);

	if (reg > DWSIM_ATU_UPPER_LIMIT ||
	    (reg > DWSIM_ATU_UPPER_TARGET && reg < DWSIM_ATU_UPPER_LIMIT))
		dwsim_unmodelled(sim, "iatu", offset, write);

	if (index >= (in ? iatu->num_in : iatu->num_out))
		return NULL;

	return &iatu->raw[in][index][offset % DWSIM_ATU_INBOUND / 4];
}

u32 dwsim_iatu_read(struct dwsim *sim, u32 offset)
{
	struct dwsim_iatu *iatu = &sim->iatu;
	u32 *reg;

	if (offset >= DWSIM_DMA_OFFSET)
		return dwsim_dma_read(sim, DWSIM_DMA_IN_ATU, offset - DWSIM_DMA_OFFSET);

	guard(raw_spinlock_irqsave)(&iatu->lock);
	reg = dwsim_iatu_reg(sim, offset, false);

	return reg ? *reg : 0;
}

void dwsim_iatu_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_iatu *iatu = &sim->iatu;
	u32 *reg;

	if (offset >= DWSIM_DMA_OFFSET) {
		dwsim_dma_write(sim, DWSIM_DMA_IN_ATU, offset - DWSIM_DMA_OFFSET, val,
				mask);
		return;
	}

	guard(raw_spinlock_irqsave)(&iatu->lock);
	reg = dwsim_iatu_reg(sim, offset, true);
	if (!reg)
		return;

	if (offset % DWSIM_ATU_INBOUND == DWSIM_ATU_CTRL2 && val & mask & DWSIM_ATU_ENABLE &&
	    dwsim_fault(sim, offset % DWSIM_ATU_STRIDE < DWSIM_ATU_INBOUND ?
			DWSIM_FAULT_OUT : DWSIM_FAULT_ATU))
		val &= ~DWSIM_ATU_ENABLE;

	*reg = (*reg & ~mask) | (val & mask);

	/* Below the smallest region, addresses are not compared */
	switch (offset % DWSIM_ATU_INBOUND) {
	case DWSIM_ATU_LIMIT:
		*reg |= iatu->align - 1;
		break;
	case DWSIM_ATU_LOWER_BASE:
	case DWSIM_ATU_LOWER_TARGET:
		if (*reg & (iatu->align - 1))
			atomic_long_inc(&sim->stats.misaligned);
		*reg &= ~(iatu->align - 1);
		break;
	case DWSIM_ATU_UPPER_BASE:
	case DWSIM_ATU_UPPER_TARGET:
		*reg &= iatu->upper;
		break;
	case DWSIM_ATU_UPPER_LIMIT:
		*reg &= iatu->upper & DWSIM_ATU_UPPER_LIMIT_BITS;
		break;
	}
}

/**
 * dwsim_iatu_reset() - all windows off, as after PERST#
 * @sim: the endpoint
 */
void dwsim_iatu_reset(struct dwsim *sim)
{
	guard(raw_spinlock_irqsave)(&sim->iatu.lock);
	sim->iatu.viewport = 0;
	memset(sim->iatu.raw, 0, sizeof(sim->iatu.raw));
}

/**
 * dwsim_atu_viewport_offset() - where a register is in the unrolled map
 * @viewport: what the viewport selects
 * @offset: of the register, in DBI
 *
 * Return: its offset in "atu".
 */
u32 dwsim_atu_viewport_offset(u32 viewport, u32 offset)
{
	return FIELD_GET(DWSIM_ATU_VIEWPORT_INDEX, viewport) * DWSIM_ATU_STRIDE +
	       (viewport & DWSIM_ATU_VIEWPORT_IN ? DWSIM_ATU_INBOUND : 0) +
	       offset - DWSIM_ATU_VIEWPORT_BASE;
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_atu_viewport_offset);

static u32 dwsim_iatu_viewport_offset(struct dwsim *sim, u32 offset)
{
	guard(raw_spinlock_irqsave)(&sim->iatu.lock);

	return dwsim_atu_viewport_offset(sim->iatu.viewport, offset);
}

/**
 * dwsim_iatu_viewport_read() - read a register of the iATU in DBI
 * @sim: the endpoint
 * @offset: in DBI
 *
 * Return: its value.
 */
u32 dwsim_iatu_viewport_read(struct dwsim *sim, u32 offset)
{
	if (offset != DWSIM_ATU_VIEWPORT)
		return dwsim_iatu_read(sim, dwsim_iatu_viewport_offset(sim, offset));

	guard(raw_spinlock_irqsave)(&sim->iatu.lock);

	return sim->iatu.viewport;
}

void dwsim_iatu_viewport_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_iatu *iatu = &sim->iatu;

	if (offset != DWSIM_ATU_VIEWPORT) {
		dwsim_iatu_write(sim, dwsim_iatu_viewport_offset(sim, offset), val, mask);
		return;
	}

	atomic_long_inc(&sim->stats.atu_viewport);
	guard(raw_spinlock_irqsave)(&iatu->lock);
	iatu->viewport = (iatu->viewport & ~mask) |
			 (val & mask & (DWSIM_ATU_VIEWPORT_IN | DWSIM_ATU_VIEWPORT_INDEX));
}

void dwsim_iatu_init(struct dwsim *sim)
{
	raw_spin_lock_init(&sim->iatu.lock);
}
