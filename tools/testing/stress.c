// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hard knocks for a simulated pair that is up, from inside its machine.
 *
 * usage: stress walk FILE LENGTH      orders of events, a letter each, in rows of LENGTH
 *        stress hostile SEED COUNT    writes of a host that means harm
 *        stress endpoint SEED COUNT   requests to an endpoint that means harm
 *        stress faults                each allocation fails once, and more
 *        stress vntb                  the same for vNTB, bound and its host without a driver
 *        stress vntb-host             the same for the driver of vNTB's host
 *
 * Prints what it counted; exits with 1, and says after what, if the doorbell does
 * not work where it has to, the kernel complains, or something is left behind.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/pcitest.h>

#define SIM		"/sys/bus/platform/devices/dwsim/"
#define DEBUG		"/sys/kernel/debug/"
#define FUNCTIONS	"/sys/kernel/config/pci_ep/functions/"
#define EPF		FUNCTIONS "pci_epf_test/func1"
#define CONTROLLERS	"/sys/kernel/config/pci_ep/controllers"
#define TEST_DEVICE	"/dev/pci-endpoint-test.0"

/* Registers of pci-epf-test at the start of BAR0 */
#define COMMAND			0x04
#define STATUS			0x08
#define IRQ_TYPE		0x24
#define IRQ_NUMBER		0x28
#define DB_BAR			0x34
#define DB_OFFSET		0x38
#define DB_DATA			0x3c
#define REGISTERS_END		0x40
#define ENABLE_DOORBELL		0x40
#define DISABLE_DOORBELL	0x80
#define IRQ_RAISED		0x40
#define DOORBELL_SUCCESS	0x200
#define ENABLE_SUCCESS		0x400
#define ENABLE_FAIL		0x800
#define DISABLE_SUCCESS		0x1000
#define DISABLE_FAIL		0x2000

#define ANSWER_MS	5000
#define SETTLE_MS	100
#define LEAK_STEPS	1000	/* a scan for leaks each so many steps */

static const char *function = EPF, *host = "pci-endpoint-test";
static char controller[256], link_path[300], start_path[300], pci_name[64];
static uint64_t bar[6];
static int host_bus = -1, kmsg = -1;
static long records;		/* of the kernel log */

enum doorbell { OFF, ON, UNKNOWN };

/* What the walk knows about the pair */
static struct {
	bool linked;		/* in configfs */
	bool loaded;		/* the EPF has its driver */
	bool link;
	bool seen;		/* enumerated since it was bound */
	bool driver;		/* the host's */
	enum doorbell doorbell;
} st;

static const char *history = "";
static long step, working;

static void fail(const char *format, ...)
{
	/* Only a walk has a history */
	int from = *history && step > 11 ? step - 11 : 0;
	va_list args;

	printf("dwsim: stress failed at step %ld, after %.*s: ", step,
	       *history ? (int)(step - from + 1) : 0, history + from);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	exit(1);
}

static int try_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text));
	close(fd);

	return ret < 0 ? -1 : 0;
}

static int host_driver(const char *verb)
{
	char path[300];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", host, verb);

	return try_write(path, pci_name);
}

static long read_number(const char *path, const char *after)
{
	static char buf[65536];
	FILE *f = fopen(path, "r");
	const char *at;
	size_t n;

	if (!f)
		return -1;
	n = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[n] = '\0';
	at = after ? strstr(buf, after) : buf;

	return at ? strtol(at + (after ? strlen(after) : 0), NULL, 0) : -1;
}

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);

	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int count_entries(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);

	return n;
}

static int count_lines(const char *path, const char *start)
{
	FILE *f = fopen(path, "r");
	char line[256];
	int n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		n += !strncmp(line, start, strlen(start));
	fclose(f);

	return n;
}

/* The host's side of the bus */

static void bus_write(uint64_t addr, const void *buf, size_t len)
{
	if (pwrite(host_bus, buf, len, addr) != (ssize_t)len)
		err(1, "bus write at 0x%" PRIx64, addr);
}

static uint32_t reg_read(unsigned int reg)
{
	uint32_t val;

	if (pread(host_bus, &val, sizeof(val), bar[0] + reg) != sizeof(val))
		err(1, "bus read");

	return val;
}

static void reg_write(unsigned int reg, uint32_t val)
{
	bus_write(bar[0] + reg, &val, sizeof(val));
}

static bool find_device(void)
{
	char path[300];
	struct dirent *entry;
	DIR *dir = opendir("/sys/bus/pci/devices");
	bool found = false;
	FILE *f;
	int i;

	while (dir && (entry = readdir(dir))) {
		if (!strstr(entry->d_name, ":01:00.0"))
			continue;
		snprintf(pci_name, sizeof(pci_name), "%.32s", entry->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	if (!found)
		return false;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", pci_name);
	f = fopen(path, "r");
	for (i = 0; f && i < 6; i++)
		if (fscanf(f, "%" SCNx64 " %*s %*s", &bar[i]) != 1)
			break;
	if (f)
		fclose(f);

	return true;
}

static bool set_msi(void)
{
	int fd = open(TEST_DEVICE, O_RDWR), ret;

	if (fd < 0)
		return false;
	ret = ioctl(fd, PCITEST_SET_IRQTYPE, 1);
	close(fd);

	return !ret;
}

static bool status_within(uint32_t bits, long ms)
{
	long end = now_ms() + ms;
	uint32_t status;

	/* All ones is what a read gives that nobody answers */
	while (!((status = reg_read(STATUS)) & bits) || status == ~0U) {
		if (now_ms() > end)
			return false;
		sleep_ms(1);
	}

	return true;
}

static uint32_t command(uint32_t number)
{
	reg_write(STATUS, 0);
	reg_write(IRQ_TYPE, 1);
	reg_write(IRQ_NUMBER, 1);
	reg_write(COMMAND, number);
	if (!status_within(IRQ_RAISED, ANSWER_MS))
		fail("command 0x%x has no answer, status 0x%x", number, reg_read(STATUS));

	return reg_read(STATUS);
}

static void ring_raw(void)
{
	uint32_t which = reg_read(DB_BAR), data = reg_read(DB_DATA);

	if (which < 6 && bar[which])
		bus_write(bar[which] + reg_read(DB_OFFSET), &data, sizeof(data));
}

static bool ring(long ms)
{
	reg_write(STATUS, 0);
	ring_raw();

	return status_within(DOORBELL_SUCCESS, ms);
}

static bool operable(void)
{
	return st.linked && st.loaded && st.link && st.seen && st.driver;
}

static void enable(void)
{
	if (!(command(ENABLE_DOORBELL) & ENABLE_SUCCESS))
		fail("cannot enable, status 0x%x", reg_read(STATUS));
	st.doorbell = ON;
}

static void disable(void)
{
	uint32_t status = command(DISABLE_DOORBELL);

	if (st.doorbell == ON && !(status & DISABLE_SUCCESS))
		fail("cannot disable, status 0x%x", status);
	if (st.doorbell == OFF && !(status & DISABLE_FAIL))
		fail("disable of nothing is not refused, status 0x%x", status);
	st.doorbell = OFF;
}

/* The steps of a walk; out of place they are tried all the same */

static void step_enable(void)
{
	if (operable() && st.doorbell == OFF) {
		enable();
	} else if (operable()) {
		command(ENABLE_DOORBELL);
		st.doorbell = ON;
	} else if (st.link && bar[0]) {
		reg_write(COMMAND, ENABLE_DOORBELL);
		st.doorbell = UNKNOWN;
	}
}

static void step_disable(void)
{
	if (operable()) {
		disable();
	} else if (st.link && bar[0]) {
		reg_write(COMMAND, DISABLE_DOORBELL);
		st.doorbell = UNKNOWN;
	}
}

static void step_ring(void)
{
	if (operable() && st.doorbell == ON) {
		if (!ring(ANSWER_MS))
			fail("a ring does not arrive");
	} else if (bar[0]) {
		ring_raw();
	}
}

static void step_dma(void)
{
	struct pci_endpoint_test_xfer_param param = {
		.size = 4096, .flags = PCITEST_FLAGS_USE_DMA,
	};
	int fd;

	if (!operable())
		return;
	fd = open(TEST_DEVICE, O_RDWR);
	if (fd < 0)
		fail("no test device");
	/*
	 * The interrupt of a command that went past the driver may come only now.
	 * Without a status it does not look like the answer; a command that was not
	 * waited for would still give one.
	 */
	if (st.doorbell == UNKNOWN)
		sleep_ms(SETTLE_MS);
	reg_write(STATUS, 0);
	if (ioctl(fd, PCITEST_READ, &param))
		fail("DMA does not work: %s", strerror(errno));
	close(fd);
}

static void step_unbind(void)
{
	if (!st.linked)
		return;
	try_write(start_path, "0");
	if (unlink(link_path))
		fail("cannot unlink");
	st.linked = st.seen = false;
	st.doorbell = OFF;
}

static void step_bind(void)
{
	if (st.linked || !st.loaded)
		return;
	if (symlink(function, link_path))
		fail("cannot link");
	if (try_write(start_path, "1"))
		fail("cannot start");
	st.linked = true;
	st.seen = false;
	st.doorbell = OFF;
}

/* Refused while the function is linked; else it takes the function with it */
static void step_unload(void)
{
	if (syscall(SYS_delete_module, "pci_epf_test", O_NONBLOCK) == 0)
		st.loaded = false;
	else if (st.loaded && !st.linked)
		fail("cannot unload the function's driver");
}

static int load(void)
{
	char path[300];
	int fd, ret;

	snprintf(path, sizeof(path), "%.200s/obj/drivers/pci/endpoint/functions/pci-epf-test.ko",
		 getenv("OBJ"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, "", 0);
	close(fd);

	return ret;
}

static int make_function(void)
{
	if (mkdir(EPF, 0755))
		return -1;
	if (try_write(EPF "/vendorid", "0x16c3") || try_write(EPF "/deviceid", "0xedda") ||
	    try_write(EPF "/msi_interrupts", "32") || try_write(EPF "/msix_interrupts", "32")) {
		rmdir(EPF);
		return -1;
	}

	return 0;
}

static void step_load(void)
{
	if (st.loaded)
		return;
	if (load() || make_function())
		fail("cannot load the function's driver");
	st.loaded = true;
}

static void step_down(void)
{
	try_write(SIM "link", "0");
	st.link = st.seen = st.driver = false;
	if (st.doorbell == ON)
		st.doorbell = UNKNOWN;
}

static void host_settle(void)
{
	int i;

	/* Only a function that is there has a driver */
	st.seen = find_device() && st.linked;
	for (i = 0; st.seen && i < 500 && access(TEST_DEVICE, F_OK); i++)
		sleep_ms(10);
	st.driver = st.seen && set_msi();
	if (st.seen && !st.driver)
		fail("the host has no test device");
}

static void step_up(void)
{
	/* A function that was bound since then is only found by a host that looks again */
	if (st.link && st.linked && !st.seen)
		step_down();
	try_write(SIM "link", "1");
	st.link = true;
	if (!st.seen)
		host_settle();
}

static void step_reprobe(void)
{
	if (!st.seen || !st.driver)
		return;
	if (host_driver("unbind") || host_driver("bind"))
		fail("cannot probe the host's driver again");
	host_settle();
}

static void step_perst(void)
{
	if (try_write(SIM "perst", "1"))
		return;
	if (try_write(SIM "perst", "0"))
		fail("cannot release PERST#");
	st.link = st.seen = st.driver = false;
	st.doorbell = OFF;
}

static const struct {
	char letter;
	void (*run)(void);
} steps[] = {
	{ 'E', step_enable }, { 'D', step_disable }, { 'R', step_ring },
	{ 'M', step_dma }, { 'u', step_unbind }, { 'b', step_bind },
	{ 'x', step_unload }, { 'l', step_load }, { '-', step_down },
	{ '+', step_up }, { 'h', step_reprobe }, { 'P', step_perst },
};

static void check_doorbell(void)
{
	if (!operable() || st.doorbell == UNKNOWN)
		return;
	working++;
	if (st.doorbell == ON) {
		if (!ring(ANSWER_MS))
			fail("the enabled doorbell does not ring");
		return;
	}
	enable();
	if (!ring(ANSWER_MS))
		fail("the doorbell does not ring");
	disable();
}

/* The same state has the same resources, whatever came before it */
static void check_left(void)
{
	static struct left {
		int irqs, windows;
		long mappings;
	} known[256];
	unsigned int key = st.linked | st.loaded << 1 | st.link << 3 |
			   st.seen << 4 | !access(TEST_DEVICE, F_OK) << 5 | (st.doorbell == ON) << 6;
	struct left now = {
		count_entries("/sys/kernel/irq") + 1,
		count_lines(DEBUG "dwsim/windows", "in"),
		read_number(DEBUG "dma-api/num_free_entries", NULL),
	};

	/* A command that was not waited for, or a host that went away without a word */
	if (st.doorbell == UNKNOWN || (st.linked && !operable()))
		return;
	if (!known[key].irqs)
		known[key] = now;
	if (known[key].irqs != now.irqs)
		fail("%d interrupt descriptors, were %d", now.irqs, known[key].irqs);
	if (known[key].windows != now.windows)
		fail("%d inbound windows, were %d", now.windows, known[key].windows);
	if (known[key].mappings != now.mappings)
		fail("%ld free DMA entries, were %ld", now.mappings, known[key].mappings);
}

static void check_kernel(void)
{
	static const char * const bad[] = {
		"WARNING", "BUG", "Oops", "KASAN", "UBSAN", "ODEBUG", "INFO: ", "nobody cared",
		"DMA-API", "line stuck",
	};
	static char record[8192];
	unsigned int i;
	ssize_t n;

	while ((n = read(kmsg, record, sizeof(record) - 1)) > 0 || errno == EPIPE) {
		records++;
		if (n < 0)
			continue;
		record[n] = '\0';
		/* dma-debug has allocations of its own that fail */
		if (strstr(record, "cacheline tracking ENOMEM"))
			continue;
		for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
			if (strstr(record, bad[i]))
				fail("the kernel says %.120s", record);
	}
}

static void check_leaks(void)
{
	const char *leaks = DEBUG "kmemleak";

	if (try_write(leaks, "scan"))
		return;
	if (count_lines(leaks, "unref") > 0)
		fail("kmemleak has found something");
}

/* Back to where all works */
static void restore(void)
{
	step_unbind();
	step_load();
	step_bind();
	step_down();
	step_up();
}

static void take_step(char letter)
{
	unsigned int i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i].letter == letter)
			steps[i].run();
}

static void check_step(void)
{
	check_doorbell();
	check_left();
	check_kernel();
}

/*
 * Each row of @length steps is to be seen unbroken. A walk that was out of order
 * for longer than that is put in order, and the row that this has broken begins
 * anew. Twice as long: then most of what follows is not a repetition, and each
 * time there is something new.
 */
static void walk(const char *path, long length)
{
	static char buf[1 << 20], unbroken[sizeof(buf)];
	long taken = 0, idle = 0, since = 0, rows = 0, restored = 0;
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		err(2, "%s", path);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	while (n && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	history = buf;

	for (step = 0; step < (long)n; step++) {
		take_step(buf[step]);
		check_step();
		if (++taken % LEAK_STEPS == 0)
			check_leaks();
		if (++since >= length)
			unbroken[step] = 1;
		idle = operable() ? 0 : idle + 1;
		if (idle > 2 * length) {
			restore();
			check_step();
			restored++;
			idle = since = 0;
			step -= length - 1;
		}
	}
	for (step = 0; step < (long)n; step++)
		rows += unbroken[step];
	printf("stress: %ld steps, %ld with a working doorbell, restored %ld times\n",
	       taken, working, restored);
	printf("stress: %ld rows of %ld unbroken\n", rows, length);
}

/* A host that means harm */

static uint64_t random_state;

static uint32_t rnd(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;

	return random_state >> 16;
}

static uint32_t nasty(void)
{
	static const uint32_t values[] = {
		0, 1, 2, 5, 6, 7, 0x7f, 0x80, 0xff, 0xfff, 0x1000, 0xffff, 0x7fffffff,
		0x80000000, 0xffffffff, 0xfffffffc, ENABLE_DOORBELL, DISABLE_DOORBELL,
	};

	return rnd() % 4 ? values[rnd() % (sizeof(values) / sizeof(*values))] : rnd();
}

static void hostile_register(void)
{
	uint32_t val = nasty();
	unsigned int reg = rnd() % REGISTERS_END & ~3;

	/* Commands of one bit, most of the time: the others are refused at once */
	if (reg == COMMAND && rnd() % 4)
		val = 1U << rnd() % 12;
	bus_write(bar[0] + reg, &val, 4);
}

static void hostile_memory(void)
{
	unsigned int which = rnd() % 6;
	uint32_t val = nasty();
	size_t len = 1 << rnd() % 3;

	if (bar[which])
		bus_write(bar[which] + rnd() % 0x400 * 4, &val, len);
}

static void hostile_doorbell(void)
{
	uint32_t which = reg_read(DB_BAR), offset = reg_read(DB_OFFSET), val = nasty();

	if (which < 6 && bar[which] && offset < 0x100000)
		bus_write(bar[which] + offset + (rnd() % 4 ? 0 : rnd() % 64 * 4 - 128), &val, 4);
}

#define CONFIG_SIZE	4096

static void hostile_config(int config)
{
	/*
	 * Past the header's IDs; the BARs and the command register come back below.
	 * Extended capabilities, like that of a resizable BAR, begin at 0x100.
	 */
	uint32_t val = nasty();
	off_t at = 4 + rnd() % 252;

	if (rnd() % 4 == 0)
		at = 256 + rnd() % (rnd() % 4 ? 256 : CONFIG_SIZE - 256);
	if (rnd() % 2)
		at &= ~3;
	if (pwrite(config, &val, 1 << rnd() % 3, at) < 0)
		return;
}

/* A BAR gets its size back before its address */
static void restore_config(int config, const char *saved)
{
	if (pwrite(config, saved + 256, CONFIG_SIZE - 256, 256) < 0 || pwrite(config, saved, 256, 0) < 0)
		err(1, "restoring configuration space");
}

/* Who floods the log with one request a line hides what matters */
static void check_noise(long inputs)
{
	check_kernel();
	if (records > 2 * inputs + 100)
		fail("%ld lines in the kernel log for %ld inputs", records, inputs);
	printf("stress: %ld lines in the kernel log\n", records);
}

/* Who comes after it finds a doorbell that works */
static void check_afterwards(long inputs)
{
	sleep_ms(50);
	step_down();
	step_unbind();
	step_bind();
	step_up();
	check_doorbell();
	check_noise(inputs);
}

static void hostile(uint64_t seed, long count)
{
	static char saved[CONFIG_SIZE];
	char path[300];
	int config;

	random_state = seed * 0x9e3779b97f4a7c15ULL | 1;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", pci_name);
	config = open(path, O_RDWR);
	if (config < 0 || pread(config, saved, sizeof(saved), 0) != sizeof(saved))
		err(1, "%s", path);

	for (step = 0; step < count; step++) {
		switch (rnd() % 8) {
		case 0:
			hostile_config(config);
			break;
		case 1:
			hostile_memory();
			break;
		case 2:
		case 3:
			hostile_doorbell();
			break;
		default:
			hostile_register();
		}
		if (rnd() % 8 == 0)
			sleep_ms(1);
		if (step % 64 == 63) {
			restore_config(config, saved);
			check_kernel();
		}
	}

	restore_config(config, saved);
	close(config);
	check_afterwards(count);
	printf("stress: %ld hostile writes\n", count);
}

/*
 * An endpoint that means harm. The windows of BAR0 and BAR1 change places: the
 * host's driver then has its registers in BAR1's memory, where anything can be
 * answered, and pci-epf-test, reached through BAR1, only raises the interrupts.
 */

#define IATU_TARGET(n)	(0x41000114 + (n) * 0x200)	/* of hw_pair.dtsi */
#define CAPS		0x30
#define RAISE_MSI	0x2
#define SILENCE_MS	4	/* after which an answer comes that nobody asked for */
#define HANG_MS		30000

static uint32_t local_read(int fd, off_t at)
{
	uint32_t val;

	if (pread(fd, &val, sizeof(val), at) != sizeof(val))
		err(1, "local bus");

	return val;
}

static void swap_windows(void)
{
	int fd = open(DEBUG "dwsim/local", O_RDWR);
	uint32_t zero, one;

	if (fd < 0)
		err(1, "local bus");
	zero = local_read(fd, IATU_TARGET(0));
	one = local_read(fd, IATU_TARGET(1));
	if (pwrite(fd, &one, sizeof(one), IATU_TARGET(0)) != sizeof(one) ||
	    pwrite(fd, &zero, sizeof(zero), IATU_TARGET(1)) != sizeof(zero))
		err(1, "local bus");
	close(fd);
}

static void request(int fd)
{
	struct pci_endpoint_test_xfer_param param = { .size = 1 + rnd() % 8192 };

	switch (rnd() % 8) {
	case 0:
		/* BAR1 leads to the registers that have to raise interrupts */
		ioctl(fd, PCITEST_BAR, 2 + rnd() % 5);
		break;
	case 1:
		ioctl(fd, PCITEST_BAR_SUBRANGE, 2 + rnd() % 5);
		break;
	case 2:
		ioctl(fd, rnd() % 2 ? PCITEST_READ : PCITEST_WRITE, &param);
		break;
	case 3:
		ioctl(fd, PCITEST_COPY, &param);
		break;
	case 4:
		ioctl(fd, PCITEST_MSI, 1 + rnd() % 32);
		break;
	default:
		ioctl(fd, PCITEST_DOORBELL, 0);
	}
}

static void requests(long count, volatile long *done)
{
	int fd;

	for (*done = 0; *done < count; ++*done) {
		if (*done % 256 == 255) {
			host_driver("unbind");
			host_driver("bind");
			set_msi();
		}
		fd = open(TEST_DEVICE, O_RDWR);
		if (fd < 0)
			fail("no test device");
		request(fd);
		close(fd);
	}
	exit(0);
}

static void answer(void)
{
	static const uint32_t places[] = {
		0, 4, 0x10, 0xffc, 0x1000, 0x1fffd, 0x1fffc, 0xfffff, 0x100000, 0xfffffffc,
		0x7fffffff, 1, 2,
	};
	const uint32_t msi = 1, raise = RAISE_MSI;
	unsigned int reg;

	for (reg = STATUS; reg < REGISTERS_END; reg += 4)
		reg_write(reg, nasty());
	/* Not BAR1: it leads beyond the end of what is behind BAR0 */
	reg_write(DB_BAR, rnd() % 8 ? 2 + rnd() % 6 : nasty() & ~1);
	if (rnd() % 4)
		reg_write(DB_OFFSET, places[rnd() % (sizeof(places) / sizeof(*places))]);
	/* Mostly success, of the doorbell too */
	reg_write(STATUS, rnd() % 4 ? 0x3ffff & ~ENABLE_FAIL & ~DISABLE_FAIL : rnd());
	reg_write(COMMAND, 0);
	bus_write(bar[1] + IRQ_TYPE, &msi, 4);
	bus_write(bar[1] + IRQ_NUMBER, &msi, 4);
	bus_write(bar[1] + COMMAND, &raise, 4);
}

static void endpoint(uint64_t seed, long count)
{
	volatile long *done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long answers = 0, heard = now_ms(), last = 0, moved = heard;
	int status;
	pid_t child;

	if (done == MAP_FAILED)
		err(1, "mmap");
	random_state = seed * 0x9e3779b97f4a7c15ULL | 1;
	swap_windows();
	child = fork();
	if (!child)
		requests(count, done);
	random_state ^= 0x5555;

	while (waitpid(child, &status, WNOHANG) == 0) {
		step = *done;
		if (step != last)
			moved = now_ms();
		last = step;
		if (now_ms() > moved + HANG_MS) {
			kill(child, SIGKILL);
			fail("a request hangs");
		}
		if (reg_read(COMMAND) || now_ms() > heard + SILENCE_MS) {
			answer();
			answers++;
			heard = now_ms();
		}
		check_kernel();
		sched_yield();
	}
	if (status)
		fail("the requests end with 0x%x", status);

	swap_windows();
	reg_write(COMMAND, 0);
	check_afterwards(answers);
	printf("stress: %ld requests, %ld hostile answers\n", count, answers);
}

/* Each allocation fails once */

/* The line of /proc/interrupts that an enabled doorbell adds */
static int doorbell_irq(void)
{
	char line[256];
	int irq = 0;
	FILE *f;

	enable();
	f = fopen("/proc/interrupts", "r");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "pci-ep-test-doorbell"))
			irq = atoi(line);
	if (f)
		fclose(f);
	disable();

	return irq;
}

static void fail_nth(const char *task, unsigned int n)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "/proc/%.32s/fail-nth", task);
	snprintf(text, sizeof(text), "%u", n);
	try_write(path, text);
}

/* Calls @act on each worker that may carry out a command; how many said yes */
static int each_worker(int (*act)(const char *pid, unsigned int n), unsigned int n)
{
	char path[300], comm[64] = "";
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	int yes = 0;
	FILE *f;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !strncmp(comm, "kworker/", 8))
			yes += act(entry->d_name, n);
		fclose(f);
	}
	if (dir)
		closedir(dir);

	return yes;
}

static int worker_fails(const char *pid, unsigned int n)
{
	fail_nth(pid, n);

	return 1;
}

static int worker_failed(const char *pid, unsigned int n)
{
	char path[64];

	(void)n;
	snprintf(path, sizeof(path), "/proc/%.32s/fail-nth", pid);

	return read_number(path, NULL) == 0;
}

/* A command, the nth allocation of whose worker fails; *hit if there was one */
static uint32_t failing(uint32_t (*send)(uint32_t number), uint32_t number, unsigned int n,
			bool *hit)
{
	uint32_t status;

	each_worker(worker_fails, n);
	status = send(number);
	*hit = each_worker(worker_failed, 0);
	each_worker(worker_fails, 0);

	return status;
}

/* After an enable, refused or not, the doorbell works and nothing is left */
static void after_enable(uint32_t status)
{
	if (status & ENABLE_SUCCESS)
		st.doorbell = ON;
	check_doorbell();
	if (st.doorbell == ON)
		disable();
	check_left();
	check_kernel();
}

static unsigned int faults_enable(void)
{
	unsigned int n, refused = 0;
	bool hit = true;

	for (n = 1; hit && n < 500; n++) {
		uint32_t status = failing(command, ENABLE_DOORBELL, n, &hit);

		refused += !!(status & ENABLE_FAIL);
		after_enable(status);
	}
	printf("stress: enable, %u allocations failed, %u times refused\n", n - 2, refused);

	return refused;
}

static unsigned int faults_task(const char *what, int (*act)(void), void (*undo)(void))
{
	unsigned int n, refused = 0;
	bool hit = true;

	for (n = 1; hit && n < 2000; n++) {
		int ret;

		step = n;
		fail_nth("self", n);
		ret = act();
		hit = read_number("/proc/self/fail-nth", NULL) == 0;
		fail_nth("self", 0);
		refused += !!ret;
		if (!ret)
			undo();
		check_kernel();
	}
	printf("stress: %s, %u allocations failed, %u times refused\n", what, n - 2, refused);

	return refused;
}

static int act_bind(void)
{
	return symlink(function, link_path);
}

static void undo_bind(void)
{
	unlink(link_path);
}

static int act_make(void)
{
	return make_function();
}

static void undo_make(void)
{
	rmdir(EPF);
}

static int act_load(void)
{
	return load();
}

static void undo_load(void)
{
	syscall(SYS_delete_module, "pci_epf_test", O_NONBLOCK);
}

static int act_host(void)
{
	return host_driver("bind");
}

static void undo_host(void)
{
	host_driver("unbind");
}

/*
 * What is no allocation. A window that cannot be had is tried larger, until there
 * is none to try; the one that is put back then has to be there.
 */
static unsigned int faults_other(void)
{
	uint32_t status = 0;
	unsigned int n;
	char text[16];

	for (n = 1; !(status & ENABLE_FAIL); n++) {
		snprintf(text, sizeof(text), "atu %u", n);
		if (n > 64 || try_write(DEBUG "dwsim/fault", text))
			fail("cannot make inbound windows fail");
		status = command(ENABLE_DOORBELL);
		try_write(DEBUG "dwsim/fault", "atu 0");
		after_enable(status);
	}

	snprintf(text, sizeof(text), "%d", doorbell_irq());
	if (try_write(DEBUG "dwsim/hold", text))
		fail("cannot take the interrupt");
	status = command(ENABLE_DOORBELL);
	if (!(status & ENABLE_FAIL))
		fail("enabled with an interrupt of somebody else's");
	try_write(DEBUG "dwsim/hold", "0");
	after_enable(status);
	printf("stress: model, up to %u windows and an interrupt failed, 2 times refused\n", n - 1);

	return 2;
}

static void need_failslab(void)
{
	if (try_write(DEBUG "failslab/ignore-gfp-wait", "0"))
		errx(1, "this kernel has no failslab");
	try_write(DEBUG "failslab/verbose", "0");
}

static void faults(void)
{
	unsigned int refused;

	need_failslab();
	refused = faults_enable() + faults_other();

	host_driver("unbind");
	refused += faults_task("probe of the host's driver", act_host, undo_host);
	if (act_host())
		fail("the host's driver does not probe afterwards");

	step_down();
	step_unbind();
	refused += faults_task("bind", act_bind, undo_bind);
	undo_make();
	refused += faults_task("making the function", act_make, undo_make);
	undo_load();
	refused += faults_task("loading the function's driver", act_load, undo_load);
	st.loaded = false;
	step_load();
	step_bind();
	step_up();
	check_doorbell();
	if (!refused)
		fail("no failed allocation had a consequence");
}

/* vNTB: commands of a host that has no driver */

#define VNTB_STATUS		0x08
#define CONFIGURE_DOORBELL	1
#define TEARDOWN_DOORBELL	2
#define VNTB_OK			1

static uint32_t vntb_command(uint32_t number)
{
	uint16_t none = 0;

	bus_write(bar[0] + VNTB_STATUS, &none, sizeof(none));
	reg_write(4, 4);
	reg_write(0, number);
	if (!status_within(0xffff, ANSWER_MS))
		fail("command %u has no answer", number);

	return reg_read(VNTB_STATUS) & 0xffff;
}

static void faults_vntb(void)
{
	unsigned int n, refused;
	bool hit = true;

	need_failslab();
	for (n = 1; hit && n < 500; n++) {
		step = n;
		failing(vntb_command, CONFIGURE_DOORBELL, n, &hit);
		if (vntb_command(TEARDOWN_DOORBELL) != VNTB_OK)
			fail("cannot tear down");
		check_kernel();
	}
	printf("stress: configuring doorbells, %u allocations failed, polled\n", n - 2);

	step_down();
	step_unbind();
	refused = faults_task("bind of vNTB", act_bind, undo_bind);
	step_bind();
	if (!st.linked || !refused)
		fail("no bind afterwards, or none was refused");
}

static void faults_vntb_host(void)
{
	unsigned int refused;

	need_failslab();
	host_driver("unbind");
	refused = faults_task("probe of vNTB's host driver", act_host, undo_host);
	if (act_host() || !refused)
		fail("no probe afterwards, or none was refused");
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	DIR *dir;

	setvbuf(stdout, NULL, _IOLBF, 0);
	dir = opendir(CONTROLLERS);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(controller, sizeof(controller), CONTROLLERS "/%.200s",
				 entry->d_name);
	if (dir)
		closedir(dir);
	snprintf(link_path, sizeof(link_path), "%s/func1", controller);
	snprintf(start_path, sizeof(start_path), "%s/start", controller);

	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		err(1, "/dev/kmsg");
	host_bus = open(DEBUG "dwsim/host", O_RDWR);
	if (host_bus < 0 || !find_device())
		errx(1, "the pair is not up");
	if (argc == 2 && !strcmp(argv[1], "vntb")) {
		st.linked = st.loaded = st.link = true;
		function = FUNCTIONS "pci_epf_vntb/func1";
		faults_vntb();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "vntb-host")) {
		host = "ntb_hw_epf";
		faults_vntb_host();
		return 0;
	}
	if (!set_msi())
		errx(1, "the host has no test device");
	st.linked = st.loaded = st.link = st.seen = st.driver = true;

	if (argc == 4 && !strcmp(argv[1], "walk"))
		walk(argv[2], strtol(argv[3], NULL, 0));
	else if (argc == 4 && !strcmp(argv[1], "hostile"))
		hostile(strtoull(argv[2], NULL, 0), strtol(argv[3], NULL, 0));
	else if (argc == 4 && !strcmp(argv[1], "endpoint"))
		endpoint(strtoull(argv[2], NULL, 0), strtol(argv[3], NULL, 0));
	else if (argc == 2 && !strcmp(argv[1], "faults"))
		faults();
	else
		errx(2, "how to use it stands at the head of stress.c");

	return 0;
}
