/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the blocks of the simulated DesignWare endpoint share.
 *
 * Two sides live in one kernel. The endpoint side is a block of registers that
 * the in-tree DesignWare drivers probe; the host side is a PCI host bridge that
 * enumerates the endpoint. An access of either side is carried by three calls:
 *
 *   dwsim_local_access()  endpoint-local address: its registers, its memory
 *   dwsim_host_access()   address on the PCI bus, from the endpoint's side
 *   dwsim_mmio_access()   address on the PCI bus, from the host's side
 *
 * Every block owns its state and one raw spinlock for it, and every comment on
 * a lock names what it guards; what is not named is written before the drivers
 * probe and constant from then on. Locks do not nest, but for edma.lock outside
 * intc.lock, so that updates of a line stay in order, reset_lock outside all of
 * them, and trace.lock and unmodelled.lock inside.
 * No lock is held while a register of another block is reached or an interrupt
 * is delivered.
 */
#ifndef DWSIM_H
#define DWSIM_H

#include <linux/hrtimer.h>
#include <linux/ioport.h>
#include <linux/irqdomain.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "dwsim_regs.h"

#define DWSIM_CFG_SIZE		SZ_4K
#define DWSIM_MAX_WINDOWS	16	/* iATU, each direction */
#define DWSIM_MAX_CHANNELS	8	/* eDMA, each direction */
#define DWSIM_MAX_LINES		16
#define DWSIM_MAX_REGIONS	8
#define DWSIM_HOST_VECTORS	4096
#define DWSIM_LOCAL_VECTORS	32
#define DWSIM_TRACE_LEN		1024

/* Physical address space that the simulator takes, clear of UML's own */
#define DWSIM_ARENA_LOW		0x40000000ULL
#define DWSIM_ARENA_HIGH	0x1000000000ULL
#define DWSIM_ARENA_SIZE	0x40000000ULL

/* The host's part of it; the endpoint's comes from the devicetree overlay */
#define DWSIM_HOST_MMIO		0x50000000ULL
#define DWSIM_HOST_MMIO_SIZE	0x10000000ULL
#define DWSIM_HOST_MSI_FRAME	0x7fff0000ULL
#define DWSIM_LOCAL_MSI_FRAME	0x7fff1000ULL
#define DWSIM_HOST_MSIX_FRAME	0x7fff2000ULL
#define DWSIM_HOST_BUS		1

struct dwsim;
struct dwsim_dma_chan;
struct dwsim_edma;
struct dwsim_glue;

/* What the host does to the endpoint as a whole: see dwsim_glue_event() */
enum dwsim_event {
	DWSIM_PERST_RELEASE,
	DWSIM_PERST_ASSERT,
	DWSIM_LINK_UP,
	DWSIM_LINK_DOWN,
};

/**
 * struct dwsim_access - one transfer, as a row of bytes in bus order
 * @addr: first byte, in the address space of the call that takes it
 * @buf: bytes to write, or room for the bytes read
 * @len: how many
 * @write: direction
 * @refused: set if nothing answered for some of it
 */
struct dwsim_access {
	u64 addr;
	u8 *buf;
	size_t len;
	bool write;
	bool refused;
};

/**
 * struct dwsim_region - a window of registers in the endpoint's address space
 * @sim: whose
 * @name: as in "reg-names"
 * @list: of all windows
 * @res: where
 * @read: read an aligned 32-bit register at a byte offset
 * @write: write its bits that @mask selects (byte enables)
 * @access: instead of the two, for windows that carry rows of bytes
 */
struct dwsim_region {
	struct dwsim *sim;
	const char *name;
	struct list_head list;
	struct resource res;
	u32 (*read)(struct dwsim *sim, u32 offset);
	void (*write)(struct dwsim *sim, u32 offset, u32 val, u32 mask);
	void (*access)(struct dwsim *sim, struct dwsim_access *a);
};

/* Configuration space, seen by the endpoint (DBI) and by the host */
struct dwsim_dbi {
	raw_spinlock_t lock;		/* all of it */
	u32 reg[DWSIM_CFG_SIZE / 4];
	u32 wire[DWSIM_CFG_SIZE / 4];	/* bits that the host may write */
	u32 bar_mask[PCI_STD_NUM_BARS];	/* DBI2 */
	bool has_rebar;
	u32 rebar;			/* number of the resizable BAR */
};

/* One iATU window, decoded */
struct dwsim_atu_window {
	bool enabled;
	bool bar_mode;
	u8 bar;
	u8 type;
	u64 base;
	u64 limit;
	u64 target;
};

/* A BAR that shows registers without any iATU window, if @size is not 0 */
struct dwsim_wired {
	u32 bar;
	u64 base;
	u32 size;
};

struct dwsim_iatu {
	raw_spinlock_t lock;		/* viewport, raw[] */
	unsigned int num_in;
	unsigned int num_out;
	u32 align;			/* bytes, a power of two */
	u32 upper;			/* implemented bits of an address's upper half */
	u32 viewport;			/* as written there */
	u32 raw[2][DWSIM_MAX_WINDOWS][DWSIM_ATU_INBOUND / 4];
};

/* Where the eDMA's registers are */
enum dwsim_dma_place {
	DWSIM_DMA_IN_ATU,		/* "atu", behind the iATU's */
	DWSIM_DMA_IN_WINDOW,		/* "dma" */
	DWSIM_DMA_IN_DBI,		/* "dbi", behind a viewport */
	DWSIM_DMA_PLACES
};

/**
 * struct dwsim_dma_map - a register map of the eDMA
 * @name: as in "dma-map"
 * @viewport: the registers are in DBI, those of one channel at a time
 * @power: a channel has to be powered up
 * @done_at_rest: the end of a list raises an interrupt, not an element of it
 * @reset_mask: interrupts that are masked after a reset
 * @ready: whether a channel may run
 * @read: read an aligned 32-bit register
 * @write: write its bits that @mask selects
 *
 * The functions are called with edma->lock held.
 */
struct dwsim_dma_map {
	const char *name;
	bool viewport;
	bool power;
	bool done_at_rest;
	u32 reset_mask;
	bool (*ready)(const struct dwsim_edma *edma, const struct dwsim_dma_chan *ch);
	u32 (*read)(struct dwsim *sim, u32 offset);
	void (*write)(struct dwsim *sim, u32 offset, u32 val, u32 mask);
};

struct dwsim_dma_chan {
	struct dwsim *sim;
	struct hrtimer timer;
	unsigned int index;
	bool read;
	bool list;			/* works on a linked list */
	bool ccs;			/* consumer cycle state */
	u8 state;			/* DWSIM_DMA_RUNNING, ... */
	unsigned int walked;		/* elements since the doorbell */
	unsigned int turn;		/* of doorbells, stops, resets and new lists */
	u64 llp;
	u32 reg[DWSIM_DMA_CH_REGS];	/* what has no field */
};

struct dwsim_dma_dir {
	u32 engine_en;
	u32 powered;			/* a bit for each channel */
	u32 status;			/* as in INT_STATUS of the eDMA */
	u32 mask;
	u32 ll_err_en;
	unsigned int num;
	struct dwsim_dma_chan ch[DWSIM_MAX_CHANNELS];
};

/* What is known of the emulated interrupt leaves room for all of these */
enum dwsim_latch {
	DWSIM_LATCH_COMMON,		/* one; 0 in either INT_CLEAR lowers it */
	DWSIM_LATCH_SPLIT,		/* one a direction, each with its own INT_CLEAR */
	DWSIM_LATCH_ANY,		/* one; whatever is written to INT_CLEAR lowers it */
	DWSIM_LATCH_PULSE,		/* none: the line falls by itself */
};

struct dwsim_edma {
	raw_spinlock_t lock;		/* all of it that is not constant */
	const struct dwsim_dma_map *map;	/* constant; NULL without an eDMA */
	enum dwsim_dma_place place;	/* constant */
	unsigned int num_lines;		/* constant */
	bool rotate;			/* constant: each ring on another line */
	enum dwsim_latch latch;		/* constant */
	u8 emulated;			/* a bit for each latch that is up */
	unsigned int emulated_line[2];	/* of each */
	unsigned int last_line;		/* that a ring arrived on */
	u32 viewport;
	struct dwsim_dma_dir dir[2];	/* write channels, read channels */
	u32 other[DWSIM_DMA_CH_BASE / 4];	/* plain memory */
};

/* A level line from a block of the endpoint to its interrupt controller */
struct dwsim_line {
	struct dwsim *sim;
	struct hrtimer timer;
	call_single_data_t call;
	unsigned int hwirq;
	struct cpumask affinity;
	bool level;
	bool pulse;			/* came, and was not delivered */
	bool masked;
	bool stuck;
	unsigned int storm;		/* deliveries since it was last low */
};

struct dwsim_intc {
	raw_spinlock_t lock;		/* affinity, level, pulse, masked, stuck, storm */
	struct irq_domain *domain;
	struct dwsim_line line[DWSIM_MAX_LINES];
};

/* A frame that turns memory writes into edge interrupts */
struct dwsim_msi {
	raw_spinlock_t lock;		/* used, pending */
	struct irq_domain *domain;
	struct fwnode_handle *fwnode;
	struct hrtimer timer;
	u64 frame;
	u64 msix_frame;			/* 0: as frame */
	unsigned int num;
	unsigned long *used;
	unsigned long *pending;
};

struct dwsim_host {
	struct pci_host_bridge *bridge;
	struct pci_bus *bus;
	struct resource mmio;
	struct resource busn;
	struct dwsim_region region;
	int intx;
	bool link_up;
};

struct dwsim_hold {
	struct mutex lock;		/* of irq */
	int irq;			/* that cannot be requested, 0 if none is held */
	struct work_struct busy;
	unsigned int busy_ms;
};

/* One transaction of the trace */
struct dwsim_trace_event {
	u64 time;			/* as in the kernel log */
	const char *path;
	const char *who;		/* answered */
	u64 at;				/* where in that */
	u64 addr;
	u64 value;
	size_t len;
	bool write;
	u8 cpu;
};

struct dwsim_trace {
	raw_spinlock_t lock;		/* all of it */
	unsigned long next;
	struct dwsim_trace_event event[DWSIM_TRACE_LEN];
};

/* What can be made to fail, so many times; see debugfs, "fault" */
enum dwsim_fault {
	DWSIM_FAULT_ATU,		/* an inbound window is not enabled */
	DWSIM_FAULT_OUT,		/* an outbound one is not */
	DWSIM_FAULT_DMA,		/* a transfer is aborted */
	DWSIM_FAULT_RING,		/* a ring raises no interrupt */
	DWSIM_FAULT_MSI,		/* an MSI is lost on its way */
	DWSIM_FAULT_STALL,		/* a transfer never ends */
	DWSIM_NUM_FAULTS
};

struct dwsim_stats {
	atomic_long_t rings;		/* writes to an eDMA INT_STATUS */
	atomic_long_t clears;		/* writes of 0 to an eDMA INT_CLEAR */
	atomic_long_t dma_bytes;
	atomic_long_t dma_elements;	/* data elements of linked lists */
	atomic_long_t dma_links;
	atomic_long_t dma_aborts;
	atomic_long_t dma_at_once;	/* most channels that ran at a time */
	atomic_long_t dma_at[DWSIM_DMA_PLACES];	/* accesses to eDMA registers */
	atomic_long_t dma_viewport;	/* channels selected */
	atomic_long_t dma_power;	/* channels powered up */
	atomic_long_t hdma;		/* accesses to the native HDMA map */
	atomic_long_t atu_viewport;	/* iATU windows selected */
	atomic_long_t no_bar;		/* host accesses that no BAR claims */
	atomic_long_t no_window;	/* accesses that no iATU window claims */
	atomic_long_t no_target;	/* translated accesses to nothing */
	atomic_long_t no_second;	/* by a window to what a BAR is wired to */
	atomic_long_t wired;		/* to what a BAR is wired to, by that BAR */
	atomic_long_t no_master;	/* endpoint accesses without Bus Master */
	atomic_long_t in_reset;		/* accesses to registers under PERST# */
	atomic_long_t misaligned;	/* iATU addresses whose low bits were lost */
	atomic_long_t neighbour;	/* accesses to the registers of other devices */
	atomic_long_t unmodelled;	/* registers that the model does not know */
};

/* The first registers that were touched and are not modelled */
#define DWSIM_MAX_UNMODELLED	16

struct dwsim_unmodelled {
	raw_spinlock_t lock;		/* all of it */
	unsigned int num;
	struct {
		const char *block;
		u32 offset;
		bool write;
		unsigned long count;
	} reg[DWSIM_MAX_UNMODELLED];
};

struct dwsim {
	struct device *dev;
	struct device_node *ep;
	struct mutex power;		/* held over a change of PERST# or the link */
	struct dwsim_glue *glue;	/* under power */
	bool has_perst;
	raw_spinlock_t reset_lock;	/* in_reset, and each access to a register */
	bool in_reset;			/* changes under both locks */
	struct dwsim_region region[DWSIM_MAX_REGIONS];
	unsigned int num_regions;
	struct dwsim_dbi dbi;
	struct dwsim_wired wired;
	struct dwsim_iatu iatu;
	struct dwsim_edma edma;
	struct dwsim_intc intc;
	struct dwsim_msi local_msi;
	struct dwsim_msi host_msi;
	struct dwsim_host host;
	struct dwsim_trace trace;
	/* How often to fail, and how often not to before that */
	atomic_t fault[DWSIM_NUM_FAULTS];
	atomic_t fault_after[DWSIM_NUM_FAULTS];
	struct dwsim_stats stats;
	struct dwsim_unmodelled unmodelled;
	struct dwsim_hold hold;
	struct dentry *debugfs;
};

/* bus.c */
void dwsim_local_access(struct dwsim *sim, struct dwsim_access *a);
void dwsim_host_access(struct dwsim *sim, struct dwsim_access *a);
void dwsim_mmio_access(struct dwsim *sim, struct dwsim_access *a);
void dwsim_outbound_access(struct dwsim *sim, struct dwsim_access *a);
bool dwsim_copy(struct dwsim *sim, u64 host_addr, u64 local_addr, size_t len,
		bool to_host);
int dwsim_region_add(struct dwsim_region *region);
int dwsim_bus_init(void);

/* unmodelled.c */
void dwsim_unmodelled_init(struct dwsim *sim);
void dwsim_unmodelled(struct dwsim *sim, const char *block, u32 offset, bool write);
void dwsim_unmodelled_show(struct dwsim *sim, struct seq_file *s);

/* dbi.c */
void dwsim_dbi_init(struct dwsim *sim);
void dwsim_dbi_reset(struct dwsim *sim);
u32 dwsim_dbi_read(struct dwsim *sim, u32 offset);
void dwsim_dbi_write(struct dwsim *sim, u32 offset, u32 val, u32 mask);
u32 dwsim_dbi2_read(struct dwsim *sim, u32 offset);
void dwsim_dbi2_write(struct dwsim *sim, u32 offset, u32 val, u32 mask);
void dwsim_wire_write(struct dwsim *sim, u32 offset, u32 val, u32 mask);
void dwsim_dbi_set_link(struct dwsim *sim, bool up);
bool dwsim_dbi_bus_master(struct dwsim *sim);
size_t dwsim_dbi_decode(struct dwsim *sim, u64 addr, size_t len,
			unsigned int *bar, u64 *offset);
size_t dwsim_bar_decode(const u32 *bars, const u32 *masks, u64 addr, size_t len,
			unsigned int *bar, u64 *offset);

/* iatu.c */
void dwsim_iatu_init(struct dwsim *sim);
void dwsim_iatu_reset(struct dwsim *sim);
u32 dwsim_iatu_read(struct dwsim *sim, u32 offset);
void dwsim_iatu_write(struct dwsim *sim, u32 offset, u32 val, u32 mask);
u32 dwsim_atu_viewport_offset(u32 viewport, u32 offset);
u32 dwsim_iatu_viewport_read(struct dwsim *sim, u32 offset);
void dwsim_iatu_viewport_write(struct dwsim *sim, u32 offset, u32 val, u32 mask);
void dwsim_atu_window_decode(const u32 *raw, struct dwsim_atu_window *win);
size_t dwsim_atu_inbound(const struct dwsim_atu_window *win, unsigned int bar,
			 u64 offset, u64 addr, size_t len, u64 *target);
size_t dwsim_atu_outbound(const struct dwsim_atu_window *win, u64 addr,
			  size_t len, u64 *target);
size_t dwsim_iatu_inbound(struct dwsim *sim, unsigned int bar, u64 offset,
			  u64 addr, size_t len, u64 *target);
size_t dwsim_iatu_outbound(struct dwsim *sim, u64 addr, size_t len, u64 *target);

/* dma.c */
int dwsim_dma_init(struct dwsim *sim);
void dwsim_dma_reset(struct dwsim *sim);
u32 dwsim_dma_read(struct dwsim *sim, enum dwsim_dma_place place, u32 offset);
void dwsim_dma_write(struct dwsim *sim, enum dwsim_dma_place place, u32 offset,
		     u32 val, u32 mask);
bool dwsim_dma_has_viewport(struct dwsim *sim);
bool dwsim_ll_step(const struct dwsim_ll *ll, u64 *llp, bool *ccs);
void dwsim_dma_start(struct dwsim_dma_chan *ch);
void dwsim_dma_stop(struct dwsim_dma_chan *ch);
void dwsim_dma_ring(struct dwsim *sim, bool read);
void dwsim_dma_ring_ack(struct dwsim *sim, bool read, u32 val);
u8 dwsim_latch_clear(enum dwsim_latch latch, u8 up, bool read, u32 val);
u32 dwsim_dma_lines(const struct dwsim_edma *edma);
void dwsim_dma_update_lines(struct dwsim *sim);

/* edma.c, hdma.c */
extern const struct dwsim_dma_map dwsim_edma_unroll;
extern const struct dwsim_dma_map dwsim_edma_legacy;
extern const struct dwsim_dma_map dwsim_edma_compat;
extern const struct dwsim_dma_map dwsim_hdma;

/* intc.c */
int dwsim_intc_init(struct dwsim *sim);
void dwsim_line_set(struct dwsim *sim, unsigned int hwirq, bool level);
void dwsim_line_pulse(struct dwsim *sim, unsigned int hwirq);

/* msi.c */
int dwsim_host_msi_init(struct dwsim *sim);
int dwsim_local_msi_init(struct dwsim *sim, struct device_node *np);
void dwsim_msi_write(struct dwsim_msi *msi, u32 data);

/* host.c */
int dwsim_host_init(struct dwsim *sim);
int dwsim_host_link(struct dwsim *sim, bool up);

/* trace.c */
void dwsim_trace_init(struct dwsim *sim);
void dwsim_trace_debugfs(struct dwsim *sim);
void dwsim_trace(struct dwsim *sim, const char *path, const struct dwsim_access *a,
		 size_t n, const char *who, u64 at);
void dwsim_trace_irq(struct dwsim *sim, const char *who, unsigned int number);

/* glue.c */
int dwsim_glue_register(void);
int dwsim_glue_event(struct dwsim *sim, enum dwsim_event event);

/* debugfs.c */
bool dwsim_fault(struct dwsim *sim, enum dwsim_fault fault);
void dwsim_debugfs_init(struct dwsim *sim);

/* hold.c */
void dwsim_hold_init(struct dwsim *sim);

/* core.c: faults, set as module parameters */
extern bool dwsim_swallow_irq;
extern bool dwsim_ignore_clear;
extern bool dwsim_ignore_wr_clear;
extern bool dwsim_fence;
extern uint dwsim_storm_limit;

#endif /* DWSIM_H */
