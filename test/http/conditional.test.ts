import { describe, expect, test } from 'bun:test'
import { evaluate, type Precondition, parseHttpDate, rangeApplies } from '../../src/http/conditional.ts'

const stored = { etag: '"abc"', lastModified: new Date('2026-05-04T10:20:30.789Z') }
const same = 'Mon, 04 May 2026 10:20:30 GMT'
const before = 'Mon, 04 May 2026 10:20:29 GMT'
const after = 'Mon, 04 May 2026 10:20:31 GMT'

type Given = Record<string, string>
const rows: Array<[name: string, method: string, headers: Given, outcome: Precondition]> = [
  ['no condition', 'GET', {}, 'proceed'],
  ['If-None-Match names the file', 'GET', { 'if-none-match': '"abc"' }, 'not_modified'],
  ['If-None-Match on HEAD', 'HEAD', { 'if-none-match': '"abc"' }, 'not_modified'],
  ['If-None-Match on another method', 'PUT', { 'if-none-match': '"abc"' }, 'precondition_failed'],
  ['If-None-Match names another version', 'GET', { 'if-none-match': '"xyz"' }, 'proceed'],
  ['If-None-Match compares weakly', 'GET', { 'if-none-match': 'W/"abc"' }, 'not_modified'],
  ['If-None-Match in a list', 'GET', { 'if-none-match': '"x", W/"y", "abc"' }, 'not_modified'],
  ['If-None-Match in a list without spaces', 'GET', { 'if-none-match': '"x","abc"' }, 'not_modified'],
  ['If-None-Match with a tag that holds a comma', 'GET', { 'if-none-match': '"x,abc"' }, 'proceed'],
  ['If-None-Match with a star', 'GET', { 'if-none-match': '*' }, 'not_modified'],
  ['If-None-Match with a star on another method', 'PUT', { 'if-none-match': '*' }, 'precondition_failed'],
  ['If-None-Match without quotes is no tag', 'GET', { 'if-none-match': 'abc' }, 'proceed'],
  ['an empty If-None-Match', 'GET', { 'if-none-match': '' }, 'proceed'],
  ['If-None-Match differs in letter case', 'GET', { 'if-none-match': '"ABC"' }, 'proceed'],
  ['If-Modified-Since the same second', 'GET', { 'if-modified-since': same }, 'not_modified'],
  ['If-Modified-Since later', 'GET', { 'if-modified-since': after }, 'not_modified'],
  ['If-Modified-Since earlier', 'GET', { 'if-modified-since': before }, 'proceed'],
  ['If-Modified-Since on HEAD', 'HEAD', { 'if-modified-since': same }, 'not_modified'],
  ['If-Modified-Since means nothing to PUT', 'PUT', { 'if-modified-since': same }, 'proceed'],
  ['If-Modified-Since that is no date', 'GET', { 'if-modified-since': 'yesterday' }, 'proceed'],
  [
    'If-Modified-Since with an ISO date is no HTTP date',
    'GET',
    { 'if-modified-since': '2030-01-01' },
    'proceed',
  ],
  [
    'If-None-Match beats If-Modified-Since',
    'GET',
    { 'if-none-match': '"x"', 'if-modified-since': after },
    'proceed',
  ],
  ['If-Match names the file', 'GET', { 'if-match': '"abc"' }, 'proceed'],
  ['If-Match names another version', 'GET', { 'if-match': '"xyz"' }, 'precondition_failed'],
  ['If-Match with a weak tag never matches', 'GET', { 'if-match': 'W/"abc"' }, 'precondition_failed'],
  ['If-Match with a star', 'GET', { 'if-match': '*' }, 'proceed'],
  ['If-Match in a list', 'GET', { 'if-match': '"x", "abc"' }, 'proceed'],
  ['an empty If-Match', 'GET', { 'if-match': '' }, 'precondition_failed'],
  [
    'If-Match beats If-Unmodified-Since',
    'GET',
    { 'if-match': '"abc"', 'if-unmodified-since': before },
    'proceed',
  ],
  ['If-Match, then If-None-Match', 'GET', { 'if-match': '"abc"', 'if-none-match': '"abc"' }, 'not_modified'],
  ['If-Match fails first', 'GET', { 'if-match': '"x"', 'if-none-match': '"abc"' }, 'precondition_failed'],
  ['If-Unmodified-Since the same second', 'GET', { 'if-unmodified-since': same }, 'proceed'],
  ['If-Unmodified-Since later', 'GET', { 'if-unmodified-since': after }, 'proceed'],
  ['If-Unmodified-Since earlier', 'GET', { 'if-unmodified-since': before }, 'precondition_failed'],
  ['If-Unmodified-Since that is no date', 'GET', { 'if-unmodified-since': 'never' }, 'proceed'],
]

describe('a condition', () => {
  test.each(rows)('%s', (_name, method, headers, outcome) => {
    expect(evaluate(method, new Headers(headers), stored)).toBe(outcome)
  })
})

describe('If-Range', () => {
  const cases: Array<[string, string | null, boolean]> = [
    ['is absent', null, true],
    ['names the file', '"abc"', true],
    ['names another version', '"xyz"', false],
    ['has a weak tag', 'W/"abc"', false],
    ['has the exact date', same, true],
    ['has an earlier date', before, false],
    ['has a later date', after, false],
    ['has the date in the old form', 'Monday, 04-May-26 10:20:30 GMT', true],
    ['has the date as asctime writes it', 'Mon May  4 10:20:30 2026', true],
    ['is empty', '', false],
    ['is garbage', 'abc', false],
    ['has a tag without its end', '"abc', false],
  ]
  test.each(cases)('%s', (_name, value, applies) => {
    const headers = new Headers(value === null ? {} : { 'if-range': value })
    expect(rangeApplies(headers, stored)).toBe(applies)
  })
})

describe('an HTTP date', () => {
  test('has three forms that mean the same', () => {
    const forms = [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]
    expect(forms.map((form) => parseHttpDate(form)?.getTime())).toEqual([
      784111777000, 784111777000, 784111777000,
    ])
  })
  test('is not a date of a day that does not exist', () => {
    expect(parseHttpDate('Sun, 99 Nov 1994 08:49:37 GMT')).toBeNull()
  })
})
