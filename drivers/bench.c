// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the parts of a doorbell take, for tools/bench: a client of the endpoint's
 * NTB device, an endpoint function with nothing but doorbells, a DMA channel, and
 * a line of the endpoint's interrupt controller that nobody else has. A command
 * written to /sys/kernel/debug/dwsim/bench runs, reading the file gives the number
 * of events that it saw and its samples in ns. Does not include a judgement of them.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/ntb.h>
#include <linux/of_address.h>
#include <linux/of_irq.h>
#include <linux/of_platform.h>
#include <linux/pci-ep-msi.h>
#include <linux/pci-epf.h>
#include <linux/platform_device.h>
#include <linux/random.h>
#include <linux/seq_file.h>

#include "dwsim.h"

#define BENCH_MAX_SAMPLES	4096
#define BENCH_TIMEOUT		HZ
#define BENCH_DMA_SIZE		64
#define BENCH_LINE		(DWSIM_MAX_LINES - 1)
#define BENCH_ATU		2	/* of "reg", where the eDMA registers are as well */

#ifdef DWSIM_HAVE_DB_FLAGS
#define bench_db_flags(msg)	((msg)->irq_flags)
#else
#define bench_db_flags(msg)	0
#endif

static bool bench_marks;
module_param_named(marks, bench_marks, bool, 0444);
MODULE_PARM_DESC(marks, "breakpoints around each handled interrupt, for tools/testing/steps.c");

static struct {
	struct mutex lock;		/* one command at a time */
	struct dwsim *sim;
	struct pci_epf *epf;
	struct completion seen;
	u64 when;			/* of the first event since the ring, 0 before */
	atomic_t events;
	int events_seen;		/* until the last ring, free_irq() makes more */
	u64 sample[BENCH_MAX_SAMPLES];
	unsigned int num;
} bench;

/*
 * The time stamp counter: the clock that UML has advances in steps of 256 ns.
 * In it until a command is done, then in ns.
 */
static u64 bench_clock(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");

	return (u64)high << 32 | low;
}

static void bench_to_ns(u64 cycles, u64 ns)
{
	unsigned int i;

	for (i = 0; i < bench.num; i++)
		bench.sample[i] = mul_u64_u64_div_u64(bench.sample[i], ns, cycles);
}

static void bench_event(void)
{
	atomic_inc(&bench.events);
	if (!bench.when)
		bench.when = bench_clock();
	complete(&bench.seen);
}

static int bench_add(u64 sample)
{
	if (bench.num >= BENCH_MAX_SAMPLES)
		return -ENOSPC;
	bench.sample[bench.num++] = sample;

	return 0;
}

/* Rings come at any time of a poll's period, and the last one's work is done */
static void bench_pause(void)
{
	unsigned int us = 1000 + get_random_u32_below(8000);

	usleep_range(us, us + 50);
}

typedef void (*bench_ring_fn)(void *arg);

static int bench_ring(bench_ring_fn ring, void *arg, unsigned int count)
{
	u64 start;

	while (count--) {
		bench_pause();
		bench.when = 0;
		reinit_completion(&bench.seen);

		start = bench_clock();
		ring(arg);
		if (!wait_for_completion_timeout(&bench.seen, BENCH_TIMEOUT))
			return -ETIMEDOUT;
		if (bench_add(bench.when - start))
			return -ENOSPC;
	}
	bench.events_seen = atomic_read(&bench.events);

	return 0;
}

/* A ring of the host's, which the endpoint's NTB device tells its client of */
struct bench_host_ring {
	void __iomem *addr;
	u32 data;
};

static void bench_host_write(void *arg)
{
	struct bench_host_ring *ring = arg;

	writel(ring->data, ring->addr);
}

static int bench_cmd_ring(u64 addr, u64 data, u64 count)
{
	struct bench_host_ring ring = { ioremap(addr, sizeof(u32)), data };
	int ret;

	if (!ring.addr)
		return -ENOMEM;
	ret = bench_ring(bench_host_write, &ring, count);
	iounmap(ring.addr);

	return ret;
}

/* The floor: a host's write to memory, and an interrupt with nothing behind it */
static void bench_line_raise(void *arg)
{
	bench_host_write(arg);
	dwsim_line_set(bench.sim, BENCH_LINE, true);
}

static irqreturn_t bench_line_handler(int irq, void *data)
{
	bench_event();
	dwsim_line_set(bench.sim, BENCH_LINE, false);

	return IRQ_HANDLED;
}

static int bench_cmd_floor(u64 addr, u64 data, u64 count)
{
	struct bench_host_ring ring = { ioremap(addr, sizeof(u32)), data };
	unsigned int irq;
	int ret;

	if (!ring.addr)
		return -ENOMEM;

	irq = irq_create_mapping(bench.sim->intc.domain, BENCH_LINE);
	ret = irq ? request_irq(irq, bench_line_handler, 0, "dwsim-bench", &bench) : -ENXIO;
	if (!ret) {
		ret = bench_ring(bench_line_raise, &ring, count);
		free_irq(irq, &bench);
	}
	iounmap(ring.addr);

	return ret;
}

static void __iomem *bench_map_dma(unsigned int offset)
{
	struct resource res;

	if (of_address_to_resource(bench.sim->ep, BENCH_ATU, &res))
		return NULL;

	return ioremap(res.start + DWSIM_DMA_OFFSET + offset, sizeof(u32));
}

static void bench_mark(void)
{
	if (bench_marks)
		asm volatile("int3" : : : "memory");
}

/*
 * The interrupt is handled here and not by the simulator's timer: what is
 * measured are the handlers, with the registers as they were left. Interrupts
 * are off. Return: how long it took.
 */
static u64 bench_handle(unsigned int irq)
{
	u64 start;

	bench_mark();
	start = bench_clock();
	generic_handle_irq(irq);
	start = bench_clock() - start;
	bench_mark();

	return start;
}

/*
 * The price of one register write of the model: the acknowledge itself, where a
 * handler makes it. One after the other they would cost a fifth, all in the cache.
 */
static u64 bench_ack(unsigned int irq, void __iomem *ack)
{
	u64 start;

	bench_mark();
	start = bench_clock();
	writel(0, ack);
	start = bench_clock() - start;
	bench_mark();
	generic_handle_irq(irq);

	return start;
}

/* A ring that nobody but the endpoint's handlers have a part in */
static int bench_cmd_handle(u64 unused, u64 unused2, u64 count)
{
	int irq = of_irq_get_byname(bench.sim->ep, "dma");
	void __iomem *reg = bench_map_dma(DWSIM_DMA_WR_INT_STATUS);
	int ret = 0;

	if (irq <= 0 || !reg)
		return -ENODEV;

	while (!ret && count--) {
		scoped_guard(irqsave) {
			writel(0, reg);
			ret = bench_add(bench_handle(irq));
		}
	}
	iounmap(reg);

	return ret;
}

/* DMA: the interrupt that says that a transfer is complete */
static void bench_dma_done(void *arg)
{
	complete(arg);
}

static bool bench_dma_filter(struct dma_chan *chan, void *dev)
{
	struct dma_slave_caps caps = {};

	dma_get_slave_caps(chan, &caps);

	return chan->device->dev == dev && (caps.directions & BIT(DMA_MEM_TO_DEV));
}

static int bench_dma_one(struct dma_chan *chan, unsigned int irq, void __iomem *ack,
			 dma_addr_t addr)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *tx;
	u64 took;

	tx = dmaengine_prep_slave_single(chan, addr, BENCH_DMA_SIZE, DMA_MEM_TO_DEV,
					 DMA_CTRL_ACK | DMA_PREP_INTERRUPT);
	if (!tx)
		return -EIO;
	tx->callback = bench_dma_done;
	tx->callback_param = &done;
	if (dma_submit_error(dmaengine_submit(tx)))
		return -EIO;

	scoped_guard(irqsave) {
		dma_async_issue_pending(chan);
		took = ack ? bench_ack(irq, ack) : bench_handle(irq);
	}

	if (!wait_for_completion_timeout(&done, BENCH_TIMEOUT))
		return -ETIMEDOUT;

	return bench_add(took);
}

static int bench_dma_run(struct dma_chan *chan, unsigned int irq, void __iomem *ack, u64 count)
{
	struct dma_slave_config config = { .direction = DMA_MEM_TO_DEV };
	struct device *dev = chan->device->dev;
	dma_addr_t addr;
	void *buf;
	int ret;

	buf = dma_alloc_coherent(dev, PAGE_SIZE, &addr, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	/* The host's side of the transfer is the next bytes of the same page */
	config.dst_addr = addr + BENCH_DMA_SIZE;
	ret = dmaengine_slave_config(chan, &config);
	while (!ret && count--)
		ret = bench_dma_one(chan, irq, ack, addr);

	dmaengine_terminate_sync(chan);
	dma_free_coherent(dev, PAGE_SIZE, buf, addr);

	return ret;
}

static int bench_dma(void __iomem *ack, u64 count)
{
	struct platform_device *pdev = of_find_device_by_node(bench.sim->ep);
	struct dma_chan *chan;
	dma_cap_mask_t mask;
	int irq, ret;

	if (!pdev)
		return -ENODEV;

	dma_cap_zero(mask);
	dma_cap_set(DMA_SLAVE, mask);
	irq = of_irq_get_byname(bench.sim->ep, "dma");
	chan = dma_request_channel(mask, bench_dma_filter, &pdev->dev);
	if (irq > 0 && chan)
		ret = bench_dma_run(chan, irq, ack, count);
	else
		ret = -ENODEV;
	if (chan)
		dma_release_channel(chan);
	put_device(&pdev->dev);

	return ret;
}

static int bench_cmd_dma(u64 unused, u64 unused2, u64 count)
{
	return bench_dma(NULL, count);
}

static int bench_cmd_write(u64 unused, u64 unused2, u64 count)
{
	void __iomem *ack = bench_map_dma(DWSIM_DMA_RD_INT_CLEAR);
	int ret;

	if (!ack)
		return -ENOMEM;
	ret = bench_dma(ack, count);
	iounmap(ack);

	return ret;
}

/* Doorbells of an endpoint function, rung from the endpoint's side of the bus */
static irqreturn_t bench_db_handler(int irq, void *data)
{
	bench_event();

	return IRQ_HANDLED;
}

static bool bench_db_is_new(const struct pci_epf_doorbell_msg *msg, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < i; j++)
		if (msg[j].virq == msg[i].virq)
			return false;

	return true;
}

static void bench_db_free_irqs(const struct pci_epf_doorbell_msg *msg, unsigned int num)
{
	while (num--)
		if (bench_db_is_new(msg, num))
			free_irq(msg[num].virq, &bench);
}

static int bench_db_request_irqs(const struct pci_epf_doorbell_msg *msg, unsigned int num)
{
	unsigned int i;
	int ret;

	for (i = 0; i < num; i++) {
		if (!bench_db_is_new(msg, i))
			continue;
		ret = request_irq(msg[i].virq, bench_db_handler, bench_db_flags(&msg[i]),
				  "dwsim-bench", &bench);
		if (ret) {
			bench_db_free_irqs(msg, i);
			return ret;
		}
	}

	return 0;
}

static void bench_db_write(void *arg)
{
	const struct pci_epf_doorbell_msg *db = arg;
	__le32 data = cpu_to_le32(db->msg.data);
	struct dwsim_access a = {
		(u64)db->msg.address_hi << 32 | db->msg.address_lo,
		(u8 *)&data, sizeof(data), true,
	};

	dwsim_local_access(bench.sim, &a);
}

/* Samples: allocation and request, release, then each ring */
static int bench_cmd_doorbells(u64 num, u64 unused, u64 count)
{
	struct pci_epf *epf = bench.epf;
	u64 start, alloc;
	int ret;

	if (!epf || !epf->epc)
		return -ENODEV;

	bench.num = 2;
	start = bench_clock();
	ret = pci_epf_alloc_doorbell(epf, num);
	if (ret)
		return ret;
	ret = bench_db_request_irqs(epf->db_msg, num);
	alloc = bench_clock() - start;
	if (ret)
		goto free;

	ret = bench_ring(bench_db_write, &epf->db_msg[num - 1], count);
	bench.sample[0] = alloc;

	start = bench_clock();
	bench_db_free_irqs(epf->db_msg, num);
free:
	pci_epf_free_doorbell(epf);
	bench.sample[1] = bench_clock() - start;

	return ret;
}

static const struct bench_cmd {
	const char *name;
	int (*run)(u64 a, u64 b, u64 count);
} bench_cmds[] = {
	{ "ring", bench_cmd_ring },
	{ "floor", bench_cmd_floor },
	{ "write", bench_cmd_write },
	{ "handle", bench_cmd_handle },
	{ "dma", bench_cmd_dma },
	{ "doorbells", bench_cmd_doorbells },
};

static int bench_show(struct seq_file *s, void *unused)
{
	unsigned int i;

	guard(mutex)(&bench.lock);
	seq_printf(s, "%d", bench.events_seen);
	for (i = 0; i < bench.num; i++)
		seq_printf(s, " %llu", bench.sample[i]);
	seq_putc(s, '\n');

	return 0;
}

static int bench_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_show, NULL);
}

/* NAME A B COUNT */
static ssize_t bench_write(struct file *file, const char __user *ubuf, size_t len,
			   loff_t *pos)
{
	char line[80], name[16];
	long long a, b, count;
	u64 cycles, ns;
	unsigned int i;
	int ret;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, ubuf, len))
		return -EFAULT;
	line[len] = 0;
	if (sscanf(line, "%15s %lli %lli %lli", name, &a, &b, &count) != 4)
		return -EINVAL;

	guard(mutex)(&bench.lock);
	for (i = 0; i < ARRAY_SIZE(bench_cmds); i++)
		if (!strcmp(name, bench_cmds[i].name))
			break;
	if (i == ARRAY_SIZE(bench_cmds))
		return -EINVAL;

	bench.num = 0;
	bench.events_seen = 0;
	atomic_set(&bench.events, 0);
	ns = ktime_get_ns();
	cycles = bench_clock();
	ret = bench_cmds[i].run(a, b, count);
	bench_to_ns(bench_clock() - cycles, ktime_get_ns() - ns);

	return ret ?: len;
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.open = bench_open,
	.read = seq_read,
	.write = bench_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static void bench_ntb_db_event(void *ctx, int vector)
{
	bench_event();
}

static const struct ntb_ctx_ops bench_ntb_ops = {
	.db_event = bench_ntb_db_event,
};

static int bench_ntb_probe(struct ntb_client *client, struct ntb_dev *ntb)
{
	return ntb_set_ctx(ntb, &bench, &bench_ntb_ops);
}

static void bench_ntb_remove(struct ntb_client *client, struct ntb_dev *ntb)
{
	ntb_clear_ctx(ntb);
}

static struct ntb_client bench_ntb_client = {
	.ops = {
		.probe = bench_ntb_probe,
		.remove = bench_ntb_remove,
	},
};

static int bench_epf_bind(struct pci_epf *epf)
{
	return 0;
}

static void bench_epf_unbind(struct pci_epf *epf)
{
}

static const struct pci_epf_ops bench_epf_ops = {
	.bind = bench_epf_bind,
	.unbind = bench_epf_unbind,
};

static struct pci_epf_header bench_epf_header = {
	.vendorid = PCI_ANY_ID,
	.deviceid = PCI_ANY_ID,
};

static int bench_epf_probe(struct pci_epf *epf, const struct pci_epf_device_id *id)
{
	epf->header = &bench_epf_header;
	bench.epf = epf;

	return 0;
}

static void bench_epf_remove(struct pci_epf *epf)
{
	bench.epf = NULL;
}

static const struct pci_epf_device_id bench_epf_ids[] = {
	{ .name = "pci_epf_bench" },
	{ }
};

static struct pci_epf_driver bench_epf_driver = {
	.driver.name = "pci_epf_bench",
	.probe = bench_epf_probe,
	.remove = bench_epf_remove,
	.id_table = bench_epf_ids,
	.ops = &bench_epf_ops,
	.owner = THIS_MODULE,
};

/* The simulator is there for ever, and so is this */
static int __init bench_init(void)
{
	struct device_node *np __free(device_node) =
		of_find_compatible_node(NULL, NULL, "dwsim,pair");
	struct platform_device *pdev = np ? of_find_device_by_node(np) : NULL;
	int ret;

	if (!pdev)
		return -ENODEV;

	mutex_init(&bench.lock);
	init_completion(&bench.seen);
	bench.sim = platform_get_drvdata(pdev);

	ret = pci_epf_register_driver(&bench_epf_driver);
	if (ret)
		return ret;
	ret = ntb_register_client(&bench_ntb_client);
	if (ret)
		return ret;
	debugfs_create_file("bench", 0600, bench.sim->debugfs, NULL, &bench_fops);

	return 0;
}
module_init(bench_init);

MODULE_DESCRIPTION("What the parts of a simulated doorbell take");
MODULE_LICENSE("GPL");
