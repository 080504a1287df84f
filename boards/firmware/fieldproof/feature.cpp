// SPDX-License-Identifier: Apache-2.0
#include "feature.h"
#include "boot.h"
#include "clock.h"
#include "counters.h"
#include "frame.h"
#include "valve.h"

namespace {

const uint8_t PROTOCOL_VERSION = 1;
const uint8_t BUILD_ID[8] = {FIELDPROOF_BUILD_ID};

enum Command : uint8_t {
  IDENTITY = 0x00,
  COUNTERS = 0x01,
  SET_DEBOUNCE = 0x02,
  SET_INTERVAL = 0x03,
  VALVE = 0x04,
  OPEN_VALVE = 0x05,
  CLOSE_VALVE = 0x06,
  CHECK = 0x08,
};
const uint8_t REPLY = 0x40;
const uint8_t ERROR_REPLY = 0x7f;

const uint32_t MIN_INTERVAL_MS = 100;

uint16_t sequence = 0;
uint32_t intervalMs = 0;  // 0: only when asked
uint32_t lastReportMs = 0;

void beginReply(uint8_t command) {
  const Millis35 now = clockNow();
  frameByte(SYSEX_START);
  frameByte(FEATURE_ID);
  frameByte(command);
  frameGroups(sequence++, 2);
  frameGroups(now.low, 4);
  frameByte((uint8_t)((now.low >> 28) | (now.high << 4)));
}

void endReply() { frameCheckedEnd(); }

void replyIdentity() {
  beginReply(REPLY | IDENTITY);
  frameByte(PROTOCOL_VERSION);
  for (uint8_t i = 0; i < sizeof BUILD_ID; ++i) frameGroups(BUILD_ID[i], 2);
  frameGroups(bootCount(), 5);
  frameByte(bootResetCause());
  endReply();
}

void replyCounters() {
  beginReply(REPLY | COUNTERS);
  for (uint8_t i = 0; i < COUNTER_COUNT; ++i) {
    const CounterStatus status = counterStatus(i);
    frameGroups(status.count, 5);
    frameGroups(status.debounceUs, 3);
  }
  endReply();
}

void replyInterval() {
  beginReply(REPLY | SET_INTERVAL);
  frameGroups(intervalMs, 3);
  endReply();
}

void replyValve() {
  const ValveStatus status = valveStatus();
  beginReply(REPLY | VALVE);
  frameByte(status.level ? 1 : 0);
  frameGroups(status.remainingMs, 4);
  frameByte(status.state);
  endReply();
}

void replyCheck() {
  beginReply(REPLY | CHECK);
  endReply();
}

uint32_t readGroups(const uint8_t* data, uint8_t groups) {
  uint32_t value = 0;
  while (groups-- > 0) value = (value << 7) | data[groups];
  return value;
}

int8_t payloadLength(uint8_t command) {
  switch (command) {
    case IDENTITY: case COUNTERS: case VALVE: case CLOSE_VALVE: case CHECK: return 0;
    case SET_DEBOUNCE: return 4;
    case SET_INTERVAL: return 3;
    case OPEN_VALVE: return 4;
    default: return -1;
  }
}

bool setDebounce(const uint8_t* payload) {
  const uint32_t us = readGroups(payload + 1, 3);
  if (payload[0] >= COUNTER_COUNT || us > DEBOUNCE_MAX_US) return false;
  counterSetDebounce(payload[0], us);
  replyCounters();
  return true;
}

bool setInterval(const uint8_t* payload) {
  const uint32_t ms = readGroups(payload, 3);
  if (ms != 0 && ms < MIN_INTERVAL_MS) return false;
  intervalMs = ms;
  lastReportMs = clockMs();
  replyInterval();
  return true;
}

bool openValve(const uint8_t* payload) {
  const uint32_t ms = readGroups(payload, 4);
  if (ms == 0 || ms > VALVE_MAX_ON_MS) return false;
  valveOpen(ms);
  replyValve();
  return true;
}

bool obey(uint8_t command, const uint8_t* payload) {
  switch (command) {
    case IDENTITY: replyIdentity(); return true;
    case COUNTERS: replyCounters(); return true;
    case SET_DEBOUNCE: return setDebounce(payload);
    case SET_INTERVAL: return setInterval(payload);
    case OPEN_VALVE: return openValve(payload);
    case CHECK: replyCheck(); return true;
    case CLOSE_VALVE: valveClose(VALVE_CLOSED_BY_HOST);  // and the answer is the valve's
    // fall through
    default: replyValve(); return true;
  }
}

}  // namespace

void featureMessage(const uint8_t* data, uint8_t length) {
  if (length == 0) return featureError(FEATURE_ID, 0, ERROR_BAD_LENGTH);
  const int8_t want = payloadLength(data[0]);
  if (want < 0) return featureError(FEATURE_ID, data[0], ERROR_UNKNOWN);
  if (length - 1 != want) return featureError(FEATURE_ID, data[0], ERROR_BAD_LENGTH);
  if (!obey(data[0], data + 1)) featureError(FEATURE_ID, data[0], ERROR_OUT_OF_RANGE);
}

void featureError(uint8_t sysex, uint8_t detail, FeatureErrorCode code) {
  beginReply(ERROR_REPLY);
  frameByte(sysex);
  frameByte(detail);
  frameByte(code);
  endReply();
}

void featureReset() {
  valveClose(VALVE_CLOSED_BY_RESET);
  intervalMs = 0;
}

void featurePoll() {
  if (valveTimedOut()) replyValve();
  if (intervalMs != 0 && clockMs() - lastReportMs >= intervalMs) {
    lastReportMs += intervalMs;
    replyCounters();
  }
}
