# SPDX-License-Identifier: GPL-2.0-only
# Sourced after common.sh by the tools that use git in linux/: git is made deaf
# to the user's settings and to the variables of a hook or of `git rebase
# --exec`, so that commits and patches come out the same everywhere.
# shellcheck shell=sh disable=SC2154
# shellcheck disable=SC2046
unset $(git rev-parse --local-env-vars) GIT_EXTERNAL_DIFF GIT_DIFF_OPTS
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 LC_ALL=C
export GIT_AUTHOR_NAME='make linux' GIT_AUTHOR_EMAIL=linux@localhost
export GIT_COMMITTER_NAME='make linux' GIT_COMMITTER_EMAIL=linux@localhost
GIT_CONFIG_COUNT=0
for setting in core.fsmonitor=false core.hooksPath=/dev/null \
	core.attributesFile=/dev/null core.autocrlf=false \
	core.quotePath=true commit.gpgSign=false apply.whitespace=nowarn \
	i18n.commitEncoding=UTF-8 i18n.logOutputEncoding=UTF-8 \
	diff.suppressBlankEmpty=false; do
	eval "export GIT_CONFIG_KEY_$GIT_CONFIG_COUNT=${setting%%=*}"
	eval "export GIT_CONFIG_VALUE_$GIT_CONFIG_COUNT=${setting#*=}"
	GIT_CONFIG_COUNT=$((GIT_CONFIG_COUNT + 1))
done
export GIT_CONFIG_COUNT

g() {
	git -C "$tree" "$@"
}

# One at a time works on linux/ and the patches
lock() {
	mkdir -p build
	exec 9>build/linux.lock
	flock -w 900 9 || die "another make linux or make export is at work (build/linux.lock): wait for it or end it"
}

# linux/ is exactly what patches with these checksums make of the base:
# record COMMIT CHECKSUMS
record() {
	record_blob=$(printf '%s' "$2" | g hash-object -w --stdin)
	printf 'update refs/dwsim/series %s\nupdate refs/dwsim/patches %s\n' \
		"$1" "$record_blob" | g update-ref --stdin
}

recorded() {
	g cat-file blob refs/dwsim/patches
}

# checksums DIR: of the patches there, and the order of the topics
checksums() (
	echo topics $(topics)
	cd "$1" || exit
	set -- */0*.patch
	[ ! -e "$1" ] || sha256sum "$@"
)

# patches_in DIR: those of the topics there, in order
patches_in() {
	topics | while read -r topic; do
		find "$1/$topic" -name '0*.patch' 2>/dev/null | sort
	done
}

tree_is_ours() {
	[ -d "$tree/.git" ] && g rev-parse -q --verify refs/dwsim/series >/dev/null
}

refuse_half_done() {
	for state in rebase-merge rebase-apply CHERRY_PICK_HEAD REVERT_HEAD MERGE_HEAD; do
		[ ! -e "$tree/.git/$state" ] ||
			die "$tree/ is in the middle of a rebase, am, pick or merge ($state): finish or abort that there, or use the tree as it is with KERNEL=$tree"
	done
}

# The first uncommitted or untracked file, nothing when linux/ is clean
uncommitted() {
	g status --porcelain --untracked-files=normal | sed -n 1p
}

# Where each topic ends: the branch topic/NAME, the last with what is checked out.
# Prints "NAME FROM TO" for each.
topic_ends() {
	from=base
	last=$(topics | tail -n 1)
	for topic in $(topics); do
		to=refs/heads/topic/$topic
		[ "$topic" != "$last" ] || to=HEAD
		{ g merge-base --is-ancestor "$from" "$to" && g merge-base --is-ancestor "$to" HEAD; } 2>/dev/null ||
			die "linux/ does not say where the topic $topic ends: run 'git -C linux branch -f topic/$topic COMMIT' for its last commit, between $from and what is checked out"
		echo "$topic $from $to"
		from=$to
	done
}

# cover TOPIC FROM TO: its cover letter, with what git knows: how many patches, which, what they touch
cover() {
	sed "s|^Subject: \[PATCH 0/[0-9]*\]|Subject: [PATCH 0/$(g rev-list --count "$2..$3")]|; /^Base: /q" "$series/$1/cover-letter"
	grep -q '^Base: ' "$series/$1/cover-letter" || return 0
	echo
	g shortlog -w72,2,4 "$2..$3"
	g diff --no-color --no-ext-diff --no-textconv --diff-algorithm=myers --no-renames \
		--stat=72 --compact-summary "$2" "$3"
}
