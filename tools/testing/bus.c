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
 *        bus DEVICE irqtype NUMBER
 *        bus DEVICE doorbell TIMES
 *
 * FILE is /sys/kernel/debug/dwsim/host or .../local. A word has 32 bits; dump
 * writes the bytes to standard output, read a byte at a time; peek and poke are
 * one access of up to 8 bytes. irqtype sets the
 * kind of interrupt that pci_endpoint_test, DEVICE, listens to; doorbell has it
 * run its doorbell test so many times.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

int main(int argc, char **argv)
{
	uint64_t addr, i, times, row = 0;
	uint32_t word;
	uint8_t byte;
	int fd;

	if (argc < 4)
		errx(2, "usage: bus FILE read|write|dump|fill|peek|poke|irqtype|doorbell NUMBER ...");

	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[1]);
	addr = number(argv[3]);

	if (!strcmp(argv[2], "read") && argc == 4) {
		move(fd, addr, &word, sizeof(word), 0);
		printf("0x%08" PRIx32 "\n", word);
	} else if (!strcmp(argv[2], "write") && (argc == 5 || argc == 6)) {
		word = number(argv[4]);
		times = argc == 6 ? number(argv[5]) : 1;
		for (i = 0; i < times; i++)
			move(fd, addr, &word, sizeof(word), 1);
	} else if (!strcmp(argv[2], "dump") && argc == 5) {
		times = number(argv[4]);
		for (i = 0; i < times; i++) {
			move(fd, addr + i, &byte, 1, 0);
			putchar(byte);
		}
	} else if (!strcmp(argv[2], "fill") && argc == 6) {
		byte = number(argv[5]);
		times = number(argv[4]);
		for (i = 0; i < times; i++)
			move(fd, addr + i, &byte, 1, 1);
	} else if (!strcmp(argv[2], "peek") && argc == 5) {
		move(fd, addr, &row, width(argv[4]), 0);
		printf("0x%0*" PRIx64 "\n", (int)width(argv[4]) * 2, row);
	} else if (!strcmp(argv[2], "poke") && argc == 6) {
		row = number(argv[5]);
		move(fd, addr, &row, width(argv[4]), 1);
	} else if (!strcmp(argv[2], "doorbell") && argc == 4) {
		for (i = 0; i < addr; i++)
			if (ioctl(fd, PCITEST_DOORBELL, 0))
				err(1, "%s: round %" PRIu64, argv[1], i);
	} else if (!strcmp(argv[2], "irqtype") && argc == 4) {
		if (ioctl(fd, PCITEST_SET_IRQTYPE, (unsigned long)addr))
			err(1, "%s", argv[1]);
	} else {
		errx(2, "usage: bus FILE read|write|dump|fill|peek|poke|irqtype|doorbell NUMBER ...");
	}

	return 0;
}
