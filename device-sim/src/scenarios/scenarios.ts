/** Scenarios in virtual time, in the order in which they are listed. */
import { bmp280 } from './bmp280.ts'
import { cablePulled } from './cable-pulled.ts'
import { clockSteps } from './clock-steps.ts'
import { garbage } from './garbage.ts'
import { hung } from './hung.ts'
import { portTaken } from './port-taken.ts'
import { probeUnplugged } from './probe-unplugged.ts'
import { brownOut, reset } from './reset.ts'
import type { Scenario } from './scenario.ts'
import { sensorSilent } from './sensor-silent.ts'
import { soak, soakIrrigation } from './soak.ts'
import { wrongBaud } from './wrong-baud.ts'
import { neverAnswers, wrongFirmware } from './wrong-program.ts'

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [
  cablePulled,
  hung,
  reset,
  brownOut,
  sensorSilent,
  bmp280,
  garbage,
  wrongBaud,
  portTaken,
  neverAnswers,
  wrongFirmware,
  probeUnplugged,
  clockSteps,
  soak,
  soakIrrigation,
]
