// SPDX-License-Identifier: Apache-2.0
// Modes of the pins that are open to Firmata.
#pragma once
#include <stdint.h>

enum PinMode : uint8_t { MODE_INPUT = 0, MODE_OUTPUT = 1, MODE_ANALOG = 2, MODE_I2C = 6, MODE_ONE_WIRE = 7, MODE_PULLUP = 11 };

/// All pins to high impedance, so that no relay is driven by a reset; A0 to A5 to analog.
void pinModesReset();
void pinModeSet(uint8_t pin, uint8_t mode);
/// Mode of a pin; input of one that is none, or is closed.
uint8_t pinModeOf(uint8_t pin);
void pinWrite(uint8_t pin, bool high);
/// Levels of the digital inputs of a port of 8 pins; every other pin is 0.
uint8_t portInputs(uint8_t port);
void replyCapabilities();
void replyPinState(uint8_t pin);
