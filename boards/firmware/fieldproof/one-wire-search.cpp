// SPDX-License-Identifier: Apache-2.0
#include "one-wire-search.h"
#include <string.h>
#include "one-wire-bus.h"

namespace {

const uint8_t ROM_BITS = 8 * ROM_BYTES;
const uint8_t NO_BRANCH = 0xff;

uint8_t roms[MAX_FOUND][ROM_BYTES];
uint8_t found = 0;
uint8_t rom[ROM_BYTES];  // of this pass; the bits before branchAt are those of the last
uint8_t at = 0;
uint8_t branchAt = NO_BRANCH;  // bit where this pass takes 1 and the last one took 0
uint8_t lastZero = NO_BRANCH;  // last bit of this pass where devices differed and 0 was taken

bool direction(bool bit, bool complement) {
  if (bit != complement) return bit;
  if (at == branchAt) return true;
  const bool one = branchAt != NO_BRANCH && at < branchAt && ((rom[at / 8] >> (at % 8)) & 1);
  if (!one) lastZero = at;
  return one;
}

SearchStep endPass() {
  memcpy(roms[found++], rom, ROM_BYTES);
  if (lastZero == NO_BRANCH) return SEARCH_DONE;
  if (found == MAX_FOUND) return SEARCH_TOO_MANY;
  branchAt = lastZero;
  lastZero = NO_BRANCH;
  at = 0;
  return SEARCH_NEXT_PASS;
}

}  // namespace

void searchBegin() {
  found = 0;
  at = 0;
  branchAt = NO_BRANCH;
  lastZero = NO_BRANCH;
}

SearchStep searchBit() {
  const bool bit = busReadBit();
  const bool complement = busReadBit();
  if (bit && complement) return SEARCH_LOST;
  const bool one = direction(bit, complement);
  if (one) rom[at / 8] |= (uint8_t)(1 << (at % 8));
  else rom[at / 8] &= (uint8_t)~(1 << (at % 8));
  busWriteBit(one);
  return ++at < ROM_BITS ? SEARCH_MORE_BITS : endPass();
}

uint8_t searchFound() { return found; }

const uint8_t* searchRom(uint8_t i) { return roms[i]; }
