// SPDX-License-Identifier: Apache-2.0
#include "one-wire-bus.h"
#include <Arduino.h>
#include <util/atomic.h>
#include <util/delay.h>
#include "clock.h"

namespace {

// Times of the DS18B20's data sheet in microseconds, at standard speed.
const double RESET_US = 490;       // 480 or more
const double PRESENCE_US = 68;     // devices pull low from 60 on, until 75 at the least
const double ONE_US = 5;           // 1 to 15
const double ZERO_US = 62;         // 60 to 120
const double READ_US = 2;          // 1 or more
const double SAMPLE_US = 8;        // after READ_US; at 15 the answer may end
const double SLOT_US = 62;         // 60 or more
const double BETWEEN_SLOTS_US = 5;  // 1 or more, and time for the pull-up to charge a long cable

volatile uint8_t* direction;
volatile uint8_t* input;
uint8_t mask;

inline void pullLow() { *direction |= mask; }
inline void release() { *direction &= (uint8_t)~mask; }
inline bool isHigh() { return (*input & mask) != 0; }

/// Interrupts off, when none that must be on time comes within the next 75 us.
void lock() {
  for (;;) {
    cli();
    if (!clockTickNear()) return;
    sei();
    _delay_us(1);
  }
}

}  // namespace

void busSelect(uint8_t pin) {
  const uint8_t port = digitalPinToPort(pin);
  direction = portModeRegister(port);
  input = portInputRegister(port);
  mask = digitalPinToBitMask(pin);
}

bool busIsHigh() { return isHigh(); }

BusReset busReset() {
  if (!isHigh()) return BUS_HELD_LOW;
  ATOMIC_BLOCK(ATOMIC_FORCEON) { pullLow(); }
  _delay_us(RESET_US);
  lock();
  release();
  _delay_us(PRESENCE_US);
  const bool present = !isHigh();
  sei();
  return present ? BUS_PRESENT : BUS_ABSENT;
}

void busWriteBit(bool one) {
  lock();
  pullLow();
  if (one) _delay_us(ONE_US);
  else _delay_us(ZERO_US);
  release();
  sei();
  if (one) _delay_us(SLOT_US - ONE_US);
  _delay_us(BETWEEN_SLOTS_US);
}

bool busReadBit() {
  lock();
  pullLow();
  _delay_us(READ_US);
  release();
  _delay_us(SAMPLE_US);
  const bool one = isHigh();
  sei();
  _delay_us(SLOT_US - READ_US - SAMPLE_US + BETWEEN_SLOTS_US);
  return one;
}

void busWrite(uint8_t byte) {
  for (uint8_t bit = 0; bit < 8; ++bit) busWriteBit((byte >> bit) & 1);
}

uint8_t busRead() {
  uint8_t byte = 0;
  for (uint8_t bit = 0; bit < 8; ++bit) byte |= (uint8_t)(busReadBit() << bit);
  return byte;
}
