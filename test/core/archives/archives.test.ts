/** Listings of archives that other programs made, and of some that nobody should have made. */
import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createArchives } from '../../../src/core/archives/archives.ts'
import { planZip } from '../../../src/core/zip/zip-plan.ts'
import { zipStream } from '../../../src/core/zip/zip-stream.ts'
import { bytesOf } from '../../contract/byte-sources.ts'

const dir = mkdtempSync(join(tmpdir(), 'kist-archives-'))
afterAll(() => rmSync(dir, { recursive: true }))

const storage = {
  open: async (key: string, range?: { start: number; end: number }) =>
    Bun.file(join(dir, key)).slice(range?.start ?? 0, (range?.end ?? 0) + 1),
}
const archives = createArchives({ storage })

async function listed(bytes: Uint8Array) {
  writeFileSync(join(dir, 'archive'), bytes)
  return archives.list({ key: 'archive', size: bytes.length })
}

async function madeBy(command: string[]): Promise<Uint8Array> {
  const { exitCode, stderr } = Bun.spawnSync(command, { cwd: dir, stderr: 'pipe' })
  expect([exitCode, stderr.toString()]).toEqual([0, ''])
  return Bun.file(join(dir, command.find((word) => word.startsWith('made')) ?? '')).bytes()
}

mkdirSync(join(dir, 'tree/inner'), { recursive: true })
writeFileSync(join(dir, 'tree/a.txt'), 'hello')
writeFileSync(join(dir, 'tree/inner/ä ☃.bin'), bytesOf(100_000))
writeFileSync(join(dir, `tree/${'long '.repeat(40)}.txt`), '')

const EXPECTED = [
  ['tree/', true],
  ['tree/a.txt', 5],
  ['tree/inner/', true],
  ['tree/inner/ä ☃.bin', 100_000],
  [`tree/${'long '.repeat(40)}.txt`, 0],
]
const brief = (listing: Awaited<ReturnType<typeof listed>>) =>
  listing?.entries
    .map(({ path, size, isFolder }) => [path, isFolder ? true : size])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))

describe('an archive made by another program', () => {
  const TAR = Bun.which('tar')
  for (const format of ['gnu', 'pax', 'ustar'])
    for (const [kind, flag] of [
      ['tar', '-cf'],
      ['tar.gz', '-czf'],
    ] as const)
      test.skipIf(TAR === null)(`${kind} in the format ${format}`, async () => {
        const names = format === 'ustar' ? ['tree/a.txt', 'tree/inner'] : ['tree']
        const listing = await listed(await madeBy(['tar', `--format=${format}`, flag, 'made.tar', ...names]))
        expect(listing).toMatchObject({ kind, truncated: false, encrypted: false })
        const expected = names.length === 1 ? EXPECTED : EXPECTED.slice(1, 4)
        expect(brief(listing)).toEqual(expected)
        for (const { modified } of listing?.entries ?? [])
          expect(modified?.getTime()).toBeGreaterThan(1_600_000_000_000)
      })

  test.skipIf(Bun.which('gzip') === null)('one compressed file', async () => {
    const listing = await listed(
      await madeBy(['sh', '-c', 'gzip -k tree/a.txt && mv tree/a.txt.gz "$0"', 'made.gz']),
    )
    expect(listing).toMatchObject({ kind: 'gz', truncated: false })
    expect(listing?.entries).toMatchObject([{ path: 'a.txt', size: 5, isFolder: false }])
  })

  test.skipIf(Bun.which('python3') === null)(
    'zip by Python, compressed, also behind something else',
    async () => {
      const script =
        'import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\nz.writestr("d/","")\nz.writestr("d/ä.txt","x"*1000)\nz.comment=b"PK\\x05\\x06 a comment"\nz.close()'
      const zip = await madeBy(['python3', '-c', script, 'made.zip'])
      for (const bytes of [zip, Buffer.concat([Buffer.from('PK something before'), zip])]) {
        const listing = await listed(bytes)
        expect(listing).toMatchObject({ kind: 'zip', truncated: false, encrypted: false })
        expect(brief(listing)).toEqual([
          ['d/', true],
          ['d/ä.txt', 1000],
        ])
      }
    },
  )

  test('zip of ours, with more entries than are listed', async () => {
    writeFileSync(join(dir, 'one'), 'x')
    const entries = Array.from({ length: 70_000 }, (_, index) => ({
      ...{ parent: null, name: `${index}`, pathBytes: `${index}`.length, size: 1, crc32: 0 },
      ...{ modified: 1_800_000_001, isFolder: false, key: 'one', fileId: 1 },
    }))
    const plan = planZip(entries)
    const source = { storage, begun() {}, sent() {} }
    const bytes = await new Response(zipStream(plan, { start: 0, end: plan.size - 1 }, source)).bytes()
    const listing = await listed(bytes)
    expect([listing?.entries.length, listing?.truncated]).toEqual([10_000, true])
    expect(listing?.entries[9]).toEqual({
      ...{ path: '9', size: 1, isFolder: false, modified: new Date(1_800_000_001_000) },
    })
  }, 60_000)
})

const tarHeader = (name: string, size: number | string, type = '0'): Uint8Array => {
  const block = new Uint8Array(512)
  const put = (at: number, text: string) => block.set(Buffer.from(text, 'latin1'), at)
  put(0, name)
  put(124, typeof size === 'string' ? size : size.toString(8).padStart(11, '0'))
  put(156, type)
  put(257, 'ustar\x0000')
  const sum = block.reduce((total, byte) => total + byte, 8 * 32)
  put(148, sum.toString(8).padStart(6, '0'))
  return block
}

describe('a hostile archive', () => {
  test('that is cut or random is listed as far as it goes, or not at all, and throws nothing', async () => {
    const made = [
      await madeBy(['tar', '-czf', 'made.tgz', 'tree']),
      await madeBy(['tar', '-cf', 'made.tar', 'tree']),
    ]
    writeFileSync(join(dir, 'three'), 'abc')
    const entries = Array.from({ length: 5 }, (_, index) => ({
      ...{ parent: null, name: `${index}`, pathBytes: 1, size: 3, crc32: 0 },
      ...{ modified: 1, isFolder: false, key: 'three', fileId: 1 },
    }))
    const plan = planZip(entries)
    const source = { storage, begun() {}, sent() {} }
    made.push(await new Response(zipStream(plan, { start: 0, end: plan.size - 1 }, source)).bytes())
    for (const bytes of made) {
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60))
        await listed(bytes.subarray(0, at))
      for (let seed = 1; seed < 150; seed++) {
        const broken = bytes.slice()
        for (const [index, byte] of bytesOf(8, seed).entries())
          broken[(broken.length - 1 - ((byte * (index + 1) * seed) % Math.min(broken.length, 700))) | 0] =
            byte
        const listing = await listed(broken)
        for (const { path } of listing?.entries ?? []) expect(path).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
      }
    }
    for (const bytes of [new Uint8Array(0), Buffer.from('PK'), Buffer.from([0x1f, 0x8b]), bytesOf(5000)])
      expect(await listed(bytes)).toBeNull()
  }, 60_000)

  test('that unpacks to gigabytes is given up soon, with little memory', async () => {
    const huge = Buffer.concat([tarHeader('bomb', 2 ** 33 - 1), Buffer.alloc(64 * 2 ** 20)])
    const bomb = Bun.gzipSync(huge, { level: 9 })
    const before = process.memoryUsage.rss()
    const begun = performance.now()
    const listing = await listed(bomb)
    expect(listing).toMatchObject({ kind: 'tar.gz' })
    expect(listing?.entries).toMatchObject([{ path: 'bomb', size: 2 ** 33 - 1 }])
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20)
  })

  test('whose sizes lie does not lead anywhere', async () => {
    for (const size of [
      '77777777777',
      '-1',
      'zzz',
      '\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff',
      '\xff'.repeat(12),
    ]) {
      const listing = await listed(
        Buffer.concat([tarHeader('ok', 0), tarHeader('lies', size), new Uint8Array(1024)]),
      )
      expect(listing?.entries[0]?.path).toBe('ok')
      expect(listing?.entries.length).toBeLessThanOrEqual(2)
    }
  })

  test('whose names are those of an attacker shows them harmless', async () => {
    const names = ['../../etc/passwd', '<script>', 'a\u0001\u001bb', '\u202egpj.exe']
    const blocks = names.map((name) => tarHeader(Buffer.from(name).toString('latin1'), 0))
    const listing = await listed(Buffer.concat([...blocks, new Uint8Array(1024)]))
    expect(listing?.entries.map(({ path }) => path)).toEqual([
      '../../etc/passwd',
      '<script>',
      'ab',
      'gpj.exe',
    ])
  })
})
