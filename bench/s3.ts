/**
 * Files into a bucket with figures: bun bench/s3.ts [GiB by parts, default 5] [GiB by form, default 2]. Starts Ceph for
 * itself. Parts go past Kist, so that only its signatures and reports are its own; a form goes through it. Needs that
 * much free disk below the temporary directory (TMPDIR).
 */
import { readFileSync } from 'node:fs'
import { createPlace } from '../test/support/binary.ts'
import { newBucket, storageToml } from '../test/support/bucket.ts'
import { type Content, createContent } from '../test/support/content.ts'
import { startS3 } from '../test/support/s3.ts'
import { type RunningServer, watchMemory } from '../test/support/server-process.ts'
import { connectRaw, statusOf } from '../test/support/socket.ts'
import {
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  must,
  openUpload,
  outOfOrder,
  sendParts,
} from '../test/support/upload-client.ts'

const GiB = 2 ** 30
const MiB = 2 ** 20
const [byParts = 5, byForm = 2] = process.argv.slice(2).map(Number)

const say = (name: string, text: string): void => void process.stdout.write(`${name.padEnd(22)} ${text}\n`)

/** Seconds of processor time. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Bytes that clients have sent and were sent, by the server's own count. */
async function clientTraffic({ url }: RunningServer): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const counts = text.matchAll(/^kist_(?:http_)?\w*bytes\w*(?:\{[^}]*\})? (\d+)/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Runs `work` and tells what it cost the server. */
async function measured(
  server: RunningServer,
  name: string,
  size: number,
  work: () => Promise<void>,
): Promise<void> {
  const idle = server.memory()
  const [processor, traffic] = [processorTime(server.pid), await clientTraffic(server)]
  const watch = watchMemory(server.pid)
  const begun = performance.now()
  await work()
  const seconds = (performance.now() - begun) / 1000
  const highest = watch.stop()
  say(name, `${(size / MiB / seconds).toFixed(0)} MiB/s in ${seconds.toFixed(1)} s`)
  say(
    '',
    `memory ${idle.resident.toFixed(0)} MiB idle, ${(highest.resident - idle.resident).toFixed(0)} above that at most`,
  )
  say('', `processor ${(processorTime(server.pid) - processor).toFixed(2)} s`)
  say('', `bytes from and to clients ${((await clientTraffic(server)) - traffic).toLocaleString('en')}`)
}

/** A file field as the last one, of any size, never in memory. */
async function sendForm(
  server: RunningServer,
  keys: Record<string, string>,
  content: Content,
): Promise<string> {
  const boundary = 'kist-bench-form'
  const field = (name: string, more: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`
  const fields = Object.entries(keys).map(([name, value]) => `${field(name, '')}${value}\r\n`)
  const head = `${fields.join('')}${field('upload_file', '; filename="big.bin"')}`
  const tail = `\r\n--${boundary}--\r\n`
  const socket = await connectRaw(server.url)
  await socket.send(
    `POST /api/v2/file/upload HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nConnection: close\r\n` +
      `Content-Type: multipart/form-data; boundary=${boundary}\r\n` +
      `Content-Length: ${head.length + content.size + tail.length}\r\n\r\n${head}`,
  )
  for (const piece of content.read(0, content.size)) await socket.send(piece)
  await socket.send(tail)
  const answer = await socket.closed
  if (statusOf(answer) !== 200) throw new Error(answer)
  return answer
}

const s3 = await startS3()
if (!s3) process.exit(1)
await using place = createPlace({ settings: storageToml(await newBucket(s3)) })
const server = await place.serve()
const client = createClient(server.url, await place.token('ann'))

const content = createContent(byParts * GiB, 'parts')
await measured(server, `${byParts} GiB by parts`, content.size, async () => {
  const upload = await openUpload(client, content)
  await sendParts(client, upload, outOfOrder(upload))
  await must(201, completeUpload(client, upload))
})

const [key1 = '', key2 = ''] = await place.lines(['token', 'add', '--user', 'ann', '--kind', 'yetishare'])
const body = JSON.stringify({ key1, key2 })
const authorize = await fetch(`${server.url}/api/v2/authorize`, {
  ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
})
const { data } = (await authorize.json()) as { data: { access_token: string; account_id: string } }
const form = createContent(byForm * GiB, 'form')
let fileId = 0
await measured(server, `${byForm} GiB by form`, form.size, async () => {
  const answer = await sendForm(
    server,
    { access_token: data.access_token, account_id: String(data.account_id) },
    form,
  )
  fileId = Number(/"file_id":\s*"?(\d+)/.exec(answer)?.[1])
})
await measured(server, 'and back through Kist', form.size, async () => {
  const seen = await downloadHash(await downloadLink(client, fileId), form.size, 256 * MiB + 1)
  if (seen !== form.sha256()) throw new Error('what came down is not what went up')
})
const { code, stdout } = await place.run(['check'])
if (code !== 0) throw new Error(`kist check: ${stdout}`)
say('kist check', 'clean')
process.exit(0)
