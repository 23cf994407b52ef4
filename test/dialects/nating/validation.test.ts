/** Wrong, hostile and odd input: never our failure, never anything stored. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import { openUpload, sampleBytes } from '../../support/upload.ts'
import { MANAGED, refusal, SESSIONS, scenario } from './scenario.ts'

const given = scenario({ config: { uploads: { blockedExtensions: ['exe', 'BAT'] } } })

const NO_NAME = 'A filename is required.'
const NO_SIZE = 'Upload size must be greater than zero.'
const TOO_LARGE = 'File exceeds your package upload limit.'
const NO_FOLDER = 'Folder not found.'
const NO_PART = 'Invalid part number.'
const JSON_TYPE = { 'content-type': 'application/json' }

/** As text, because JSON.stringify cannot write all of them. */
const post = (path: string, body: string, headers: Record<string, string> = JSON_TYPE) =>
  given.call('POST', path, body, { headers, token: given.ann.token })
const reserved = async (): Promise<number> =>
  (await given.app.metadata.accounts.ledgers()).reduce((sum, { storageReserved }) => sum + storageReserved, 0)

async function expectRefused(answer: Answer, message: string): Promise<void> {
  expect(refusal(answer)).toEqual([422, message])
  expect(await reserved()).toBe(0)
  expect(await given.app.metadata.uploads.staged()).toEqual([])
}

/** A JSON value of every type, and numbers at every edge. */
const NOT_TEXT = ['null', 'true', 'false', '0', '12', '1.5', '[]', '["a"]', '{}', '{"a":1}']

describe('filename', () => {
  test.each([...NOT_TEXT, '""', '"   "', '"."', '".."', '"/"', '"a/"', '"\\u0000"', '"\\u202e"', '"\\r\\n"'])(
    'of %s is as good as none',
    async (value) => {
      await expectRefused(await post(SESSIONS, `{"filename":${value},"size":5}`), NO_NAME)
    },
  )

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\system32\\a.txt', 'a.txt'],
    ['/abs/olute.bin', 'olute.bin'],
    ['a\u0000b\u0007.txt', 'ab.txt'],
    ['line\r\nSet-Cookie: x.txt', 'lineSet-Cookie: x.txt'],
    ['  spaced .txt ', 'spaced .txt'],
    ['\u202Egnp.js', 'gnp.js'],
    ['naïve 文件 🎉.tar.gz', 'naïve 文件 🎉.tar.gz'],
    ['"quoted";%20.txt', '"quoted";%20.txt'],
    ['<script>.html', '<script>.html'],
    ['\ud800lonely.txt', '\ufffdlonely.txt'],
    ['.htaccess', '.htaccess'],
    ['...', '...'],
    ['CON', 'CON'],
    ['%2e%2e%2fpasswd', '%2e%2e%2fpasswd'],
  ])('%j is kept as %j', async (filename, kept) => {
    const answer = await given.call('POST', SESSIONS, { filename, size: 5 })
    expect([answer.status, answer.json.session.original_filename]).toEqual([201, kept])
  })

  test.each([
    [`${'a'.repeat(300)}.txt`, `${'a'.repeat(251)}.txt`],
    [`${'é'.repeat(150)}.txt`, `${'é'.repeat(125)}.txt`],
    [`${'🎉'.repeat(100)}.x`, `${'🎉'.repeat(63)}.x`],
    [`a.${'b'.repeat(300)}`, `a.${'b'.repeat(253)}`],
  ])('of more than 255 bytes is cut and keeps its ending (%#)', async (filename, kept) => {
    const answer = await given.call('POST', SESSIONS, { filename, size: 5 })
    expect(answer.json.session.original_filename).toBe(kept)
  })

  test('of a megabyte costs no time', async () => {
    const started = performance.now()
    const answer = await given.call('POST', SESSIONS, { filename: `${'a🎉'.repeat(100_000)}.iso`, size: 5 })
    expect(answer.json.session.original_filename).toEndWith('.iso')
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test.each(['virus.exe', 'VIRUS.EXE', 'a.tar.Exe', 'x.bat', 'dir/y.BaT', 'z.exe\u0000'])(
    '%j has an ending that is refused',
    async (filename) => {
      const extension = filename.toLowerCase().includes('bat') ? 'bat' : 'exe'
      const message = `Security Error: file type (.${extension}) is not allowed.`
      for (const path of [SESSIONS, MANAGED]) {
        await expectRefused(await given.call('POST', path, { filename, size: 5 }), message)
      }
    },
  )
})

describe('size', () => {
  test.each([
    ...['null', 'true', '[]', '[5]', '{}', '""', '"x"', '"5x"', '"0x10"', '"-5"', '"1e3"'],
    ...['0', '-0', '-1', '-1e400', '1.5', '1e-400', '"5.5"'],
  ])('of %s is none', async (value) => {
    await expectRefused(await post(SESSIONS, `{"filename":"a","size":${value}}`), NO_SIZE)
  })

  test('is required', async () => {
    await expectRefused(await post(MANAGED, '{"filename":"a"}'), NO_SIZE)
  })

  test.each(['53687091200001', '9007199254740993', '1e30', '99999999999999999999999', '1e400'])(
    'of %s is more than any file can have',
    async (value) => {
      await expectRefused(await post(SESSIONS, `{"filename":"a","size":${value}}`), TOO_LARGE)
    },
  )

  test.each(['5', '"5"', '" 5 "', '5.0', '5e0'])('of %s is five', async (value) => {
    const answer = await post(SESSIONS, `{"filename":"a","size":${value}}`)
    expect([answer.status, answer.json.session.expected_size]).toEqual([201, 5])
  })

  test('over the package limit is refused, exactly the limit is not', async () => {
    await given.app.core.packages.set('Gold', { max_upload_size: '1000' })
    await expectRefused(await post(SESSIONS, '{"filename":"a","size":1001}'), TOO_LARGE)
    expect((await post(SESSIONS, '{"filename":"a","size":1000}')).status).toBe(201)
  })

  test('of a package that may not upload does not matter', async () => {
    await given.app.core.packages.set('Gold', { can_upload: '0' })
    await expectRefused(
      await post(SESSIONS, '{"filename":"a","size":5}'),
      'Your package does not allow uploads.',
    )
  })
})

describe('folder_id', () => {
  test.each(['1', '999999', '-1', '1.5', 'true', '"x"', '[]', '{}', '1e400', '9e15', '"1; DROP"'])(
    'of %s is no folder',
    async (value) => {
      await expectRefused(await post(SESSIONS, `{"filename":"a","size":5,"folder_id":${value}}`), NO_FOLDER)
    },
  )

  test("of somebody else is no folder; one's own is", async () => {
    const made = await given.call('POST', '/api/v1/folders', { name: 'mine' })
    const body = { filename: 'a', size: 5, folder_id: made.json.folder.id }
    const foreign = await given.call('POST', SESSIONS, body, { token: given.bob.token })
    await expectRefused(foreign, NO_FOLDER)
    const own = await given.call('POST', SESSIONS, body)
    expect(own.json.session.folder_id).toBe(made.json.folder.id)
  })

  test.each(['null', '0', '""', '"0"'])('of %s is the root', async (value) => {
    const answer = await post(SESSIONS, `{"filename":"a","size":5,"folder_id":${value}}`)
    expect([answer.status, answer.json.session.folder_id]).toEqual([201, null])
  })
})

describe('mime_type and checksum_sha256', () => {
  test.each([
    ['"image/PNG"', 'image/png'],
    ['"text/plain; charset=utf-8"', 'text/plain'],
    ...[
      ...NOT_TEXT,
      '""',
      '"x"',
      '"a/b/c"',
      '"text/html\\r\\nX: y"',
      '"\\u0000/x"',
      `"${'a'.repeat(200)}/x"`,
    ].map((value) => [value, 'application/octet-stream']),
  ])('the media type %s is kept as %s', async (value, kept) => {
    const answer = await post(SESSIONS, `{"filename":"a","size":5,"mime_type":${value}}`)
    expect([answer.status, answer.json.session.mime_hint]).toEqual([201, kept ?? ''])
  })

  test.each([...NOT_TEXT, '"optional-final-sha256"', `"${'g'.repeat(64)}"`, `"${'a'.repeat(63)}"`])(
    'the checksum %s is as good as none',
    async (value) => {
      const answer = await post(SESSIONS, `{"filename":"a","size":5,"checksum_sha256":${value}}`)
      expect([answer.status, answer.json.session.checksum_sha256]).toEqual([201, null])
    },
  )

  test('a checksum is kept in lower case', async () => {
    const answer = await given.call('POST', SESSIONS, {
      filename: 'a',
      size: 5,
      checksum_sha256: 'AB'.repeat(32),
    })
    expect(answer.json.session.checksum_sha256).toBe('ab'.repeat(32))
  })
})

describe('part_numbers and expires_in', () => {
  const SIZE = 65_536 * 2 + 1
  const managed = (fields: string) => post(MANAGED, `{"filename":"a","size":${SIZE},${fields}}`)
  const numbersOf = (answer: Answer): number[] =>
    answer.json.parts.map((part: { part_number: number }) => part.part_number)

  test.each([
    ['[1,2,3]', [1, 2, 3]],
    ['[3,1]', [3, 1]],
    ['[2,2,2,1,2]', [2, 1]],
    ['["1"," 2 "]', [1, 2]],
    ['[0,-1,1,4,10001,1e400,null,"x",{},[1],true,1.5]', [1]],
    ['null', [1]],
    ['"all"', [1]],
    ['{}', [1]],
    ['7', [1]],
  ])('a managed upload asked for %s signs %j', async (value, expected) => {
    const answer = await managed(`"part_numbers":${value}`)
    expect([answer.status, numbersOf(answer)]).toEqual([201, expected])
  })

  test.each(['[4]', '[0]', '[-1,null,"x",1e400]', '[[1]]'])(
    'a managed upload none of whose parts %s exists is refused whole',
    async (value) => {
      await expectRefused(await managed(`"part_numbers":${value}`), NO_PART)
    },
  )

  test.each([
    ['[]', 'At least one part number is required.'],
    ['null', 'At least one part number is required.'],
    ['"1"', 'At least one part number is required.'],
    ['{"0":1}', 'At least one part number is required.'],
    ['[4]', NO_PART],
    ['[1,4]', NO_PART],
    ['[0]', NO_PART],
    ['[-1]', NO_PART],
    ['[1.5]', NO_PART],
    ['[1e400]', NO_PART],
    ['[null]', NO_PART],
    ['[[1]]', NO_PART],
    [JSON.stringify(Array(10_001).fill(1)), NO_PART],
  ])('signing %.20s is refused', async (value, message) => {
    const upload = await openUpload(given.app, given.ann.token, sampleBytes(SIZE))
    const answer = await post(`${SESSIONS}/${upload.id}/parts/sign`, `{"part_numbers":${value}}`)
    expect(refusal(answer)).toEqual([422, message])
  })

  test('the longest list there can be is signed in one call', async () => {
    const upload = await given.call('POST', SESSIONS, { filename: 'a', size: 65_536 * 10_000 })
    const part_numbers = Array.from({ length: 10_000 }, (_, index) => 10_000 - index)
    const path = `${SESSIONS}/${upload.json.session.public_id}/parts/sign`
    const answer = await given.call('POST', path, { part_numbers })
    expect([answer.status, answer.json.parts.length]).toEqual([200, 10_000])
  })

  test.each([
    ['60', 60],
    ['"60"', 60],
    ['0', 1],
    ['-5', 1],
    ['604800', 604_800],
    ['604801', 604_800],
    ['1e300', 604_800],
    ['"99999999999999999999"', 604_800],
    ['1.5', 3600],
    ['null', 3600],
    ['"soon"', 3600],
    ['[]', 3600],
    ['{}', 3600],
    ['true', 3600],
  ])('a lifetime of %s gives %d seconds', async (value, seconds) => {
    const answer = await managed(`"expires_in":${value}`)
    expect(answer.json.parts[0].expires_in).toBe(seconds)
    const expires = new URL(answer.json.parts[0].url).searchParams.get('expires')
    expect(Number(expires)).toBe(given.app.clock.now().getTime() / 1000 + seconds)
  })
})
