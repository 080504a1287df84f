// SPDX-License-Identifier: Apache-2.0
// A valve that is never open without a running timer (BOARD-10 to BOARD-14).
#pragma once
#include <stdint.h>

static const uint32_t VALVE_MAX_ON_MS = 3600000;

enum ValveState : uint8_t {
  VALVE_NEVER_OPENED = 0,
  VALVE_CLOSED_BY_HOST = 1,
  VALVE_TIME_OVER = 2,
  VALVE_CLOSED_BY_RESET = 3,
  VALVE_OPEN = 4,
};

struct ValveStatus {
  bool level;  // read from the pin, not from what was written
  uint32_t remainingMs;
  ValveState state;
};

void valveBegin();
/// @param ms 1 to VALVE_MAX_ON_MS, from now; an open valve stays open no longer than VALVE_MAX_ON_MS in all
void valveOpen(uint32_t ms);
void valveClose(ValveState why);
ValveStatus valveStatus();
/// One millisecond passed; only for the tick interrupt.
void valveTick();
/// Whether the timer has closed the valve since this was last asked.
bool valveTimedOut();
