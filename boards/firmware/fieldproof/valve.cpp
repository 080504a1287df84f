// SPDX-License-Identifier: Apache-2.0
#include "valve.h"
#include <avr/io.h>
#include <util/atomic.h>
#include "clock.h"
#include "pins.h"

namespace {

volatile uint32_t remainingMs = 0;
volatile uint32_t onForMs = 0;
volatile ValveState state = VALVE_NEVER_OPENED;
volatile bool timedOut = false;

// Port D is written one bit at a time (sbi, cbi), which no interrupt can tear.
inline void drive(bool high) {
  if (high) PORTD |= _BV(VALVE_PIN);
  else PORTD &= (uint8_t)~_BV(VALVE_PIN);
}

}  // namespace

void valveBegin() {
  drive(false);
  DDRD |= _BV(VALVE_PIN);
}

void valveOpen(uint32_t ms) {
  // The tick that closes it may come late by the interrupts that go before it: the time to its first tick makes up for them.
  // Looked at and opened in one piece, or the interrupts between the two could use that time up.
  for (bool isDone = false; !isDone;) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
      if (!clockTickJustWas()) {
        if (state != VALVE_OPEN) onForMs = 0;
        const uint32_t leftMs = VALVE_MAX_ON_MS - onForMs;
        remainingMs = ms < leftMs ? ms : leftMs;
        state = VALVE_OPEN;
        drive(true);
        isDone = true;
      }
    }
  }
}

void valveClose(ValveState why) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    drive(false);
    if (state == VALVE_OPEN) state = why;
    remainingMs = 0;
  }
}

ValveStatus valveStatus() {
  ValveStatus status;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    status.level = (PIND & _BV(VALVE_PIN)) != 0;
    status.remainingMs = remainingMs;
    status.state = state;
  }
  return status;
}

void valveTick() {
  if (state != VALVE_OPEN) return;
  ++onForMs;
  if (--remainingMs != 0) return;
  drive(false);
  state = VALVE_TIME_OVER;
  timedOut = true;
}

bool valveTimedOut() {
  if (!timedOut) return false;  // cleared only when seen: the tick may set it in between
  timedOut = false;
  return true;
}
