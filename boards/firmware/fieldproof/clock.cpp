// SPDX-License-Identifier: Apache-2.0
#include "clock.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include "valve.h"

namespace {
const uint8_t PERIOD = 249;           // 16 MHz / 64 / 250 = 1 kHz
const uint8_t NEAR = PERIOD - 80 / 4;  // steps of 4 us
const uint8_t JUST_WAS = 100 / 4;

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
    TCCR2A = _BV(WGM21);
    TCCR2B = _BV(CS22);
    OCR2A = PERIOD;
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
  if (!ticked) return false;
  ticked = false;
  return true;
}

bool clockTickPending() { return ticked; }

bool clockTickJustWas() { return TCNT2 < JUST_WAS; }

bool clockTickNear() { return TCNT2 >= NEAR || (TIFR2 & _BV(OCF2A)) != 0; }
