# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Part of lib.sh: what a scenario says, and what is said at its end.

# What a debug kernel knows at the end; a leak shows once its object is 5 s old
debug_checks() {
	[ ! -e /proc/lockdep_stats ] || grep 'debug_locks: *1' /proc/lockdep_stats ||
		{ echo "dwsim: lockdep has switched itself off"; return 1; }
	leaks=/sys/kernel/debug/kmemleak
	[ -e $leaks ] && ! grep -q kmemleak=off /proc/cmdline || return 0
	sleep 5.2
	echo scan >$leaks && echo scan >$leaks && cat $leaks
	[ -z "$(cat $leaks)" ] || { echo "dwsim: memory leaks"; return 1; }
}

trace_tail() {
	[ -e /sys/kernel/debug/dwsim/trace ] || return 0
	echo "dwsim: trace"
	tail -n 40 /sys/kernel/debug/dwsim/trace
}

report() {
	echo "dwsim: counters"
	cat /sys/kernel/debug/dwsim/counters
	echo "dma_channels $(find /sys/class/dma -mindepth 1 | wc -l)"
	echo "dwsim: interrupts"
	cat /proc/interrupts
}

# tap CLAIM [NOTE]: a claim that held, as a result on tty1; tap_end after the last
tap() {
	[ -n "${taps:-}" ] || echo "TAP version 13" >/dev/tty1
	taps=$((${taps:-0} + 1))
	echo "ok $taps - $1${2:+ # $2}" >/dev/tty1
}
tap_end() { echo "1..$taps" >/dev/tty1; }
