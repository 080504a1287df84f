#!/bin/sh
# Builds optiboot_atmega328.hex from the sources in this folder with Debian's gcc-avr and binutils-avr; `build.sh FILE` writes FILE.
set -eu
cd "$(dirname "$0")"
out="${1:-optiboot_atmega328.hex}"
work="$(mktemp -d)"
trap 'rm -r "$work"' EXIT
avr-gcc -Wall -Os -fno-inline-small-functions -fno-split-wide-types -mrelax -fno-move-loop-invariants -fno-tree-scev-cprop \
  -mmcu=atmega328p -DF_CPU=16000000L -DLED_START_FLASHES=3 -DBAUD_RATE=115200 \
  -Wl,--section-start=.text=0x7e00 -Wl,--section-start=.version=0x7ffe -Wl,--relax -nostartfiles -nostdlib \
  -o "$work/optiboot.elf" optiboot.c
avr-objcopy -j .text -j .version --set-section-flags .version=alloc,load -O ihex "$work/optiboot.elf" "$out"
