/** How much may be sent, how often, and by whom: sizes, quotas, kinds of files, guests, rates. */
import { describe, expect, test } from 'bun:test'
import { type Answer, PASSWORD } from '../../support/app.ts'
import { formOf } from '../../support/form.ts'
import { authRefusal, refusal, storedBytes, uploaderScenario } from './scenario.ts'

const DAY = 86_400
const MiB = 2 ** 20
const text = (length: number): string => 'x'.repeat(length)

describe('the largest file', () => {
  const given = uploaderScenario({ config: { uploader: { maxFileSize: 3 * MiB } } })
  const TOO_LARGE: [number, string] = [413, 'File size exceeds the limit (3MB)']

  test('is taken, and one byte more is not', async () => {
    const exact = await given.upload('a.bin', new Uint8Array(3 * MiB))
    expect([exact.status, exact.json.size]).toEqual([200, '3MB'])
    expect(storedBytes(given.app)).toBe(3 * MiB)
    expect(refusal(await given.upload('a.bin', new Uint8Array(3 * MiB + 1)))).toEqual(TOO_LARGE)
    expect(storedBytes(given.app)).toBe(3 * MiB)
  })

  test('is told before the quota that is broken as well, by however little', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: String(2 * MiB) })
    const [token, before] = [await given.signIn('ann'), storedBytes(given.app)]
    const send = async (size: number) => {
      const { body, headers } = formOf([{ filename: 'a.bin', body: new Uint8Array(size) }])
      const length = { 'content-length': String(body.length) }
      return refusal(
        await given.request('POST', '/api/upload', { body, token, headers: { ...headers, ...length } }),
      )
    }
    expect(await send(3 * MiB + 1)).toEqual(TOO_LARGE)
    expect(await send(3 * MiB)).toEqual([413, 'Storage quota exceeded'])
    expect(storedBytes(given.app)).toBe(before)
  })

  test('is judged by what comes, whatever the length that was declared', async () => {
    for (const [bytes, declared, status] of [
      [3 * MiB, 100, 200],
      [3 * MiB, 4 * MiB, 200],
      [3 * MiB + 1, 100, 413],
      [3 * MiB + 1, 2 * MiB, 413],
    ] as const) {
      const { body, headers } = formOf([{ filename: 'a.bin', body: new Uint8Array(bytes) }])
      const answer = await given.request('POST', '/api/upload', {
        body: new Blob([body as Uint8Array<ArrayBuffer>]).stream(),
        headers: { ...headers, 'content-length': String(declared) },
      })
      expect([bytes, declared, answer.status]).toEqual([bytes, declared, status])
    }
  })

  test('is refused before a byte is read when its declared length leaves no doubt', async () => {
    let read = 0
    const { headers, body } = formOf([{ filename: 'a.bin', body: '' }])
    const head = body.subarray(0, body.length - 22)
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        read += 1
        controller.enqueue(read === 1 ? head : new Uint8Array(65_536))
      },
    })
    const answer = await given.request('POST', '/api/upload', {
      body: endless,
      headers: { ...headers, 'content-length': String(100 * MiB) },
    })
    expect(refusal(answer)).toEqual(TOO_LARGE)
    expect(read).toBeLessThan(20)
  })

  test('of a guest is that of the guests as well', async () => {
    await given.app.core.packages.set('Guest', { max_upload_size: '10' })
    expect((await given.upload('a.bin', text(10))).status).toBe(200)
    expect((await given.upload('a.bin', text(11))).status).toBe(413)
    const token = await given.signIn('ann')
    expect((await given.upload('a.bin', text(11), { token })).status).toBe(200)
  })
})

describe('the default limit', () => {
  const given = uploaderScenario()
  test('is named as the reference names it', async () => {
    const { headers, body } = formOf([{ filename: 'a.bin', body: text(100) }])
    const answer = await given.request('POST', '/api/upload', {
      body: new Blob([body as Uint8Array<ArrayBuffer>]).stream(),
      headers: { ...headers, 'content-length': String(200 * MiB) },
    })
    expect(refusal(answer)).toEqual([413, 'File size exceeds the limit (100MB)'])
  })
})

describe('an account', () => {
  const given = uploaderScenario({ config: { uploads: { blockedExtensions: ['exe'] } } })

  test('can not go beyond its quota, and a guest has none', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '10' })
    const token = await given.signIn('ann')
    expect((await given.upload('a.bin', text(6), { token })).status).toBe(200)
    expect(refusal(await given.upload('a.bin', text(5), { token }))).toEqual([413, 'Storage quota exceeded'])
    expect(storedBytes(given.app)).toBe(6)
    expect((await given.upload('a.bin', text(4), { token })).status).toBe(200)
    expect((await given.upload('a.bin', text(50))).status).toBe(200)
  })

  test('whose package takes no uploads is refused', async () => {
    await given.app.core.packages.set('Gold', { can_upload: '0' })
    const token = await given.signIn('ann')
    expect((await given.upload('a.bin', 'x', { token })).status).toBe(403)
    expect((await given.upload('a.bin', 'x')).status).toBe(200)
  })

  test('fifty uploads at once never exceed a quota', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '1000' })
    const token = await given.signIn('ann')
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => given.upload('a.bin', text(100), { token })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 413)).toHaveLength(40)
    expect((await given.app.core.accounts.get(given.ann.id)).storageUsed).toBe(1000)
    expect(storedBytes(given.app)).toBe(1000)
  })

  test.each(['setup.exe', 'SETUP.EXE', 'photo.jpg.exe', 'C:\\x\\setup.exe'])(
    '%s is refused where its kind is',
    async (name) => {
      expect(refusal(await given.upload(name))).toEqual([400, 'Bad file extension'])
      expect((await given.upload('photo.exe.jpg')).status).toBe(200)
    },
  )
})

describe('guests', () => {
  const given = uploaderScenario({
    config: { uploads: { guestBytesPerDay: 100 }, server: { trustedProxies: ['unix', '127.0.0.0/8'] } },
  })
  const from = (address: string, length: number): Promise<Answer> =>
    given.upload('a.bin', text(length), { headers: { 'x-forwarded-for': address } })

  test('may send so much a day and address', async () => {
    expect((await from('192.0.2.1', 60)).status).toBe(200)
    given.app.clock.advance(DAY / 2)
    expect((await from('192.0.2.1', 40)).status).toBe(200)
    const refused = await from('192.0.2.1', 1)
    expect(refusal(refused)).toEqual([
      429,
      'Your address has uploaded as much as it may without an account today.',
    ])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await from('192.0.2.2', 100)).status).toBe(200)
    expect(storedBytes(given.app)).toBe(200)
    given.app.clock.advance(DAY / 2)
    expect((await from('192.0.2.1', 61)).status).toBe(429)
    given.app.clock.advance(1)
    expect((await from('192.0.2.1', 60)).status).toBe(200)
  })

  test('can not send more by sending all at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => from('192.0.2.1', 20)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(storedBytes(given.app)).toBe(100)
  })

  test('with an account are bound by its quota alone', async () => {
    const token = await given.signIn('ann')
    for (let time = 0; time < 3; time++)
      expect((await given.upload('a.bin', text(60), { token })).status).toBe(200)
  })

  test('lose what nobody fetches for as long as their package says', async () => {
    await given.app.core.packages.set('Guest', { days_to_keep_inactive_files: '10' })
    const [kept, gone] = [await given.upload('a.txt', 'kept'), await given.upload('b.txt', 'gone')]
    const token = await given.signIn('ann')
    const own = await given.upload('c.txt', 'own', { token })
    const fetch = ({ json }: Answer) => given.request('GET', `/file/${json.file_url}`)
    given.app.clock.advance(9 * DAY)
    expect((await fetch(kept)).status).toBe(200)
    given.app.clock.advance(DAY + 1)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ files: 1, objects: 1 })
    expect((await fetch(gone)).status).toBe(404)
    for (const answer of [kept, own]) expect((await fetch(answer)).status).toBe(200)
    given.app.clock.advance(8 * DAY)
    await given.app.core.packages.set('Guest', { days_to_keep_inactive_files: '0' })
    given.app.clock.advance(1000 * DAY)
    expect((await given.app.core.sweeper.sweep()).files).toBe(0)
  })
})

describe('where guests are not wanted', () => {
  const given = uploaderScenario({ config: { uploads: { guests: false } } })

  test('a bad credential is refused as such, a good one is taken', async () => {
    expect(authRefusal(await given.upload('a.txt'))).toEqual([401, -1, 'No Authorization header provided'])
    expect(authRefusal(await given.upload('a.txt', 'x', { token: 'null' }))[1]).toBe(-4)
    expect(authRefusal(await given.upload('a.txt', 'x', { headers: { authorization: 'x' } }))[1]).toBe(-2)
    expect(storedBytes(given.app)).toBe(0)
    const token = await given.signIn('ann')
    expect((await given.upload('a.txt', 'x', { token })).json.synced).toBe(true)
  })
})

describe('where uploads are closed', () => {
  const given = uploaderScenario({ config: { uploads: { enabled: false } } })
  test('nothing is taken', async () => {
    expect((await given.upload('a.txt')).status).toBe(503)
  })
})

describe('rates', () => {
  const given = uploaderScenario({
    config: { limits: { rateLimits: true }, server: { trustedProxies: ['unix', '10.0.0.0/8'] } },
  })
  const body = (limit: number) => {
    const message = `Rate limit exceeded: ${limit} per 1 minute`
    return { status: 'error', message, error: message }
  }
  const from = (address: string, path: string, form = formOf([{ filename: 'a.txt', body: 'x' }])) =>
    given.request('POST', path, { ...form, headers: { ...form.headers, 'x-forwarded-for': address } })

  test('an address may upload twice a minute, failures and the alias included', async () => {
    expect((await from('192.0.2.1', '/api/upload', formOf([]))).status).toBe(400)
    expect((await from('192.0.2.1', '/api/upload/private')).status).toBe(200)
    given.app.clock.advance(20)
    const refused = await from('192.0.2.1', '/api/upload')
    expect([refused.status, refused.json, refused.headers.get('retry-after')]).toEqual([429, body(2), '40'])
    expect((await from('192.0.2.2', '/api/upload')).status).toBe(200)
    given.app.clock.advance(40)
    expect((await from('192.0.2.1', '/api/upload')).status).toBe(200)
  })

  test('a network of IPv6 may so too, whichever of its addresses is used', async () => {
    const sent = async (address: string) => (await from(address, '/api/upload')).status
    expect([await sent('2001:db8:0:1::1'), await sent('2001:db8:0:1:a:b:c:d')]).toEqual([200, 200])
    expect([await sent('2001:db8:0:1::9'), await sent('2001:db8:0:2::1')]).toEqual([429, 200])
    expect([await sent('::ffff:192.0.2.44'), await sent('192.0.2.44'), await sent('192.0.2.44')]).toEqual([
      200, 200, 429,
    ])
  })

  test('a token does not make it more', async () => {
    const token = await given.signIn('ann')
    const found: number[] = []
    for (let time = 0; time < 3; time++) found.push((await given.upload('a.txt', 'x', { token })).status)
    expect(found).toEqual([200, 200, 429])
  })

  test.each<[string, object, number]>([
    ['/api/login', { username: 'ann', password: 'wrong' }, 400],
    ['/api/register', {}, 400],
    ['/api/refresh_token', {}, 400],
    ['/api/logout', {}, 401],
  ])('%s can be asked ten times a minute, whatever comes of it', async (path, sent, status) => {
    const ask = () => given.post(path, sent, { headers: { 'x-forwarded-for': '192.0.2.9' } })
    for (let time = 0; time < 10; time++) expect((await ask()).status).toBe(status)
    const refused = await ask()
    expect([refused.status, refused.json, refused.headers.get('retry-after')]).toEqual([429, body(10), '60'])
    for (const other of ['/api/login', '/api/register', '/api/refresh_token', '/api/logout']) {
      if (other === path) continue
      const answer = await given.post(other, {}, { headers: { 'x-forwarded-for': '192.0.2.9' } })
      expect([other, answer.status === 429]).toEqual([other, false])
    }
    given.app.clock.advance(60)
    const credentials = { username: 'ann', password: PASSWORD }
    expect((await given.post('/api/login', credentials)).status).toBe(200)
  })

  test('files can be fetched, listed and deleted without end', async () => {
    const { json } = await given.upload('a.txt')
    for (let time = 0; time < 30; time++)
      expect((await given.request('GET', `/file/${json.file_url}`)).status).toBe(200)
    for (let time = 0; time < 15; time++)
      expect((await given.request('GET', '/api/get_files')).status).toBe(401)
  })
})
