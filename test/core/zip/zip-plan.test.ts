/** Archives as other programs read them, and the numbers at which their records grow. */
import { afterAll, describe, expect, test } from 'bun:test'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { planZip, type ZipEntry } from '../../../src/core/zip/zip-plan.ts'
import { zipStream } from '../../../src/core/zip/zip-stream.ts'
import { bytesOf, crc32Of } from '../../contract/byte-sources.ts'

const dir = mkdtempSync(join(tmpdir(), 'kist-zip-plan-'))
afterAll(() => rmSync(dir, { recursive: true }))
const UNZIP = Bun.which('unzip') ?? ''

const entry = (name: string, size: number, crc32: number, key: string | null): ZipEntry => ({
  ...{ parent: null, name, pathBytes: Buffer.byteLength(name) + (key === null ? 1 : 0), size, crc32 },
  ...{ modified: 1_800_000_001, isFolder: key === null, key, fileId: 1 },
})

const storage = {
  open: async (key: string, range?: { start: number; end: number }) =>
    Bun.file(join(dir, key)).slice(range?.start ?? 0, (range?.end ?? 0) + 1),
}
const source = { storage, begun() {}, sent() {} }

const read = (entries: ZipEntry[], start = 0, end = planZip(entries).size - 1) =>
  new Response(zipStream(planZip(entries), { start, end }, source)).bytes()

describe.skipIf(UNZIP === '')('an archive', () => {
  test('of more than 65,535 entries is whole for unzip', async () => {
    writeFileSync(join(dir, 'one'), 'x')
    const crc32 = crc32Of(new TextEncoder().encode('x'))
    const entries = Array.from({ length: 65_600 }, (_, index) => entry(`${index}.txt`, 1, crc32, 'one'))
    const plan = planZip(entries)
    const bytes = await read(entries)
    expect(bytes.length).toBe(plan.size)
    writeFileSync(join(dir, 'many.zip'), bytes)
    const { exitCode, stdout } = Bun.spawnSync([UNZIP, '-tq', join(dir, 'many.zip')])
    expect([exitCode, stdout.toString()]).toEqual([0, expect.stringContaining('No errors detected')])
    const python = Bun.which('python3')
    if (python === null) return
    const script = 'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(len(z.infolist()))'
    const counted = Bun.spawnSync([python, '-c', script, join(dir, 'many.zip')])
    expect(counted.stdout.toString().trim()).toBe('65600')
  }, 120_000)

  test('with an object of more than 4 GiB has it, and the one behind it, where unzip looks', async () => {
    const size = 2 ** 32 + 10
    const tail = bytesOf(1000)
    const fd = openSync(join(dir, 'large'), 'w')
    writeSync(fd, tail, 0, tail.length, size - tail.length)
    closeSync(fd)
    truncateSync(join(dir, 'large'), size)
    writeFileSync(join(dir, 'small'), tail)
    // Its own checksum is not looked at here: reading it would take unzip half a minute.
    const entries = [entry('large', size, 1, 'large'), entry('small', 1000, crc32Of(tail), 'small')]
    const plan = planZip(entries)
    const archive = join(dir, 'large.zip')
    const out = openSync(archive, 'w')
    for (const [from, to] of [
      [0, 1000],
      [size - 2000, plan.size - 1],
    ] as const)
      writeSync(out, await read(entries, from, to), 0, to - from + 1, from)
    closeSync(out)
    const { exitCode, stdout } = Bun.spawnSync([UNZIP, '-tq', archive, 'small'])
    expect([exitCode, stdout.toString()]).toEqual([0, expect.stringContaining('No errors detected')])
    expect(Bun.spawnSync([UNZIP, '-l', archive]).stdout.toString()).toMatch(/^ *4294967306 .* large$/m)
  }, 120_000)
})

describe('the size of an archive', () => {
  const sizeOf = (size: number, count = 1) =>
    planZip(Array.from({ length: count }, () => entry('a', size, 0, 'x'))).size - size * count

  test('grows at 4 GiB less one by the fields that can not hold it, no earlier', () => {
    const plain = 30 + 1 + 9 + 46 + 1 + 9 + 22
    expect(sizeOf(2 ** 31)).toBe(plain)
    // The directory begins beyond 4 GiB before the entry has that size.
    expect(sizeOf(2 ** 32 - 2 - 40)).toBe(plain)
    expect(sizeOf(2 ** 32 - 1 - 40)).toBe(plain + 76)
    expect(sizeOf(2 ** 32 - 2)).toBe(plain + 76)
    expect(sizeOf(2 ** 32 - 1)).toBe(plain + 76 + 20 + 20)
  })

  test('grows at 65,535 entries by the ZIP64 end', () => {
    const each = 30 + 1 + 9 + 46 + 1 + 9
    expect(sizeOf(0, 65_534)).toBe(65_534 * each + 22)
    expect(sizeOf(0, 65_535)).toBe(65_535 * each + 22 + 76)
  })

  test('is what is sent, for every range that begins or ends at a seam', async () => {
    writeFileSync(join(dir, 'three'), 'abc')
    writeFileSync(join(dir, 'none'), '')
    const crc32 = crc32Of(new TextEncoder().encode('abc'))
    const entries = [entry('d', 0, 0, null), entry('n', 0, 0, 'none'), entry('t', 3, crc32, 'three')]
    const whole = await read(entries)
    expect(whole.length).toBe(planZip(entries).size)
    for (let start = 0; start < whole.length; start++)
      for (const end of [start, start + 1, start + 41, start + 100, whole.length - 1])
        if (end < whole.length)
          expect(Buffer.compare(await read(entries, start, end), whole.subarray(start, end + 1))).toBe(0)
  })
})

test('a stream whose object is shorter than it was fails instead of sending other bytes', async () => {
  writeFileSync(join(dir, 'short'), 'ab')
  await expect(read([entry('s', 3, 0, 'short')])).rejects.toMatchObject({ code: 'object_missing' })
})

test('the tag is another one for another name, size, time, checksum or object', () => {
  const base = entry('a', 1, 2, 'k')
  const tags = [
    base,
    entry('b', 1, 2, 'k'),
    entry('a', 2, 2, 'k'),
    entry('a', 1, 3, 'k'),
    entry('a', 1, 2, 'l'),
    { ...base, modified: 5 },
  ].map((one) => planZip([one]).etag)
  expect(new Set(tags).size).toBe(tags.length)
  expect(planZip([base]).etag).toBe(tags[0] ?? '')
})
