// SPDX-License-Identifier: Apache-2.0
// Three pulse counters, debounced where the edge arrives (BOARD-20 to BOARD-22).
#pragma once
#include <stdint.h>
#include "pins.h"

static const uint32_t DEBOUNCE_MAX_US = 2000000;

struct CounterStatus {
  uint32_t count;
  uint32_t debounceUs;
};

void countersBegin();
CounterStatus counterStatus(uint8_t i);
/// @param us 0 to DEBOUNCE_MAX_US
void counterSetDebounce(uint8_t i, uint32_t us);
/// Marks quiet lines, so that micros() may wrap between two edges.
void countersSettle();
