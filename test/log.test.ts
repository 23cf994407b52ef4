import { expect, test } from 'bun:test'
import type { Clock } from '../src/core/clock.ts'
import { createLog, type LogOptions } from '../src/log.ts'

const clock: Clock = { now: () => new Date('2030-01-02T03:04:05.678Z') }

function recorder(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    format: 'json',
    clock,
    write: (line) => lines.push(line),
    ...options,
  })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') }
}

test('a line is one JSON object with time, level and event first', () => {
  const { log, lines } = recorder()
  log.info('started', { port: 8080, hosts: ['a'], nothing: null })
  expect(lines).toEqual([
    '{"time":"2030-01-02T03:04:05.678Z","level":"info","event":"started","port":8080,"hosts":["a"],"nothing":null}\n',
  ])
})

test('a field cannot pose as the level of its line', () => {
  const { log, last } = recorder()
  log.warn('x', { level: 'error', event: 'y' })
  expect(last()).toMatchObject({ level: 'warn', event: 'x', level_: 'error', event_: 'y' })
})

test('less important lines are left out', () => {
  const { log, lines } = recorder({ level: 'warn' })
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['c', 'd'])
})

test('the pretty format is one line of text, with quotes where they are needed', () => {
  const { log, lines } = recorder({ format: 'pretty' })
  log.info('request', { path: '/a', note: 'two\nlines', size: 5 })
  expect(lines).toEqual(['03:04:05.678 INFO  request path=/a note="two\\nlines" size=5\n'])
})

test('line breaks in what a client sent cannot forge a second line', () => {
  const { log, lines } = recorder()
  log.info('request', { path: '/a\n{"level":"error"}' })
  expect(lines[0]?.trimEnd()).not.toContain('\n')
})

for (const [what, text, gone] of [
  ['a bearer token', 'authorization was Bearer abc.DEF-123 ok', 'abc.DEF'],
  ['a nating token', 'token fyu_0123456789abcdef in text', '0123456789abcdef'],
  ['a flamenet key', 'fn_0123456789abcdef', '0123456789abcdef'],
  ['a signature in a URL', '/p/1?expires=5&signature=deadbeef&x=1', 'deadbeef'],
  ['a token in a URL', '/setup?token=opensesame', 'opensesame'],
  ['an access token in a form', 'access_token=opensesame', 'opensesame'],
  ['a password in JSON', '{"password":"open sesame"}', 'open sesame'],
] as const) {
  test(`${what} is blanked`, () => {
    const { log, lines } = recorder()
    log.info('x', { text, deep: [{ text }] })
    expect(lines[0]).not.toContain(gone)
    expect(lines[0]).toContain('***')
  })
}

test('fields named like secrets are blanked whatever they hold', () => {
  const { log, last } = recorder()
  log.info('x', { password: 'abc', Authorization: 'Custom abc', deep: { api_key: 12, tokenId: 'atk_1' } })
  expect(last()).toMatchObject({
    password: '***',
    Authorization: '***',
    deep: { api_key: '***', tokenId: 'atk_1' },
  })
})

test('an error is logged with its code, stack and causes', () => {
  const { log, last } = recorder()
  const cause = Object.assign(new Error('disk'), { code: 'EIO' })
  log.error('failed', { error: new Error('outer', { cause }) })
  const { error } = last()
  expect(error).toMatchObject({ name: 'Error', message: 'outer', cause: { message: 'disk', code: 'EIO' } })
  expect(error.stack).toContain('log.test.ts')
})

test('cycles, hostile objects and odd values do not throw', () => {
  const { log, last } = recorder()
  const circle: Record<string, unknown> = { name: 'circle' }
  circle.self = circle
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no')
      },
    },
  )
  log.info('x', {
    circle,
    hostile,
    big: 10n,
    sym: Symbol('s'),
    nan: Number.NaN,
    date: new Date(Number.NaN),
    bytes: new Uint8Array(3),
    map: new Map([['a', 1]]),
    gone: undefined,
  })
  expect(last()).toMatchObject({
    circle: { name: 'circle', self: '…' },
    hostile: 'unreadable',
    big: '10',
    nan: 'NaN',
    date: 'Invalid Date',
    bytes: '3 bytes',
    map: { a: 1 },
  })
})

test('endless text is cut', () => {
  const { log, lines } = recorder()
  log.info('x', { text: 'a'.repeat(1_000_000) })
  expect(lines[0]?.length).toBeLessThan(5000)
})
