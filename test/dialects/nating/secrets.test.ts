/** Nothing that opens anything is ever written to the log, or kept readable in the database. */
import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLog } from '../../../src/log.ts'
import { PASSWORD } from '../../support/app.ts'
import { fixedClock } from '../../support/fixed-clock.ts'
import { complete, openUpload, sampleBytes, sendParts } from '../../support/upload.ts'
import { SESSIONS, scenario } from './scenario.ts'

const written: string[] = []
const log = createLog({
  level: 'debug',
  format: 'json',
  clock: fixedClock(),
  write: (line) => void written.push(line),
})
const given = scenario({ log })

/** Does everything that hands out or takes a secret, well and badly; gives the secrets. */
async function everything(): Promise<string[]> {
  const { app, ann, bob } = given
  const secrets = [ann.token, bob.token, PASSWORD]
  const setup = (await app.core.setup.token()) ?? ''
  secrets.push(setup)
  await app.request('GET', `/setup?token=${setup}`)
  await app.request('GET', `/setup?%74oken=${setup}&TOKEN=${setup}`)
  await app.request('POST', '/setup', {
    body: `token=${setup}&username=root&password=${encodeURIComponent(PASSWORD)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })

  const signedIn = await app.request('POST', '/web/session', {
    body: { username: 'ann', password: PASSWORD },
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  let csrf = String(signedIn.json.csrf_token)
  secrets.push(cookie.split('=')[1] ?? '', csrf)
  await app.request('POST', '/web/session', { body: { username: 'ann', password: 'the wrong password' } })
  secrets.push('the wrong password')
  const created = await app.request('POST', `${SESSIONS}?csrf_token=${csrf}`, {
    headers: { cookie, 'x-csrf-token': csrf },
    body: { filename: 'a', size: 5 },
  })
  csrf = created.headers.get('x-csrf-token') ?? ''
  secrets.push(csrf)

  const upload = await openUpload(app, ann.token, sampleBytes(100_000))
  const urls = upload.parts.map((part) => new URL(part.url))
  secrets.push(...urls.map((url) => url.searchParams.get('signature') ?? ''))
  await app.request('PUT', `${urls[0]}0`, { body: sampleBytes(5) })
  await app.request('PUT', String(urls[0]), { body: sampleBytes(5) })
  await sendParts(app, ann.token, upload)
  const done = await complete(app, ann.token, upload.id, {}, { 'Idempotency-Key': 'key' })
  const link = await given.call('GET', `/api/v1/downloads/${done.json.file_id}/link`)
  const linkUrl = new URL(link.json.url)
  secrets.push(linkUrl.searchParams.get('token') ?? '')
  await app.request('GET', link.json.url)
  await app.request('GET', `${link.json.url}&token=again`)
  await app.request('GET', link.json.url.replace('/download/', '/download/9'))
  await app.request('GET', `/nothing/here${linkUrl.search}`, { headers: { cookie } })

  await given.call('GET', `/api/v1/files/1?token=${ann.token}&access_token=${ann.token}&api_key=${ann.token}`)
  await app.request('GET', '/api/v1/folders', { headers: { 'x-api-token': bob.token } })
  await app.request('GET', '/api/v1/folders', { token: `${bob.token}x` })
  await app.core.tokens.revoke(bob.tokenId)
  await app.request('GET', '/api/v1/folders', { token: bob.token })
  return secrets
}

describe('no secret', () => {
  test('appears in any line of the log', async () => {
    written.length = 0
    const secrets = await everything()
    const text = written.join('')
    expect(written.length).toBeGreaterThan(20)
    expect(text).toContain('/storage/parts/ups_')
    expect(secrets.filter((secret) => secret.length < 8)).toEqual([])
    expect(
      secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret))),
    ).toEqual([])
  })

  test('of a request that fails inside appears either', async () => {
    written.length = 0
    const { app, ann } = given
    const upload = await openUpload(app, ann.token, sampleBytes(5))
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('it broke')),
    })
    const url = upload.parts[0]?.url ?? ''
    const answer = await app.request('PUT', url, { body: broken })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).not.toContain('it broke')
    expect(written.join('')).not.toContain(new URL(url).searchParams.get('signature') ?? 'none')
  })

  test('that is a password, token or cookie can be read from the files of the server', async () => {
    const secrets = await everything()
    const tokens = secrets.filter((secret) => /^fyu_|^[0-9a-f]{64}$/.test(secret) || secret === PASSWORD)
    expect(tokens.length).toBeGreaterThanOrEqual(4)
    const kept = readdirSync(given.app.dir)
      .filter((name) => name.startsWith('kist.db'))
      .map((name) => readFileSync(join(given.app.dir, name), 'latin1'))
      .join('')
    expect(kept.length).toBeGreaterThan(10_000)
    expect(tokens.filter((secret) => kept.includes(secret))).toEqual([])
  })
})
