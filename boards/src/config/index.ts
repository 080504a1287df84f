export { COMMON_FIELDS, type CommonConfig } from './fields.ts'
export {
  configPath,
  environmentOverrides,
  type Overrides,
  type Profiles,
  parseConfig,
  readConfig,
  type StationConfig,
} from './station-config.ts'
export { type Choices, stationFileText, stationJsonSchema, withGateway } from './station-file.ts'
