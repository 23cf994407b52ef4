/** kist storage: where the files are. */
import type { OpenedCore } from '../app.ts'
import { type MoveStep, moveObjects } from '../core/move.ts'
import { type Action, CONFIG_OPTION, type Command, OperatorError, UsageError } from './command.ts'
import { tabbed, writeLine } from './streams.ts'
import { withCore } from './workplace.ts'

const migrate: Action = {
  about:
    'Moves all files to the bucket or to the disk, while the server runs and serves them. Each is compared with its\nrecord before it is removed from where it was. Can be stopped and begun again at any time. New files go where\nstorage.driver says; the server has to have been started with the bucket in its settings. Prints what was done;\nexits 1 when a file could not be moved.',
  options: {
    to: { value: 's3|local', about: 'where to', required: true },
    'keep-source': { about: 'leave the files where they were as well' },
    ...CONFIG_OPTION,
  },
  async run(given) {
    const to = given.text('to')
    if (to !== 's3' && to !== 'local') throw new UsageError('--to takes s3 or local')
    const keepSource = given.has('keep-source')
    return withCore(given, (_core, opened) => move(opened, to, keepSource), { mustExist: true })
  },
}

async function move(
  { metadata, stores }: OpenedCore,
  to: 's3' | 'local',
  keepSource: boolean,
): Promise<number> {
  const { local, remote, storage } = stores
  if (!remote) throw new OperatorError('there is no bucket: storage.s3.bucket is not set')
  if (storage.name !== to)
    process.stderr.write(`new files still go to ${storage.name}, as storage.driver says\n`)
  const [source, target] = to === 's3' ? [local, remote] : [remote, local]
  const count = newCount()
  for await (const step of moveObjects({ metadata, from: source, to: target, keepSource })) note(count, step)
  return summary(count)
}

export const command: Command = { actions: { migrate } }

type Count = Record<MoveStep['outcome'], { objects: number; bytes: number }> & { toldAt: number }

const none = () => ({ objects: 0, bytes: 0 })
const newCount = (): Count => ({
  ...{ moved: none(), present: none(), gone: none(), left: none(), failed: none() },
  toldAt: performance.now(),
})

const TELL_MILLISECONDS = 5000

/** Failures at once, the rest now and then. */
function note(count: Count, { key, size, outcome, reason }: MoveStep): void {
  count[outcome].objects += 1
  count[outcome].bytes += size
  if (outcome === 'failed') process.stderr.write(`${key}: ${reason}\n`)
  if (performance.now() - count.toldAt < TELL_MILLISECONDS) return
  count.toldAt = performance.now()
  process.stderr.write(`${count.moved.objects} files moved, ${count.moved.bytes} bytes\n`)
}

/** What did not happen is not told. */
function summary(count: Count): number {
  for (const outcome of ['moved', 'present', 'gone', 'left', 'failed'] as const) {
    const { objects, bytes } = count[outcome]
    if (objects > 0 || outcome === 'moved') writeLine(tabbed([outcome, objects, bytes]))
  }
  return count.failed.objects === 0 ? 0 : 1
}
