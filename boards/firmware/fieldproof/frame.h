// SPDX-License-Identifier: Apache-2.0
// Bytes to the host, every one through the line check (BOARD-9): groups of 7 bits, the lowest first, and packed bytes.
#pragma once
#include <stdint.h>

static const uint8_t SYSEX_START = 0xf0;
static const uint8_t SYSEX_END = 0xf7;

void frameByte(uint8_t byte);
void frameGroups(uint32_t value, uint8_t groups);
/// The end of a feature reply: CRC-16 over all bytes since the last one, then SYSEX_END.
void frameCheckedEnd();
/// Eight bits behind the ones before, seven a byte; frameFlush() sends those that are left.
void framePack(uint8_t byte);
void frameFlush();
