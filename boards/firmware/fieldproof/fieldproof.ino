// SPDX-License-Identifier: Apache-2.0
// Fieldproof board firmware for the ATmega328P (Arduino Uno): schemas/spec/08-board.md.
#include <Arduino.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include "boot.h"
#include "clock.h"
#include "counters.h"
#include "feature.h"
#include "firmata.h"
#include "one-wire-jobs.h"
#include "parser.h"
#include "valve.h"

static const uint32_t BAUD_RATE_BPS = 57600;
/// A host that never stops talking must not keep the loop from the watchdog: bytes handled in one pass.
static const uint8_t BYTES_PER_PASS = 32;

void setup() {
  valveBegin();  // first of all: nothing may hold the valve open while the rest starts
  bootBegin();
  clockBegin();
  countersBegin();
  Serial.begin(BAUD_RATE_BPS);
  firmataBegin();
  wdt_enable(WDTO_2S);
  set_sleep_mode(SLEEP_MODE_IDLE);  // timers, counters and the serial line run on, and wake it
}

/// Sleeps until there is a tick or a byte to handle. No wake-up gets lost between the test and the sleep, because SEI
/// lets one more instruction pass before any interrupt.
void rest() {
  cli();
  while (!clockTickPending() && Serial.available() == 0) {
    sleep_enable();
    sei();
    sleep_cpu();
    sleep_disable();
    cli();
  }
  sei();
}

void loop() {
  // BOARD-13: a starved tick timer could not close the valve, so only a tick that came feeds the watchdog.
  if (clockTicked()) wdt_reset();
  for (uint8_t i = 0; i < BYTES_PER_PASS && Serial.available() > 0; ++i) parserByte((uint8_t)Serial.read());
  countersSettle();
  firmataPoll();
  featurePoll();
  jobsPoll();
  if (!jobsAreDue()) rest();
}
