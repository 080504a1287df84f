// SPDX-License-Identifier: Apache-2.0
// 1-Wire on one pin: an open drain behind an external pull-up, timed by counted instructions. Interrupts are off for at
// most 75 us at a time, and never when the clock's tick is due (BOARD-44).
#pragma once
#include <stdint.h>

enum BusReset : uint8_t { BUS_PRESENT, BUS_ABSENT, BUS_HELD_LOW };

/// The pin of everything below.
void busSelect(uint8_t pin);
bool busIsHigh();
/// Reset pulse and presence. The devices want BUS_RECOVERY_US of rest after it.
BusReset busReset();
void busWriteBit(bool one);
bool busReadBit();
void busWrite(uint8_t byte);
uint8_t busRead();

static const uint16_t BUS_RECOVERY_US = 420;
