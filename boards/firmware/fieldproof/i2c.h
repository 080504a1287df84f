// SPDX-License-Identifier: Apache-2.0
// Firmata's I2C messages: write and read once, 7-bit addresses; what fails is said (BOARD-30, BOARD-31).
#pragma once
#include <stdint.h>

void i2cReset();
void i2cConfig();
void i2cRequest(const uint8_t* data, uint8_t length);
