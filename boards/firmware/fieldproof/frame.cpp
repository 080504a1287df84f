// SPDX-License-Identifier: Apache-2.0
#include "frame.h"
#include <Arduino.h>
#include <util/crc16.h>

namespace {

const uint16_t CHECK_START = 0xffff;
const uint8_t CHECK_GROUPS = 3;

uint16_t check = CHECK_START;
uint16_t packed = 0;
uint8_t packedBits = 0;

}  // namespace

void frameByte(uint8_t byte) {
  check = _crc_xmodem_update(check, byte);
  Serial.write(byte);
}

void frameGroups(uint32_t value, uint8_t groups) {
  for (uint8_t i = 0; i < groups; ++i) {
    frameByte((uint8_t)(value & 0x7f));
    value >>= 7;
  }
}

void frameCheckedEnd() {
  frameGroups(check, CHECK_GROUPS);
  frameByte(SYSEX_END);
  check = CHECK_START;
}

void framePack(uint8_t byte) {
  packed |= (uint16_t)(byte << packedBits);
  packedBits += 8;
  while (packedBits >= 7) {
    frameByte((uint8_t)(packed & 0x7f));
    packed >>= 7;
    packedBits -= 7;
  }
}

void frameFlush() {
  if (packedBits > 0) frameByte((uint8_t)packed);
  packed = 0;
  packedBits = 0;
}
