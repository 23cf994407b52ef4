/**
 * How fast parts go in over HTTP: bun bench/ingest-http.ts [MiB, default 1024]. By one and by four connections, as
 * parts of what the same disk takes by plain writes and one fsync, in the same run.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPlace } from '../test/support/binary.ts'
import { type Content, createContent } from '../test/support/content.ts'
import { type Client, createClient, openUpload, sendParts } from '../test/support/upload-client.ts'

const MiB = 2 ** 20
const ROUNDS = 3
const size = Number(process.argv[2] ?? 1024) * MiB

/** MiB a second. */
async function rate(work: () => Promise<void> | void): Promise<number> {
  const begun = performance.now()
  await work()
  return size / MiB / ((performance.now() - begun) / 1000)
}

function writeAndSync(content: Content): void {
  const folder = mkdtempSync(join(tmpdir(), 'kist-write-'))
  const file = openSync(join(folder, 'file'), 'w')
  for (const piece of content.read(0, size)) writeSync(file, piece)
  fsyncSync(file)
  closeSync(file)
  rmSync(folder, { recursive: true })
}

async function upload(client: Client, content: Content, parallel: number): Promise<void> {
  const opened = await openUpload(client, content)
  await sendParts(
    client,
    opened,
    Array.from({ length: opened.partCount }, (_, index) => index + 1),
    { parallel },
  )
  await client.call('POST', `/api/v1/uploads/sessions/${opened.id}/abort`, {})
}

const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
const say = (name: string, text: string): void => void process.stdout.write(`${name.padEnd(18)} ${text}\n`)

const place = createPlace()
try {
  const server = await place.serve()
  const client = createClient(server.url, await place.token('ann'))
  const rates = { plain: [] as number[], one: [] as number[], four: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    const content = createContent(size, `round ${round}`)
    rates.plain.push(await rate(() => writeAndSync(content)))
    rates.one.push(await rate(() => upload(client, content, 1)))
    rates.four.push(await rate(() => upload(client, content, 4)))
  }
  const plain = median(rates.plain)
  say('write and fsync', `${plain.toFixed(0)} MiB/s`)
  for (const [name, seen] of [
    ['PUT, 1 connection', median(rates.one)],
    ['PUT, 4 connections', median(rates.four)],
  ] as const)
    say(name, `${seen.toFixed(0)} MiB/s, ${(seen / plain).toFixed(2)} of that`)
} finally {
  await place.remove()
}
