# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the tools: where things are and how a tool ends. Leaves the shell
# in the top directory of the project.
# shellcheck shell=sh disable=SC2034
[ -z "${V-}" ] || set -x
me=${0##*/}
cd "$(dirname "$0")/.." || exit
series=patches/v7.0
tree=linux

# The topics of the series in their order, each a directory of patches
topics() {
	sed -n 's/^\([a-z0-9][a-z0-9-]*\).*/\1/p' "$series/topics"
}

die() {
	printf '%s: %s\n' "$me" "$*" >&2
	exit 1
}

# lap WHAT: tell on stderr how long it took since the last lap
lap_start=$(date +%s%N)
lap() {
	lap_now=$(date +%s%N)
	lap_tenths=$(((lap_now - lap_start) / 100000000))
	lap_start=$lap_now
	printf '%s: %s, %d.%d s\n' "$me" "$1" $((lap_tenths / 10)) $((lap_tenths % 10)) >&2
}
