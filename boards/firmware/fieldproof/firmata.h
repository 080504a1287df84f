// SPDX-License-Identifier: Apache-2.0
// The subset of Firmata 2.5 that this board speaks, written from the protocol's documentation (BOARD-2 to BOARD-5).
#pragma once
#include <stdint.h>

static const uint8_t MESSAGE_DIGITAL = 0x90;
static const uint8_t MESSAGE_REPORT_ANALOG = 0xc0;
static const uint8_t MESSAGE_REPORT_DIGITAL = 0xd0;
static const uint8_t MESSAGE_ANALOG = 0xe0;
static const uint8_t MESSAGE_PIN_MODE = 0xf4;
static const uint8_t MESSAGE_PIN_VALUE = 0xf5;

void firmataBegin();
/// @param first status byte; `a` and `b` its data bytes, or 0
void firmataMessage(uint8_t first, uint8_t a, uint8_t b);
void firmataSysex(uint8_t id, const uint8_t* data, uint8_t length);
void firmataPoll();
