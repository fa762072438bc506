/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of the simulated DesignWare endpoint: names as in the drivers of
 * v7.0, offsets stated anew. drivers/regs-check.c compares the two, so that a
 * mistake in a layout shows at build time instead of cancelling out.
 */
#ifndef DWSIM_REGS_H
#define DWSIM_REGS_H

#include <linux/bits.h>

/* DBI: port logic */
#define DWSIM_PORT_LOGIC		0x700
#define DWSIM_PORT_LINK_CONTROL		0x710
#define DWSIM_PORT_DEBUG1		0x72c
#define   DWSIM_PORT_DEBUG1_LINK_UP	BIT(4)
#define DWSIM_MISC_CONTROL_1		0x8bc
#define   DWSIM_DBI_RO_WR_EN		BIT(0)
#define DWSIM_VERSION_NUMBER		0x8f8
#define   DWSIM_VERSION_470A		0x3437302a	/* the last with viewports */
#define   DWSIM_VERSION_540A		0x3534302a
#define DWSIM_VERSION_TYPE		0x8fc
#define   DWSIM_VERSION_TYPE_GA		0x67612a2a
#define DWSIM_ATU_VIEWPORT		0x900	/* all ones without one */
#define   DWSIM_ATU_VIEWPORT_IN		BIT(31)
#define   DWSIM_ATU_VIEWPORT_INDEX	GENMASK(4, 0)
#define DWSIM_ATU_VIEWPORT_BASE		0x904
#define DWSIM_ATU_VIEWPORT_SIZE		0x2c

/* iATU, unrolled: one block of 512 bytes a window, inbound in its upper half */
#define DWSIM_ATU_STRIDE		0x200
#define DWSIM_ATU_INBOUND		0x100
#define DWSIM_ATU_CTRL1			0x00
#define   DWSIM_ATU_TYPE		GENMASK(4, 0)
#define   DWSIM_ATU_TYPE_MEM		0x0
#define   DWSIM_ATU_INCREASE_REGION	BIT(13)
#define DWSIM_ATU_CTRL2			0x04
#define   DWSIM_ATU_ENABLE		BIT(31)
#define   DWSIM_ATU_BAR_MODE		BIT(30)
#define   DWSIM_ATU_BAR			GENMASK(10, 8)
#define DWSIM_ATU_LOWER_BASE		0x08
#define DWSIM_ATU_UPPER_BASE		0x0c
#define DWSIM_ATU_LIMIT			0x10
#define DWSIM_ATU_LOWER_TARGET		0x14
#define DWSIM_ATU_UPPER_TARGET		0x18
#define DWSIM_ATU_UPPER_LIMIT		0x20
#define   DWSIM_ATU_UPPER_LIMIT_BITS	GENMASK(7, 0)	/* regions of up to 1 TiB */

/* eDMA: offsets from the DMA register base, which "atu" has at DWSIM_DMA_OFFSET */
#define DWSIM_DMA_OFFSET		0x80000
#define DWSIM_DMA_CTRL			0x08
#define   DWSIM_DMA_NUM_WR_CHAN		GENMASK(3, 0)
#define   DWSIM_DMA_NUM_RD_CHAN		GENMASK(19, 16)
#define DWSIM_DMA_WR_ENGINE_EN		0x0c
#define DWSIM_DMA_WR_DOORBELL		0x10
#define DWSIM_DMA_RD_ENGINE_EN		0x2c
#define DWSIM_DMA_RD_DOORBELL		0x30
#define   DWSIM_DMA_DOORBELL_CH		GENMASK(2, 0)
#define   DWSIM_DMA_DOORBELL_STOP	BIT(31)
#define DWSIM_DMA_WR_INT_STATUS		0x4c
#define DWSIM_DMA_WR_INT_MASK		0x54
#define DWSIM_DMA_WR_INT_CLEAR		0x58
#define DWSIM_DMA_WR_LL_ERR_EN		0x90
#define DWSIM_DMA_RD_INT_STATUS		0xa0
#define DWSIM_DMA_RD_INT_MASK		0xa8
#define DWSIM_DMA_RD_INT_CLEAR		0xac
#define DWSIM_DMA_RD_LL_ERR_EN		0xc4
#define   DWSIM_DMA_INT_DONE		GENMASK(7, 0)
#define   DWSIM_DMA_INT_ABORT		GENMASK(23, 16)

/* eDMA, where the registers of one channel at a time are seen */
#define DWSIM_DMA_DBI_OFFSET		0x970	/* of the DMA register base in DBI */
#define DWSIM_DMA_DBI_SIZE		0x124
#define DWSIM_DMA_VIEWPORT		0xfc
#define   DWSIM_DMA_VIEWPORT_CH		GENMASK(2, 0)
#define   DWSIM_DMA_VIEWPORT_READ	BIT(31)
#define DWSIM_DMA_VIEWPORT_BASE		0x100

/* HDMA compat: a switch for each channel */
#define DWSIM_DMA_WR_PWR_EN		0x128
#define DWSIM_DMA_RD_PWR_EN		0x168

/* eDMA, where each channel has registers of its own */
#define DWSIM_DMA_CH_BASE		0x200
#define DWSIM_DMA_CH_STRIDE		0x200
#define DWSIM_DMA_CH_READ		0x100

/* A channel of the eDMA */
#define DWSIM_DMA_CH_CONTROL1		0x00
#define   DWSIM_DMA_CH_CCS		BIT(8)
#define   DWSIM_DMA_CH_LLE		BIT(9)
#define   DWSIM_DMA_CH_STATUS		GENMASK(6, 5)
#define   DWSIM_DMA_RUNNING		1
#define   DWSIM_DMA_HALTED		2
#define   DWSIM_DMA_STOPPED		3
#define DWSIM_DMA_CH_CONTROL2		0x04
#define DWSIM_DMA_CH_SIZE		0x08
#define DWSIM_DMA_CH_SAR		0x0c
#define DWSIM_DMA_CH_DAR		0x14
#define DWSIM_DMA_CH_LLP		0x1c
#define DWSIM_DMA_CH_END		0x24

/* HDMA: nothing but channels, write channels in the lower half of a block */
#define DWSIM_HDMA_CH_STRIDE		0x200
#define DWSIM_HDMA_CH_READ		0x100
#define DWSIM_HDMA_CH_EN		0x00
#define   DWSIM_HDMA_CH_ENABLE		BIT(0)
#define DWSIM_HDMA_DOORBELL		0x04
#define   DWSIM_HDMA_DOORBELL_START	BIT(0)
#define   DWSIM_HDMA_DOORBELL_STOP	BIT(1)
#define DWSIM_HDMA_LLP			0x10
#define DWSIM_HDMA_CYCLE		0x18
#define   DWSIM_HDMA_CYCLE_CCS		BIT(0)
#define   DWSIM_HDMA_CYCLE_CCS_EN	BIT(1)
#define DWSIM_HDMA_CONTROL1		0x34
#define   DWSIM_HDMA_LLE		BIT(0)
#define DWSIM_HDMA_CH_STAT		0x80	/* DWSIM_DMA_RUNNING, ... */
#define DWSIM_HDMA_INT_STAT		0x84
#define DWSIM_HDMA_INT_SETUP		0x88
#define   DWSIM_HDMA_INT_STOP_EN	BIT(4)
#define   DWSIM_HDMA_INT_ABORT_EN	BIT(6)
#define DWSIM_HDMA_INT_CLEAR		0x8c
#define   DWSIM_HDMA_INT_STOP		BIT(0)	/* in all three; INT_SETUP: masked */
#define   DWSIM_HDMA_INT_ABORT		BIT(2)
#define DWSIM_HDMA_CH_END		0xac

#define DWSIM_DMA_CH_REGS		(DWSIM_HDMA_CH_END / 4)

/* Linked-list element of eDMA and HDMA: control, size (or reserved), source, destination */
#define DWSIM_LL_CB			BIT(0)
#define DWSIM_LL_TCB			BIT(1)
#define DWSIM_LL_LLP			BIT(2)
#define DWSIM_LL_LIE			BIT(3)	/* of the eDMA only */

struct dwsim_ll {
	__le32 control;
	__le32 size;
	__le32 sar[2];
	__le32 dar[2];
};

#endif /* DWSIM_REGS_H */
