// SPDX-License-Identifier: GPL-2.0-only
/*
 * Count the instructions that a User-Mode Linux kernel runs between two
 * breakpoint instructions of its own, by single steps: the rest runs at full
 * speed. Signals that come in between wait until the second one, so that no
 * interrupt is counted.
 *
 * usage: steps OUTPUT COMMAND...
 *
 * OUTPUT gets one number a line, for each such pair.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_breakpoint(pid_t pid)
{
	siginfo_t info;

	/* Neither a single step nor an exec */
	return !ptrace(PTRACE_GETSIGINFO, pid, NULL, &info) && info.si_code == SI_KERNEL;
}

static void trace(pid_t pid, FILE *out)
{
	long steps = 0;
	int inside = 0, held[NSIG] = { 0 }, status, sig, i;

	for (;;) {
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return;

		sig = WSTOPSIG(status);
		if (sig == SIGTRAP && is_breakpoint(pid)) {
			inside = !inside;
			/* The step onto the second breakpoint counted that as well */
			if (!inside)
				fprintf(out, "%ld\n", steps);
			steps = 0;
			sig = 0;
			for (i = 1; !inside && i < NSIG; i++)
				if (held[i]) {
					held[i] = 0;
					kill(pid, i);
				}
		} else if (sig == SIGTRAP) {
			steps += inside;
			sig = 0;
		} else if (inside) {
			held[sig] = 1;
			sig = 0;
		}

		ptrace(inside ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, NULL, (void *)(long)sig);
	}
}

int main(int argc, char **argv)
{
	FILE *out;
	pid_t pid;

	if (argc < 3)
		errx(2, "usage: steps OUTPUT COMMAND...");
	out = fopen(argv[1], "w");
	if (!out)
		err(1, "%s", argv[1]);

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[2], argv + 2);
		err(1, "%s", argv[2]);
	}
	trace(pid, out);

	return fclose(out) ? 1 : 0;
}
