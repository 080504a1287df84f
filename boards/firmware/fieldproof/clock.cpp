// SPDX-License-Identifier: Apache-2.0
#include "clock.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include "valve.h"

namespace {
volatile uint32_t ms = 0;
volatile uint8_t wraps = 0;
volatile bool ticked = false;
}  // namespace

ISR(TIMER2_COMPA_vect) {
  if (++ms == 0) ++wraps;
  ticked = true;
  valveTick();
}

void clockBegin() {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    TCCR2A = _BV(WGM21);  // 16 MHz / 64 / 250 = 1 kHz
    TCCR2B = _BV(CS22);
    OCR2A = 249;
    TCNT2 = 0;
    TIFR2 = _BV(OCF2A);
    TIMSK2 = _BV(OCIE2A);
  }
}

Millis35 clockNow() {
  Millis35 now;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    now.low = ms;
    now.high = wraps & 7;
  }
  return now;
}

uint32_t clockMs() { return clockNow().low; }

bool clockTicked() {
  const bool was = ticked;
  ticked = false;
  return was;
}
