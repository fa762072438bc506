// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space of the simulated endpoint: one physical function with six
 * BARs, power management, MSI, PCIe and MSI-X capabilities. The endpoint's CPU
 * reaches it through DBI, with a shadow (DBI2) behind the BARs that holds their
 * masks, the host through configuration requests. One BAR may be resizable: then
 * its mask follows from the capability. Does not include other extended
 * capabilities, expansion ROM or I/O BARs.
 */
#include <kunit/visibility.h>
#include <linux/bitfield.h>
#include <linux/pci_regs.h>

#include "dwsim.h"

#define DWSIM_CAP_PM	0x40
#define DWSIM_CAP_MSI	0x50
#define DWSIM_CAP_EXP	0x70
#define DWSIM_CAP_MSIX	0xb0
#define DWSIM_CAP_REBAR	0x100

/* What the model knows; a driver may do more, and is told of */
static const struct {
	u32 start;
	u32 end;
} dwsim_dbi_known[] = {
	{ PCI_VENDOR_ID, PCI_STD_HEADER_SIZEOF },
	{ DWSIM_CAP_PM, DWSIM_CAP_PM + PCI_PM_SIZEOF },
	{ DWSIM_CAP_MSI, DWSIM_CAP_MSI + PCI_MSI_DATA_64 + 4 },
	{ DWSIM_CAP_EXP, DWSIM_CAP_EXP + PCI_EXP_LNKCTL2 + 4 },
	{ DWSIM_CAP_MSIX, DWSIM_CAP_MSIX + PCI_CAP_MSIX_SIZEOF },
	{ DWSIM_CAP_REBAR, DWSIM_CAP_REBAR + PCI_REBAR_CTRL + 4 },
	{ DWSIM_PORT_LINK_CONTROL, DWSIM_PORT_LINK_CONTROL + 4 },
	{ DWSIM_PORT_DEBUG1, DWSIM_PORT_DEBUG1 + 4 },
	{ DWSIM_MISC_CONTROL_1, DWSIM_MISC_CONTROL_1 + 4 },
	{ DWSIM_VERSION_NUMBER, DWSIM_VERSION_TYPE + 4 },
	{ DWSIM_ATU_VIEWPORT, DWSIM_ATU_VIEWPORT + 4 },
};

static void dwsim_dbi_check(struct dwsim *sim, const char *block, u32 offset, bool write)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dwsim_dbi_known); i++)
		if (offset >= dwsim_dbi_known[i].start && offset < dwsim_dbi_known[i].end)
			return;

	dwsim_unmodelled(sim, block, offset, write);
}

/**
 * dwsim_bar_decode() - which BAR claims a bus address
 * @bars: the six BAR registers
 * @masks: their masks; bit 0 enables a BAR
 * @addr: bus address
 * @len: bytes wanted from there
 * @bar: set to the number of the BAR
 * @offset: set to the offset of @addr in it
 *
 * Return: the bytes of @len that lie in the BAR, 0 if none claims @addr.
 */
size_t dwsim_bar_decode(const u32 *bars, const u32 *masks, u64 addr, size_t len,
			unsigned int *bar, u64 *offset)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		u64 base = bars[i] & PCI_BASE_ADDRESS_MEM_MASK;
		u64 mask = masks[i] | ~(u32)PCI_BASE_ADDRESS_MEM_MASK;
		bool is_64bit = bars[i] & PCI_BASE_ADDRESS_MEM_TYPE_64;

		if (!(masks[i] & 1))
			continue;

		if (is_64bit && i + 1 < PCI_STD_NUM_BARS) {
			base |= (u64)bars[i + 1] << 32;
			mask |= (u64)masks[i + 1] << 32;
		}

		if ((addr & ~mask) == base) {
			*bar = i;
			*offset = addr & mask;
			return min_t(u64, len, mask - *offset + 1);
		}

		i += is_64bit;
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(dwsim_bar_decode);

/* Port logic that is another block's, where that has a viewport */
static bool dwsim_dbi_is_atu(struct dwsim *sim, u32 offset)
{
	return dwsim_dma_has_viewport(sim) && offset >= DWSIM_ATU_VIEWPORT &&
	       offset < DWSIM_ATU_VIEWPORT_BASE + DWSIM_ATU_VIEWPORT_SIZE;
}

static bool dwsim_dbi_is_dma(struct dwsim *sim, u32 offset)
{
	return dwsim_dma_has_viewport(sim) && offset >= DWSIM_DMA_DBI_OFFSET &&
	       offset < DWSIM_DMA_DBI_OFFSET + DWSIM_DMA_DBI_SIZE;
}

static u32 *dwsim_bar_mask(struct dwsim_dbi *dbi, u32 offset)
{
	lockdep_assert_held(&dbi->lock);

	if (offset < PCI_BASE_ADDRESS_0 || offset > PCI_BASE_ADDRESS_5)
		return NULL;

	return &dbi->bar_mask[(offset - PCI_BASE_ADDRESS_0) / 4];
}

/* The upper half of a 64-bit BAR has no type bits and no enable of its own */
static bool dwsim_bar_is_upper(struct dwsim_dbi *dbi, u32 offset)
{
	unsigned int bar = (offset - PCI_BASE_ADDRESS_0) / 4;
	unsigned int i = 0;

	while (i < bar)
		i += dbi->reg[PCI_BASE_ADDRESS_0 / 4 + i] &
		     PCI_BASE_ADDRESS_MEM_TYPE_64 ? 2 : 1;

	return i > bar;
}

/* Bits of a BAR that hold an address */
static u32 dwsim_bar_wire(struct dwsim_dbi *dbi, u32 offset)
{
	u32 mask = *dwsim_bar_mask(dbi, offset);

	if (dwsim_bar_is_upper(dbi, offset))
		return ~mask;

	return mask & 1 ? ~(mask | ~(u32)PCI_BASE_ADDRESS_MEM_MASK) : 0;
}

static void dwsim_reg_update(struct dwsim_dbi *dbi, u32 offset, u32 val, u32 mask)
{
	u32 *reg = &dbi->reg[offset / 4];

	lockdep_assert_held(&dbi->lock);

	*reg = (*reg & ~mask) | (val & mask);
}

/* The size that is selected makes the mask of a resizable BAR */
static void dwsim_rebar_update(struct dwsim_dbi *dbi)
{
	u32 ctrl = dbi->reg[(DWSIM_CAP_REBAR + PCI_REBAR_CTRL) / 4];
	u64 mask = (SZ_1M << FIELD_GET(PCI_REBAR_CTRL_BAR_SIZE, ctrl)) - 1;
	u32 *bar_mask = &dbi->bar_mask[dbi->rebar];

	*bar_mask = (lower_32_bits(mask) & ~1) | (*bar_mask & 1);
}

/* The register has just been written */
static void dwsim_rebar_written(struct dwsim_dbi *dbi, u32 offset)
{
	u32 cap = dbi->reg[(DWSIM_CAP_REBAR + PCI_REBAR_CAP) / 4] & PCI_REBAR_CAP_SIZES;
	u32 *ctrl = &dbi->reg[(DWSIM_CAP_REBAR + PCI_REBAR_CTRL) / 4];

	lockdep_assert_held(&dbi->lock);

	if (!dbi->has_rebar || offset < DWSIM_CAP_REBAR + PCI_REBAR_CAP ||
	    offset > DWSIM_CAP_REBAR + PCI_REBAR_CTRL)
		return;

	/* New sizes to choose from: the smallest is chosen */
	if (offset == DWSIM_CAP_REBAR + PCI_REBAR_CAP && cap)
		FIELD_MODIFY(PCI_REBAR_CTRL_BAR_SIZE, ctrl,
			     __ffs(cap) - __ffs(PCI_REBAR_CAP_SIZES));
	dwsim_rebar_update(dbi);
}

/* Write one to clear */
static u32 dwsim_reg_w1c(u32 offset)
{
	switch (offset) {
	case PCI_COMMAND:
		return 0xf9000000;
	case DWSIM_CAP_EXP + PCI_EXP_DEVCTL:
		return 0x000f0000;
	default:
		return 0;
	}
}

/**
 * dwsim_wire_write() - a configuration write of the host
 * @sim: the endpoint
 * @offset: byte offset, aligned to four
 * @val: 32 bits, of which
 * @mask: selects those written
 */
void dwsim_wire_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_dbi *dbi = &sim->dbi;
	u32 w1c = dwsim_reg_w1c(offset);
	u32 wire;

	guard(raw_spinlock_irqsave)(&dbi->lock);

	wire = dwsim_bar_mask(dbi, offset) ? dwsim_bar_wire(dbi, offset) :
					     dbi->wire[offset / 4];
	dbi->reg[offset / 4] &= ~(val & mask & w1c);
	dwsim_reg_update(dbi, offset, val, mask & wire);
	dwsim_rebar_written(dbi, offset);
}

u32 dwsim_dbi_read(struct dwsim *sim, u32 offset)
{
	struct dwsim_dbi *dbi = &sim->dbi;

	if (dwsim_dbi_is_atu(sim, offset))
		return dwsim_iatu_viewport_read(sim, offset);
	if (dwsim_dbi_is_dma(sim, offset))
		return dwsim_dma_read(sim, DWSIM_DMA_IN_DBI, offset - DWSIM_DMA_DBI_OFFSET);

	dwsim_dbi_check(sim, "dbi", offset, false);

	guard(raw_spinlock_irqsave)(&dbi->lock);

	if (dwsim_bar_mask(dbi, offset) && !dwsim_bar_is_upper(dbi, offset) &&
	    !(*dwsim_bar_mask(dbi, offset) & 1))
		return 0;

	return dbi->reg[offset / 4];
}

void dwsim_dbi_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_dbi *dbi = &sim->dbi;
	bool rw;

	if (dwsim_dbi_is_atu(sim, offset)) {
		dwsim_iatu_viewport_write(sim, offset, val, mask);
		return;
	}
	if (dwsim_dbi_is_dma(sim, offset)) {
		dwsim_dma_write(sim, DWSIM_DMA_IN_DBI, offset - DWSIM_DMA_DBI_OFFSET, val,
				mask);
		return;
	}

	switch (offset) {
	case DWSIM_VERSION_NUMBER:
	case DWSIM_VERSION_TYPE:
	case DWSIM_PORT_DEBUG1:
	case DWSIM_ATU_VIEWPORT:
		return;
	}

	dwsim_dbi_check(sim, "dbi", offset, true);

	guard(raw_spinlock_irqsave)(&dbi->lock);

	rw = dbi->reg[DWSIM_MISC_CONTROL_1 / 4] & DWSIM_DBI_RO_WR_EN;
	if (dwsim_bar_mask(dbi, offset) && rw) {
		/* The type bits open up, the size stays what the mask says */
		u32 type = dwsim_bar_is_upper(dbi, offset) ? 0 : 0xf;

		dwsim_reg_update(dbi, offset, val,
				 mask & (dwsim_bar_wire(dbi, offset) | type));
	} else if (offset < DWSIM_PORT_LOGIC && !rw) {
		dwsim_reg_update(dbi, offset, val, mask & dbi->wire[offset / 4]);
	} else {
		dwsim_reg_update(dbi, offset, val, mask);
	}
	dwsim_rebar_written(dbi, offset);
}

u32 dwsim_dbi2_read(struct dwsim *sim, u32 offset)
{
	struct dwsim_dbi *dbi = &sim->dbi;

	guard(raw_spinlock_irqsave)(&dbi->lock);

	if (dwsim_bar_mask(dbi, offset))
		return *dwsim_bar_mask(dbi, offset);

	dwsim_unmodelled(sim, "dbi2", offset, false);

	return 0;
}

void dwsim_dbi2_write(struct dwsim *sim, u32 offset, u32 val, u32 mask)
{
	struct dwsim_dbi *dbi = &sim->dbi;
	u32 *bar_mask;

	guard(raw_spinlock_irqsave)(&dbi->lock);

	bar_mask = dwsim_bar_mask(dbi, offset);
	if (!bar_mask) {
		dwsim_unmodelled(sim, "dbi2", offset, true);
		return;
	}

	/* Of a resizable BAR's mask only the enable bit can be written */
	if (dbi->has_rebar && bar_mask == &dbi->bar_mask[dbi->rebar])
		mask &= 1;

	*bar_mask = (*bar_mask & ~mask) | (val & mask);
	/* Address bits that the new mask no longer holds are gone */
	dbi->reg[offset / 4] &= dwsim_bar_wire(dbi, offset) | 0xf;
}

bool dwsim_dbi_bus_master(struct dwsim *sim)
{
	return dwsim_dbi_read(sim, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

void dwsim_dbi_set_link(struct dwsim *sim, bool up)
{
	guard(raw_spinlock_irqsave)(&sim->dbi.lock);
	dwsim_reg_update(&sim->dbi, DWSIM_PORT_DEBUG1,
			 up ? DWSIM_PORT_DEBUG1_LINK_UP : 0, U32_MAX);
}

/**
 * dwsim_dbi_decode() - dwsim_bar_decode() on the endpoint's present BARs
 * @sim: the endpoint
 * @addr: bus address
 * @len: bytes wanted from there
 * @bar: set to the number of the BAR
 * @offset: set to the offset of @addr in it
 *
 * Return: as dwsim_bar_decode(), and 0 while memory decode is off.
 */
size_t dwsim_dbi_decode(struct dwsim *sim, u64 addr, size_t len,
			unsigned int *bar, u64 *offset)
{
	struct dwsim_dbi *dbi = &sim->dbi;

	guard(raw_spinlock_irqsave)(&dbi->lock);

	if (!(dbi->reg[PCI_COMMAND / 4] & PCI_COMMAND_MEMORY))
		return 0;

	return dwsim_bar_decode(&dbi->reg[PCI_BASE_ADDRESS_0 / 4], dbi->bar_mask,
				addr, len, bar, offset);
}

static void dwsim_dbi_set(struct dwsim_dbi *dbi, u32 offset, u32 val, u32 wire)
{
	dbi->reg[offset / 4] = val;
	dbi->wire[offset / 4] = wire;
}

static void dwsim_rebar_reset(struct dwsim_dbi *dbi)
{
	dwsim_dbi_set(dbi, DWSIM_CAP_REBAR, PCI_EXT_CAP_ID_REBAR | 1 << 16, 0);
	/* 1 MiB to 512 GiB, until a driver says which of them */
	dwsim_dbi_set(dbi, DWSIM_CAP_REBAR + PCI_REBAR_CAP, 0x00fffff0, 0);
	dwsim_dbi_set(dbi, DWSIM_CAP_REBAR + PCI_REBAR_CTRL,
		      FIELD_PREP(PCI_REBAR_CTRL_BAR_IDX, dbi->rebar) |
		      FIELD_PREP(PCI_REBAR_CTRL_NBAR_MASK, 1),
		      PCI_REBAR_CTRL_BAR_SIZE);
	dwsim_rebar_update(dbi);
}

/**
 * dwsim_dbi_reset() - all registers to what they are after PERST#
 * @sim: the endpoint
 */
void dwsim_dbi_reset(struct dwsim *sim)
{
	struct dwsim_dbi *dbi = &sim->dbi;

	guard(raw_spinlock_irqsave)(&dbi->lock);

	memset(dbi->reg, 0, sizeof(dbi->reg));
	memset(dbi->wire, 0, sizeof(dbi->wire));
	memset(dbi->bar_mask, 0, sizeof(dbi->bar_mask));

	dwsim_dbi_set(dbi, PCI_VENDOR_ID, PCI_VENDOR_ID_SYNOPSYS, 0);
	dwsim_dbi_set(dbi, PCI_COMMAND, PCI_STATUS_CAP_LIST << 16,
		      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
		      PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	dwsim_dbi_set(dbi, PCI_CACHE_LINE_SIZE, 0, 0xff);
	dwsim_dbi_set(dbi, PCI_CAPABILITY_LIST, DWSIM_CAP_PM, 0);
	dwsim_dbi_set(dbi, PCI_INTERRUPT_LINE, 0, 0xff);

	dwsim_dbi_set(dbi, DWSIM_CAP_PM,
		      PCI_CAP_ID_PM | DWSIM_CAP_MSI << 8 | 3 << 16, 0);
	dwsim_dbi_set(dbi, DWSIM_CAP_PM + PCI_PM_CTRL, 0, PCI_PM_CTRL_STATE_MASK);

	dwsim_dbi_set(dbi, DWSIM_CAP_MSI,
		      PCI_CAP_ID_MSI | DWSIM_CAP_EXP << 8 |
		      (PCI_MSI_FLAGS_64BIT | FIELD_PREP(PCI_MSI_FLAGS_QMASK, 5)) << 16,
		      (PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE) << 16);
	dwsim_dbi_set(dbi, DWSIM_CAP_MSI + PCI_MSI_ADDRESS_LO, 0, ~3U);
	dwsim_dbi_set(dbi, DWSIM_CAP_MSI + PCI_MSI_ADDRESS_HI, 0, ~0U);
	dwsim_dbi_set(dbi, DWSIM_CAP_MSI + PCI_MSI_DATA_64, 0, 0xffff);

	dwsim_dbi_set(dbi, DWSIM_CAP_EXP,
		      PCI_CAP_ID_EXP | DWSIM_CAP_MSIX << 8 |
		      (2 | PCI_EXP_TYPE_ENDPOINT << 4) << 16, 0);
	dwsim_dbi_set(dbi, DWSIM_CAP_EXP + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER, 0);
	dwsim_dbi_set(dbi, DWSIM_CAP_EXP + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_RELAX_EN |
		      PCI_EXP_DEVCTL_NOSNOOP_EN, 0x7fff);
	dwsim_dbi_set(dbi, DWSIM_CAP_EXP + PCI_EXP_LNKCAP, 3 | 4 << 4, 0);
	dwsim_dbi_set(dbi, DWSIM_CAP_EXP + PCI_EXP_LNKCTL, (3 | 4 << 4) << 16, 0x01fb);
	dwsim_dbi_set(dbi, DWSIM_CAP_EXP + PCI_EXP_DEVCTL2, 0, 0xffff);
	dwsim_dbi_set(dbi, DWSIM_CAP_EXP + PCI_EXP_LNKCTL2, 3, 0xffff);

	dwsim_dbi_set(dbi, DWSIM_CAP_MSIX, PCI_CAP_ID_MSIX,
		      (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) << 16);

	if (dbi->has_rebar)
		dwsim_rebar_reset(dbi);
	if (sim->wired.size)
		dbi->bar_mask[sim->wired.bar] = (sim->wired.size - 1) | 1;

	dwsim_dbi_set(dbi, DWSIM_VERSION_NUMBER, dwsim_dma_has_viewport(sim) ?
		      DWSIM_VERSION_470A : DWSIM_VERSION_540A, 0);
	dwsim_dbi_set(dbi, DWSIM_VERSION_TYPE, DWSIM_VERSION_TYPE_GA, 0);
	/* No viewport: the drivers take this for "unrolled" */
	dwsim_dbi_set(dbi, DWSIM_ATU_VIEWPORT, U32_MAX, 0);
}

void dwsim_dbi_init(struct dwsim *sim)
{
	raw_spin_lock_init(&sim->dbi.lock);
	dwsim_dbi_reset(sim);
}
