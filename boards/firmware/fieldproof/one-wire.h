// SPDX-License-Identifier: Apache-2.0
// Firmata's OneWire messages, checked and put in a queue (BOARD-40 to BOARD-43).
#pragma once
#include <stdint.h>

static const uint8_t ONE_WIRE = 0x73;

void oneWireMessage(const uint8_t* data, uint8_t length);
