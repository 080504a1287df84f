// SPDX-License-Identifier: Apache-2.0
// Milliseconds since boot, counted by timer 2. The same tick closes the valve.
#pragma once
#include <stdint.h>

struct Millis35 {
  uint32_t low;
  uint8_t high;  // 3 bits
};

void clockBegin();
Millis35 clockNow();
uint32_t clockMs();
/// Whether a tick came since this was last asked.
bool clockTicked();
/// The same, without taking it.
bool clockTickPending();
/// Whether a tick was due in the last 100 us.
bool clockTickJustWas();
/// Whether a tick is due within 80 us, or waits for interrupts to be on.
bool clockTickNear();
