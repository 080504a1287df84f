// SPDX-License-Identifier: Apache-2.0
// Bytes to the host: groups of 7 bits, the lowest first.
#pragma once
#include <stdint.h>

static const uint8_t SYSEX_START = 0xf0;
static const uint8_t SYSEX_END = 0xf7;

void frameByte(uint8_t byte);
void frameGroups(uint32_t value, uint8_t groups);
