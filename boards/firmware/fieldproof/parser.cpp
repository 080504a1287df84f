// SPDX-License-Identifier: Apache-2.0
#include "parser.h"
#include "feature.h"
#include "firmata.h"
#include "frame.h"

namespace {

const uint8_t MAX_SYSEX = 96;

uint8_t data[MAX_SYSEX];
uint8_t have = 0;
uint8_t status = 0;  // 0: between messages
bool tooLong = false;

uint8_t dataBytes(uint8_t first) {
  if (first == MESSAGE_PIN_MODE || first == MESSAGE_PIN_VALUE) return 2;
  switch (first & 0xf0) {
    case MESSAGE_ANALOG: case MESSAGE_DIGITAL: return 2;
    case MESSAGE_REPORT_ANALOG: case MESSAGE_REPORT_DIGITAL: return 1;
    default: return 0;
  }
}

void endSysex() {
  if (have == 0) return;
  if (tooLong) featureError(data[0], have > 1 ? data[1] : 0, ERROR_BAD_LENGTH);
  else if (data[0] == FEATURE_ID) featureMessage(data + 1, have - 1);
  else firmataSysex(data[0], data + 1, have - 1);
}

// BOARD-3: a status byte ends whatever was begun and not finished.
void startMessage(uint8_t byte) {
  have = 0;
  tooLong = false;
  status = byte == SYSEX_START || dataBytes(byte) > 0 ? byte : 0;
  if (status == 0) firmataMessage(byte, 0, 0);
}

}  // namespace

void parserByte(uint8_t byte) {
  if (byte == SYSEX_END) {
    if (status == SYSEX_START) endSysex();
    status = 0;
  } else if (byte & 0x80) {
    startMessage(byte);
  } else if (status != 0) {
    if (have == MAX_SYSEX) tooLong = true;
    else data[have++] = byte;
    if (status == SYSEX_START || have < dataBytes(status)) return;
    firmataMessage(status, data[0], have > 1 ? data[1] : 0);
    status = 0;
  }
}
