// SPDX-License-Identifier: Apache-2.0
#include "counters.h"
#include <Arduino.h>
#include <util/atomic.h>

namespace {

struct Counter {
  uint32_t count;
  uint32_t debounceUs;
  uint32_t lastEdgeUs;
  bool level;
  bool settled;  // quiet for the whole of debounceUs
};

// Rain gauge, anemometer, flow meter.
volatile Counter counters[COUNTER_COUNT] = {
    {0, 50000, 0, true, true},
    {0, 2000, 0, true, true},
    {0, 500, 0, true, true},
};

// A closing contact bounces, and an opening one too: every edge starts the quiet time again, and only a falling edge
// after a quiet time counts. An edge of a line that was quiet and high is a fall, whatever the pin says by now: the contact
// may have opened again within the microseconds that it took to get here.
void onEdge(uint8_t i) {
  volatile Counter& c = counters[i];
  const uint32_t nowUs = micros();
  const bool level = (PIND & _BV(FIRST_COUNTER_PIN + i)) != 0;
  const bool quiet = c.settled || nowUs - c.lastEdgeUs >= c.debounceUs;
  if (quiet && c.level) ++c.count;
  c.level = level;
  c.lastEdgeUs = nowUs;
  c.settled = false;
}

}  // namespace

ISR(INT0_vect) { onEdge(0); }
ISR(INT1_vect) { onEdge(1); }
ISR(PCINT2_vect) { onEdge(2); }  // the mask lets only D4 through

void countersBegin() {
  for (uint8_t i = 0; i < COUNTER_COUNT; ++i) pinMode(FIRST_COUNTER_PIN + i, INPUT_PULLUP);
  delayMicroseconds(50);  // the pull-ups charge the lines
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    for (uint8_t i = 0; i < COUNTER_COUNT; ++i) counters[i].level = (PIND & _BV(FIRST_COUNTER_PIN + i)) != 0;
    EICRA = _BV(ISC00) | _BV(ISC10);  // any edge
    EIFR = _BV(INTF0) | _BV(INTF1);
    EIMSK = _BV(INT0) | _BV(INT1);
    PCMSK2 = _BV(PCINT20);
    PCIFR = _BV(PCIF2);
    PCICR = _BV(PCIE2);
  }
}

CounterStatus counterStatus(uint8_t i) {
  CounterStatus status;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    status.count = counters[i].count;
    status.debounceUs = counters[i].debounceUs;
  }
  return status;
}

void counterSetDebounce(uint8_t i, uint32_t us) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { counters[i].debounceUs = us; }
}

void countersSettle() {
  for (uint8_t i = 0; i < COUNTER_COUNT; ++i) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
      volatile Counter& c = counters[i];
      if (!c.settled && micros() - c.lastEdgeUs >= c.debounceUs) c.settled = true;
    }
  }
}
