// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint function that rings its own doorbell, from several threads and
 * among DMA on all channels, and proves that no ring is lost: each thread posts
 * work before it rings, the handler takes what it finds, and whenever threads
 * and DMA have come to rest no work may be left. Rest comes after each burst of
 * a few rings, as the next ring would hide that the last one was lost. Needs a
 * doorbell that is embedded in the controller.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pci-epc.h>
#include <linux/pci-epf.h>
#include <linux/pci-ep-msi.h>
#include <linux/prandom.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/wait.h>

#define STRESS_MAX_THREADS	8
#define STRESS_MAX_CHANNELS	16
#define STRESS_BURST		16	/* steps of one thread between two rests */
#define STRESS_DMA_LEN		SZ_4K
#define STRESS_REST		HZ	/* a rest that takes longer is a loss */

struct stress_channel {
	struct stress *stress;
	struct dma_chan *chan;
	struct device *dma_dev;
	void *local;
	void *host;
	dma_addr_t local_addr;
	enum dma_transfer_direction dir;
	atomic_t busy;
};

struct stress_thread {
	struct stress *stress;
	struct task_struct *task;
	struct rnd_state rnd;
	unsigned int index;
	unsigned int burst;		/* the last one that it took part in */
};

struct stress {
	struct pci_epf *epf;
	struct pci_epf_header header;
	struct dentry *debugfs;
	struct mutex lock;		/* one run at a time */
	void __iomem *doorbell;
	u32 data;
	int irq;
	wait_queue_head_t wait;
	unsigned int burst;		/* the threads' start signal */
	unsigned int num_threads;
	atomic_t running;		/* threads of this burst */
	atomic_t budget;		/* rings that are left of this run */
	atomic_t work;			/* posted and not yet taken */
	atomic_long_t rings, taken, runs, empty, transfers, toggles, rests;
	struct stress_thread thread[STRESS_MAX_THREADS];
	unsigned int num_channels;
	struct stress_channel channel[STRESS_MAX_CHANNELS];
};

static irqreturn_t stress_handler(int irq, void *data)
{
	struct stress *st = data;
	int n = atomic_xchg(&st->work, 0);

	atomic_long_inc(&st->runs);
	atomic_long_add(n, &st->taken);
	if (!n)
		atomic_long_inc(&st->empty);

	return n ? IRQ_HANDLED : IRQ_NONE;
}

static void stress_ring(struct stress *st)
{
	if (atomic_dec_if_positive(&st->budget) < 0)
		return;

	atomic_inc(&st->work);
	atomic_long_inc(&st->rings);
	writel(st->data, st->doorbell);
}

static void stress_dma_done(void *data)
{
	struct stress_channel *ch = data;

	atomic_long_inc(&ch->stress->transfers);
	atomic_set_release(&ch->busy, 0);
	wake_up(&ch->stress->wait);
}

/* Start a transfer on a channel that has none; a busy one does well without */
static void stress_dma(struct stress_channel *ch)
{
	phys_addr_t host = virt_to_phys(ch->host);
	struct dma_slave_config config = {
		.direction = ch->dir,
		.dst_addr = ch->dir == DMA_MEM_TO_DEV ? host : 0,
		.src_addr = ch->dir == DMA_DEV_TO_MEM ? host : 0,
	};
	struct dma_async_tx_descriptor *tx;

	if (atomic_cmpxchg(&ch->busy, 0, 1))
		return;

	if (dmaengine_slave_config(ch->chan, &config))
		goto idle;

	tx = dmaengine_prep_slave_single(ch->chan, ch->local_addr, STRESS_DMA_LEN, ch->dir,
					 DMA_CTRL_ACK | DMA_PREP_INTERRUPT);
	if (!tx)
		goto idle;

	tx->callback = stress_dma_done;
	tx->callback_param = ch;
	if (dma_submit_error(dmaengine_submit(tx)))
		goto idle;
	dma_async_issue_pending(ch->chan);

	return;
idle:
	atomic_set(&ch->busy, 0);
}

/* A ring that comes while the IRQ is disabled has to arrive afterwards */
static void stress_toggle(struct stress *st, u32 us)
{
	disable_irq(st->irq);
	stress_ring(st);
	udelay(us);
	enable_irq(st->irq);
	atomic_long_inc(&st->toggles);
}

static void stress_step(struct stress_thread *t, bool last)
{
	struct stress *st = t->stress;
	u32 dice = prandom_u32_state(&t->rnd);

	unsigned int ch = (dice >> 8) % STRESS_MAX_CHANNELS;

	if (dice & BIT(7) && last)
		stress_toggle(st, dice >> 28);
	else if (last || dice % 8 < 5)
		stress_ring(st);
	else if (dice % 8 == 5)
		stress_toggle(st, dice >> 28);
	else if (st->num_channels)
		stress_dma(&st->channel[ch % st->num_channels]);
	else
		udelay(dice >> 28);
}

static int stress_thread(void *data)
{
	struct stress_thread *t = data;
	struct stress *st = t->stress;
	unsigned int i, steps;

	while (!kthread_should_stop()) {
		wait_event_idle(st->wait, READ_ONCE(st->burst) != t->burst ||
				kthread_should_stop());
		if (READ_ONCE(st->burst) == t->burst)
			continue;
		t->burst = READ_ONCE(st->burst);

		steps = 1 + prandom_u32_state(&t->rnd) % STRESS_BURST;
		for (i = 1; i <= steps; i++)
			stress_step(t, i == steps);

		if (atomic_dec_and_test(&st->running))
			wake_up(&st->wait);
	}

	return 0;
}

static bool stress_dma_idle(struct stress *st)
{
	unsigned int i;

	for (i = 0; i < st->num_channels; i++)
		if (atomic_read_acquire(&st->channel[i].busy))
			return false;

	return true;
}

static bool stress_wait_for_work(struct stress *st)
{
	unsigned long end = jiffies + STRESS_REST;

	while (atomic_read(&st->work)) {
		if (time_after(jiffies, end))
			return false;
		cond_resched();
	}

	return true;
}

static int stress_burst(struct stress *st)
{
	atomic_set(&st->running, st->num_threads);
	WRITE_ONCE(st->burst, st->burst + 1);
	wake_up_all(&st->wait);

	if (!wait_event_idle_timeout(st->wait, !atomic_read(&st->running), 20 * HZ)) {
		dev_err(&st->epf->dev, "burst %u: threads do not end\n", st->burst);
		return -ETIMEDOUT;
	}
	if (!wait_event_idle_timeout(st->wait, stress_dma_idle(st), 20 * HZ)) {
		dev_err(&st->epf->dev, "burst %u: DMA does not end\n", st->burst);
		return -ETIMEDOUT;
	}
	if (!stress_wait_for_work(st)) {
		dev_err(&st->epf->dev, "burst %u: a ring is lost, %d pieces of work left\n",
			st->burst, atomic_read(&st->work));
		return -EIO;
	}
	atomic_long_inc(&st->rests);

	return 0;
}

static void stress_stop(struct stress *st, unsigned int num)
{
	while (num--)
		kthread_stop(st->thread[num].task);
}

static int stress_start(struct stress *st, unsigned int num, u64 seed)
{
	unsigned int i;

	st->num_threads = num;
	for (i = 0; i < num; i++) {
		struct stress_thread *t = &st->thread[i];

		t->stress = st;
		t->index = i;
		t->burst = st->burst;
		prandom_seed_state(&t->rnd, seed + i);
		t->task = kthread_create(stress_thread, t, "dwsim-stress/%u", i);
		if (IS_ERR(t->task)) {
			stress_stop(st, i);
			return PTR_ERR(t->task);
		}
		kthread_bind(t->task, i % num_online_cpus());
		wake_up_process(t->task);
	}

	return 0;
}

static int stress_run(struct stress *st, unsigned int rings, unsigned int num, u64 seed)
{
	int ret;

	guard(mutex)(&st->lock);

	atomic_set(&st->budget, rings);
	ret = stress_start(st, num, seed);
	if (ret)
		return ret;

	while (!ret && atomic_read(&st->budget) > 0)
		ret = stress_burst(st);
	stress_stop(st, num);

	return ret;
}

/* "RINGS THREADS SEED": returns when they have all arrived, or an error */
static ssize_t run_write(struct file *file, const char __user *ubuf, size_t len,
			 loff_t *pos)
{
	struct stress *st = ((struct seq_file *)file->private_data)->private;
	unsigned int rings, threads;
	char buf[64];
	u64 seed;
	int ret;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = '\0';

	if (sscanf(buf, "%u %u %llu", &rings, &threads, &seed) < 3 ||
	    rings > INT_MAX || !threads || threads > STRESS_MAX_THREADS)
		return -EINVAL;

	ret = stress_run(st, rings, threads, seed);

	return ret ?: len;
}

static int run_show(struct seq_file *s, void *unused)
{
	struct stress *st = s->private;

	seq_printf(s, "irq %d\n", st->irq);
	seq_printf(s, "channels %u\n", st->num_channels);
	seq_printf(s, "posted %ld\n", atomic_long_read(&st->rings));
	seq_printf(s, "taken %ld\n", atomic_long_read(&st->taken));
	seq_printf(s, "left %d\n", atomic_read(&st->work));
	seq_printf(s, "runs %ld\n", atomic_long_read(&st->runs));
	seq_printf(s, "empty %ld\n", atomic_long_read(&st->empty));
	seq_printf(s, "transfers %ld\n", atomic_long_read(&st->transfers));
	seq_printf(s, "toggles %ld\n", atomic_long_read(&st->toggles));
	seq_printf(s, "rests %ld\n", atomic_long_read(&st->rests));

	return 0;
}

static int run_open(struct inode *inode, struct file *file)
{
	return single_open(file, run_show, inode->i_private);
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.open = run_open,
	.read = seq_read,
	.write = run_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static void stress_put_channels(struct stress *st)
{
	while (st->num_channels) {
		struct stress_channel *ch = &st->channel[--st->num_channels];

		dmaengine_terminate_sync(ch->chan);
		dma_unmap_single(ch->dma_dev, ch->local_addr, STRESS_DMA_LEN,
				 DMA_BIDIRECTIONAL);
		dma_release_channel(ch->chan);
		kfree(ch->local);
		kfree(ch->host);
	}
}

struct stress_filter {
	struct device *dev;
	u32 directions;
};

static bool stress_filter(struct dma_chan *chan, void *data)
{
	struct stress_filter *filter = data;
	struct dma_slave_caps caps = {};

	dma_get_slave_caps(chan, &caps);

	return chan->device->dev == filter->dev && caps.directions & filter->directions;
}

static bool stress_get_channel(struct stress *st, enum dma_transfer_direction dir)
{
	struct stress_channel *ch = &st->channel[st->num_channels];
	struct device *dev = st->epf->epc->dev.parent;
	struct stress_filter filter = { dev, BIT(dir) };
	dma_cap_mask_t mask;

	if (st->num_channels == STRESS_MAX_CHANNELS)
		return false;

	dma_cap_zero(mask);
	dma_cap_set(DMA_SLAVE, mask);
	ch->chan = dma_request_channel(mask, stress_filter, &filter);
	if (!ch->chan)
		return false;

	ch->stress = st;
	ch->dma_dev = dev;
	ch->dir = dir;
	ch->local = kzalloc(STRESS_DMA_LEN, GFP_KERNEL);
	ch->host = kzalloc(STRESS_DMA_LEN, GFP_KERNEL);
	if (!ch->local || !ch->host)
		goto free;

	ch->local_addr = dma_map_single(dev, ch->local, STRESS_DMA_LEN, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, ch->local_addr))
		goto free;
	st->num_channels++;

	return true;
free:
	kfree(ch->host);
	kfree(ch->local);
	dma_release_channel(ch->chan);

	return false;
}

static int stress_request(struct stress *st)
{
	struct pci_epf_doorbell_msg *msg = st->epf->db_msg;
	int ret;

	if (msg->type != PCI_EPF_DOORBELL_EMBEDDED)
		return -EOPNOTSUPP;

	st->doorbell = ioremap((u64)msg->msg.address_hi << 32 | msg->msg.address_lo, 4);
	if (!st->doorbell)
		return -ENOMEM;

	st->data = msg->msg.data;
	st->irq = msg->virq;
	ret = request_irq(st->irq, stress_handler, msg->irq_flags, "dwsim-stress", st);
	if (ret)
		iounmap(st->doorbell);

	return ret;
}

static int stress_bind(struct pci_epf *epf)
{
	struct stress *st = epf_get_drvdata(epf);
	int ret;

	ret = pci_epf_alloc_doorbell(epf, 1);
	if (ret)
		return ret;

	ret = stress_request(st);
	if (ret) {
		pci_epf_free_doorbell(epf);
		return ret;
	}

	while (stress_get_channel(st, DMA_MEM_TO_DEV))
		;
	while (stress_get_channel(st, DMA_DEV_TO_MEM))
		;

	st->debugfs = debugfs_create_dir("dwsim-stress", NULL);
	debugfs_create_file("run", 0600, st->debugfs, st, &run_fops);

	return 0;
}

static void stress_unbind(struct pci_epf *epf)
{
	struct stress *st = epf_get_drvdata(epf);

	debugfs_remove_recursive(st->debugfs);
	stress_put_channels(st);
	free_irq(st->irq, st);
	iounmap(st->doorbell);
	pci_epf_free_doorbell(epf);
}

static const struct pci_epf_ops stress_ops = {
	.bind = stress_bind,
	.unbind = stress_unbind,
};

static int stress_probe(struct pci_epf *epf, const struct pci_epf_device_id *id)
{
	struct stress *st;

	st = devm_kzalloc(&epf->dev, sizeof(*st), GFP_KERNEL);
	if (!st)
		return -ENOMEM;

	st->epf = epf;
	epf->header = &st->header;
	mutex_init(&st->lock);
	init_waitqueue_head(&st->wait);
	epf_set_drvdata(epf, st);

	return 0;
}

static const struct pci_epf_device_id stress_ids[] = {
	{ .name = "dwsim_stress" },
	{ }
};

static struct pci_epf_driver stress_driver = {
	.driver.name = "dwsim_stress",
	.probe = stress_probe,
	.id_table = stress_ids,
	.ops = &stress_ops,
	.owner = THIS_MODULE,
};

static int __init stress_init(void)
{
	return pci_epf_register_driver(&stress_driver);
}
module_init(stress_init);

static void __exit stress_exit(void)
{
	pci_epf_unregister_driver(&stress_driver);
}
module_exit(stress_exit);

MODULE_DESCRIPTION("Endpoint function that rings its own doorbell and counts");
MODULE_LICENSE("GPL");
