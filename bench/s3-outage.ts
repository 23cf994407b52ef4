/**
 * A store that is down for minutes: bun bench/s3-outage.ts [seconds, default 300]. Starts Ceph for itself. Every second
 * a download, an upload by each API, /healthz and /readyz; prints what they were answered, how long that took, what
 * memory it cost, and how soon all is well when the store is back.
 */
import { createPlace } from '../test/support/binary.ts'
import { newBucket, storageToml } from '../test/support/bucket.ts'
import { Busy, type Door, openDoors, succeeded } from '../test/support/doors.ts'
import { startFaultProxy } from '../test/support/fault-proxy.ts'
import { startS3 } from '../test/support/s3.ts'
import { watchMemory } from '../test/support/server-process.ts'
import { sampleBytes, sha256 } from '../test/support/upload.ts'

const seconds = Number(process.argv[2] ?? 300)
const BYTES = sampleBytes(300_000)
const SETTINGS =
  '[limits]\nrate_limits = false\n[remote_import]\nallow_private_addresses = true\n[log]\nlevel = "error"\n'

const say = (name: string, text: string): void => void process.stdout.write(`${name.padEnd(16)} ${text}\n`)

const store = await startS3()
if (!store) process.exit(1)
const proxy = await startFaultProxy({ target: store.endpoints[0] ?? '' })
await using place = createPlace({ settings: SETTINGS + storageToml(await newBucket(store, proxy.url)) })
const kist = await place.serve()
const doors = await openDoors(place, kist.url)
const { slug } = (await doors.put.uploader(BYTES, 'before.bin')) as { slug: string }

type Outcomes = Map<string, { count: number; slowest: number }>
const outcomes: Record<string, Outcomes> = {}

async function note(name: string, work: () => Promise<number>): Promise<void> {
  const begun = performance.now()
  const status = String(
    await work().catch((error: unknown) => (error instanceof Busy ? error.answer.status : error)),
  )
  const took = (performance.now() - begun) / 1000
  outcomes[name] ??= new Map()
  const { count, slowest } = outcomes[name].get(status) ?? { count: 0, slowest: 0 }
  outcomes[name].set(status, { count: count + 1, slowest: Math.max(slowest, took) })
}

const get = (path: string) => async (): Promise<number> => {
  const response = await fetch(kist.url + path)
  await response.arrayBuffer()
  return response.status
}
const put = (door: Door) => () => doors.put[door](BYTES, 'during.bin').then(() => 200)
const open = async (): Promise<number> => {
  const session = { filename: 'during.bin', size: BYTES.length }
  return succeeded(await doors.client.call('POST', '/api/v1/uploads/sessions', session)).status
}
const round = () => [
  note('download', get(`/file/${slug}`)),
  note('nating', open),
  ...(['yetishare', 'uploader', 'flamenet'] as const).map((door) => note(door, put(door))),
  note('/healthz', get('/healthz')),
  note('/readyz', get('/readyz')),
]

await Promise.all(round())
say('before', `all well, ${kist.memory().resident.toFixed(0)} MiB`)
for (const name of Object.keys(outcomes)) delete outcomes[name]

await proxy.goDown('refused')
const idle = kist.memory().resident
const watch = watchMemory(kist.pid)
const imported = doors.put.import(BYTES, 'import.bin')
const pending: Array<Promise<void>> = []
for (let second = 0; second < seconds; second++) {
  pending.push(...round())
  await Bun.sleep(1000)
  if (second % 60 === 59) say(`${second + 1} s`, `${kist.memory().resident.toFixed(0)} MiB`)
}
await Promise.all(pending)
const highest = watch.stop().resident
for (const [name, seen] of Object.entries(outcomes))
  for (const [status, { count, slowest }] of seen)
    say(name, `${status} ${count} times, the slowest after ${slowest.toFixed(1)} s`)
say('memory', `${idle.toFixed(0)} MiB before, ${(highest - idle).toFixed(0)} above that at most`)

await proxy.comeBack()
const back = performance.now()
for (;;) {
  for (const name of Object.keys(outcomes)) delete outcomes[name]
  await Promise.all(round())
  if (Object.values(outcomes).every((seen) => [...seen.keys()].every((status) => /^20\d$/.test(status))))
    break
}
say('back', `all well after ${((performance.now() - back) / 1000).toFixed(1)} s`)
if ((await doors.download({ slug })) !== sha256(BYTES)) throw new Error('the file is another one')
if ((await doors.download(await imported)) !== sha256(BYTES)) throw new Error('the import is another file')
say('import', 'begun while it was down, complete')
const { code, stdout } = await place.run(['check'])
if (code !== 0) throw new Error(`kist check: ${stdout}`)
say('kist check', 'clean')
process.exit(0)
