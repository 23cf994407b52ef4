/** Uploads through the compiled binary into a cluster that loses a disk, a monitor and a gateway meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Balancer, startBalancer } from '../support/balancer.ts'
import { createPlace, type Place } from '../support/binary.ts'
import { newBucket, storageToml } from '../support/bucket.ts'
import { type Content, createContent } from '../support/content.ts'
import { CEPH, type Daemon, type S3Server, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'
import { connectRaw, statusOf } from '../support/socket.ts'
import {
  type Client,
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  must,
  openUpload,
  sendPart,
  type Upload,
} from '../support/upload-client.ts'

const MiB = 2 ** 20
/** Milliseconds. */
const SLOW = 180_000
const STEPS = 12
/** Kist sends the bytes of a form on in parts of 32 MiB: the first goes out in the middle, the others at the end. */
const FORM_STEP = 6 * MiB
const KILLED: Record<number, Daemon> = { 3: 'osd.1', 6: 'rgw.a', 9: 'mon.c' }

interface SlowForm {
  /** Sends the next bytes of the file. */
  send(step: number): Promise<void>
  /** The id of the file. */
  end(): Promise<number>
}

async function beginForm({ url }: RunningServer, token: string, content: Content): Promise<SlowForm> {
  const boundary = 'kist-test-cluster'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="by form.bin"\r\n\r\n`
  const tail = `\r\n--${boundary}--\r\n`
  const socket = await connectRaw(url)
  await socket.send(
    `POST /api/flamenet/v1/files HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: close\r\n` +
      `Authorization: Bearer ${token}\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\n` +
      `Content-Length: ${head.length + content.size + tail.length}\r\n\r\n${head}`,
  )
  return {
    async send(step) {
      for (const piece of content.read((step - 1) * FORM_STEP, step * FORM_STEP)) await socket.send(piece)
    },
    async end() {
      await socket.send(tail)
      const answer = await socket.closed
      if (statusOf(answer) !== 201) throw new Error(answer)
      return Number(/"id":\s*(\d+)/.exec(answer)?.[1])
    },
  }
}

/** Whoever is cut off asks for another address and sends the part again. */
async function sendPartAgain(client: Client, upload: Upload, number: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await sendPart(client, upload, number)
      return
    } catch (error) {
      if (tries === 20) throw error
      await Bun.sleep(100 * tries)
    }
  }
}

describe.skipIf(!CEPH)('a cluster that loses a disk, a monitor and a gateway', () => {
  let cluster: S3Server
  let balancer: Balancer
  let place: Place
  beforeAll(async () => {
    cluster = (await startS3({ cluster: true })) as S3Server
    balancer = await startBalancer(cluster.endpoints)
    const storage = storageToml(await newBucket(cluster, balancer.url))
    place = createPlace({
      settings: `[uploads]\npart_size = "5MiB"\n[flamenet]\nmax_file_size = "1GiB"\n${storage}`,
    })
  }, SLOW)
  afterAll(async () => {
    await place?.remove()
    await balancer?.stop()
    await cluster?.stop()
  }, SLOW)

  test(
    'takes an upload in parts and one by form to their ends, and gives both back',
    async () => {
      const kist = await place.serve()
      const client = createClient(kist.url, await place.token('ann'))
      const [key = ''] = await place.lines(['token', 'add', '--user', 'ann', '--kind', 'flamenet'])
      const byParts = createContent(STEPS * 5 * MiB, 'by parts')
      const byForm = createContent(STEPS * FORM_STEP, 'by form')
      const upload = await openUpload(client, byParts)
      const form = await beginForm(kist, key, byForm)
      for (let step = 1; step <= STEPS; step++) {
        const sending = Promise.all([sendPartAgain(client, upload, step), form.send(step)])
        const daemon = KILLED[step]
        if (daemon) await cluster.kill(daemon)
        await sending
      }
      const [{ json }, formId] = await Promise.all([
        must(201, completeUpload(client, upload, { checksum_sha256: byParts.sha256() })),
        form.end(),
      ])
      for (const [id, content] of [
        [json.file_id, byParts],
        [formId, byForm],
      ] as const)
        expect(await downloadHash(await downloadLink(client, id), content.size, 16 * MiB)).toBe(
          content.sha256(),
        )
      expect(kist.logged('internal_error')).toEqual([])
      expect(await kist.end('SIGTERM')).toBe(0)
      expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    },
    SLOW,
  )
})
