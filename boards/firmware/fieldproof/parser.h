// SPDX-License-Identifier: Apache-2.0
// Bytes from the host, which may be anything, to whole messages.
#pragma once
#include <stdint.h>

void parserByte(uint8_t byte);
