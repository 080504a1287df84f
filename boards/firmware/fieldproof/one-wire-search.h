// SPDX-License-Identifier: Apache-2.0
// The ROM search: every pass over 64 bits finds one device, the branches not taken give the next.
#pragma once
#include <stdint.h>

static const uint8_t ROM_BYTES = 8;
static const uint8_t MAX_FOUND = 8;
static const uint8_t SEARCH_ROM = 0xf0;

enum SearchStep : uint8_t { SEARCH_MORE_BITS, SEARCH_NEXT_PASS, SEARCH_DONE, SEARCH_LOST, SEARCH_TOO_MANY };

void searchBegin();
/// One bit of the pass under way, whose reset and SEARCH_ROM are done. SEARCH_LOST: no device answered it.
SearchStep searchBit();
uint8_t searchFound();
const uint8_t* searchRom(uint8_t i);
