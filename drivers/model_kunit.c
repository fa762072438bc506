// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the model's pure functions. What they claim is what PCIe says and
 * what the drivers of v7.0 program and then rely on; registers and lists are
 * made here the way those drivers make them, with their values written out.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include "dwsim.h"

#define NO_CLAIM	0xdead

struct bar_claim {
	size_t n;
	unsigned int bar;
	u64 offset;
};

static struct bar_claim claim(const u32 *bars, const u32 *masks, u64 addr, size_t len)
{
	struct bar_claim c = { .bar = NO_CLAIM };

	c.n = dwsim_bar_decode(bars, masks, addr, len, &c.bar, &c.offset);

	return c;
}

struct bar_case {
	const char *desc;
	u64 base;
	u64 size;
	u32 flags;
};

static const struct bar_case bar_cases[] = {
	{ "16 bytes", 0x50000010, 16, 0 },
	{ "4 KiB", 0x50003000, SZ_4K, 0 },
	{ "1 MiB, 64 bits", 0x50100000, SZ_1M, PCI_BASE_ADDRESS_MEM_TYPE_64 },
	{ "1 GiB, prefetchable", 0x40000000, SZ_1G, PCI_BASE_ADDRESS_MEM_PREFETCH },
	{ "8 GiB above 4 GiB", 0x2000000000, SZ_8G, PCI_BASE_ADDRESS_MEM_TYPE_64 },
};

KUNIT_ARRAY_PARAM_DESC(bar, bar_cases, desc);

/* A BAR claims all of its size and not a byte more */
static void bar_claims_its_size(struct kunit *test)
{
	const struct bar_case *c = test->param_value;
	u32 bars[PCI_STD_NUM_BARS] = { [2] = lower_32_bits(c->base) | c->flags };
	u32 masks[PCI_STD_NUM_BARS] = { [2] = lower_32_bits(c->size - 1) | 1 };
	struct bar_claim last;

	if (c->flags & PCI_BASE_ADDRESS_MEM_TYPE_64) {
		bars[3] = upper_32_bits(c->base);
		masks[3] = upper_32_bits(c->size - 1);
	}

	KUNIT_EXPECT_EQ(test, claim(bars, masks, c->base - 1, 1).n, 0);
	KUNIT_EXPECT_EQ(test, claim(bars, masks, c->base, 4).n, 4);
	KUNIT_EXPECT_EQ(test, claim(bars, masks, c->base, 4).bar, 2);
	KUNIT_EXPECT_EQ(test, claim(bars, masks, c->base, 4).offset, 0);
	KUNIT_EXPECT_EQ(test, claim(bars, masks, c->base + c->size, 1).n, 0);

	last = claim(bars, masks, c->base + c->size - 1, 1);
	KUNIT_EXPECT_EQ(test, last.n, 1);
	KUNIT_EXPECT_EQ(test, last.offset, c->size - 1);
}

/* An access that runs over the end of a BAR is cut there */
static void bar_cuts_at_its_end(struct kunit *test)
{
	u32 bars[PCI_STD_NUM_BARS] = { 0x50001000 };
	u32 masks[PCI_STD_NUM_BARS] = { 0xfff };

	KUNIT_EXPECT_EQ(test, claim(bars, masks, 0x50001ffe, 8).n, 2);
}

/* A BAR whose mask has bit 0 clear is off, whatever address it holds */
static void bar_that_is_off(struct kunit *test)
{
	u32 bars[PCI_STD_NUM_BARS] = { 0x50001000 };
	u32 masks[PCI_STD_NUM_BARS] = { 0xffe };

	KUNIT_EXPECT_EQ(test, claim(bars, masks, 0x50001000, 4).n, 0);
}

/* The upper half of a 64-bit BAR is no BAR of its own; the next one is */
static void bar_upper_half(struct kunit *test)
{
	u32 bars[PCI_STD_NUM_BARS] = {
		0x10000000 | PCI_BASE_ADDRESS_MEM_TYPE_64, 0x60000000, 0x70000000,
	};
	u32 masks[PCI_STD_NUM_BARS] = { 0xfff, 0x1, 0xfff };

	KUNIT_EXPECT_EQ(test, claim(bars, masks, 0x60000000, 4).n, 0);
	KUNIT_EXPECT_EQ(test, claim(bars, masks, 0x10000000, 4).n, 0);
	KUNIT_EXPECT_EQ(test, claim(bars, masks, 0x6000000010000000, 4).bar, 0);
	KUNIT_EXPECT_EQ(test, claim(bars, masks, 0x70000010, 4).bar, 2);
}

struct window_regs {
	u32 raw[64];
};

/* As __dw_pcie_prog_outbound_atu() and its like write them */
static struct window_regs program(u32 ctrl1, u32 ctrl2, u64 base, u64 limit, u64 target)
{
	return (struct window_regs) { .raw = {
		[0x00 / 4] = ctrl1,
		[0x04 / 4] = ctrl2,
		[0x08 / 4] = lower_32_bits(base),
		[0x0c / 4] = upper_32_bits(base),
		[0x10 / 4] = lower_32_bits(limit),
		[0x20 / 4] = upper_32_bits(limit),
		[0x14 / 4] = lower_32_bits(target),
		[0x18 / 4] = upper_32_bits(target),
	} };
}

#define ENABLE		BIT(31)
#define BAR_MATCH(_n)	(BIT(30) | (_n) << 8)
#define INCREASE	BIT(13)
#define TYPE_IO		0x2

static size_t inbound(const struct window_regs *regs, unsigned int bar, u64 offset, u64 addr,
		      size_t len, u64 *target)
{
	struct dwsim_atu_window win;

	*target = 0;
	dwsim_atu_window_decode(regs->raw, &win);

	return dwsim_atu_inbound(&win, bar, offset, addr, len, target);
}

/* BAR match adds the offset in the BAR and looks at no base or limit */
static void atu_bar_match(struct kunit *test)
{
	struct window_regs raw = program(0, ENABLE | BAR_MATCH(4), 0x1000, 0x1fff, 0x123400000000);
	u64 target;

	KUNIT_EXPECT_EQ(test, inbound(&raw, 4, 0x800a0, 0x500800a0, 4, &target), 4);
	KUNIT_EXPECT_EQ(test, target, 0x1234000800a0);
	KUNIT_EXPECT_EQ(test, inbound(&raw, 3, 0x800a0, 0x500800a0, 4, &target), 0);
}

/* Address match has an inclusive limit: size - 1 is what the driver writes */
static void atu_address_match(struct kunit *test)
{
	struct window_regs raw = program(0, ENABLE, 0x50080000, 0x50080fff, 0x41080000);
	u64 target;

	KUNIT_EXPECT_EQ(test, inbound(&raw, 0, 0, 0x5007ffff, 1, &target), 0);
	KUNIT_EXPECT_EQ(test, inbound(&raw, 0, 0, 0x50080000, 4, &target), 4);
	KUNIT_EXPECT_EQ(test, target, 0x41080000);
	KUNIT_EXPECT_EQ(test, inbound(&raw, 0, 0, 0x50080fff, 1, &target), 1);
	KUNIT_EXPECT_EQ(test, target, 0x41080fff);
	KUNIT_EXPECT_EQ(test, inbound(&raw, 0, 0, 0x50081000, 1, &target), 0);
	KUNIT_EXPECT_EQ(test, inbound(&raw, 0, 0, 0x50080ffc, 16, &target), 4);
}

/* Over 4 GiB needs INCREASE_REGION, without it the limit is in the base's 4 GiB */
static void atu_large_region(struct kunit *test)
{
	struct window_regs large = program(INCREASE, ENABLE, 0x2000000000, 0x21ffffffff, 0);
	struct window_regs small = program(0, ENABLE, 0x2000000000, 0x21ffffffff, 0);
	u64 target;

	KUNIT_EXPECT_EQ(test, inbound(&large, 0, 0, 0x21ffffffff, 1, &target), 1);
	KUNIT_EXPECT_EQ(test, target, 0x1ffffffff);
	KUNIT_EXPECT_EQ(test, inbound(&small, 0, 0, 0x20ffffffff, 1, &target), 1);
	KUNIT_EXPECT_EQ(test, inbound(&small, 0, 0, 0x2100000000, 1, &target), 0);
}

/* What is off, or of another type, matches no memory access */
static void atu_no_match(struct kunit *test)
{
	struct window_regs off = program(0, BAR_MATCH(0), 0, U64_MAX, 0);
	struct window_regs io = program(TYPE_IO, ENABLE | BAR_MATCH(0), 0, U64_MAX, 0);
	u64 target;

	KUNIT_EXPECT_EQ(test, inbound(&off, 0, 0, 0, 4, &target), 0);
	KUNIT_EXPECT_EQ(test, inbound(&io, 0, 0, 0, 4, &target), 0);
}

/* Outbound windows go by the address that the endpoint's CPU uses */
static void atu_outbound(struct kunit *test)
{
	struct window_regs raw = program(0, ENABLE, 0x42000000, 0x42000fff, 0x7fff0000);
	struct dwsim_atu_window win;
	u64 target = 0;

	dwsim_atu_window_decode(raw.raw, &win);
	KUNIT_EXPECT_EQ(test, dwsim_atu_outbound(&win, 0x42000010, 4, &target), 4);
	KUNIT_EXPECT_EQ(test, target, 0x7fff0010);
	KUNIT_EXPECT_EQ(test, dwsim_atu_outbound(&win, 0x42001000, 4, &target), 0);
}

#define LL_AT		0x1234567000ULL
#define LL_CB		BIT(0)
#define LL_TCB		BIT(1)
#define LL_LINK		BIT(2)

static struct dwsim_ll element(u32 control, u64 sar)
{
	return (struct dwsim_ll) {
		.control = cpu_to_le32(control),
		.sar = { cpu_to_le32(lower_32_bits(sar)), cpu_to_le32(upper_32_bits(sar)) },
	};
}

/* Elements moved until the channel rests; bounded, as a list could have no end */
static unsigned int walk(const struct dwsim_ll *list, unsigned int num, u64 *llp, bool *ccs)
{
	unsigned int i, moved = 0;

	for (i = 0; i < 4 * num; i++) {
		u64 at = *llp;

		if (dwsim_ll_step(&list[(at - LL_AT) / sizeof(*list)], llp, ccs))
			moved++;
		else if (*llp == at)
			return moved;
	}

	return UINT_MAX;
}

/* dw-edma turns CB with each chunk, and marks the link with the other one */
static void ll_chunks_in_turn(struct kunit *test)
{
	struct dwsim_ll list[4];
	u64 llp = LL_AT;
	bool ccs = true, cb;
	unsigned int i, chunk;

	for (chunk = 0; chunk < 4; chunk++) {
		cb = !(chunk % 2);
		for (i = 0; i < 3; i++)
			list[i] = element(cb ? LL_CB : 0, 0);
		list[3] = element(LL_LINK | LL_TCB | (cb ? 0 : LL_CB), LL_AT);

		KUNIT_EXPECT_EQ(test, walk(list, 4, &llp, &ccs), 3);
		KUNIT_EXPECT_EQ(test, llp, LL_AT);
		KUNIT_EXPECT_EQ(test, ccs, !cb);
		/* A second doorbell without a new chunk moves nothing */
		KUNIT_EXPECT_EQ(test, walk(list, 4, &llp, &ccs), 0);
	}
}

/* A list that was cut short stops before the first element that is not its own */
static void ll_cut_short(struct kunit *test)
{
	struct dwsim_ll list[] = {
		element(LL_CB, 0), element(LL_CB, 0), element(0, 0),
		element(LL_LINK | LL_TCB, LL_AT),
	};
	u64 llp = LL_AT;
	bool ccs = true;

	KUNIT_EXPECT_EQ(test, walk(list, 4, &llp, &ccs), 2);
	KUNIT_EXPECT_EQ(test, llp, LL_AT + 2 * 24);
	KUNIT_EXPECT_TRUE(test, ccs);
}

/* Only TCB turns the cycle state */
static void ll_link_without_tcb(struct kunit *test)
{
	struct dwsim_ll list[] = {
		element(LL_LINK, LL_AT + 2 * 24), element(LL_CB, 0), element(LL_CB, 0),
		element(0, 0),
	};
	u64 llp = LL_AT;
	bool ccs = true;

	KUNIT_EXPECT_EQ(test, walk(list, 4, &llp, &ccs), 1);
	KUNIT_EXPECT_TRUE(test, ccs);
}

static void edma_write(struct dwsim *sim, u32 offset, u32 val)
{
	guard(raw_spinlock_irqsave)(&sim->edma.lock);
	dwsim_edma_unroll.write(sim, offset, val, U32_MAX);
}

/*
 * A driver writes the next list's place as soon as it has DONE. What the channel
 * still finds out about the old list must not count any more.
 */
static void edma_next_list(struct kunit *test)
{
	static const u32 place[] = {
		DWSIM_DMA_CH_CONTROL1, DWSIM_DMA_CH_LLP, DWSIM_DMA_CH_LLP + 4,
	};
	struct dwsim *sim = kunit_kzalloc(test, sizeof(*sim), GFP_KERNEL);
	struct dwsim_dma_chan *ch;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, sim);
	raw_spin_lock_init(&sim->edma.lock);
	sim->edma.map = &dwsim_edma_unroll;
	sim->edma.dir[1].num = 2;
	ch = &sim->edma.dir[1].ch[1];
	ch->sim = sim;

	for (i = 0; i < ARRAY_SIZE(place); i++) {
		unsigned int turn = ch->turn;

		ch->state = DWSIM_DMA_RUNNING;
		edma_write(sim, DWSIM_DMA_CH_BASE + DWSIM_DMA_CH_STRIDE +
			   DWSIM_DMA_CH_READ + place[i], DWSIM_DMA_CH_CCS);
		KUNIT_EXPECT_NE(test, ch->turn, turn);
		KUNIT_EXPECT_EQ(test, ch->state, DWSIM_DMA_STOPPED);
	}
	KUNIT_EXPECT_TRUE(test, ch->ccs);
	KUNIT_EXPECT_EQ(test, ch->llp, DWSIM_DMA_CH_CCS | (u64)DWSIM_DMA_CH_CCS << 32);
}

/* The legacy map shows one window at a time: its third, inbound */
static void atu_viewport(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dwsim_atu_viewport_offset(0, 0x904), 0);
	KUNIT_EXPECT_EQ(test, dwsim_atu_viewport_offset(BIT(31) | 2, 0x904), 0x500);
	KUNIT_EXPECT_EQ(test, dwsim_atu_viewport_offset(BIT(31) | 2, 0x918), 0x514);
	KUNIT_EXPECT_EQ(test, dwsim_atu_viewport_offset(2, 0x924), 0x420);
}

#define DONE(_ch)	BIT(_ch)
#define ABORT(_ch)	BIT(16 + (_ch))

/* Two channels each way, with that many lines */
static struct dwsim_edma *edma_with_lines(struct kunit *test, unsigned int num)
{
	struct dwsim_edma *edma = kunit_kzalloc(test, sizeof(*edma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, edma);
	edma->num_lines = num;
	edma->dir[0].num = 2;
	edma->dir[1].num = 2;

	return edma;
}

/* What is done or aborted and not masked raises the one line there is */
static void lines_one_for_all(struct kunit *test)
{
	struct dwsim_edma *edma = edma_with_lines(test, 1);

	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), 0);

	edma->dir[1].status = ABORT(1);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(0));
	edma->dir[1].mask = ABORT(1);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), 0);

	edma->dir[0].status = DONE(0);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(0));
	edma->dir[0].mask = DONE(1) | ABORT(0);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(0));
}

/* Write channels come first, then read channels, as the drivers ask for them */
static void lines_one_a_channel(struct kunit *test)
{
	struct dwsim_edma *edma = edma_with_lines(test, 4);

	edma->dir[0].status = DONE(1);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(1));
	edma->dir[1].status = DONE(0) | ABORT(1);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(1) | BIT(2) | BIT(3));
	edma->dir[1].mask = DONE(0);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(1) | BIT(3));
}

/* The emulated interrupt knows no mask, and leaves the others' lines alone */
static void lines_emulated(struct kunit *test)
{
	struct dwsim_edma *edma = edma_with_lines(test, 4);

	edma->emulated = BIT(1);
	edma->emulated_line[1] = 3;
	edma->dir[0].mask = U32_MAX;
	edma->dir[1].mask = U32_MAX;
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(3));
	edma->dir[0].mask = 0;
	edma->dir[0].status = DONE(0);
	KUNIT_EXPECT_EQ(test, dwsim_dma_lines(edma), BIT(0) | BIT(3));
}

#define UP_WR		BIT(0)
#define UP_RD		BIT(1)

/* Each kind of latch, by what lowers it: 0 or a bit, in its direction's INT_CLEAR or the other */
static void latch_clear(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_COMMON, UP_WR, false, 0), 0);
	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_COMMON, UP_WR, true, 0), 0);
	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_COMMON, UP_WR, false, DONE(0)), UP_WR);

	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_SPLIT, UP_WR | UP_RD, false, 0), UP_RD);
	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_SPLIT, UP_WR | UP_RD, true, 0), UP_WR);
	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_SPLIT, UP_RD, true, DONE(0)), UP_RD);

	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_ANY, UP_WR, true, 0), 0);
	KUNIT_EXPECT_EQ(test, dwsim_latch_clear(DWSIM_LATCH_ANY, UP_WR, false, ABORT(1)), 0);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE_PARAM(bar_claims_its_size, bar_gen_params),
	KUNIT_CASE(bar_cuts_at_its_end),
	KUNIT_CASE(bar_that_is_off),
	KUNIT_CASE(bar_upper_half),
	KUNIT_CASE(atu_bar_match),
	KUNIT_CASE(atu_address_match),
	KUNIT_CASE(atu_large_region),
	KUNIT_CASE(atu_no_match),
	KUNIT_CASE(atu_outbound),
	KUNIT_CASE(ll_chunks_in_turn),
	KUNIT_CASE(ll_cut_short),
	KUNIT_CASE(ll_link_without_tcb),
	KUNIT_CASE(edma_next_list),
	KUNIT_CASE(atu_viewport),
	KUNIT_CASE(lines_one_for_all),
	KUNIT_CASE(lines_one_a_channel),
	KUNIT_CASE(lines_emulated),
	KUNIT_CASE(latch_clear),
	{}
};

static struct kunit_suite model_suite = {
	.name = "dwsim",
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);

MODULE_DESCRIPTION("Tests of the simulated DesignWare endpoint's pure functions");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
