import { describe, expect, test } from 'bun:test'
import { readUploadForm } from '../../src/http/form.ts'
import {
  ANY_FIELD,
  BOUNDARY,
  formRequest,
  type Outcome,
  outcomeOf,
  readFile,
  type SeenFile,
} from './form-request.ts'

/** Reproducible: the same seed gives the same forms in every run. */
function dice(seed: number) {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T
  return { below, pick }
}
type Dice = ReturnType<typeof dice>

/** What likely confuses a reader of forms. */
const CRUMBS = [
  '\r\n',
  '\r',
  '\n',
  '--',
  '-',
  `--${BOUNDARY}`,
  `\r\n--${BOUNDARY}`,
  BOUNDARY,
  'a',
  '\x00',
  '\xff',
  '"',
  ';',
  ' ',
]
const NAMES = ['a', 'b', 'file', 'list[]', 'x']

/** Bytes without a line that is a delimiter, the first one included. */
function content({ below, pick }: Dice): string {
  const text = Array.from({ length: below(12) }, () => pick(CRUMBS)).join('')
  return `\r\n${text}\r\n`.includes(`\r\n--${BOUNDARY}`) ? text.replaceAll('B', 'A') : text
}

interface Made {
  body: Buffer
  expected: Outcome
}

function makeForm(die: Dice): Made {
  const texts: Array<[string, string]> = []
  const files: SeenFile[] = []
  let body = die.below(4) === 0 ? 'preamble\r\n' : ''
  for (let left = die.below(6); left > 0; left -= 1) {
    const field = die.pick(NAMES)
    const bytes = content(die)
    const isFile = die.below(2) === 0
    const type = isFile ? 'image/x' : ''
    const named = isFile ? `; filename="n${left}"` : ''
    body += `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"${named}\r\n${isFile ? `Content-Type: ${type}\r\n` : ''}\r\n${bytes}\r\n`
    if (!isFile) texts.push([field, Buffer.from(bytes, 'latin1').toString()])
    else if (field === 'file' || field === 'x') files.push({ field, name: `n${left}`, mimeType: type, bytes })
  }
  body += `--${BOUNDARY}--${die.pick(['', '\r\n', '\r\nepilogue'])}`
  return { body: Buffer.from(body, 'latin1'), expected: { fields: merged(texts), files } }
}

function merged(texts: ReadonlyArray<[string, string]>): Record<string, unknown> {
  const list = texts.filter(([name]) => name === 'list[]').map(([, text]) => text)
  const scalars = Object.fromEntries(texts.filter(([name]) => name !== 'list[]'))
  return list.length > 0 ? { ...scalars, list } : scalars
}

/** The standard's grammar and nothing else, on the whole body at once; null when the body is not of it. */
function strictly(body: Buffer): Outcome | null {
  const text = `\r\n${body.toString('latin1')}`
  const [preamble = '', ...sections] = text.split(
    new RegExp(`\r\n--${BOUNDARY}(?=--(?:[ \t\r\n]|$)|[ \t]*\r\n)`),
  )
  const last = sections.findIndex((section) => section.startsWith('--'))
  // A first line that is nearly the delimiter sets the line ends of the form for a lenient reader.
  if (last < 0 || preamble.includes(`\n--${BOUNDARY}`)) return null
  const texts: Array<[string, string]> = []
  const files: SeenFile[] = []
  for (const section of sections.slice(0, last)) {
    const match =
      /^[ \t]*\r\nContent-Disposition: form-data; name="(a|b|file|x|list\[\])"(?:; filename="(\w+)")?\r\n(?:Content-Type: ([a-z/]+)\r\n)?\r\n([\s\S]*)$/.exec(
        section,
      )
    if (!match) return null
    const [, field = '', name, mimeType = '', bytes = ''] = match
    if (name === undefined && mimeType !== '') return null
    if (name === undefined) texts.push([field, Buffer.from(bytes, 'latin1').toString()])
    else if (field === 'file' || field === 'x') files.push({ field, name, mimeType, bytes })
  }
  return { fields: merged(texts), files }
}

function mutate(body: Buffer, { below, pick }: Dice): Buffer {
  const at = below(body.length + 1)
  const end = Math.min(body.length, at + below(20))
  const [before, middle, after] = [body.subarray(0, at), body.subarray(at, end), body.subarray(end)]
  const crumb = Buffer.from(pick(CRUMBS), 'latin1')
  return pick([
    () => before,
    () => Buffer.concat([before, after]),
    () => Buffer.concat([before, crumb, middle, after]),
    () => Buffer.concat([before, crumb, after]),
    () => Buffer.concat([before, middle, middle, after]),
    () => Buffer.from(body.map((byte, index) => (index === at ? byte ^ (1 << below(8)) : byte))),
  ])()
}

function split(body: Buffer, { below }: Dice): Uint8Array[] {
  const pieces: Uint8Array[] = []
  const most = below(3) === 0 ? 3 : 60
  for (let at = 0; at < body.length; ) {
    const end = at + 1 + below(most)
    pieces.push(body.subarray(at, end))
    at = end
  }
  return pieces
}

/** Alike but for the message: garbage may be named differently. */
const summary = ({ fields, files, fault }: Outcome) => ({ fields, files, fault: fault?.code })

describe('forms at random', () => {
  test('that are valid arrive byte for byte, however they are split', async () => {
    const die = dice(1)
    for (let round = 0; round < 1000; round += 1) {
      const { body, expected } = makeForm(die)
      expect(await outcomeOf(formRequest(split(body, die)))).toEqual(expected)
      // The reference of the next test is itself held to what was meant.
      expect(strictly(body) ?? expected).toEqual(expected)
    }
  })

  test('that were damaged end with a Fault or as the standard reads them, always the same', async () => {
    const die = dice(2)
    let valid = 0
    let faults = 0
    for (let round = 0; round < 3000; round += 1) {
      let { body } = makeForm(die)
      for (let times = 1 + die.below(3); times > 0; times -= 1) body = mutate(body, die)
      const whole = await outcomeOf(formRequest([body]))
      expect(summary(await outcomeOf(formRequest(split(body, die))))).toEqual(summary(whole))
      const reference = strictly(body)
      if (whole.fault) faults += 1
      if (!reference) continue
      valid += 1
      expect(whole).toEqual(reference)
    }
    expect(valid).toBeGreaterThan(300)
    expect(faults).toBeGreaterThan(500)
  })

  test('read by receivers who stop anywhere give the others what is theirs', async () => {
    const die = dice(3)
    for (let round = 0; round < 500; round += 1) {
      const { body, expected } = makeForm(die)
      let index = 0
      const fields = await readUploadForm(formRequest(split(body, die)), null, ANY_FIELD, async (file) => {
        const own = expected.files[index]
        index += 1
        if (die.below(2) === 0) return expect(await readFile(file)).toEqual(own as SeenFile)
        for await (const _ of file.body) if (die.below(2) === 0) break
      })
      expect(fields).toEqual(expected.fields ?? {})
      expect(index).toBe(expected.files.length)
    }
  })
})
