// SPDX-License-Identifier: Apache-2.0
#include "boot.h"
#include <avr/eeprom.h>
#include <avr/io.h>
#include <avr/wdt.h>

namespace {

struct Slot {
  uint32_t count;
  uint8_t check;
};

// Two slots in turn: losing power while one is written leaves the other.
Slot* const SLOT_AT[2] = {(Slot*)0, (Slot*)8};

uint8_t resetCause __attribute__((section(".noinit")));
uint32_t count = 0;

uint8_t checkOf(uint32_t value) {
  return (uint8_t)(0x5a ^ value ^ (value >> 8) ^ (value >> 16) ^ (value >> 24));
}

uint32_t readSlot(uint8_t i) {
  Slot slot;
  eeprom_read_block(&slot, SLOT_AT[i], sizeof slot);
  return slot.check == checkOf(slot.count) ? slot.count : 0;
}

}  // namespace

// The watchdog stays armed, at its shortest, after it has reset the chip: it is stopped before C++ starts.
// An Uno's bootloader (Optiboot 4.4) clears MCUSR before. Later ones leave it in r2; this one leaves there whatever was in it,
// and which of them it is cannot be told: so r2 is not read, and the cause is 0.
extern "C" void saveResetCause() __attribute__((naked, used, section(".init3")));
extern "C" void saveResetCause() {
  resetCause = MCUSR & 0x0f;
  MCUSR = 0;
  wdt_disable();
}

void bootBegin() {
  const uint32_t a = readSlot(0), b = readSlot(1);
  count = (a > b ? a : b) + 1;
  const Slot slot = {count, checkOf(count)};
  eeprom_update_block(&slot, SLOT_AT[a > b ? 1 : 0], sizeof slot);
}

uint32_t bootCount() { return count; }

uint8_t bootResetCause() { return resetCause; }
