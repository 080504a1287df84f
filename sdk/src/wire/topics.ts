/** MQTT topics: `fp/1/<machine>/<name>`, the machine id being the only variable part, so one ACL line covers it. */
import { FieldproofError, type MachineId, machineId } from '../base/index.ts'

/** Names of a machine's topics (schemas/spec/01-wire.md). */
export const TOPIC_NAMES = ['birth', 'status', 'batch', 'receipt', 'head', 'beacon'] as const
/** One of {@link TOPIC_NAMES}. */
export type TopicName = (typeof TOPIC_NAMES)[number]

/** Topics that a machine publishes; it reads all others of its branch. */
export const MACHINE_PUBLISHES: readonly TopicName[] = ['birth', 'status', 'batch']

const PREFIX = 'fp/1/'

/** Topic of one machine. */
export function topicOf(machine: MachineId, name: TopicName): string {
  return `${PREFIX}${machine}/${name}`
}

/**
 * Parts of a topic.
 * @throws FieldproofError `topic-invalid`
 */
export function parseTopic(topic: string): { machine: MachineId; name: TopicName } {
  const [id, name, ...rest] = topic.startsWith(PREFIX) ? topic.slice(PREFIX.length).split('/') : []
  if (id === undefined || name === undefined || rest.length > 0 || !isTopicName(name)) {
    throw new FieldproofError('topic-invalid', 'want fp/1/<machine>/<name>')
  }
  return { machine: machineId(id), name }
}

function isTopicName(name: string): name is TopicName {
  return (TOPIC_NAMES as readonly string[]).includes(name)
}
