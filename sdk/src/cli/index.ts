export { main } from './main.ts'
export { reportJson, reportText } from './report-text.ts'
