/** Retries with an Idempotency-Key: executed once, answered always the same. */
import { describe, expect, test } from 'bun:test'
import { payloadHash } from '../../../src/core/idempotency.ts'
import { type Answer, createTestApp } from '../../support/app.ts'
import {
  complete,
  type OpenUpload,
  openUpload,
  putPart,
  sampleBytes,
  sendParts,
} from '../../support/upload.ts'
import { MANAGED, refusal, SESSIONS, scenario } from './scenario.ts'

const given = scenario()
const DATA = sampleBytes(65_536 + 1)
const BODY = { filename: 'archive.iso', size: 65_537, part_numbers: [1, 2], expires_in: 60 }
const IN_FLIGHT: [number, string] = [409, 'This idempotent request is still being processed. Retry shortly.']
const MISMATCH: [number, string] = [422, 'Idempotency key was reused with a different request payload.']

const send = (
  path: string,
  body: object | string,
  key: string | Record<string, string>,
  token = given.ann.token,
): Promise<Answer> => {
  const headers = typeof key === 'string' ? { 'Idempotency-Key': key } : key
  return given.call('POST', path, body, {
    token,
    headers: { 'content-type': 'application/json', ...headers },
  })
}
const sessions = async () => (await given.app.metadata.uploads.staged()).length
const isReplay = ({ headers }: Answer): boolean => headers.get('idempotency-replayed') === 'true'
const readyUpload = async (): Promise<OpenUpload> => {
  const upload = await openUpload(given.app, given.ann.token, DATA)
  await sendParts(given.app, given.ann.token, upload)
  return upload
}

describe('the same key with the same payload', () => {
  test('creates one session and replays status and body', async () => {
    const first = await send(SESSIONS, BODY, 'upload-session-001')
    given.app.clock.advance(100)
    const second = await send(SESSIONS, BODY, 'upload-session-001')
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.text).toBe(first.text)
    expect([isReplay(first), isReplay(second)]).toEqual([false, true])
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(await sessions()).toBe(1)
  })

  test.each([
    [
      'keys in another order',
      '{"size":65537, "expires_in":60,"part_numbers":[1,2],"filename":"archive.iso"}',
    ],
    ['other white space', JSON.stringify(BODY, null, 8)],
    ['other escapes', JSON.stringify(BODY).replace('archive', '\\u0061rchive')],
  ])('does not mind %s', async (_what, body) => {
    const first = await send(SESSIONS, BODY, 'k')
    const second = await send(SESSIONS, body, 'k')
    expect([second.text, isReplay(second)]).toEqual([first.text, true])
  })

  test.each<[string, Record<string, string>, boolean]>([
    ['the other name of the header', { 'X-Idempotency-Key': 'k' }, true],
    ['white space around it', { 'Idempotency-Key': '  k\t' }, true],
    ['another letter case', { 'Idempotency-Key': 'K' }, false],
    ['an empty one', { 'Idempotency-Key': ' ' }, false],
    ['an empty one beside the other name', { 'Idempotency-Key': '', 'X-Idempotency-Key': 'k' }, true],
  ])('is recognised by %s: %p', async (_what, headers, same) => {
    await send(SESSIONS, BODY, 'k')
    const answer = await send(SESSIONS, BODY, headers)
    expect([answer.status, isReplay(answer), await sessions()]).toEqual([201, same, same ? 1 : 2])
  })

  test('is cut at 128 characters', async () => {
    const key = 'x'.repeat(128)
    await send(SESSIONS, BODY, key)
    expect(isReplay(await send(SESSIONS, BODY, `${key}yz`))).toBe(true)
    expect(isReplay(await send(SESSIONS, BODY, key.slice(1)))).toBe(false)
  })

  test('sent twice at once makes one session', async () => {
    for (let round = 0; round < 10; round++) {
      const [one, two] = await Promise.all([1, 2].map(() => send(SESSIONS, BODY, `round-${round}`)))
      if (!one || !two) throw new Error('two answers')
      const statuses = [one.status, two.status].sort()
      if (statuses[1] === 409) {
        const [refused] = [one, two].filter(({ status }) => status === 409)
        if (refused) expect(refusal(refused)).toEqual(IN_FLIGHT)
        expect(refused?.headers.get('retry-after')).toBe('1')
        expect(statuses[0]).toBe(201)
      } else {
        expect(statuses).toEqual([201, 201])
        expect(one.text).toBe(two.text)
      }
      expect(await sessions()).toBe(round + 1)
    }
  })
})

describe('the same key', () => {
  test('with another payload is refused, and the first answer stays', async () => {
    const first = await send(SESSIONS, BODY, 'k')
    for (const other of [
      { ...BODY, size: 65_538 },
      { ...BODY, extra: 1 },
      { ...BODY, part_numbers: [2, 1] },
      {},
    ]) {
      expect(refusal(await send(SESSIONS, other, 'k'))).toEqual(MISMATCH)
    }
    expect((await send(SESSIONS, BODY, 'k')).text).toBe(first.text)
    expect(await sessions()).toBe(1)
  })

  test('on another endpoint, by another token or account is another key', async () => {
    const { app, ann, bob } = given
    const second = await app.core.tokens.issue(ann.account, { kind: 'nating', scopes: ['*'] })
    const answers = [
      await send(SESSIONS, BODY, 'k'),
      await send(MANAGED, BODY, 'k'),
      await send(SESSIONS, BODY, 'k', second.secrets[0]),
      await send(SESSIONS, BODY, 'k', bob.token),
    ]
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    expect(answers.map(isReplay)).toEqual([false, false, false, false])
    expect(await sessions()).toBe(4)
  })

  test('is independent for every session that is completed', async () => {
    const uploads = [await readyUpload(), await readyUpload()]
    for (const { id } of uploads) {
      const answer = await send(`${SESSIONS}/${id}/complete`, {}, 'k')
      expect([answer.status, isReplay(answer), answer.json.session_id]).toEqual([201, false, id])
    }
  })

  test('is free again after a failure', async () => {
    expect(refusal(await send(SESSIONS, { ...BODY, filename: '' }, 'k'))[0]).toBe(422)
    const answer = await send(SESSIONS, BODY, 'k')
    expect([answer.status, isReplay(answer)]).toEqual([201, false])
  })

  test('is free again after a session was not found', async () => {
    const upload = await readyUpload()
    const path = `${SESSIONS}/${upload.id}/complete`
    expect(refusal(await send(path, {}, 'k', given.bob.token))[0]).toBe(404)
    expect((await send(path, {}, 'k')).status).toBe(201)
  })

  test('means nothing where it is not asked for', async () => {
    const upload = await readyUpload()
    for (let time = 0; time < 2; time++) {
      const answer = await send(`${SESSIONS}/${upload.id}/parts/sign`, { part_numbers: [1] }, 'k')
      expect([answer.status, isReplay(answer)]).toEqual([200, false])
    }
  })

  test('begins anew after 24 hours', async () => {
    await send(SESSIONS, BODY, 'k')
    given.app.clock.advance(86_400)
    expect(isReplay(await send(SESSIONS, BODY, 'k'))).toBe(true)
    given.app.clock.advance(1)
    expect(isReplay(await send(SESSIONS, BODY, 'k'))).toBe(false)
  })

  test('is forgotten by the sweeper after 24 hours', async () => {
    await send(SESSIONS, BODY, 'k')
    given.app.clock.advance(86_401)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ purged: 1 })
  })
})

describe('complete', () => {
  test('replays the same 201 after it succeeded, also when the session is long completed', async () => {
    const upload = await readyUpload()
    const path = `${SESSIONS}/${upload.id}/complete`
    const body = { checksum_sha256: 'optional-final-sha256' }
    const first = await send(path, body, 'upload-complete-001')
    given.app.clock.advance(10_000)
    const second = await send(path, body, 'upload-complete-001')
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text])
    expect(isReplay(second)).toBe(true)
    expect(refusal(await send(path, {}, 'upload-complete-001'))).toEqual(MISMATCH)
    expect(refusal(await send(path, body, 'another'))[1]).toBe(
      'This upload session has already been completed.',
    )
  })

  test('by five retries at once makes one file', async () => {
    const upload = await readyUpload()
    const retries = Array.from({ length: 5 }, () => send(`${SESSIONS}/${upload.id}/complete`, {}, 'k'))
    const answers = await Promise.all(retries)
    const good = answers.filter(({ status }) => status === 201)
    expect(new Set(good.map(({ text }) => text)).size).toBe(1)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(refusal(answer)).toEqual(IN_FLIGHT)
    }
    const [ledger] = await given.app.metadata.accounts.ledgers()
    expect(ledger).toMatchObject({ filesTotal: DATA.length, storageUsed: DATA.length })
  })

  test('with parts missing frees the key, and the same key completes later', async () => {
    const upload = await openUpload(given.app, given.ann.token, DATA)
    await sendParts(given.app, given.ann.token, upload, [1])
    const path = `${SESSIONS}/${upload.id}/complete`
    expect(refusal(await send(path, {}, 'k'))[0]).toBe(422)
    await sendParts(given.app, given.ann.token, upload, [2])
    const answer = await send(path, {}, 'k')
    expect([answer.status, isReplay(answer)]).toEqual([201, false])
  })
})

describe('a managed upload', () => {
  const withoutUrls = ({ json }: Answer) => ({
    ...json,
    parts: json.parts.map(({ url: _, expires_in: __, ...rest }: Record<string, unknown>) => rest),
  })

  test('is replayed with fresh URLs while it lives, and nothing else changed', async () => {
    const first = await send(MANAGED, BODY, 'desktop-upload-001')
    given.app.clock.advance(120)
    const second = await send(MANAGED, BODY, 'desktop-upload-001')
    expect([second.status, isReplay(second), await sessions()]).toEqual([201, true, 1])
    expect(withoutUrls(second)).toEqual(withoutUrls(first))
    const upload = (answer: Answer): OpenUpload => ({
      id: answer.json.session.public_id,
      data: DATA,
      partSize: 65_536,
      parts: answer.json.parts,
    })
    expect((await putPart(given.app, upload(first), 1)).text).toContain('Request has expired')
    expect((await putPart(given.app, upload(second), 1)).status).toBe(200)
  })

  test('is replayed as it was once it is over', async () => {
    const first = await send(MANAGED, BODY, 'k')
    await given.call('POST', `${SESSIONS}/${first.json.session.public_id}/abort`)
    const second = await send(MANAGED, BODY, 'k')
    expect([second.status, second.text, isReplay(second)]).toEqual([201, first.text, true])
  })

  test('is replayed as it was once it has expired', async () => {
    const first = await send(MANAGED, BODY, 'k')
    given.app.clock.advance(7200)
    const second = await send(MANAGED, BODY, 'k')
    expect([second.status, second.text]).toEqual([201, first.text])
    expect(await given.app.metadata.uploads.find(first.json.session.public_id)).toMatchObject({
      status: 'expired',
    })
  })
})

describe('a key whose process was killed', () => {
  const pending = (endpoint: string, payload: object) => {
    const now = given.app.clock.now()
    return given.app.metadata.idempotency.begin({
      key: 'k',
      endpoint,
      actor: `token:${given.ann.tokenId}`,
      payloadHash: payloadHash(payload),
      owner: 'the process before',
      now,
      staleBefore: now,
      expiredBefore: now,
    })
  }

  test('is taken over by the next request, which executes', async () => {
    await pending('upload.create_session', BODY)
    const answer = await send(SESSIONS, BODY, 'k')
    expect([answer.status, isReplay(answer)]).toEqual([201, false])
    expect(isReplay(await send(SESSIONS, BODY, 'k'))).toBe(true)
  })

  test('still refuses another payload', async () => {
    await pending('upload.create_session', BODY)
    expect(refusal(await send(SESSIONS, { ...BODY, size: 1 }, 'k'))).toEqual(MISMATCH)
  })

  test('gets the answer of the completion that had succeeded', async () => {
    const upload = await readyUpload()
    await pending(`upload.complete.${upload.id}`, {})
    const done = await complete(given.app, given.ann.token, upload.id)
    const retried = await send(`${SESSIONS}/${upload.id}/complete`, {}, 'k')
    expect([retried.status, retried.json]).toEqual([201, done.json])
    expect(isReplay(await send(`${SESSIONS}/${upload.id}/complete`, {}, 'k'))).toBe(true)
  })

  test('replays across a restart what was answered before it', async () => {
    const { app, ann } = given
    const first = await send(SESSIONS, BODY, 'k')
    const again = await createTestApp({ dir: app.dir, clock: app.clock, firstId: 1000 })
    try {
      const answer = await again.request('POST', SESSIONS, {
        token: ann.token,
        body: BODY,
        headers: { 'idempotency-key': 'k' },
      })
      expect([answer.status, answer.text, isReplay(answer)]).toEqual([201, first.text, true])
    } finally {
      await again.storage.close()
      await again.metadata.close()
    }
  })
})
