/** kist backup beside a running server, and what kist restore makes of it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPlace, type Place } from '../support/binary.ts'
import { newBucket, storageToml } from '../support/bucket.ts'
import { createContent } from '../support/content.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'
import {
  type Client,
  createClient,
  downloadHash,
  downloadLink,
  getUpload,
  openUpload,
  sendPart,
  uploadContent,
} from '../support/upload-client.ts'

describe('a backup', () => {
  let place: Place
  let server: RunningServer
  let client: Client
  beforeAll(async () => {
    place = createPlace({ settings: '[uploads]\npart_size = "64KiB"\n' })
    server = await place.serve()
    client = createClient(server.url, await place.token('ann'))
  })
  afterAll(() => place.remove())

  test('made while files come in is an installation again: accounts, tokens, links and all files it counts', async () => {
    const files = new Map<number, ReturnType<typeof createContent>>()
    const add = async (name: string) => {
      const content = createContent(100_000, name)
      files.set(await uploadContent(client, content, `${name}.bin`), content)
    }
    for (let n = 0; n < 5; n++) await add(`before-${n}`)
    const known = [...files.keys()]
    const link = await downloadLink(client, known[0] ?? 0)
    const underWay = await openUpload(client, createContent(200_000, 'under way'))
    await sendPart(client, underWay, 1)
    let coming = true
    const adding = (async () => {
      for (let n = 0; coming; n++) await add(`meanwhile-${n}`)
    })()
    const [said = ''] = await place.lines(['backup', 'copy'])
    coming = false
    await adding
    const [, copied, bytes] = said.split('\t').map(Number) as [number, number, number]
    expect(copied).toBeGreaterThanOrEqual(known.length)
    expect(bytes).toBe(copied * 100_000)
    expect(await server.end('SIGTERM')).toBe(0)

    rmSync(place.dataDir, { recursive: true })
    expect(await place.lines(['restore', 'copy'])).toEqual([`restored\t${copied}\t${bytes}`])
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    server = await place.serve()
    client = createClient(server.url, client.token)
    const old = new URL(link)
    const content = files.get(known[0] ?? 0)
    expect(await downloadHash(`${server.url}${old.pathname}${old.search}`, 100_000, 60_000)).toBe(
      content?.sha256() ?? '',
    )
    for (const id of known) {
      const seen = await downloadHash(await downloadLink(client, id), 100_000, 100_000)
      expect(seen).toBe(files.get(id)?.sha256() ?? '')
    }
    expect(await getUpload(client, underWay)).toMatchObject({ status: 'aborted' })
    await add('afterwards')
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 60_000)

  test('goes into nothing that is there, and comes from nothing that is none', async () => {
    mkdirSync(join(place.dir, 'full'))
    writeFileSync(join(place.dir, 'full', 'x'), '')
    const full = await place.run(['backup', 'full'])
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('is not empty')])
    const taken = await place.run(['restore', 'copy'])
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('is not empty')])
    const none = await place.run(['restore', 'nowhere'])
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('there is no backup')])
    expect(await place.run(['backup'])).toMatchObject({ code: 2 })
  })

  test.skipIf(!CEPH)(
    'of files in a bucket says that they stay there',
    async () => {
      const bucket = await newBucket((await startS3()) as S3Server)
      await using inBucket = createPlace({ settings: storageToml(bucket) })
      const kist = await inBucket.serve()
      const token = await inBucket.token('ann')
      const content = createContent(100_000, 'in the bucket')
      const id = await uploadContent(createClient(kist.url, token), content)
      expect(await inBucket.run(['backup', 'copy'])).toEqual({
        code: 0,
        stdout: 'copied\t0\t0\n',
        stderr: '1 files are in the bucket and not in this backup\n',
      })
      await kist.end('SIGTERM')
      rmSync(inBucket.dataDir, { recursive: true })
      await inBucket.lines(['restore', 'copy'])
      const again = createClient((await inBucket.serve()).url, token)
      expect(await downloadHash(await downloadLink(again, id), 100_000, 60_000)).toBe(content.sha256())
      expect(await inBucket.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    },
    60_000,
  )
})
