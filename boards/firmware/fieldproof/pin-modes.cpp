// SPDX-License-Identifier: Apache-2.0
#include "pin-modes.h"
#include <Arduino.h>
#include "frame.h"
#include "pins.h"

namespace {

const uint8_t CAPABILITY_RESPONSE = 0x6c;
const uint8_t PIN_STATE_RESPONSE = 0x6e;
const uint8_t END_OF_PIN = 0x7f;

uint8_t modes[PIN_COUNT];

bool isAllowed(uint8_t pin, uint8_t mode) {
  if (pin >= PIN_COUNT || isReserved(pin)) return false;
  switch (mode) {
    case MODE_INPUT: case MODE_OUTPUT: case MODE_PULLUP: return true;
    case MODE_ANALOG: return pin >= FIRST_ANALOG_PIN;
    case MODE_ONE_WIRE: return pin < FIRST_ANALOG_PIN;
    case MODE_I2C: return pin >= SDA_PIN;
    default: return false;
  }
}

void capability(uint8_t pin, uint8_t mode, uint8_t resolutionBits) {
  if (!isAllowed(pin, mode)) return;
  frameByte(mode);
  frameByte(resolutionBits);
}

}  // namespace

void pinModesReset() {
  for (uint8_t pin = 0; pin < PIN_COUNT; ++pin) {
    if (isReserved(pin)) continue;
    modes[pin] = pin < FIRST_ANALOG_PIN ? MODE_INPUT : MODE_ANALOG;
    pinMode(pin, INPUT);
  }
}

void pinModeSet(uint8_t pin, uint8_t mode) {
  if (!isAllowed(pin, mode)) return;
  modes[pin] = mode;
  if (mode == MODE_OUTPUT) digitalWrite(pin, LOW);
  pinMode(pin, mode == MODE_OUTPUT ? OUTPUT : mode == MODE_PULLUP ? INPUT_PULLUP : INPUT);
}

uint8_t pinModeOf(uint8_t pin) { return pin < PIN_COUNT ? modes[pin] : (uint8_t)MODE_INPUT; }

void pinWrite(uint8_t pin, bool high) {
  if (pin < PIN_COUNT && !isReserved(pin) && modes[pin] == MODE_OUTPUT) digitalWrite(pin, high ? HIGH : LOW);
}

uint8_t portInputs(uint8_t port) {
  uint8_t levels = 0;
  for (uint8_t bit = 0; bit < 8; ++bit) {
    const uint8_t pin = (uint8_t)(port * 8 + bit);
    if (pin >= PIN_COUNT || isReserved(pin)) continue;
    if ((modes[pin] == MODE_INPUT || modes[pin] == MODE_PULLUP) && digitalRead(pin)) levels |= (uint8_t)(1 << bit);
  }
  return levels;
}

void replyCapabilities() {
  frameByte(SYSEX_START);
  frameByte(CAPABILITY_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; ++pin) {
    capability(pin, MODE_INPUT, 1);
    capability(pin, MODE_OUTPUT, 1);
    capability(pin, MODE_ANALOG, 10);
    capability(pin, MODE_I2C, 1);
    capability(pin, MODE_ONE_WIRE, 1);
    capability(pin, MODE_PULLUP, 1);
    frameByte(END_OF_PIN);
  }
  frameByte(SYSEX_END);
}

void replyPinState(uint8_t pin) {
  if (pin >= PIN_COUNT || isReserved(pin)) return;
  const bool state = modes[pin] == MODE_PULLUP || (modes[pin] == MODE_OUTPUT && digitalRead(pin));
  frameByte(SYSEX_START);
  frameByte(PIN_STATE_RESPONSE);
  frameByte(pin);
  frameByte(modes[pin]);
  frameByte(state ? 1 : 0);
  frameByte(SYSEX_END);
}
