/**
 * The main job with figures: bun bench/big-upload.ts [GiB, default 10]. Uploads an incompressible file in four
 * parallel parts out of order, kills the server half way, resumes, completes, downloads by ranges, checks.
 * Needs that much free disk below the temporary directory (TMPDIR).
 */
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createPlace, type Place } from '../test/support/binary.ts'
import { createContent } from '../test/support/content.ts'
import { type Memory, type RunningServer, watchMemory } from '../test/support/server-process.ts'
import {
  type Client,
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  missingParts,
  must,
  openUpload,
  outOfOrder,
  sendParts,
  type Upload,
} from '../test/support/upload-client.ts'

const GiB = 2 ** 30
const MiB = 2 ** 20
const size = Number(process.argv[2] ?? 10) * GiB
const content = createContent(size, 'bench')

const { bavail, bsize } = statfsSync(tmpdir())
if (bavail * bsize < size + GiB) throw new Error(`${tmpdir()} has too little free space`)

async function main(place: Place): Promise<void> {
  let server = await place.serve()
  const token = await place.token('ann')
  let client = createClient(server.url, token)
  const upload = await openUpload(client, content)
  say('file', `${size / GiB} GiB, ${upload.partCount} parts of ${upload.partSize / MiB} MiB, 4 at a time`)

  const before = await measured(server, 'first half', (done) => untilKilled(server, client, upload, done))
  server = await place.serve()
  client = createClient(server.url, token)
  const missing = await missingParts(client, upload)
  say('after kill −9', `${upload.partCount - missing.length} parts kept, ${missing.length} to send`)

  const after = await measured(server, 'second half', async (done) => {
    await sendParts(client, upload, missing, { onPart: (number) => done(partBytes(upload, number)) })
  })
  const { fileId, sha256 } = await complete(client, upload)
  const down = await measured(server, 'download by ranges', async (done) => {
    const seen = await downloadHash(await downloadLink(client, fileId), size, 256 * MiB + 1)
    done(size)
    if (seen !== sha256) throw new Error('what came down is not what went up')
  })
  if (sha256 !== content.sha256()) throw new Error('the server has other bytes than the client sent')
  say('SHA-256', `equal, ${sha256}`)
  await check(place)
  say('memory above idle', `at most ${Math.max(before, after, down).toFixed(0)} MiB`)
}

async function untilKilled(
  server: RunningServer,
  client: Client,
  upload: Upload,
  done: (bytes: number) => void,
): Promise<void> {
  const half = Math.floor(upload.partCount / 2)
  let reported = 0
  const onPart = (number: number): void => {
    done(partBytes(upload, number))
    reported += 1
    if (reported === half) server.signal('SIGKILL')
  }
  await sendParts(client, upload, outOfOrder(upload), { onPart }).catch((error: unknown) => {
    if (reported < half) throw error
  })
  await server.ended
}

async function complete(client: Client, upload: Upload): Promise<{ fileId: number; sha256: string }> {
  const begun = performance.now()
  const { json } = await must(201, completeUpload(client, upload))
  say('complete', `${(performance.now() - begun).toFixed(0)} ms after the last part was reported`)
  return { fileId: json.file_id, sha256: json.checksum_sha256 }
}

async function check(place: Place): Promise<void> {
  const begun = performance.now()
  const { code, stdout } = await place.run(['check'])
  if (code !== 0) throw new Error(`kist check: ${stdout}`)
  say('kist check', `clean, ${rate(size, performance.now() - begun)}`)
}

/** Runs `work` and tells its speed and the server's memory; MiB above idle at most. */
async function measured(
  server: RunningServer,
  name: string,
  work: (done: (bytes: number) => void) => Promise<void>,
): Promise<number> {
  let bytes = 0
  const idle = server.memory()
  const watch = watchMemory(server.pid)
  const begun = performance.now()
  await work((more) => {
    bytes += more
  })
  const highest = watch.stop()
  say(name, `${rate(bytes, performance.now() - begun)}; ${memory(idle)} idle, ${memory(highest)} at most`)
  return highest.resident - idle.resident
}

const memory = ({ resident, anonymous }: Memory): string =>
  `${resident.toFixed(0)} MiB (${anonymous.toFixed(0)} anonymous)`

const rate = (bytes: number, milliseconds: number): string =>
  `${(bytes / MiB / (milliseconds / 1000)).toFixed(0)} MiB/s`

const partBytes = ({ partSize, content }: Upload, number: number): number =>
  Math.min(partSize, content.size - (number - 1) * partSize)

function say(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(20)} ${text}\n`)
}

const place = createPlace()
try {
  await main(place)
} finally {
  await place.remove()
}
