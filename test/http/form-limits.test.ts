import { describe, expect, test } from 'bun:test'
import { exchangeOf } from '../../src/http/exchange.ts'
import { FORM_LIMITS } from '../../src/http/form.ts'
import { END, FILE, formRequest, outcome, outcomeOf, part } from './form-request.ts'

describe('the limits of a form', () => {
  const fields = (count: number, value = '1') =>
    Array.from({ length: count }, (_, index) => part(`name="f${index}"`, value)).join('')

  test('let through what just fits', async () => {
    const { valueBytes, nameBytes } = FORM_LIMITS
    expect(Object.keys((await outcome(fields(200) + END)).fields ?? {})).toHaveLength(200)
    expect((await outcome(part('name="a"', 'x'.repeat(valueBytes)) + END)).fields?.a).toHaveLength(valueBytes)
    expect((await outcome(part(`name="${'n'.repeat(nameBytes)}"`, '1') + END)).fault).toBeUndefined()
    expect((await outcome(fields(16, 'x'.repeat(valueBytes)) + END)).fault).toBeUndefined()
    expect((await outcome(part(FILE).repeat(1000) + END)).files).toHaveLength(1000)
  })

  const rows: Array<[name: string, body: string, code: string, message: string]> = [
    ['201 fields', fields(201), 'invalid', 'The form has too many fields.'],
    ['1001 parts', part(FILE).repeat(1001), 'invalid', 'The form has too many parts.'],
    ['1001 parts nobody wants', '--BB\r\n\r\n\r\n'.repeat(1001), 'invalid', 'The form has too many parts.'],
    [
      'a name of 201 bytes',
      part(`name="${'ü'.repeat(100)}x"`, '1'),
      'invalid',
      'The name of a form field is too long.',
    ],
    [
      'a value above 64 KiB',
      part('name="a"', 'x'.repeat(65537)),
      'body_too_large',
      'A field of the form is too long.',
    ],
    [
      'values above 1 MiB',
      fields(17, 'x'.repeat(65536)),
      'body_too_large',
      'A field of the form is too long.',
    ],
  ]
  test.each(rows)('refuse %s', async (_name, body, code, message) => {
    expect((await outcome(body + END)).fault).toEqual({ code, message })
  })

  test('can be narrowed', async () => {
    const { fault } = await outcome(fields(3) + END, undefined, { limits: { fields: 2 } })
    expect(fault?.message).toBe('The form has too many fields.')
  })

  test('stop a value while it arrives, not after', async () => {
    const request = formRequest([
      part('name="a"').slice(0, -2),
      ...Array.from({ length: 50 }, () => 'x'.repeat(8192)),
    ])
    expect((await outcomeOf(request)).fault?.code).toBe('body_too_large')
    expect(exchangeOf(request).bytesIn).toBeLessThan(80_000)
  })
})
