/** The main job: a big file by the whole flow, cut by kill −9 in the middle. */
import { afterAll, describe, expect, test } from 'bun:test'
import { createPlace, type Place } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import { type RunningServer, watchMemory } from '../support/server-process.ts'
import {
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  getUpload,
  missingParts,
  must,
  openUpload,
  outOfOrder,
  sendParts,
} from '../support/upload-client.ts'

const GiB = 2 ** 30
const HEADROOM_MIB = 150

describe('1 GiB that cannot be compressed', () => {
  const place: Place = createPlace()
  afterAll(() => place.remove())

  test('goes up in parallel parts out of order, survives kill −9 half way, and comes down with the same SHA-256 in little memory', async () => {
    const content = createContent(GiB, 'big upload')
    let server = await place.serve()
    const token = await place.token('ann')
    let client = createClient(server.url, token)
    const upload = await openUpload(client, content)
    expect(upload.partSize).toBe(64 * 2 ** 20)

    const growth: number[] = []
    const watched = async (work: (server: RunningServer) => Promise<void>): Promise<void> => {
      const { resident: idle } = server.memory()
      const watch = watchMemory(server.pid)
      await work(server).finally(() => growth.push(watch.stop().resident - idle))
    }

    const killed = killAfter(upload.partCount / 2)
    await expect(
      watched((first) => sendParts(client, upload, outOfOrder(upload), { onPart: () => killed(first) })),
    ).rejects.toThrow()
    await server.ended

    server = await place.serve()
    client = createClient(server.url, token)
    const missing = await missingParts(client, upload)
    const session = await getUpload(client, upload)
    expect(session).toMatchObject({ status: 'uploading', completed_parts: upload.partCount - missing.length })
    expect(session.completed_parts).toBeGreaterThanOrEqual(upload.partCount / 2)
    expect(missing.length).toBeGreaterThan(0)

    await watched(async () => {
      await sendParts(client, upload, missing)
      const { json } = await must(201, completeUpload(client, upload))
      expect(json.checksum_sha256).toBe(content.sha256())
      const link = await downloadLink(client, json.file_id)
      expect(await downloadHash(link, GiB, 100 * 2 ** 20 + 1)).toBe(json.checksum_sha256)
    })
    expect(Math.max(...growth)).toBeLessThan(HEADROOM_MIB)

    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    expect(await server.end('SIGTERM')).toBe(0)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    process.stdout.write(`1 GiB: memory above idle at most ${Math.max(...growth).toFixed(0)} MiB\n`)
  }, 120_000)
})

/** Kills the server as soon as this many parts are reported. */
function killAfter(parts: number): (server: RunningServer) => void {
  let reported = 0
  return (server) => {
    reported += 1
    if (reported >= parts) server.signal('SIGKILL')
  }
}
