// SPDX-License-Identifier: Apache-2.0
#include "firmata.h"
#include <Arduino.h>
#include "clock.h"
#include "feature.h"
#include "frame.h"
#include "i2c.h"
#include "one-wire-jobs.h"
#include "one-wire.h"
#include "pin-modes.h"
#include "pins.h"

namespace {

const uint8_t MESSAGE_VERSION = 0xf9;
const uint8_t MESSAGE_RESET = 0xff;

const uint8_t ANALOG_MAPPING_QUERY = 0x69;
const uint8_t ANALOG_MAPPING_RESPONSE = 0x6a;
const uint8_t CAPABILITY_QUERY = 0x6b;
const uint8_t PIN_STATE_QUERY = 0x6d;
const uint8_t I2C_REQUEST = 0x76;
const uint8_t I2C_CONFIG = 0x78;
const uint8_t FIRMWARE = 0x79;
const uint8_t SAMPLING_INTERVAL = 0x7a;

const uint8_t PROTOCOL_MAJOR = 2, PROTOCOL_MINOR = 5;
const uint8_t FIRMWARE_MAJOR = 1, FIRMWARE_MINOR = 0;
const char NAME[] = "fieldproof";
const uint8_t NOT_ANALOG = 0x7f;
const uint16_t DEFAULT_SAMPLING_MS = 19;
const uint16_t MIN_SAMPLING_MS = 10;  // 14 bits are the upper end

uint16_t samplingMs = DEFAULT_SAMPLING_MS;
uint32_t lastSampleMs = 0;
uint8_t reportedAnalog = 0;  // bit a channel
uint8_t reportedPorts = 0;   // bit a port
uint8_t lastPort[PORT_COUNT];

void sendVersion() {
  frameByte(MESSAGE_VERSION);
  frameByte(PROTOCOL_MAJOR);
  frameByte(PROTOCOL_MINOR);
}

void sendFirmware() {
  frameByte(SYSEX_START);
  frameByte(FIRMWARE);
  frameByte(FIRMWARE_MAJOR);
  frameByte(FIRMWARE_MINOR);
  for (uint8_t i = 0; NAME[i] != 0; ++i) frameGroups((uint8_t)NAME[i], 2);
  frameByte(SYSEX_END);
}

void sendAnalogMapping() {
  frameByte(SYSEX_START);
  frameByte(ANALOG_MAPPING_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; ++pin) {
    frameByte(pin < FIRST_ANALOG_PIN ? NOT_ANALOG : (uint8_t)(pin - FIRST_ANALOG_PIN));
  }
  frameByte(SYSEX_END);
}

void sendPort(uint8_t port, uint8_t levels) {
  lastPort[port] = levels;
  frameByte(MESSAGE_DIGITAL | port);
  frameGroups(levels, 2);
}

void reset() {
  featureReset();
  i2cReset();
  jobsReset();
  pinModesReset();
  samplingMs = DEFAULT_SAMPLING_MS;
  reportedAnalog = 0;
  reportedPorts = 0;
}

void reportAnalog(uint8_t channel, bool on) {
  if (channel >= ANALOG_COUNT) return;
  if (on) reportedAnalog |= (uint8_t)(1 << channel);
  else reportedAnalog &= (uint8_t)~(1 << channel);
  if (on) pinModeSet(FIRST_ANALOG_PIN + channel, MODE_ANALOG);
}

void reportDigital(uint8_t port, bool on) {
  if (port >= PORT_COUNT) return;
  if (on) reportedPorts |= (uint8_t)(1 << port);
  else reportedPorts &= (uint8_t)~(1 << port);
  if (on) sendPort(port, portInputs(port));
}

void writePort(uint8_t port, uint16_t levels) {
  for (uint8_t bit = 0; bit < 8; ++bit) pinWrite((uint8_t)(port * 8 + bit), (levels >> bit) & 1);
}

/// Data bytes of a sysex, or -1 for any number of them.
int8_t sysexLength(uint8_t id) {
  switch (id) {
    case FIRMWARE: case CAPABILITY_QUERY: case ANALOG_MAPPING_QUERY: return 0;
    case PIN_STATE_QUERY: return 1;
    case SAMPLING_INTERVAL: return 2;
    default: return -1;
  }
}

void setSampling(const uint8_t* data) {
  const uint16_t ms = (uint16_t)(data[0] | (data[1] << 7));
  samplingMs = ms < MIN_SAMPLING_MS ? MIN_SAMPLING_MS : ms;
}

}  // namespace

void firmataBegin() {
  reset();
  sendVersion();
  sendFirmware();
}

void firmataMessage(uint8_t first, uint8_t a, uint8_t b) {
  if (first == MESSAGE_VERSION) return sendVersion();
  if (first == MESSAGE_RESET) return reset();
  if (first == MESSAGE_PIN_MODE) return pinModeSet(a, b);
  if (first == MESSAGE_PIN_VALUE) return pinWrite(a, b != 0);
  const uint8_t low = first & 0x0f;
  switch (first & 0xf0) {
    case MESSAGE_DIGITAL: if (low < PORT_COUNT) writePort(low, (uint16_t)(a | (b << 7))); break;
    case MESSAGE_REPORT_ANALOG: reportAnalog(low, a != 0); break;
    case MESSAGE_REPORT_DIGITAL: reportDigital(low, a != 0); break;
    default: break;
  }
}

void firmataSysex(uint8_t id, const uint8_t* data, uint8_t length) {
  const int8_t want = sysexLength(id);
  if (want >= 0 && length != want) return featureError(id, 0, ERROR_BAD_LENGTH);
  switch (id) {
    case FIRMWARE: return sendFirmware();
    case CAPABILITY_QUERY: return replyCapabilities();
    case ANALOG_MAPPING_QUERY: return sendAnalogMapping();
    case PIN_STATE_QUERY: return replyPinState(data[0]);
    case SAMPLING_INTERVAL: return setSampling(data);
    case I2C_CONFIG: return i2cConfig();
    case I2C_REQUEST: return i2cRequest(data, length);
    case ONE_WIRE: return oneWireMessage(data, length);
    default: featureError(id, 0, ERROR_UNKNOWN);
  }
}

void firmataPoll() {
  for (uint8_t port = 0; port < PORT_COUNT; ++port) {
    if (!(reportedPorts & (1 << port))) continue;
    const uint8_t levels = portInputs(port);
    if (levels != lastPort[port]) sendPort(port, levels);
  }
  const uint32_t nowMs = clockMs();
  if (nowMs - lastSampleMs < samplingMs) return;
  lastSampleMs += samplingMs;
  if (nowMs - lastSampleMs >= samplingMs) lastSampleMs = nowMs;  // a sample was missed: nothing is made up for
  for (uint8_t channel = 0; channel < ANALOG_COUNT; ++channel) {
    if (!(reportedAnalog & (1 << channel))) continue;
    frameByte(MESSAGE_ANALOG | channel);
    frameGroups((uint16_t)analogRead(channel), 2);
  }
}
