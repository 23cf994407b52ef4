/**
 * Is `complete` as fast for a big file as for a small one? bun bench/complete.ts [GiB, default 10]. Both are sent by
 * four connections, their parts roughly in order as clients do; the time is from the last report to the answer.
 */
import { createPlace } from '../test/support/binary.ts'
import { createContent } from '../test/support/content.ts'
import {
  type Client,
  completeUpload,
  createClient,
  must,
  openUpload,
  sendParts,
} from '../test/support/upload-client.ts'

const MiB = 2 ** 20
const big = Number(process.argv[2] ?? 10) * 1024 * MiB
const small = 64 * MiB

/** Milliseconds that complete took. */
async function completeTime(client: Client, size: number, seed: string): Promise<number> {
  const upload = await openUpload(client, createContent(size, seed))
  await sendParts(
    client,
    upload,
    Array.from({ length: upload.partCount }, (_, index) => index + 1),
  )
  const begun = performance.now()
  await must(201, completeUpload(client, upload))
  return performance.now() - begun
}

const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
const say = (name: string, text: string): void => void process.stdout.write(`${name.padEnd(12)} ${text}\n`)

const place = createPlace()
try {
  const server = await place.serve()
  const client = createClient(server.url, await place.token('ann'))
  const times: number[] = []
  for (let round = 0; round < 5; round++) times.push(await completeTime(client, small, `small ${round}`))
  const [ofSmall, ofBig] = [median(times), await completeTime(client, big, 'big')]
  say('64 MiB', `${ofSmall.toFixed(0)} ms (median of ${times.length})`)
  say(`${big / MiB / 1024} GiB`, `${ofBig.toFixed(0)} ms`)
  say('ratio', `${(ofBig / ofSmall).toFixed(1)} for ${big / small} times the bytes`)
} finally {
  await place.remove()
}
