/** kill −9 at the worst moments: what was acknowledged is there, what was not leaves nothing. */
import { describe, expect, test } from 'bun:test'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createPlace, type Place } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import type { RunningServer } from '../support/server-process.ts'
import {
  type Answer,
  beginPut,
  type Client,
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  getUpload,
  keepsPart,
  missingParts,
  must,
  openUpload,
  outOfOrder,
  sendPart,
  sendParts,
  signPart,
  type Upload,
  uploadContent,
} from '../support/upload-client.ts'

const MiB = 2 ** 20

interface Stage {
  server: RunningServer
  client: Client
  restart(): Promise<void>
}

async function setTheStage(place: Place): Promise<Stage> {
  const server = await place.serve()
  const token = await place.token('ann')
  const stage: Stage = {
    server,
    client: createClient(server.url, token),
    async restart() {
      stage.server = await place.serve()
      stage.client = createClient(stage.server.url, token)
    },
  }
  return stage
}

/** Asks again until it is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await isSo()) return
    await Bun.sleep(5)
  }
  throw new Error('it never came to be')
}

/** Bytes on disk of uploads under way. */
const stagedBytes = ({ dataDir }: Place): number =>
  readdirSync(join(dataDir, 'staging'))
    .map((name) => statSync(join(dataDir, 'staging', name)).blocks * 512)
    .reduce((sum, bytes) => sum + bytes, 0)

async function finish(client: Client, upload: Upload): Promise<void> {
  await sendParts(client, upload, await missingParts(client, upload))
  const { json } = await must(201, completeUpload(client, upload))
  expect(json.checksum_sha256).toBe(upload.content.sha256())
}

describe('killed in the middle of a part', () => {
  const settings = '[uploads]\npart_size = "4MiB"\n'

  test('that was never sent before: there is no such part, and the session goes on', async () => {
    await using place = createPlace({ settings })
    const stage = await setTheStage(place)
    const upload = await openUpload(stage.client, createContent(10 * MiB, 'first'))
    const socket = await beginPut(await signPart(stage.client, upload, 1), 4 * MiB)
    for (const piece of upload.content.read(0, 2 * MiB)) await socket.send(piece)
    await until(() => stagedBytes(place) >= MiB)
    await stage.server.end('SIGKILL')
    await socket.closed

    await stage.restart()
    expect(await getUpload(stage.client, upload)).toMatchObject({ status: 'pending', uploaded_bytes: 0 })
    expect(await keepsPart(stage.client, upload, 1)).toBe(false)
    await finish(stage.client, upload)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    await stage.server.end('SIGTERM')
  }, 20_000)

  test('that replaces a reported one: neither the old nor a torn one is there', async () => {
    await using place = createPlace({ settings })
    const stage = await setTheStage(place)
    const upload = await openUpload(stage.client, createContent(10 * MiB, 'second'))
    await sendPart(stage.client, upload, 1)
    await sendPart(stage.client, upload, 3)
    const socket = await beginPut(await signPart(stage.client, upload, 1), 4 * MiB)
    for (const piece of createContent(2 * MiB, 'other bytes').read(0, 2 * MiB)) await socket.send(piece)
    await until(async () => (await getUpload(stage.client, upload)).completed_parts === 1)
    await stage.server.end('SIGKILL')
    await socket.closed

    await stage.restart()
    expect(await missingParts(stage.client, upload)).toEqual(
      outOfOrder(upload).filter((number) => number !== 3),
    )
    expect(await keepsPart(stage.client, upload, 1)).toBe(false)
    await finish(stage.client, upload)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    await stage.server.end('SIGTERM')
  }, 20_000)

  test('by its client: there is no such part, and another connection may send it at once', async () => {
    await using place = createPlace({ settings })
    const stage = await setTheStage(place)
    const upload = await openUpload(stage.client, createContent(4 * MiB, 'third'))
    const socket = await beginPut(await signPart(stage.client, upload, 1), 4 * MiB)
    for (const piece of upload.content.read(0, 2 * MiB)) await socket.send(piece)
    await until(() => stagedBytes(place) >= MiB)
    socket.cut()
    await until(() => stage.server.stderr().includes('"method":"PUT"'))
    expect(await keepsPart(stage.client, upload, 1)).toBe(false)
    await finish(stage.client, upload)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    await stage.server.end('SIGTERM')
  }, 20_000)
})

describe('killed in the middle of complete', () => {
  const settings = '[uploads]\npart_size = "1MiB"\n'

  test('at many moments: the same request again makes, or shows, exactly one whole file', async () => {
    await using place = createPlace({ settings })
    const stage = await setTheStage(place)
    const outcomes = { before: 0, after: 0 }
    for (let round = 0; round < 12; round++) {
      const content = createContent(8 * MiB, `complete ${round}`)
      const upload = await openUpload(stage.client, content)
      await sendParts(stage.client, upload, outOfOrder(upload))
      const headers = { 'idempotency-key': `complete-${round}` }
      const complete = (): Promise<Answer> =>
        stage.client.call('POST', `/api/v1/uploads/sessions/${upload.id}/complete`, {}, headers)
      const first = complete().catch(() => null)
      await Bun.sleep(round * 1.5)
      await stage.server.end('SIGKILL')
      const answered = await first
      await stage.restart()

      outcomes[(await getUpload(stage.client, upload)).status === 'completed' ? 'after' : 'before'] += 1
      const { json } = await must(201, complete())
      if (answered) expect(answered.json).toEqual(json)
      const link = await downloadLink(stage.client, json.file_id)
      expect(await downloadHash(link, content.size, 3 * MiB)).toBe(content.sha256())
      expect((await getUpload(stage.client, upload)).status).toBe('completed')
    }
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    const { stderr } = await place.run(['check'])
    expect(stderr).toContain('checked 12 objects')
    await stage.server.end('SIGTERM')
    process.stdout.write(
      `killed ${outcomes.before} times before and ${outcomes.after} times after the commit\n`,
    )
  }, 60_000)
})

test('killed in the middle of a long download, what had arrived still counts', async () => {
  const KB = 1000
  const [speed, most] = [400 * KB, 1000 * KB]
  await using place = createPlace()
  await place.lines([
    ...['package', 'add', 'Slow', `download_speed=${speed}`],
    `download_size_per_24_hours=${most}`,
  ])
  const stage = await setTheStage(place)
  const content = createContent(20_000 * KB, 'long')
  const link = await downloadLink(stage.client, await uploadContent(stage.client, content))
  await place.lines(['user', 'set', 'ann', '--package', 'Slow'])
  const body = (await fetch(link)).body?.getReader()
  let arrived = 0
  const begun = performance.now()
  while (performance.now() - begun < 9000) arrived += (await body?.read())?.value?.byteLength ?? 0
  expect(arrived).toBeGreaterThan(2 * most)
  await stage.server.end('SIGKILL')
  await body?.cancel().catch(() => undefined)

  await stage.restart()
  const again = await fetch(link.replace(/^https?:\/\/[^/]+/, stage.server.url))
  expect(again.status).toBe(429)
  expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(3600)
  await stage.server.end('SIGTERM')
}, 30_000)
