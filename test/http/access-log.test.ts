import { describe, expect, test } from 'bun:test'
import { logAccess, loggablePath } from '../../src/http/access-log.ts'
import { exchangeOf } from '../../src/http/exchange.ts'
import { recordingLog } from './server-under-test.ts'

const rows: Array<[name: string, path: string, logged: string]> = [
  ['a plain path', '/api/v1/files/5', '/api/v1/files/5'],
  ['a harmless query', '/x?page=2&q=a%20b', '/x?page=2&q=a%20b'],
  ['an access token', '/api/v2/file?access_token=SECRET&id=5', '/api/v2/file?access_token=[redacted]&id=5'],
  [
    'both keys',
    '/api/v2/authorize?key1=SECRET&key2=SECRET',
    '/api/v2/authorize?key1=[redacted]&key2=[redacted]',
  ],
  ['a password', '/x?password=SECRET', '/x?password=[redacted]'],
  ['a key', '/x?key=SECRET', '/x?key=[redacted]'],
  [
    'a download link',
    '/download/5/a.txt?token=SECRET&expires=9',
    '/download/5/a.txt?token=[redacted]&expires=9',
  ],
  ['an API key', '/x?api_key=SECRET', '/x?api_key=[redacted]'],
  ['a share', '/files/?fnf_share=SECRET', '/files/?fnf_share=[redacted]'],
  ['a download token', '/x?download_token=SECRET', '/x?download_token=[redacted]'],
  [
    'a part',
    '/storage/parts/u?partNumber=1&signature=SECRET',
    '/storage/parts/u?partNumber=1&signature=[redacted]',
  ],
  ['capitals', '/x?TOKEN=SECRET', '/x?TOKEN=[redacted]'],
  ['an encoded name', '/x?%74oken=SECRET', '/x?%74oken=[redacted]'],
  ['a list', '/x?token[]=SECRET', '/x?token[]=[redacted]'],
  ['a secret with an equals sign', '/x?token=SECRET=SECRET', '/x?token=[redacted]'],
  ['a bare name', '/x?token', '/x?token=[redacted]'],
  ['the bare hash of a delete page', '/abcdefghij~d?SECRET', '/abcdefghij~d?[redacted]'],
  ['the bare hash of a statistics page', '/abcdefghij~i?SECRET', '/abcdefghij~i?[redacted]'],
  ['the bare hash behind an encoded tilde', '/abcdefghij%7Ed?SECRET', '/abcdefghij%7Ed?[redacted]'],
  ['the key of a delete link', '/api/delete/SECRET', '/api/delete/[redacted]'],
  ['a share link', '/s/SECRET', '/s/[redacted]'],
  ['a file below a share link', '/s/SECRET/file/5', '/s/[redacted]/file/5'],
  ['a file request', '/r/SECRET/files', '/r/[redacted]/files'],
  ['an empty query', '/x?', '/x'],
]

describe('a logged path', () => {
  test.each(rows)('with %s', (_name, path, logged) => {
    const seen = loggablePath(new Request(`http://localhost${path}`))
    expect(seen).toBe(logged)
    expect(seen).not.toContain('SECRET')
  })
})

describe('a line', () => {
  test('names the actor and the bytes once they are known', () => {
    const log = recordingLog()
    const request = new Request('http://localhost/x')
    logAccess(log, request, 200, 1.2345)
    expect(Object.keys(log.lines[0]?.fields ?? {})).toEqual([
      'method',
      'path',
      'status',
      'ms',
      'ip',
      'dialect',
    ])
    Object.assign(exchangeOf(request), { actor: 'token:atk_1', bytesIn: 5, bytesOut: 0 })
    logAccess(log, request, 200, 1.2345)
    expect(log.lines[1]?.fields).toMatchObject({ actor: 'token:atk_1', bytes_in: 5, bytes_out: 0, ms: 1.2 })
  })
})
