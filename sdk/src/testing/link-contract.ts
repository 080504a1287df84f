/** What every Link must do, against a broker that can be broken. */
import { type MachineId, machineIdOf, utf8 } from '../base/index.ts'
import { pureHash } from '../crypto/index.ts'
import type { Link } from '../machine/index.ts'
import { MAX_MESSAGE_BYTES, type TopicName } from '../wire/index.ts'
import type { TestApi } from './api.ts'
import { eventOf, type LinkRecorder, openingOf, recordLink } from './link-recorder.ts'

/** A broker, and links to it that come back within a fraction of a second. */
export interface LinkPlace {
  link(): Link
  /** Publishes as the gateway does; resolves when the broker has it. */
  publish(machine: MachineId, name: TopicName, payload: Uint8Array, retain?: boolean): Promise<void>
  /** Resolves when the broker has passed this message of a machine on; at once if it did before. */
  arrived(machine: MachineId, name: TopicName, payload: Uint8Array): Promise<void>
  /** What the broker retains. */
  retained(machine: MachineId, name: TopicName): Promise<Uint8Array | undefined>
  /** From now on the broker reads nothing of what links send, until their connections are cut. */
  stall(): void
  /** Cuts the connections of all links. */
  cut(): void
  /** Whether the broker can be reached; `false` also cuts. */
  setReachable(reachable: boolean): Promise<void>
  dispose(): Promise<void>
}

const WILL = utf8('gone')

/** Adds the suite. `place` is called once a test, `setReachable(true)` is its first state. */
export function linkContract(api: TestApi, name: string, place: () => Promise<LinkPlace>): void {
  const { expect } = api
  let tests = 0
  const it = (rule: string, body: (place: LinkPlace, machine: MachineId) => Promise<void>): void => {
    api.it(rule, async () => {
      const at = await place()
      // A name of its own, since a broker that outlives a test remembers.
      const machine = machineIdOf(pureHash.sha256(utf8(`machine ${tests++}`)))
      await body(at, machine).finally(() => at.dispose())
    })
  }
  const up = async (at: LinkPlace, machine: MachineId): Promise<{ link: Link; seen: LinkRecorder }> => {
    const link = at.link()
    const seen = recordLink()
    link.open(openingOf(machine, WILL, seen))
    await seen.until('up')
    return { link, seen }
  }
  const linkFailed = { code: 'link-failed' }

  api.describe(`link contract: ${name}`, () => {
    it('comes up and receives the exact bytes of a message', async (at, machine) => {
      const { link, seen } = await up(at, machine)
      const payload = Uint8Array.from({ length: 256 }, (_, i) => i)
      await at.publish(machine, 'receipt', payload)
      await seen.until(eventOf('receipt', payload))
      expect(seen.events).toEqual(['up', eventOf('receipt', payload)])
      await link.close()
    })

    it('publishes exact bytes on the topic of its machine', async (at, machine) => {
      const { link } = await up(at, machine)
      const payload = Uint8Array.from({ length: 300 }, (_, i) => i)
      await link.publish('batch', payload)
      await at.arrived(machine, 'batch', payload)
      await link.close()
    })

    it('receives and sends messages of the largest size', async (at, machine) => {
      const { link, seen } = await up(at, machine)
      const payload = new Uint8Array(MAX_MESSAGE_BYTES).fill(1)
      await link.publish('batch', payload)
      await at.arrived(machine, 'batch', payload)
      await at.publish(machine, 'receipt', payload)
      await seen.until(eventOf('receipt', payload))
      await link.close()
    })

    it('ignores messages over the largest size and goes on', async (at, machine) => {
      const { link, seen } = await up(at, machine)
      await at.publish(machine, 'receipt', new Uint8Array(MAX_MESSAGE_BYTES + 1))
      await at.publish(machine, 'receipt', utf8('next'))
      await seen.until(eventOf('receipt', utf8('next')))
      expect(seen.events).toEqual(['up', eventOf('receipt', utf8('next'))])
      await link.close()
    })

    it('receives what was retained before it came', async (at, machine) => {
      await at.publish(machine, 'head', utf8('newest statement'), true)
      const { link, seen } = await up(at, machine)
      await seen.until(eventOf('head', utf8('newest statement')))
      await link.close()
    })

    it('leaves a retained message when asked, and none otherwise', async (at, machine) => {
      const { link } = await up(at, machine)
      await link.publish('birth', utf8('key and streams'), { retain: true })
      await link.publish('batch', utf8('rows'))
      expect(await at.retained(machine, 'birth')).toEqual(utf8('key and streams'))
      expect(await at.retained(machine, 'batch')).toBe(undefined)
      await link.close()
    })

    it('hears nothing of other machines nor of topics it did not ask for', async (at, machine) => {
      const { link, seen } = await up(at, machine)
      const other = machineIdOf(pureHash.sha256(utf8('another machine')))
      await at.publish(other, 'receipt', utf8('not yours'))
      await at.publish(machine, 'status', utf8('not asked for'))
      await at.publish(machine, 'beacon', utf8('yours'))
      await seen.until(eventOf('beacon', utf8('yours')))
      expect(seen.events).toEqual(['up', eventOf('beacon', utf8('yours'))])
      await link.close()
    })

    it('refuses to publish before it is open, while it is down and after it is closed', async (at, machine) => {
      const early = at.link()
      await expect(early.publish('batch', utf8('early'))).rejects.toMatchObject(linkFailed)
      const { link, seen } = await up(at, machine)
      await at.setReachable(false)
      await seen.until('down')
      await expect(link.publish('batch', utf8('down'))).rejects.toMatchObject(linkFailed)
      await link.close()
      await expect(link.publish('batch', utf8('closed'))).rejects.toMatchObject(linkFailed)
    })

    it('sends nothing later that it refused or gave up', async (at, machine) => {
      const { link, seen } = await up(at, machine)
      at.stall()
      const lost = link.publish('status', utf8('never to be seen'), { retain: true })
      at.cut()
      await expect(lost).rejects.toMatchObject(linkFailed)
      await seen.until('up', 2)
      await link.publish('batch', utf8('after'))
      await at.arrived(machine, 'batch', utf8('after'))
      await at.arrived(machine, 'status', WILL)
      expect(await at.retained(machine, 'status')).toEqual(WILL)
      await link.close()
    })

    it('comes back after a cut, tells so, and still receives', async (at, machine) => {
      const { link, seen } = await up(at, machine)
      for (let cuts = 1; cuts <= 2; cuts++) {
        at.cut()
        await seen.until('down', cuts)
        await seen.until('up', cuts + 1)
        await at.publish(machine, 'receipt', utf8(`after cut ${cuts}`))
        await seen.until(eventOf('receipt', utf8(`after cut ${cuts}`)))
      }
      await link.publish('batch', utf8('rows'))
      await link.close()
    })

    it('comes up when the broker does, without a word before', async (at, machine) => {
      await at.setReachable(false)
      const link = at.link()
      const seen = recordLink()
      link.open(openingOf(machine, WILL, seen))
      await expect(link.publish('batch', utf8('early'))).rejects.toMatchObject(linkFailed)
      expect(seen.events).toEqual([])
      await at.setReachable(true)
      await seen.until('up')
      expect(seen.events).toEqual(['up'])
      await link.close()
    })

    it('has the broker publish its will when it is cut', async (at, machine) => {
      const { link } = await up(at, machine)
      at.cut()
      await at.arrived(machine, 'status', WILL)
      expect(await at.retained(machine, 'status')).toEqual(WILL)
      await link.close()
    })

    it('leaves its will when it closes without grace', async (at, machine) => {
      const { link } = await up(at, machine)
      await link.close()
      await at.arrived(machine, 'status', WILL)
    })

    it('takes its will along when it closes with grace, after what is in flight', async (at, machine) => {
      const { link } = await up(at, machine)
      const inFlight = ['1', '2', '3'].map((text) => link.publish('batch', utf8(text)))
      const offline = link.publish('status', utf8('offline'), { retain: true })
      await link.close({ graceful: true })
      await Promise.all([...inFlight, offline])
      // Another session of the same machine ends the former one for certain, and its will with it.
      const next = await up(at, machine)
      expect(await at.retained(machine, 'status')).toEqual(utf8('offline'))
      await next.link.close({ graceful: true })
    })

    it('calls no handler once it is closed', async (at, machine) => {
      const { link, seen } = await up(at, machine)
      await link.close()
      const next = await up(at, machine)
      await at.publish(machine, 'receipt', utf8('late'))
      await next.seen.until(eventOf('receipt', utf8('late')))
      expect(seen.events).toEqual(['up'])
      await next.link.close()
    })

    it('closes before it ever came up, and does not come up then', async (at, machine) => {
      await at.setReachable(false)
      const link = at.link()
      const seen = recordLink()
      link.open(openingOf(machine, WILL, seen))
      await link.close({ graceful: true })
      await at.setReachable(true)
      const next = await up(at, machine)
      expect(seen.events).toEqual([])
      await next.link.close()
    })

    it('survives a handler that throws', async (at, machine) => {
      const link = at.link()
      const seen = recordLink(() => {
        throw new Error('a bug in the machine')
      })
      link.open(openingOf(machine, WILL, seen))
      await seen.until('up')
      await at.publish(machine, 'receipt', utf8('first'))
      await at.publish(machine, 'receipt', utf8('second'))
      await seen.until(eventOf('receipt', utf8('second')))
      at.cut()
      await seen.until('up', 2)
      await link.publish('batch', utf8('rows'))
      await link.close()
    })
  })
}
