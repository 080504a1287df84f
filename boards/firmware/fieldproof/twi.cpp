// SPDX-License-Identifier: Apache-2.0
#include "twi.h"
#include <Arduino.h>
#include <util/twi.h>

namespace {

const uint32_t TIMEOUT_US = 25000;
const uint8_t BIT_RATE = (F_CPU / 100000 - 16) / 2;

bool await(uint8_t control) {
  TWCR = (uint8_t)(control | _BV(TWINT) | _BV(TWEN));
  const uint32_t sinceUs = micros();
  while (!(TWCR & _BV(TWINT))) {
    if (micros() - sinceUs > TIMEOUT_US) return false;
  }
  return true;
}

}  // namespace

void twiBegin() {
  TWBR = BIT_RATE;
  TWCR = _BV(TWEN);
}

void twiEnd() { TWCR = 0; }

TwiResult twiStart(uint8_t address, bool read) {
  if (!await(_BV(TWSTA))) return TWI_TIMEOUT;
  TWDR = (uint8_t)((address << 1) | (read ? TW_READ : TW_WRITE));
  if (!await(0)) return TWI_TIMEOUT;
  return TW_STATUS == (read ? TW_MR_SLA_ACK : TW_MT_SLA_ACK) ? TWI_OK : TWI_NACK;
}

TwiResult twiWrite(uint8_t byte) {
  TWDR = byte;
  if (!await(0)) return TWI_TIMEOUT;
  return TW_STATUS == TW_MT_DATA_ACK ? TWI_OK : TWI_NACK;
}

TwiResult twiRead(uint8_t* into, bool more) {
  if (!await(more ? _BV(TWEA) : 0)) return TWI_TIMEOUT;
  *into = TWDR;
  return TWI_OK;
}

void twiStop() {
  TWCR = _BV(TWINT) | _BV(TWEN) | _BV(TWSTO);
  const uint32_t sinceUs = micros();
  while ((TWCR & _BV(TWSTO)) && micros() - sinceUs <= TIMEOUT_US) {}
}

void twiAbort() {
  TWCR = 0;
  TWCR = _BV(TWEN);
}
