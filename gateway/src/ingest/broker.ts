/**
 * The embedded MQTT 3.1.1 broker (aedes). Messages are taken in the authorisation hook, because that is the one place
 * before the PUBACK; and nothing is fanned out or retained by the broker: what a machine is sent comes from the store.
 */
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { FieldproofError, type MachineId, machineId } from '@fieldproof/sdk/base'
import { MACHINE_PUBLISHES, MAX_MESSAGE_BYTES, type TopicName, topicOf } from '@fieldproof/sdk/wire'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import type { MachineAuth } from './machine-auth.ts'

/** What the broker asks and tells. */
export interface BrokerOptions {
  readonly host: string
  /** 0 for a free one. */
  readonly port: number
  readonly auth: MachineAuth
  /** Takes a message; it is acknowledged when this resolves, and its connection ends when it rejects. */
  readonly accept: (machine: MachineId, name: TopicName, payload: Uint8Array) => Promise<void>
  /** Takes a message on a topic that is not the machine's to publish on. */
  readonly refuseTopic: (machine: MachineId, topic: string, payload: Uint8Array) => Promise<void>
  /** A machine listens to some of its topics from now on. */
  readonly onSubscribed: (machine: MachineId, names: readonly TopicName[]) => void
  readonly onGone: (machine: MachineId) => void
  readonly onFault: (error: unknown) => void
}

/** A running broker. */
export interface Broker {
  readonly port: number
  /** Sends at QoS 1, if the machine is connected and listens. Returns whether it was sent. */
  send(machine: MachineId, name: TopicName, payload: Uint8Array, options?: { readonly retain?: boolean }): boolean
  /** Machines that are connected. */
  connected(): readonly MachineId[]
  /** Takes no new connection and no new message; what is in hand may still be acknowledged. */
  drain(): void
  close(): Promise<void>
}

/** Topics that a machine may listen to. */
const READABLE: readonly TopicName[] = ['receipt', 'head', 'beacon']
/** A larger packet ends the connection; one between the message limit and this is refused with its code. */
const MAX_PACKET_BYTES = 2 * MAX_MESSAGE_BYTES
/** What may wait in this process for a client to read it. */
const MAX_UNREAD_BYTES = 1024 * 1024
/** Connections at once, silent ones included: a descriptor and some kilobytes each. */
const MAX_CONNECTIONS = 10_000
/** Where a message goes in aedes after it was taken: nobody can subscribe to it. */
const TAKEN = 'fp/1/taken'
const MAX_CLIENT_ID = 26
const NOTHING = Buffer.alloc(0)

/**
 * Starts the broker.
 * @throws FieldproofError `port-taken`
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const state = { draining: false }
  const aedes = await Aedes.createBroker({
    maxClientsIdLength: MAX_CLIENT_ID,
    authenticate: (client, username, password, done) => {
      const machine = machineOf(client.id)
      const good = machine !== undefined && username === machine && !state.draining && options.auth(machine, password)
      done(null, good)
    },
    authorizePublish: (client, packet, done) => {
      if (client === null || state.draining) return // not acknowledged: the connection ends soon
      takeMessage(options, client.id as MachineId, packet).then(
        () => done(null),
        (error: unknown) => {
          options.onFault(error)
          done(error instanceof Error ? error : new Error(String(error)))
        },
      )
    },
    authorizeSubscribe: (client, subscription, done) => {
      done(null, readableNames(client.id as MachineId, subscription.topic).length > 0 ? subscription : null)
    },
  })
  aedes.on('error' as 'closed', options.onFault as () => void) // undeclared in its types; unheard, it would end the process
  aedes.on('subscribe', (subscriptions, client) => {
    const names = subscriptions.flatMap(({ topic, qos }) =>
      (qos as number) === 128 ? [] : readableNames(client.id as MachineId, topic),
    )
    if (names.length > 0) options.onSubscribed(client.id as MachineId, [...new Set(names)])
  })
  const clients = new Map<MachineId, Client>()
  aedes.on('clientReady', (client) => {
    const machine = client.id as MachineId
    clients.set(machine, client)
    const restored = READABLE.filter((name) => isSubscribed(client, machine, name))
    if (restored.length > 0) options.onSubscribed(machine, restored) // the broker kept its subscriptions: it does not subscribe again
  })
  aedes.on('clientDisconnect', (client) => {
    if (clients.get(client.id as MachineId) !== client) return // another connection has taken over already
    clients.delete(client.id as MachineId)
    options.onGone(client.id as MachineId)
  })
  // noDelay: with Nagle's algorithm one busy client is eighteen times slower.
  const server = createServer({ noDelay: true }, (socket) => {
    guardPacketSize(aedes.handle(socket), socket)
  })
  server.maxConnections = MAX_CONNECTIONS
  const port = await listen(server, options.host, options.port)
  return {
    port,
    send: (machine, name, payload, { retain = false } = {}) =>
      send(clients.get(machine), machine, name, payload, retain),
    connected: () => [...clients.keys()],
    drain: () => {
      state.draining = true
      server.close()
    },
    close: async () => {
      server.close()
      await new Promise<void>((resolve) => aedes.close(resolve))
    },
  }
}

async function takeMessage(options: BrokerOptions, machine: MachineId, packet: PublishPacket): Promise<void> {
  const { topic } = packet
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
  // From here on the message is ours: whatever aedes does after the acknowledgement, it does with nothing.
  packet.topic = TAKEN
  packet.payload = NOTHING
  packet.retain = false
  const bytes = new Uint8Array(payload) // a copy: the parser's buffer is shared by a whole read
  const name = publishableName(machine, topic)
  if (name === undefined) await options.refuseTopic(machine, topic, bytes)
  else await options.accept(machine, name, bytes)
}

function publishableName(machine: MachineId, topic: string): TopicName | undefined {
  return MACHINE_PUBLISHES.find((name) => topicOf(machine, name) === topic)
}

/** Readable topics of a machine that a filter matches: its own names, or a wildcard in place of the name. */
function readableNames(machine: MachineId, filter: string): readonly TopicName[] {
  return READABLE.filter((name) => {
    const topic = topicOf(machine, name)
    const branch = topic.slice(0, -name.length)
    return filter === topic || filter === `${branch}#` || filter === `${branch}+`
  })
}

function send(
  client: Client | undefined,
  machine: MachineId,
  name: TopicName,
  payload: Uint8Array,
  retain: boolean,
): boolean {
  if (client === undefined || client.closed || !isSubscribed(client, machine, name)) return false
  const message = {
    cmd: 'publish',
    topic: topicOf(machine, name),
    payload: Buffer.from(payload),
    qos: 1,
    retain,
    dup: false,
  } as const
  // A client that never reads would have every receipt kept in memory: it loses its connection, and later none of its data.
  if (client.conn instanceof Socket && client.conn.writableLength > MAX_UNREAD_BYTES) {
    client.conn.destroy()
    return false
  }
  // Straight to the one connection: through the broker's bus every receipt would be matched against every subscription.
  client.publish(message, () => undefined)
  return true
}

function isSubscribed(client: Client, machine: MachineId, name: TopicName): boolean {
  const { subscriptions } = client as unknown as { readonly subscriptions: Readonly<Record<string, unknown>> }
  return Object.keys(subscriptions).some((filter) => readableNames(machine, filter).includes(name))
}

/** The packet parser has no limit of its own, and would collect what a length of 256 MB announces. */
function guardPacketSize(client: Client, socket: Socket): void {
  const { _parser: parser } = client as unknown as {
    readonly _parser: { readonly packet: { readonly length: number } }
  }
  // After aedes has read: its own listener was added first.
  socket.on('readable', () => {
    if (parser.packet.length > MAX_PACKET_BYTES) socket.destroy()
  })
}

function machineOf(clientId: string): MachineId | undefined {
  try {
    return machineId(clientId)
  } catch {
    return undefined // not a machine id: the one reason why it throws
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE' ? new FieldproofError('port-taken', `port ${port} is taken`, { cause }) : cause,
      )
    })
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}
