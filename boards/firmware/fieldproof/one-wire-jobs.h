// SPDX-License-Identifier: Apache-2.0
// What waits for the 1-Wire pins, done in small steps between everything else (BOARD-43, BOARD-44).
#pragma once
#include <stdint.h>
#include "feature.h"
#include "one-wire-search.h"

static const uint8_t JOB_WRITE_BYTES = 16;
static const uint8_t JOB_READ_BYTES = 32;

/// Reset, bytes out, then a search's bits or bytes in, then rest.
struct Job {
  uint8_t pin;
  bool search;
  bool reset;
  uint8_t out[1 + ROM_BYTES + JOB_WRITE_BYTES];
  uint8_t outCount;
  uint8_t readCount;
  uint16_t correlation;
  uint16_t delayMs;
};

/// ERROR_BUSY when there is no room.
FeatureErrorCode jobAdd(const Job& job);
void jobsReset();
void jobsPoll();
/// Whether there is something to do at once, so that the processor must not sleep.
bool jobsAreDue();
