/** What is wrong with a credential, and in which order it is told; tokens that somebody made himself. */
import { describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { createTestApp } from '../../support/app.ts'
import { AUTH_ERRORS, authRefusal, payloadOf, uploaderScenario } from './scenario.ts'

const given = uploaderScenario()
const CALLS: Array<[string, string]> = [
  ['GET', '/api/get_files'],
  ['GET', '/api/getFiles'],
  ['POST', '/api/logout'],
  ['POST', '/api/transfer'],
]
const ask = (method: string, path: string, authorization?: string) =>
  given.request(method, path, { headers: authorization === undefined ? {} : { authorization } })

const encode = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const sign = (input: string, key: Uint8Array, hash = 'sha256'): string =>
  `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
const keyOf = (): Uint8Array => given.app.core.loginTokens.key

describe('the Authorization header', () => {
  test.each<[string | undefined, keyof typeof AUTH_ERRORS]>([
    [undefined, 'missing'],
    ['', 'missing'],
    ['  ', 'missing'],
    ['token', 'malformed'],
    ['Bearer', 'malformed'],
    ['Bearer ', 'malformed'],
    ['Bearer a b', 'malformed'],
    ['Token abc', 'malformed'],
    ['Basic YTpi', 'malformed'],
    ['Bearer:abc', 'malformed'],
    ['Bearer null', 'unreadable'],
    ['bearer abc', 'unreadable'],
    ['Bearer a.b.c', 'unreadable'],
    ['Bearer ..', 'unreadable'],
  ])('%j is %s everywhere', async (header, kind) => {
    for (const [method, path] of CALLS) {
      const answer = await ask(method, path, header)
      expect([path, ...authRefusal(answer)]).toEqual([path, ...AUTH_ERRORS[kind]])
      expect(Object.keys(answer.json).sort()).toEqual(['auth_error', 'message', 'status'])
    }
  })

  test('in any letter case and with more blanks is good', async () => {
    const token = await given.signIn('ann')
    for (const header of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}  `])
      expect((await ask('GET', '/api/get_files', header)).status).toBe(200)
  })

  test('of a token that is not signed by us is unreadable though it is on the list and has ended', async () => {
    const token = await given.signIn('ann')
    given.app.clock.advance(432_000)
    const forged = `${token.slice(0, -3)}AAA`
    expect(authRefusal(await ask('GET', '/api/get_files', `Bearer ${forged}`))).toEqual(
      AUTH_ERRORS.unreadable,
    )
    await given.app.core.loginTokens.logout(String(payloadOf(token).jti))
    expect(authRefusal(await ask('GET', '/api/get_files', `Bearer ${token}`))).toEqual(AUTH_ERRORS.unknown)
  })

  test('of an account that was deleted is unknown', async () => {
    const token = await given.signIn('bob')
    await given.app.core.accounts.delete('bob')
    expect(authRefusal(await ask('GET', '/api/get_files', `Bearer ${token}`))).toEqual(AUTH_ERRORS.unknown)
  })
})

describe('a token made by somebody else', () => {
  const HS256 = encode({ alg: 'HS256', typ: 'JWT' })
  const forgeries = async (): Promise<Record<string, string>> => {
    const token = await given.signIn('ann')
    const [header = '', payload = '', signature = ''] = token.split('.')
    const jti = String(payloadOf(token).jti)
    const none = encode({ alg: 'none', typ: 'JWT' })
    return {
      'without signature': `${header}.${payload}.`,
      'of no algorithm': `${none}.${payload}.`,
      'of no algorithm, with the signature': `${none}.${payload}.${signature}`,
      'of another key': sign(`${header}.${payload}`, new Uint8Array(32)),
      'of the key as hex': sign(`${header}.${payload}`, Buffer.from(Buffer.from(keyOf()).toString('hex'))),
      'with another payload': `${header}.${encode({ user_id: given.bob.id, ExpiresAt: 9e9, jti })}.${signature}`,
      'of HS512 with our key': sign(`${encode({ alg: 'HS512' })}.${payload}`, keyOf(), 'sha512'),
      'without jti': sign(`${HS256}.${encode({ user_id: given.ann.id, ExpiresAt: 9e9 })}`, keyOf()),
      'with a jti that is no text': sign(`${HS256}.${encode({ jti: [jti] })}`, keyOf()),
      'that is no JSON': sign(`${HS256}.${encode('{')}`, keyOf()),
      'that is a list': sign(`${HS256}.${encode('[]')}`, keyOf()),
      'with a critical extension': sign(`${encode({ alg: 'HS256', crit: ['x'], x: 1 })}.${payload}`, keyOf()),
      'cut off': token.slice(0, -5),
      'with more behind it': `${token}.x`,
      'very long': `${header}.${'A'.repeat(6000)}.${signature}`,
    }
  }

  test('is unreadable, whatever it says', async () => {
    for (const [what, token] of Object.entries(await forgeries())) {
      const answer = await ask('GET', '/api/get_files', `Bearer ${token}`)
      expect([what, ...authRefusal(answer)]).toEqual([what, ...AUTH_ERRORS.unreadable])
    }
  })

  test('with our key but of no sign-in is unknown', async () => {
    const token = sign(`${HS256}.${encode({ user_id: given.ann.id, ExpiresAt: 9e9, jti: 'x' })}`, keyOf())
    expect(authRefusal(await ask('GET', '/api/get_files', `Bearer ${token}`))).toEqual(AUTH_ERRORS.unknown)
  })

  test('on another server is unreadable', async () => {
    const other = await createTestApp({ firstId: 1_000_000 })
    try {
      const body = { username: 'ann', password: 'x' }
      const { json } = await other.request('POST', '/api/register', { body })
      expect((await other.request('GET', '/api/get_files', { token: json.accessToken })).status).toBe(200)
      expect(authRefusal(await ask('GET', '/api/get_files', `Bearer ${json.accessToken}`))).toEqual(
        AUTH_ERRORS.unreadable,
      )
    } finally {
      await other.close()
    }
  })
})
