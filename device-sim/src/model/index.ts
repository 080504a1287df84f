/** A model of an Uno with our firmware, for fleets. */
export { createModelUno, type ModelUnoOptions } from './model-uno.ts'
