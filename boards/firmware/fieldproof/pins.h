// SPDX-License-Identifier: Apache-2.0
// Which pin does what. Reserved pins belong to the feature and are closed to Firmata (BOARD-4).
#pragma once
#include <stdint.h>

static const uint8_t PIN_COUNT = 20;
static const uint8_t PORT_COUNT = 3;
static const uint8_t ANALOG_COUNT = 6;
static const uint8_t FIRST_ANALOG_PIN = 14;
static const uint8_t SDA_PIN = 18;

static const uint8_t COUNTER_COUNT = 3;
/// D2 (INT0), D3 (INT1), D4 (pin change 20), all on port D: bit number and Arduino pin number are the same.
static const uint8_t FIRST_COUNTER_PIN = 2;
static const uint8_t VALVE_PIN = 7;

static inline bool isReserved(uint8_t pin) { return pin <= 4 || pin == VALVE_PIN; }
