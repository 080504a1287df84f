export { wiringSvg } from './svg.ts'
export { wiringText } from './text.ts'
