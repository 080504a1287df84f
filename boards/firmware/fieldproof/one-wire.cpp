// SPDX-License-Identifier: Apache-2.0
#include "one-wire.h"
#include <string.h>
#include "feature.h"
#include "one-wire-jobs.h"
#include "one-wire-search.h"
#include "pin-modes.h"

namespace {

const uint8_t SEARCH = 0x40;
const uint8_t CONFIG = 0x41;

const uint8_t DO_RESET = 0x01;
const uint8_t DO_SKIP = 0x02;
const uint8_t DO_SELECT = 0x04;
const uint8_t DO_READ = 0x08;
const uint8_t DO_DELAY = 0x10;
const uint8_t DO_WRITE = 0x20;

const uint8_t SKIP_ROM = 0xcc;
const uint8_t MATCH_ROM = 0x55;
const uint8_t MAX_REQUEST = ROM_BYTES + 4 + 4 + JOB_WRITE_BYTES;
const uint16_t MAX_DELAY_MS = 2000;

/// Eight bits a byte out of seven: the low 7 * length / 8 bytes; what is left over is padding.
uint8_t unpack(const uint8_t* packed, uint8_t length, uint8_t* into) {
  const uint8_t count = (uint8_t)(length * 7 / 8);
  for (uint8_t i = 0; i < count; ++i) {
    const uint8_t at = (uint8_t)(i * 8 / 7), shift = (uint8_t)(i * 8 % 7);
    into[i] = (uint8_t)((packed[at] >> shift) | (packed[at + 1] << (7 - shift)));
  }
  return count;
}

uint16_t word(const uint8_t* data) { return (uint16_t)(data[0] | (data[1] << 8)); }

uint8_t headLength(uint8_t bits) {
  return (uint8_t)((bits & DO_SELECT ? ROM_BYTES : 0) + (bits & DO_READ ? 4 : 0) + (bits & DO_DELAY ? 4 : 0));
}

void put(Job& job, const uint8_t* bytes, uint8_t count) {
  memcpy(job.out + job.outCount, bytes, count);
  job.outCount += count;
}

/// `data` is address, bytes to read and correlation id, delay, bytes to write: those whose bits are set.
FeatureErrorCode fill(Job& job, uint8_t bits, const uint8_t* data, uint8_t length) {
  const uint8_t* next = data + (bits & DO_SELECT ? ROM_BYTES : 0);
  uint16_t readCount = 0;
  if (bits & DO_READ) {
    readCount = word(next);
    job.correlation = word(next + 2);
    next += 4;
  }
  if (bits & DO_DELAY) {
    job.delayMs = word(next);
    if (word(next + 2) != 0 || job.delayMs > MAX_DELAY_MS) return ERROR_OUT_OF_RANGE;
    next += 4;
  }
  const uint8_t writeCount = (uint8_t)(bits & DO_WRITE ? length - headLength(bits) : 0);
  if (readCount > JOB_READ_BYTES || ((bits & DO_SKIP) && (bits & DO_SELECT))) return ERROR_OUT_OF_RANGE;
  job.reset = (bits & DO_RESET) != 0;
  job.readCount = (uint8_t)readCount;
  // Hosts set every bit and leave zeros for what they do not want: nobody is selected for nothing.
  if (readCount > 0 || writeCount > 0) {
    if (bits & DO_SKIP) put(job, &SKIP_ROM, 1);
    if (bits & DO_SELECT) put(job, &MATCH_ROM, 1);
    if (bits & DO_SELECT) put(job, data, ROM_BYTES);
  }
  put(job, next, writeCount);
  return ERROR_NONE;
}

FeatureErrorCode request(uint8_t bits, uint8_t pin, const uint8_t* packed, uint8_t length) {
  uint8_t data[MAX_REQUEST + 1];
  if (length * 7 / 8 > MAX_REQUEST) return ERROR_BAD_LENGTH;
  const uint8_t count = unpack(packed, length, data), head = headLength(bits);
  if (count < head || count - head > JOB_WRITE_BYTES) return ERROR_BAD_LENGTH;
  Job job = {};
  job.pin = pin;
  const FeatureErrorCode error = fill(job, bits, data, count);
  return error != ERROR_NONE ? error : jobAdd(job);
}

FeatureErrorCode search(uint8_t pin, uint8_t length) {
  if (length != 0) return ERROR_BAD_LENGTH;
  Job job = {};
  job.pin = pin;
  job.search = true;
  job.reset = true;
  put(job, &SEARCH_ROM, 1);
  return jobAdd(job);
}

FeatureErrorCode config(uint8_t pin, const uint8_t* data, uint8_t length) {
  if (length != 1) return ERROR_BAD_LENGTH;
  if (data[0] > 1) return ERROR_OUT_OF_RANGE;
  pinModeSet(pin, MODE_ONE_WIRE);
  return pinModeOf(pin) == MODE_ONE_WIRE ? ERROR_NONE : ERROR_OUT_OF_RANGE;
}

FeatureErrorCode obey(uint8_t command, uint8_t pin, const uint8_t* data, uint8_t length) {
  if (command == CONFIG) return config(pin, data, length);
  const bool isRequest = command > 0 && command < SEARCH;
  if (!isRequest && command != SEARCH) return ERROR_UNKNOWN;
  if (pinModeOf(pin) != MODE_ONE_WIRE) return ERROR_UNKNOWN;
  return isRequest ? request(command, pin, data, length) : search(pin, length);
}

}  // namespace

void oneWireMessage(const uint8_t* data, uint8_t length) {
  if (length < 2) return featureError(ONE_WIRE, 0, ERROR_BAD_LENGTH);
  const FeatureErrorCode error = obey(data[0], data[1], data + 2, length - 2);
  if (error != ERROR_NONE) featureError(ONE_WIRE, data[1], error);
}
