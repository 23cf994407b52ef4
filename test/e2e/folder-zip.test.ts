/** A folder of some hundred megabytes as one archive, by the compiled binary: cut, resumed, whole for unzip. */
import { expect, test } from 'bun:test'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openMetadata } from '../../src/metadata/open.ts'
import { createPlace, type Place } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import { watchMemory } from '../support/server-process.ts'
import { createClient, uploadContent } from '../support/upload-client.ts'

const MiB = 2 ** 20
const UNZIP = Bun.which('unzip')
const CUTS = [0.01, 0.2, 0.2001, 0.55, 0.9, 1]

/** Files of an account in a folder that anybody with its link sees. */
async function fill(place: Place): Promise<number> {
  const token = await place.token('ann')
  const server = await place.serve()
  const client = createClient(server.url, token)
  for (const [index, size] of [150 * MiB, 100 * MiB, 50 * MiB + 1, 1000, 1].entries())
    await uploadContent(client, createContent(size, `zip ${index}`), `file ${index}.bin`)
  await server.end('SIGTERM')
  const metadata = await openMetadata({ path: join(place.dataDir, 'kist.db') })
  const ann = (await metadata.accounts.findByName('ann'))?.id ?? 0
  const now = new Date('2026-01-01')
  const folder = await metadata.folders.create({
    ...{ accountId: ann, parentId: null, name: 'Big', visibility: 1, passwordMd5: null, createdAt: now },
  })
  for (const { id } of await metadata.files.listAll(ann))
    await metadata.files.update(ann, id, { folderId: folder.id }, now)
  await metadata.close()
  return folder.id
}

test.skipIf(UNZIP === null)(
  'a folder of 300 MB is one archive whatever happens to the connection',
  async () => {
    await using place = createPlace({ settings: '[limits]\nrate_limits = false\n' })
    const id = await fill(place)
    const server = await place.serve()
    const url = `${server.url}/folder/${id}/~zip/Big.zip`
    const idle = server.memory().resident
    const memory = watchMemory(server.pid)
    const head = await fetch(url, { method: 'HEAD' })
    const size = Number(head.headers.get('content-length'))
    const etag = head.headers.get('etag') ?? ''
    expect(size).toBeGreaterThan(300 * MiB)
    const path = join(place.dir, 'out.zip')
    const out = openSync(path, 'w')
    let at = 0
    for (const share of CUTS) {
      const headers = { range: `bytes=${at}-`, 'if-range': etag }
      const answer = await fetch(url, { headers })
      expect([answer.status, answer.headers.get('content-length')]).toEqual([206, String(size - at)])
      for await (const piece of answer.body ?? []) {
        writeSync(out, piece, 0, piece.length, at)
        at += piece.length
        if (at >= size * share) break
      }
    }
    closeSync(out)
    expect(at).toBe(size)
    const { exitCode, stdout } = Bun.spawnSync([UNZIP ?? '', '-tq', path])
    expect([exitCode, stdout.toString()]).toEqual([0, expect.stringContaining('No errors detected')])
    const whole = await fetch(url)
    expect(whole.headers.get('content-length')).toBe(String(size))
    const hash = new Bun.CryptoHasher('sha256')
    for await (const piece of whole.body ?? []) hash.update(piece)
    const kept = new Bun.CryptoHasher('sha256')
    for await (const piece of Bun.file(path).stream()) kept.update(piece)
    expect(hash.digest('hex')).toBe(kept.digest('hex'))
    expect(memory.stop().resident - idle).toBeLessThan(150)
    expect(await server.end('SIGTERM')).toBe(0)
  },
  180_000,
)
