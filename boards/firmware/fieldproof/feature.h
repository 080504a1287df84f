// SPDX-License-Identifier: Apache-2.0
// Sysex feature 0x01: identity, counters, valve, line check, errors (BOARD-1, BOARD-6 to BOARD-22).
#pragma once
#include <stdint.h>

static const uint8_t FEATURE_ID = 0x01;

enum FeatureErrorCode : uint8_t {
  ERROR_NONE = 0,
  ERROR_BAD_LENGTH = 1,
  ERROR_UNKNOWN = 2,
  ERROR_OUT_OF_RANGE = 3,
  ERROR_NACK = 4,     // a device does not answer
  ERROR_TIMEOUT = 5,  // a bus is held
  ERROR_BUSY = 6,     // more waits for the 1-Wire pins than there is room for
};

void featureMessage(const uint8_t* data, uint8_t length);
/// @param sysex first byte of the refused message  @param detail command of the feature, address of an I2C device, 1-Wire pin, or 0
void featureError(uint8_t sysex, uint8_t detail, FeatureErrorCode code);
void featureReset();
void featurePoll();
