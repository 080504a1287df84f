export { crc8Maxim } from './crc8.ts'
export { CRC_START, crc16 } from './crc16.ts'
export {
  decodeFirmata,
  encodeFirmwareQuery,
  encodeI2cConfig,
  encodeI2cRead,
  encodeI2cWrite,
  encodePinLevel,
  encodePinMode,
  encodeReportAnalog,
  encodeReportDigital,
  encodeReset,
  encodeSamplingInterval,
  encodeVersionQuery,
  FEATURE_ID,
  FIRMATA,
  type FirmataReport,
  MAX_I2C_BYTES,
  PIN_MODES,
  SAMPLING_MS,
} from './firmata.ts'
export { type BoardFrame, createFrameGate, type FrameGate, type FrameGateOptions, type LineCheck } from './frames.ts'
export {
  createGroupReader,
  decodeNumber,
  encodeBytes,
  encodeNumber,
  type GroupReader,
} from './groups.ts'
export { createHostGate, type HostGate, type HostMessage, MAX_REQUEST_BYTES } from './host-gate.ts'
export {
  decodeOneWireReply,
  decodeOneWireRequest,
  encodeOneWireReply,
  encodeOneWireRequest,
  MAX_ONE_WIRE_DELAY_MS,
  MAX_ONE_WIRE_READ,
  MAX_ONE_WIRE_WRITE,
  ONE_WIRE,
  type OneWireReply,
  type OneWireRequest,
  type OneWireSteps,
  ROM_BYTES,
} from './one-wire.ts'
export { decodePacked, encodePacked } from './packed.ts'
export {
  BOARD_MS_MODULUS,
  CHECK_GROUPS,
  type CounterReading,
  decodeReply,
  encodeReply,
  NUMBER_MODULUS,
  PROTOCOL_VERSION,
  PULSE_MODULUS,
  REPLY_COMMANDS,
  RESET_CAUSES,
  type Reply,
  type ReplyBody,
  type ResetCause,
  VALVE_STATES,
  type ValveState,
} from './replies.ts'
export {
  COUNTERS,
  decodeRequest,
  encodeRequest,
  MAX_DEBOUNCE_US,
  MAX_INTERVAL_MS,
  MAX_VALVE_MS,
  MIN_INTERVAL_MS,
  REFUSALS,
  REQUEST_COMMANDS,
  type Refusal,
  type RefusedRequest,
  type Request,
} from './requests.ts'
export { type Dropped, SYSEX_END, SYSEX_START } from './splitter.ts'
