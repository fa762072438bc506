# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For the scenario engine: a channel's registers, a list of six elements at LIST,
# their data at DATA, their room at ROOM.

ATU=0x41000000		# as in hw_pair.dtsi
DMA=0x41080000
CHANNEL=1
CONTROL1=$((DMA + 0x200 + CHANNEL * 0x200))
LLP=$((CONTROL1 + 0x1c))
DOORBELL=$((DMA + 0x10))
ENGINE=$((DMA + 0x0c))
STATUS=$((DMA + 0x4c))
MASK=$((DMA + 0x54))
CLEAR=$((DMA + 0x58))
CB=1 TCB=2 LINK=4 LIE=8

# element NUMBER CONTROL [SOURCE [DESTINATION]]: 16 bytes from its own place to its own
element() {
	at=$((LIST + $1 * 24))
	bus local write $at "$2"
	bus local write $((at + 4)) 16
	bus local write $((at + 8)) "${3:-$((DATA + $1 * 16))}"
	bus local write $((at + 12)) 0
	bus local write $((at + 16)) "${4:-$((ROOM + $1 * 16))}"
	bus local write $((at + 20)) 0
}

start() {
	bus local write $CONTROL1 "$1"
	bus local write $LLP "$LIST"
	bus local write $((LLP + 4)) 0
}

ring() { bus local write $DOORBELL $CHANNEL; sleep 0.05; }

# is ADDRESS VALUE WHAT
is() { [ "$(bus local read "$1")" = "$2" ] || die "$3: $(bus local read "$1"), not $2"; }

# moved NUMBER...: those elements and no others of the first six; forgets them
moved() {
	for n in 0 1 2 3 4 5; do
		want=0x00000000
		case " $* " in *" $n "*) want=0x5151000$n ;; esac
		is $((ROOM + n * 16)) $want "element $n, of $*"
		bus local write $((ROOM + n * 16)) 0
	done
}
