// SPDX-License-Identifier: Apache-2.0
// Who this is and why it started.
#pragma once
#include <stdint.h>

void bootBegin();
/// Boots since the EEPROM was erased, this one included.
uint32_t bootCount();
/// MCUSR at reset: 1 power on, 2 external, 4 brown-out, 8 watchdog; 0 when a bootloader has cleared it.
uint8_t bootResetCause();
