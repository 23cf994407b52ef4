/** kist storage migrate: from the disk to a bucket and back, beside a server that serves all the while. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BINARY, createPlace, type Place } from '../support/binary.ts'
import { type Bucket, newBucket, storageToml } from '../support/bucket.ts'
import { createContent } from '../support/content.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import { type Client, createClient, downloadLink, uploadContent } from '../support/upload-client.ts'

const SIZES = Array.from({ length: 40 }, (_, index) => 1 + ((index * 7919 * 997) % 900_000)).concat(
  12 * 2 ** 20,
)

describe.skipIf(!CEPH)('kist storage migrate', () => {
  let bucket: Bucket
  let place: Place
  beforeAll(async () => {
    bucket = await newBucket((await startS3()) as S3Server)
    place = createPlace()
  }, 60_000)
  afterAll(() => place?.remove())

  const configure = (driver: 'local' | 's3') =>
    writeFileSync(
      join(place.dir, 'kist.toml'),
      `${storageToml(bucket, driver)}[limits]\nrate_limits = false\n`,
    )
  const localFiles = (): number =>
    readdirSync(join(place.dataDir, 'objects'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    ).length

  /** Reads files in turn until told to stop; how many it read, all of them whole. */
  const keepReading = async (
    client: Client,
    files: Map<number, string>,
    stop: AbortSignal,
  ): Promise<number> => {
    const links: Array<[string, string]> = []
    for (const [id, sha256] of files) links.push([await downloadLink(client, id), sha256])
    let read = 0
    while (!stop.aborted || read < links.length) {
      const [link = '', sha256] = links[read % links.length] ?? []
      const answer = await fetch(link)
      expect([answer.status, Bun.SHA256.hash(await answer.bytes(), 'hex')]).toEqual([200, sha256 ?? ''])
      read += 1
    }
    return read
  }

  /** Begins a move and kills it, again and again, later each time; then lets one come to its end. */
  const moveInPieces = async (to: 's3' | 'local'): Promise<string[]> => {
    for (let after = 150; after <= 600; after += 75) {
      const child = Bun.spawn([BINARY, 'storage', 'migrate', '--to', to], {
        ...{ cwd: place.dir, env: { PATH: '/usr/bin:/bin' } },
        ...{ stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' },
      })
      await Bun.sleep(after)
      child.kill('SIGKILL')
      await child.exited
    }
    return place.lines(['storage', 'migrate', '--to', to])
  }

  test('loses nothing, whenever it is killed, and a server reads what it moves', async () => {
    let kist = await place.serve()
    const token = await place.token('ann')
    const files = new Map<number, string>()
    for (const [index, size] of SIZES.entries()) {
      const content = createContent(size, `file ${index}`)
      files.set(
        await uploadContent(createClient(kist.url, token), content, `file-${index}.bin`),
        content.sha256(),
      )
    }
    expect(await kist.end('SIGTERM')).toBe(0)
    expect(localFiles()).toBe(SIZES.length)

    for (const to of ['s3', 'local'] as const) {
      configure(to)
      kist = await place.serve()
      const client = createClient(kist.url, token)
      const moved = new AbortController()
      const reading = keepReading(client, files, moved.signal)
      const added = createContent(300_000, `while moving to ${to}`)
      files.set(await uploadContent(client, added), added.sha256())
      await moveInPieces(to)
      moved.abort()
      expect(await reading).toBeGreaterThanOrEqual(SIZES.length)
      expect(localFiles()).toBe(to === 's3' ? 0 : files.size)
      for (const [id, sha256] of files) {
        const link = await downloadLink(client, id)
        expect(Bun.SHA256.hash(await (await fetch(link)).bytes(), 'hex')).toBe(sha256)
      }
      expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
      expect(await place.lines(['storage', 'migrate', '--to', to])).toEqual(['moved\t0\t0'])
      expect(await kist.end('SIGTERM')).toBe(0)
    }
  }, 180_000)

  test('leaves files where they were as well when it is told so', async () => {
    const all = SIZES.length + 2
    const bytes = expect.stringMatching(/^moved\t\d+\t\d+$/)
    expect(await place.lines(['storage', 'migrate', '--to', 's3', '--keep-source'])).toEqual([bytes])
    expect(localFiles()).toBe(all)
    const again = await place.lines(['storage', 'migrate', '--to', 's3', '--keep-source'])
    expect(again).toEqual(['moved\t0\t0', expect.stringMatching(new RegExp(`^present\t${all}\t`))])
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 60_000)

  test('says what is missing', async () => {
    await using empty = createPlace({ settings: '' })
    await empty.lines(['user', 'add', 'ann'])
    expect(await empty.run(['storage', 'migrate', '--to', 's3'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'kist: there is no bucket: storage.s3.bucket is not set\n',
    })
    expect(await empty.run(['storage', 'migrate', '--to', 'moon'])).toMatchObject({ code: 2 })
    expect(await empty.run(['storage', 'migrate'])).toMatchObject({ code: 2 })
    expect(await empty.run(['s3', 'setup'])).toMatchObject({ code: 1 })
  })
})
