// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses on a bus of the simulated pair, inside the simulated machine.
 *
 * usage: bus FILE read ADDRESS
 *        bus FILE write ADDRESS VALUE [TIMES]
 *        bus FILE dump ADDRESS LENGTH
 *        bus FILE fill ADDRESS LENGTH BYTE
 *        bus FILE peek ADDRESS BYTES
 *        bus FILE poke ADDRESS BYTES VALUE
 *        bus FILE until ADDRESS VALUE
 *        bus DEVICE irqtype NUMBER
 *        bus DEVICE doorbell TIMES
 *        bus DEVICE transfer SIZE read|write|copy
 *
 * FILE is /sys/kernel/debug/dwsim/host or .../local. A word has 32 bits; dump
 * writes the bytes to standard output, read a byte at a time; peek and poke are
 * one access of up to 8 bytes; until waits for 20 seconds at most. Several of
 * these may follow each other, with a "," as an argument between them, for
 * answers that must not be late. irqtype sets the
 * kind of interrupt that pci_endpoint_test, DEVICE, listens to; doorbell has it
 * run its doorbell test so many times, transfer one of its data transfers.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/pcitest.h>

static uint64_t number(const char *arg)
{
	char *end;
	uint64_t val = strtoull(arg, &end, 0);

	if (!*arg || *end)
		errx(2, "\"%s\" is no number", arg);

	return val;
}

static size_t width(const char *arg)
{
	uint64_t n = number(arg);

	if (n < 1 || n > sizeof(uint64_t))
		errx(2, "an access has 1 to 8 bytes");

	return n;
}

static void move(int fd, uint64_t addr, void *buf, size_t len, int write)
{
	ssize_t n = write ? pwrite(fd, buf, len, addr) : pread(fd, buf, len, addr);

	if (n != (ssize_t)len)
		err(1, "access at 0x%" PRIx64, addr);
}

static int until(int fd, uint64_t addr, uint32_t want)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	struct timespec now, end;
	uint32_t word;

	clock_gettime(CLOCK_MONOTONIC, &end);
	do {
		move(fd, addr, &word, sizeof(word), 0);
		if (word == want)
			return 1;
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec + 20);

	return 0;
}

static unsigned long transfer(const char *name)
{
	if (!strcmp(name, "read"))
		return PCITEST_READ;
	if (!strcmp(name, "write"))
		return PCITEST_WRITE;
	return PCITEST_COPY;
}

static void usage(void)
{
	errx(2, "usage: bus FILE read|write|dump|fill|peek|poke|until|irqtype|doorbell|transfer NUMBER ...");
}

static void run(const char *file, int fd, int argc, char **argv)
{
	struct pci_endpoint_test_xfer_param param = { 0 };
	uint64_t addr, i, times, row = 0;
	uint32_t word;
	uint8_t byte;

	if (argc < 2)
		usage();
	addr = number(argv[1]);

	if (!strcmp(argv[0], "read") && argc == 2) {
		move(fd, addr, &word, sizeof(word), 0);
		printf("0x%08" PRIx32 "\n", word);
	} else if (!strcmp(argv[0], "write") && (argc == 3 || argc == 4)) {
		word = number(argv[2]);
		times = argc == 4 ? number(argv[3]) : 1;
		for (i = 0; i < times; i++)
			move(fd, addr, &word, sizeof(word), 1);
	} else if (!strcmp(argv[0], "dump") && argc == 3) {
		times = number(argv[2]);
		for (i = 0; i < times; i++) {
			move(fd, addr + i, &byte, 1, 0);
			putchar(byte);
		}
	} else if (!strcmp(argv[0], "fill") && argc == 4) {
		byte = number(argv[3]);
		times = number(argv[2]);
		for (i = 0; i < times; i++)
			move(fd, addr + i, &byte, 1, 1);
	} else if (!strcmp(argv[0], "peek") && argc == 3) {
		move(fd, addr, &row, width(argv[2]), 0);
		printf("0x%0*" PRIx64 "\n", (int)width(argv[2]) * 2, row);
	} else if (!strcmp(argv[0], "poke") && argc == 4) {
		row = number(argv[3]);
		move(fd, addr, &row, width(argv[2]), 1);
	} else if (!strcmp(argv[0], "until") && argc == 3) {
		if (!until(fd, addr, number(argv[2])))
			errx(1, "0x%" PRIx64 " does not become %s", addr, argv[2]);
	} else if (!strcmp(argv[0], "doorbell") && argc == 2) {
		for (i = 0; i < addr; i++)
			if (ioctl(fd, PCITEST_DOORBELL, 0))
				err(1, "%s: round %" PRIu64, file, i);
	} else if (!strcmp(argv[0], "transfer") && argc == 3) {
		param.size = addr;
		if (ioctl(fd, transfer(argv[2]), &param))
			err(1, "%s: %s", file, argv[2]);
	} else if (!strcmp(argv[0], "irqtype") && argc == 2) {
		if (ioctl(fd, PCITEST_SET_IRQTYPE, (unsigned long)addr))
			err(1, "%s", file);
	} else {
		usage();
	}
}

int main(int argc, char **argv)
{
	int fd, first, last;

	if (argc < 4)
		usage();

	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[1]);

	for (first = 2; first <= argc; first = last + 1) {
		for (last = first; last < argc && strcmp(argv[last], ","); last++)
			;
		run(argv[1], fd, last - first, argv + first);
	}

	return 0;
}
