// SPDX-License-Identifier: Apache-2.0
#include "frame.h"
#include <Arduino.h>

void frameByte(uint8_t byte) { Serial.write(byte); }

void frameGroups(uint32_t value, uint8_t groups) {
  for (uint8_t i = 0; i < groups; ++i) {
    frameByte((uint8_t)(value & 0x7f));
    value >>= 7;
  }
}
