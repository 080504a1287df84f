import { machineId } from '@fieldproof/sdk/base'
import { expect, it } from 'vitest'
import { eventLog } from '../../src/cli/log.ts'

const machine = machineId('aztnqoryk6w7sod3oucckhp6c4')
const refused = { event: 'refused', machine, code: 'wrong-topic', detail: 'test' } as const

function lineOf(topic: string, json: boolean): string {
  let out = ''
  eventLog(json, (line) => {
    out += line
  })({ ...refused, topic })
  return out
}

it('never lets a topic start another line or talk to the terminal', () => {
  const line = lineOf('evil\n2026-01-01T00:00:00Z anchored logSize=9\u001b[2J\u202e', false)
  expect(line.split('\n')).toHaveLength(2)
  expect(line).toMatch(/^[\x20-\x7e]*\n$/)
  expect(JSON.parse(lineOf('evil\n', true)).topic).toBe('evil\n')
})

it('shows an ordinary topic as it is', () => {
  expect(lineOf(`fp/1/${machine}/batch`, false)).toContain(`topic=fp/1/${machine}/batch`)
})
