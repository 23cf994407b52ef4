import { expect, test } from 'bun:test'
import { FAULT_CODES, FAULT_MESSAGES, Fault, invalid, isFault } from '../../src/core/fault.ts'

test('every code has a sentence that may be shown', () => {
  for (const code of FAULT_CODES) {
    expect(new Fault(code)).toMatchObject({ code, message: FAULT_MESSAGES[code], name: 'Fault' })
    expect(FAULT_MESSAGES[code]).toMatch(/^[A-Z].{3,}$/)
  }
})

test('a Fault carries its field, its delay and its cause', () => {
  const cause = new Error('really')
  expect(new Fault('rate_limited', 'Wait.', { retryAfter: 3, cause })).toMatchObject({
    message: 'Wait.',
    retryAfter: 3,
    field: undefined,
    cause,
  })
  expect(invalid('size', 'Too small.')).toMatchObject({
    code: 'invalid',
    field: 'size',
    message: 'Too small.',
  })
})

test('only a Fault is one, of one of the given codes or of any', () => {
  const fault = new Fault('conflict')
  expect([isFault(fault), isFault(fault, 'conflict'), isFault(fault, 'invalid', 'conflict')]).toEqual([
    true,
    true,
    true,
  ])
  expect(isFault(fault, 'invalid')).toBe(false)
  for (const other of [new Error('conflict'), { code: 'conflict' }, 'conflict', null, undefined])
    expect(isFault(other)).toBe(false)
})
