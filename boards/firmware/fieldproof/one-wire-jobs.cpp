// SPDX-License-Identifier: Apache-2.0
#include "one-wire-jobs.h"
#include <Arduino.h>
#include "clock.h"
#include "frame.h"
#include "one-wire-bus.h"
#include "one-wire.h"
#include "pin-modes.h"

namespace {

const uint8_t SEARCH_REPLY = 0x42;
const uint8_t READ_REPLY = 0x43;
const uint8_t MAX_JOBS = 4;

enum Phase : uint8_t { START, RECOVER, OUT, SEARCH, IN, DELAY };

Job jobs[MAX_JOBS];
uint8_t first = 0, count = 0;
Phase phase = START;
uint8_t done = 0;  // bytes out or in
uint8_t in[JOB_READ_BYTES];
uint32_t sinceUs = 0;
uint32_t sinceMs = 0;
uint32_t presentPins = 0;  // bit a pin: somebody answered its last reset

void next() {
  first = (uint8_t)((first + 1) % MAX_JOBS);
  --count;
  phase = START;
}

void fail(const Job& job, FeatureErrorCode code) {
  featureError(ONE_WIRE, job.pin, code);
  next();
}

void beginReply(uint8_t command, uint8_t pin) {
  frameByte(SYSEX_START);
  frameByte(ONE_WIRE);
  frameByte(command);
  frameByte(pin);
}

void replyFound(uint8_t pin) {
  beginReply(SEARCH_REPLY, pin);
  for (uint8_t i = 0; i < searchFound(); ++i) {
    for (uint8_t at = 0; at < ROM_BYTES; ++at) framePack(searchRom(i)[at]);
  }
  frameFlush();
  frameByte(SYSEX_END);
}

void replyRead(const Job& job) {
  beginReply(READ_REPLY, job.pin);
  framePack((uint8_t)job.correlation);
  framePack((uint8_t)(job.correlation >> 8));
  for (uint8_t i = 0; i < job.readCount; ++i) framePack(in[i]);
  frameFlush();
  frameByte(SYSEX_END);
}

void begin(const Job& job) {
  done = 0;
  if (job.search && phase == START) searchBegin();
  phase = OUT;
  if (!job.reset) {
    const bool speaks = job.outCount > 0 || job.readCount > 0;
    if (speaks && !(presentPins & (1UL << job.pin))) fail(job, ERROR_NACK);
    return;
  }
  presentPins &= ~(1UL << job.pin);
  const BusReset answer = busReset();
  if (answer != BUS_PRESENT) return fail(job, answer == BUS_ABSENT ? ERROR_NACK : ERROR_TIMEOUT);
  sinceUs = micros();
  phase = RECOVER;
}

void recover(const Job& job) {
  if (micros() - sinceUs < BUS_RECOVERY_US) return;
  if (!busIsHigh()) return fail(job, ERROR_TIMEOUT);
  presentPins |= 1UL << job.pin;
  phase = OUT;
}

void writeByte(const Job& job) {
  if (done < job.outCount) return busWrite(job.out[done++]);
  done = 0;
  phase = job.search ? SEARCH : IN;
}

void search(const Job& job) {
  switch (searchBit()) {
    case SEARCH_MORE_BITS: return;
    case SEARCH_NEXT_PASS: return begin(job);
    case SEARCH_DONE: replyFound(job.pin); return next();
    case SEARCH_LOST: return fail(job, ERROR_NACK);
    default: return fail(job, ERROR_OUT_OF_RANGE);
  }
}

void readByte(const Job& job) {
  if (done < job.readCount) {
    in[done++] = busRead();
    return;
  }
  if (job.readCount > 0) replyRead(job);
  sinceMs = clockMs();
  phase = DELAY;
}

}  // namespace

FeatureErrorCode jobAdd(const Job& job) {
  if (count == MAX_JOBS) return ERROR_BUSY;
  jobs[(first + count++) % MAX_JOBS] = job;
  return ERROR_NONE;
}

void jobsReset() {
  count = 0;
  phase = START;
  presentPins = 0;
}

void jobsPoll() {
  if (count == 0) return;
  const Job& job = jobs[first];
  if (pinModeOf(job.pin) != MODE_ONE_WIRE) return fail(job, ERROR_UNKNOWN);
  busSelect(job.pin);
  switch (phase) {
    case START: return begin(job);
    case RECOVER: return recover(job);
    case OUT: return writeByte(job);
    case SEARCH: return search(job);
    case IN: return readByte(job);
    case DELAY:
      if (clockMs() - sinceMs >= job.delayMs) next();
  }
}

bool jobsAreDue() { return count > 0 && phase != DELAY; }
