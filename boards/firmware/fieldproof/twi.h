// SPDX-License-Identifier: Apache-2.0
// Two-wire master at 100 kHz, polled: a device that holds the bus costs one time-out, not the watchdog.
#pragma once
#include <stdint.h>

enum TwiResult : uint8_t { TWI_OK, TWI_NACK, TWI_TIMEOUT };

void twiBegin();
void twiEnd();
/// Sends a start, or a repeated one, and the address.
TwiResult twiStart(uint8_t address, bool read);
TwiResult twiWrite(uint8_t byte);
/// @param more whether another byte is wanted after this one
TwiResult twiRead(uint8_t* into, bool more);
void twiStop();
/// Lets go of a bus that does not answer.
void twiAbort();
