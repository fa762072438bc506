/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included by the debug kernel ahead of its spinlocks. Who holds a lock may be a
 * CPU whose thread the real machine does not run just then: who waits for it lets
 * others run. Without, that is a third of the time where CPUs are scarce.
 */
#include <asm/processor.h>

int sched_yield(void);
#define cpu_relax() sched_yield()
