// SPDX-License-Identifier: GPL-2.0-only
/*
 * All DMA channels of the simulated endpoint at once, by the dmaengine API. In
 * tree nothing can do that: pci-epf-test has one channel a direction, and dmatest
 * wants channels that copy memory to memory. A list of more elements than a
 * channel's memory holds wraps, several times. Reports on the kernel log, one
 * line a channel and a result at the end. Does not include cyclic transfers.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

static uint elements = 600;
module_param(elements, uint, 0444);
MODULE_PARM_DESC(elements, "of each channel's list");

static uint size = 1021;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "of an element, in bytes");

static uint gap = 3;
module_param(gap, uint, 0444);
MODULE_PARM_DESC(gap, "bytes between two elements in the endpoint's memory");

static bool refuse;
module_param(refuse, bool, 0444);
MODULE_PARM_DESC(refuse, "one element in each list has an address where nothing is");

#define DWSIM_TEST_CHANNELS	16
#define DWSIM_TEST_NOWHERE	0x7ff00000ULL

struct dwsim_test {
	struct dma_chan *chan;
	bool write;			/* to the host */
	u8 *host;			/* a run of bytes, by its PCI bus address */
	u8 *local;			/* elements with gaps */
	struct sg_table sgt;
	dma_cookie_t cookie;
	struct completion done;
	enum dmaengine_tx_result result;
};

static struct dwsim_test tests[DWSIM_TEST_CHANNELS];
static unsigned int num_tests;

static bool dwsim_test_filter(struct dma_chan *chan, void *unused)
{
	return strstr(dev_name(chan->device->dev), "pcie-ep");
}

static void dwsim_test_done(void *data, const struct dmaengine_result *result)
{
	struct dwsim_test *t = data;

	t->result = result->result;
	complete(&t->done);
}

/* Another row for each channel, and none that repeats in a page */
static u8 dwsim_test_byte(const struct dwsim_test *t, size_t i)
{
	return (i * 7 + i / 251 + (t - tests) * 37) & 0xff;
}

static u8 *dwsim_test_local(const struct dwsim_test *t, size_t i)
{
	return t->local + i / size * (size + gap) + i % size;
}

static int dwsim_test_alloc(struct dwsim_test *t)
{
	size_t i, len = (size_t)elements * size;
	struct scatterlist *sg;
	int ret;

	t->host = kzalloc(len, GFP_KERNEL);
	t->local = kmalloc((size_t)elements * (size + gap), GFP_KERNEL);
	if (!t->host || !t->local)
		return -ENOMEM;
	memset(t->local, 0x5a, (size_t)elements * (size + gap));

	for (i = 0; i < len; i++)
		*(t->write ? dwsim_test_local(t, i) : &t->host[i]) = dwsim_test_byte(t, i);

	ret = sg_alloc_table(&t->sgt, elements, GFP_KERNEL);
	if (ret)
		return ret;

	for_each_sgtable_sg(&t->sgt, sg, i) {
		sg_set_buf(sg, dwsim_test_local(t, i * size), size);
		/* No mapping: the endpoint has no IOMMU, and nowhere is no page */
		sg_dma_address(sg) = virt_to_phys(sg_virt(sg));
		sg_dma_len(sg) = size;
		if (refuse && i == elements / 2)
			sg_dma_address(sg) = DWSIM_TEST_NOWHERE;
	}

	return 0;
}

static int dwsim_test_prepare(struct dwsim_test *t)
{
	struct dma_async_tx_descriptor *tx;
	struct dma_slave_config config = {
		.src_addr = virt_to_phys(t->host),
		.dst_addr = virt_to_phys(t->host),
	};
	int ret;

	ret = dmaengine_slave_config(t->chan, &config);
	if (ret)
		return ret;

	tx = dmaengine_prep_slave_sg(t->chan, t->sgt.sgl, elements,
				     t->write ? DMA_MEM_TO_DEV : DMA_DEV_TO_MEM,
				     DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -ENOMEM;

	init_completion(&t->done);
	tx->callback_result = dwsim_test_done;
	tx->callback_param = t;
	t->cookie = dmaengine_submit(tx);

	return dma_submit_error(t->cookie);
}

static bool dwsim_test_right(const struct dwsim_test *t)
{
	size_t i, len = (size_t)elements * size;

	for (i = 0; i < len; i++)
		if (*dwsim_test_local(t, i) != dwsim_test_byte(t, i) ||
		    t->host[i] != dwsim_test_byte(t, i))
			return false;

	for (i = 0; i + 1 < elements; i++)
		if (memchr_inv(t->local + i * (size + gap) + size, 0x5a, gap))
			return false;

	return true;
}

/* Not in one completion for all, so that it is known who does not end */
static void dwsim_test_wait(void)
{
	unsigned long left = 10 * HZ;
	struct dwsim_test *t;

	for (t = tests; t < tests + num_tests; t++) {
		unsigned long n = wait_for_completion_timeout(&t->done, left);

		if (n)
			complete(&t->done);
		left = max(n, 1UL);
	}
}

/* What it takes to move the same bytes without any DMA */
static void dwsim_test_memcpy(const struct dwsim_test *t)
{
	size_t i;

	for (i = 0; i < elements; i++) {
		void *local = dwsim_test_local(t, i * size), *host = t->host + i * size;

		memcpy(t->write ? host : local, t->write ? local : host, size);
	}
}

static int dwsim_test_judge(struct dwsim_test *t)
{
	const char *what = "right";

	if (!completion_done(&t->done))
		what = "no end";
	else if (t->result == DMA_TRANS_ABORTED)
		what = "aborted";
	else if (!dwsim_test_right(t))
		what = "wrong data";

	pr_info("dwsim-dma: %s %s: %s\n", dma_chan_name(t->chan),
		t->write ? "write" : "read", what);

	return strcmp(what, refuse ? "aborted" : "right") ? -EIO : 0;
}

static int dwsim_test_request(void)
{
	dma_cap_mask_t mask;
	struct dwsim_test *t;

	dma_cap_zero(mask);
	dma_cap_set(DMA_SLAVE, mask);

	for (t = tests; t < tests + DWSIM_TEST_CHANNELS; t++) {
		struct dma_slave_caps caps;

		t->chan = dma_request_channel(mask, dwsim_test_filter, NULL);
		if (!t->chan)
			break;
		num_tests++;
		if (dma_get_slave_caps(t->chan, &caps))
			return -EIO;
		t->write = caps.directions & BIT(DMA_MEM_TO_DEV);
	}

	return num_tests ? 0 : -ENODEV;
}

static int dwsim_test_run(void)
{
	struct dwsim_test *t;
	int ret = 0, err;
	s64 dma_ns, copy_ns;
	ktime_t start;

	for (t = tests; t < tests + num_tests; t++) {
		ret = dwsim_test_alloc(t) ?: dwsim_test_prepare(t);
		if (ret)
			return ret;
	}

	/* None of them may come to an end before the last one begins */
	start = ktime_get();
	scoped_guard(irqsave)
		for (t = tests; t < tests + num_tests; t++)
			dma_async_issue_pending(t->chan);
	dwsim_test_wait();
	dma_ns = ktime_to_ns(ktime_sub(ktime_get(), start));

	for (t = tests; t < tests + num_tests; t++) {
		err = dwsim_test_judge(t);
		ret = ret ?: err;
	}

	start = ktime_get();
	for (t = tests; t < tests + num_tests; t++)
		dwsim_test_memcpy(t);
	copy_ns = ktime_to_ns(ktime_sub(ktime_get(), start));

	pr_info("dwsim-dma: %u channels, %llu bytes in %lld us, memcpy %lld us\n", num_tests,
		(u64)num_tests * elements * size, dma_ns / 1000, copy_ns / 1000);

	return ret;
}

static void dwsim_test_free(void)
{
	struct dwsim_test *t;

	for (t = tests; t < tests + num_tests; t++) {
		dmaengine_terminate_sync(t->chan);
		dma_release_channel(t->chan);
		sg_free_table(&t->sgt);
		kfree(t->host);
		kfree(t->local);
	}
}

static int __init dwsim_test_init(void)
{
	int ret;

	ret = dwsim_test_request() ?: dwsim_test_run();
	dwsim_test_free();

	return ret;
}
module_init(dwsim_test_init);

static void __exit dwsim_test_exit(void)
{
}
module_exit(dwsim_test_exit);

MODULE_DESCRIPTION("Test of all DMA channels of a simulated DesignWare endpoint");
MODULE_LICENSE("GPL");
