// SPDX-License-Identifier: Apache-2.0
#include "i2c.h"
#include "feature.h"
#include "frame.h"
#include "pin-modes.h"
#include "pins.h"
#include "twi.h"

namespace {

const uint8_t I2C_REQUEST = 0x76;
const uint8_t I2C_REPLY = 0x77;
const uint8_t MODE_MASK = 0x38;  // read or write, and 10-bit addresses, which are not spoken
const uint8_t WRITE = 0x00, READ_ONCE = 0x08;
const uint8_t RESTART = 0x40;
const uint8_t MAX_BYTES = 32;

bool enabled = false;

uint16_t pair(const uint8_t* data) { return (uint16_t)(data[0] | (data[1] << 7)); }

TwiResult write(uint8_t address, const uint8_t* data, uint8_t pairs) {
  TwiResult result = twiStart(address, false);
  for (uint8_t i = 0; i < pairs && result == TWI_OK; ++i) result = twiWrite((uint8_t)pair(data + 2 * i));
  return result;
}

/// `data` is [register,] count.
TwiResult read(uint8_t address, const uint8_t* data, bool named, bool restart, uint8_t* into, uint8_t count) {
  TwiResult result = named ? write(address, data, 1) : TWI_OK;
  if (result == TWI_OK && named && !restart) twiStop();
  if (result == TWI_OK) result = twiStart(address, true);
  for (uint8_t i = 0; i < count && result == TWI_OK; ++i) result = twiRead(into + i, i + 1 < count);
  return result;
}

void reply(uint8_t address, uint16_t named, const uint8_t* bytes, uint8_t count) {
  frameByte(SYSEX_START);
  frameByte(I2C_REPLY);
  frameGroups(address, 2);
  frameGroups(named, 2);
  for (uint8_t i = 0; i < count; ++i) frameGroups(bytes[i], 2);
  frameByte(SYSEX_END);
}

void finish(uint8_t address, TwiResult result) {
  if (result == TWI_TIMEOUT) twiAbort();
  else twiStop();
  if (result != TWI_OK) featureError(I2C_REQUEST, address, result == TWI_NACK ? ERROR_NACK : ERROR_TIMEOUT);
}

void readOnce(uint8_t address, uint8_t mode, const uint8_t* data, uint8_t pairs) {
  if (pairs != 1 && pairs != 2) return featureError(I2C_REQUEST, address, ERROR_BAD_LENGTH);
  const bool named = pairs == 2;
  const uint16_t count = pair(data + (named ? 2 : 0));
  if (count == 0 || count > MAX_BYTES) return featureError(I2C_REQUEST, address, ERROR_OUT_OF_RANGE);
  uint8_t bytes[MAX_BYTES];
  const TwiResult result = read(address, data, named, (mode & RESTART) != 0, bytes, (uint8_t)count);
  finish(address, result);
  if (result == TWI_OK) reply(address, named ? pair(data) : 0, bytes, (uint8_t)count);
}

}  // namespace

void i2cReset() {
  enabled = false;
  twiEnd();
}

void i2cConfig() {
  enabled = true;
  pinModeSet(SDA_PIN, MODE_I2C);
  pinModeSet(SDA_PIN + 1, MODE_I2C);
  twiBegin();
}

void i2cRequest(const uint8_t* data, uint8_t length) {
  if (length < 2 || (length & 1) != 0) return featureError(I2C_REQUEST, length > 0 ? data[0] : 0, ERROR_BAD_LENGTH);
  const uint8_t address = data[0], mode = data[1], pairs = (uint8_t)((length - 2) / 2);
  if (!enabled) return featureError(I2C_REQUEST, address, ERROR_UNKNOWN);
  if ((mode & MODE_MASK) == READ_ONCE) return readOnce(address, mode, data + 2, pairs);
  if ((mode & MODE_MASK) != WRITE) return featureError(I2C_REQUEST, address, ERROR_UNKNOWN);
  if (pairs > MAX_BYTES) return featureError(I2C_REQUEST, address, ERROR_OUT_OF_RANGE);
  finish(address, write(address, data + 2, pairs));
}
