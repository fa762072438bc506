// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated endpoint's address paths: which register, memory or window an
 * access reaches. An access that reaches nothing answers as PCIe does, with all
 * ones for a read and silence for a write, and is counted. Does not include
 * ordering between transactions: an access is complete when the call returns.
 */
#include <linux/io.h>
#include <linux/logic_iomem.h>
#include <linux/mm.h>
#include <linux/unaligned.h>

#include "dwsim.h"

static void dwsim_unclaimed(struct dwsim *sim, const char *path, struct dwsim_access *a,
			    size_t n, const char *why, atomic_long_t *count)
{
	if (!a->write)
		memset(a->buf, 0xff, n);
	a->refused = true;
	if (count)
		atomic_long_inc(count);
	dwsim_trace(sim, path, a, n, why, 0);
}

static void dwsim_advance(struct dwsim_access *a, size_t n)
{
	a->addr += n;
	a->buf += n;
	a->len -= n;
}

/* Bytes of a row that are ordinary memory, from its start */
static size_t dwsim_ram_span(u64 addr, size_t len)
{
	size_t n = 0;

	while (n < len && pfn_valid(PHYS_PFN(addr + n)))
		n += min_t(size_t, len - n, PAGE_SIZE - offset_in_page(addr + n));

	return n;
}

/* An aligned word is moved whole: its reader may poll on another CPU */
static void dwsim_ram_move(void *dst, const void *src, const void *ram, size_t n)
{
	if (!IS_ALIGNED((unsigned long)ram, n)) {
		memcpy(dst, src, n);
		return;
	}

	switch (n) {
	case 2:
		put_unaligned(get_unaligned((u16 *)src), (u16 *)dst);
		break;
	case 4:
		put_unaligned(get_unaligned((u32 *)src), (u32 *)dst);
		break;
	case 8:
		put_unaligned(get_unaligned((u64 *)src), (u64 *)dst);
		break;
	default:
		memcpy(dst, src, n);
	}
}

static void dwsim_ram_access(struct dwsim_access *a, size_t n)
{
	void *ram = phys_to_virt(a->addr);

	if (a->write)
		dwsim_ram_move(ram, a->buf, ram, n);
	else
		dwsim_ram_move(a->buf, ram, ram, n);
}

/* Bytes of one register; false if it is under PERST# */
static bool dwsim_register_access(struct dwsim_region *r, struct dwsim_access *a,
				  u32 offset, size_t n)
{
	unsigned int first = offset & 3;
	struct dwsim *sim = r->sim;
	u32 mask, val = 0;

	guard(raw_spinlock_irqsave)(&sim->reset_lock);

	if (sim->in_reset)
		return false;

	if (a->write) {
		mask = GENMASK(n * 8 - 1, 0) << (first * 8);
		memcpy((u8 *)&val + first, a->buf, n);
		r->write(sim, offset & ~3, le32_to_cpu((__force __le32)val), mask);
	} else {
		val = (__force u32)cpu_to_le32(r->read(sim, offset & ~3));
		memcpy(a->buf, (u8 *)&val + first, n);
	}

	return true;
}

static size_t dwsim_region_access(struct dwsim_region *r, struct dwsim_access *a)
{
	u32 offset = a->addr - r->res.start;
	size_t n = min_t(size_t, a->len, 4 - (offset & 3));
	struct dwsim *sim = r->sim;

	/* logic_iomem lets an access run over the end of a mapping */
	if (a->addr > r->res.end) {
		dwsim_unclaimed(sim, "local", a, n, "nothing",
				&sim->stats.no_target);
		return n;
	}

	if (r->access && (r == &sim->host.region || !READ_ONCE(sim->in_reset))) {
		struct dwsim_access part = *a;

		part.len = min_t(u64, a->len, r->res.end - a->addr + 1);
		n = part.len;
		r->access(sim, &part);
		a->refused |= part.refused;
		return n;
	}

	if (!r->access && dwsim_register_access(r, a, offset, n))
		dwsim_trace(sim, "local", a, n, r->name, offset);
	else
		dwsim_unclaimed(sim, "local", a, n, "in reset", &sim->stats.in_reset);

	return n;
}

static struct dwsim_region *dwsim_find_region(struct dwsim *sim, u64 addr)
{
	unsigned int i;

	for (i = 0; i < sim->num_regions; i++) {
		struct dwsim_region *r = &sim->region[i];

		if (addr >= r->res.start && addr <= r->res.end)
			return r;
	}

	return NULL;
}

/* One word that raises interrupts when written and reads as zero */
static bool dwsim_msi_access(struct dwsim *sim, struct dwsim_msi *msi,
			     struct dwsim_access *a)
{
	if (!msi->domain || a->len < 4)
		return false;
	if (a->addr != msi->frame && (!msi->msix_frame || a->addr != msi->msix_frame))
		return false;

	if (!a->write)
		memset(a->buf, 0, 4);
	else if (!dwsim_fault(sim, DWSIM_FAULT_MSI))
		dwsim_msi_write(msi, get_unaligned_le32(a->buf));
	dwsim_trace(sim, "msi", a, 4, "frame", 0);

	return true;
}

/**
 * dwsim_local_access() - an access in the endpoint's own address space
 * @sim: the endpoint
 * @a: the access; consumed
 *
 * Context: any; may raise interrupt lines.
 */
void dwsim_local_access(struct dwsim *sim, struct dwsim_access *a)
{
	struct dwsim_region *r;
	size_t n;

	for (; a->len; dwsim_advance(a, n)) {
		n = dwsim_ram_span(a->addr, a->len);
		if (n) {
			dwsim_ram_access(a, n);
			continue;
		}

		if (dwsim_msi_access(sim, &sim->local_msi, a)) {
			n = 4;
			continue;
		}

		r = dwsim_find_region(sim, a->addr);
		if (r) {
			n = dwsim_region_access(r, a);
			continue;
		}

		n = min_t(size_t, a->len, 4 - (a->addr & 3));
		dwsim_unclaimed(sim, "local", a, n, "nothing", &sim->stats.no_target);
	}
}
EXPORT_SYMBOL_GPL(dwsim_local_access);

static bool dwsim_is_master(struct dwsim *sim)
{
	return READ_ONCE(sim->host.link_up) && dwsim_dbi_bus_master(sim);
}

/**
 * dwsim_host_access() - an access of the endpoint to the host
 * @sim: the endpoint
 * @a: the access, by PCI bus address; consumed
 *
 * The host's memory and its MSI frame answer while the endpoint is bus master.
 *
 * Context: any; may raise interrupts of the host.
 */
void dwsim_host_access(struct dwsim *sim, struct dwsim_access *a)
{
	bool master = dwsim_is_master(sim);
	size_t n;

	for (; a->len; dwsim_advance(a, n)) {
		n = dwsim_ram_span(a->addr, a->len);
		if (n && master) {
			if (!a->write || !READ_ONCE(dwsim_fence))
				dwsim_ram_access(a, n);
		} else if (!master) {
			n = a->len;
			dwsim_unclaimed(sim, "out", a, n, "no bus master",
					&sim->stats.no_master);
		} else if (dwsim_msi_access(sim, &sim->host_msi, a)) {
			n = 4;
		} else {
			n = min_t(size_t, a->len, 4 - (a->addr & 3));
			dwsim_unclaimed(sim, "out", a, n, "nothing",
					&sim->stats.no_target);
		}
	}
}

/**
 * dwsim_outbound_access() - an access to the endpoint's outbound window
 * @sim: the endpoint
 * @a: the access, by endpoint-local address; consumed
 *
 * Context: any.
 */
void dwsim_outbound_access(struct dwsim *sim, struct dwsim_access *a)
{
	size_t n;

	for (; a->len; dwsim_advance(a, n)) {
		struct dwsim_access tlp = *a;

		n = dwsim_iatu_outbound(sim, a->addr, a->len, &tlp.addr);
		if (!n) {
			n = min_t(size_t, a->len, 4 - (a->addr & 3));
			dwsim_unclaimed(sim, "out", a, n, "no window",
					&sim->stats.no_window);
			continue;
		}
		tlp.len = n;
		dwsim_host_access(sim, &tlp);
		dwsim_trace(sim, "out", a, n, "host", tlp.addr - n);
		a->refused |= tlp.refused;
	}
}

/*
 * Where an access to a BAR goes; the hardware answers for wired registers by
 * their BAR only. Returns the bytes that go there, 0 if that is nowhere.
 */
static size_t dwsim_inbound(struct dwsim *sim, unsigned int bar, u64 offset, u64 addr,
			    size_t len, u64 *target)
{
	const struct dwsim_wired *wired = &sim->wired;
	size_t n;

	if (wired->size && bar == wired->bar) {
		*target = wired->base + offset;
		atomic_long_inc(&sim->stats.wired);
		return len;
	}

	n = dwsim_iatu_inbound(sim, bar, offset, addr, len, target);
	if (!n)
		atomic_long_inc(&sim->stats.no_window);
	if (n && *target < wired->base + wired->size && *target + n > wired->base) {
		atomic_long_inc(&sim->stats.no_second);
		return 0;
	}

	return n;
}

static const char * const dwsim_bar_names[PCI_STD_NUM_BARS] = {
	"BAR0", "BAR1", "BAR2", "BAR3", "BAR4", "BAR5",
};

/**
 * dwsim_mmio_access() - an access of the host to the bridge's memory window
 * @sim: the endpoint
 * @a: the access, by PCI bus address; consumed
 *
 * Context: any; may raise interrupt lines of the endpoint.
 */
void dwsim_mmio_access(struct dwsim *sim, struct dwsim_access *a)
{
	unsigned int bar;
	u64 offset;
	size_t n;

	for (; a->len; dwsim_advance(a, n)) {
		struct dwsim_access local = *a;

		n = dwsim_dbi_decode(sim, a->addr, a->len, &bar, &offset);
		if (!n || !READ_ONCE(sim->host.link_up)) {
			n = min_t(size_t, a->len, 4 - (a->addr & 3));
			dwsim_unclaimed(sim, "host", a, n, "no BAR",
					&sim->stats.no_bar);
			continue;
		}

		n = dwsim_inbound(sim, bar, offset, a->addr, n, &local.addr);
		if (!n) {
			n = min_t(size_t, a->len, 4 - (a->addr & 3));
			dwsim_unclaimed(sim, "host", a, n, "no window", NULL);
			continue;
		}
		local.len = n;
		dwsim_local_access(sim, &local);
		dwsim_trace(sim, "host", a, n, dwsim_bar_names[bar], offset);
		a->refused |= local.refused;
	}
}

/* What is not memory on both sides: through a bounce buffer, in small pieces */
static bool dwsim_copy_piece(struct dwsim *sim, u64 host_addr, u64 local_addr, u8 *buf,
			     size_t n, bool to_host)
{
	struct dwsim_access local = { local_addr, buf, n, !to_host };
	struct dwsim_access host = { host_addr, buf, n, to_host };

	if (!to_host) {
		dwsim_host_access(sim, &host);
		if (host.refused)
			return false;
	}

	dwsim_local_access(sim, &local);
	if (local.refused)
		return false;

	if (to_host)
		dwsim_host_access(sim, &host);

	return true;
}

/**
 * dwsim_copy() - move bytes between the endpoint and the host, as the eDMA does
 * @sim: the endpoint
 * @host_addr: PCI bus address
 * @local_addr: endpoint-local address
 * @len: bytes
 * @to_host: direction
 *
 * Runs of memory are moved as a whole.
 *
 * Context: any.
 * Return: false if nothing answered, but for the host: a write to it is posted.
 */
bool dwsim_copy(struct dwsim *sim, u64 host_addr, u64 local_addr, size_t len,
		bool to_host)
{
	u8 bounce[64];
	size_t n;

	dwsim_trace(sim, "dma", &(struct dwsim_access){ host_addr, NULL, len, to_host },
		    len, "local", local_addr);
	if (READ_ONCE(dwsim_fence))
		return true;

	for (; len; host_addr += n, local_addr += n, len -= n) {
		n = dwsim_ram_span(host_addr, dwsim_ram_span(local_addr, len));
		if (n && dwsim_is_master(sim)) {
			memcpy(phys_to_virt(to_host ? host_addr : local_addr),
			       phys_to_virt(to_host ? local_addr : host_addr), n);
			continue;
		}

		n = min_t(size_t, len, sizeof(bounce));
		if (!dwsim_copy_piece(sim, host_addr, local_addr, bounce, n, to_host))
			return false;
	}

	return true;
}

/* What one ioremap() of a region got */
struct dwsim_mapping {
	struct dwsim_region *region;
	u64 base;
};

static void dwsim_mapping_access(struct dwsim_mapping *m, unsigned int offset,
				 void *buf, size_t len, bool write)
{
	struct dwsim_access a = { m->base + offset, buf, len, write };
	size_t n;

	for (; a.len; dwsim_advance(&a, n))
		n = dwsim_region_access(m->region, &a);
}

static unsigned long dwsim_io_read(void *priv, unsigned int offset, int size)
{
	u64 val = 0;

	dwsim_mapping_access(priv, offset, &val, size, false);

	return le64_to_cpu((__force __le64)val);
}

static void dwsim_io_write(void *priv, unsigned int offset, int size,
			   unsigned long val)
{
	__le64 le = cpu_to_le64(val);

	dwsim_mapping_access(priv, offset, &le, size, true);
}

static void dwsim_io_copy_from(void *priv, void *buf, unsigned int offset, int size)
{
	dwsim_mapping_access(priv, offset, buf, size, false);
}

static void dwsim_io_copy_to(void *priv, unsigned int offset, const void *buf,
			     int size)
{
	dwsim_mapping_access(priv, offset, (void *)buf, size, true);
}

static void dwsim_io_set(void *priv, unsigned int offset, u8 value, int size)
{
	u8 row[256];

	memset(row, value, min_t(int, size, sizeof(row)));
	while (size > 0) {
		int n = min_t(int, size, sizeof(row));

		dwsim_mapping_access(priv, offset, row, n, true);
		offset += n;
		size -= n;
	}
}

static void dwsim_io_unmap(void *priv)
{
	kfree(priv);
}

static const struct logic_iomem_ops dwsim_io_ops = {
	.read = dwsim_io_read,
	.write = dwsim_io_write,
	.copy_from = dwsim_io_copy_from,
	.copy_to = dwsim_io_copy_to,
	.set = dwsim_io_set,
	.unmap = dwsim_io_unmap,
};

static DEFINE_MUTEX(dwsim_regions_lock);
static LIST_HEAD(dwsim_regions);

/* A mapping of more than logic_iomem's area would run into its neighbour */
#define DWSIM_MAX_MAPPING	SZ_16M

static long dwsim_map(u64 addr, size_t size, const struct logic_iomem_ops **ops,
		      void **priv)
{
	struct dwsim_mapping *m;
	struct dwsim_region *r;

	if (size > DWSIM_MAX_MAPPING)
		return -EINVAL;

	guard(mutex)(&dwsim_regions_lock);
	list_for_each_entry(r, &dwsim_regions, list) {
		if (addr < r->res.start || addr + size - 1 > r->res.end)
			continue;

		/* UML warns of an ioremap() that fails, whatever its reason */
		m = kmalloc_obj(*m, GFP_KERNEL | __GFP_NOFAIL);
		m->region = r;
		m->base = addr;
		*ops = &dwsim_io_ops;
		*priv = m;
		return 0;
	}

	return -ENXIO;
}

/*
 * logic_iomem hands a map() no cookie and never forgets a region: so all of the
 * simulator's windows lie in two arenas, below and above 4 GiB, and an address
 * tells which window is meant.
 */
static struct resource dwsim_arena_low = DEFINE_RES_MEM_NAMED(DWSIM_ARENA_LOW,
							      DWSIM_ARENA_SIZE, "dwsim");
static struct resource dwsim_arena_high = DEFINE_RES_MEM_NAMED(DWSIM_ARENA_HIGH,
							       DWSIM_ARENA_SIZE, "dwsim");

static long dwsim_map_low(unsigned long offset, size_t size,
			  const struct logic_iomem_ops **ops, void **priv)
{
	return dwsim_map(dwsim_arena_low.start + offset, size, ops, priv);
}

static long dwsim_map_high(unsigned long offset, size_t size,
			   const struct logic_iomem_ops **ops, void **priv)
{
	return dwsim_map(dwsim_arena_high.start + offset, size, ops, priv);
}

static const struct logic_iomem_region_ops dwsim_low_ops = {
	.map = dwsim_map_low,
};

static const struct logic_iomem_region_ops dwsim_high_ops = {
	.map = dwsim_map_high,
};

/**
 * dwsim_region_add() - let ioremap() find a window
 * @region: the window; lives for ever, as logic_iomem cannot remove one
 *
 * Return: 0, or -EINVAL if the window is not inside an arena.
 */
int dwsim_region_add(struct dwsim_region *region)
{
	if (!resource_contains(&dwsim_arena_low, &region->res) &&
	    !resource_contains(&dwsim_arena_high, &region->res))
		return -EINVAL;

	guard(mutex)(&dwsim_regions_lock);
	list_add_tail(&region->list, &dwsim_regions);

	return 0;
}

/**
 * dwsim_bus_init() - claim the simulator's part of the physical address space
 *
 * Return: 0, or -ENOMEM if the machine has something else there.
 */
int dwsim_bus_init(void)
{
	int ret;

	ret = logic_iomem_add_region(&dwsim_arena_low, &dwsim_low_ops);
	if (ret)
		return ret;

	return logic_iomem_add_region(&dwsim_arena_high, &dwsim_high_ops);
}
