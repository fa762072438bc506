/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included by the debug kernel ahead of arch/um's stacktrace.c, which reads a
 * stack word by word up to the next multiple of THREAD_SIZE.
 *
 * A thread that is to become a CPU frees memory before it has a kernel stack,
 * so KASAN and kmemleak want a trace of the C library's, beyond whose end
 * nothing may be mapped. And whether a word is the address of a function takes
 * two RCU read sections, with lockdep and several CPUs a dozen system calls:
 * most of the time of a boot. All of vmalloc will do for modules.
 */
#include <linux/kernel.h>
#include <linux/kallsyms.h>
#include <linux/pgtable.h>
#include <linux/sched/task_stack.h>
#include <as-layout.h>

static inline int looks_like_text(unsigned long addr)
{
	return core_kernel_text(addr) ||
	       (addr >= VMALLOC_START && addr < VMALLOC_END);
}

#define __kernel_text_address looks_like_text

#undef READ_ONCE_NOCHECK
#define READ_ONCE_NOCHECK(word)						\
	((unsigned long)&(word) - uml_physmem < high_physmem - uml_physmem ? \
	 __read_once_word_nocheck(&(word)) : 0)
