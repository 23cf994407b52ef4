/** How often a browser may call: far more than its pages do, and less than a program gone wild. */
import { describe, expect, test } from 'bun:test'
import { createLimiter } from '../../../src/core/limiter.ts'
import { CALLS_PER_MINUTE, requireSignedIn } from '../../../src/web/signed-in.ts'
import { fixedClock } from '../../support/fixed-clock.ts'
import { site } from '../site.ts'
import { callerOf } from './calls.ts'

const given = site({ config: { limits: { rateLimits: true, signInPerMinute: 1000 } } })

/** What is counted of calls, without what the calls do. */
function counter() {
  const clock = fixedClock()
  const limiter = createLimiter(clock)
  const browser = { principal: { account: { id: 7 } } } as Awaited<ReturnType<typeof requireSignedIn>>
  const browsers = { find: async () => browser, address: () => '192.0.2.1' } as unknown as Parameters<
    typeof requireSignedIn
  >[0]['browsers']
  const call = (path: string) =>
    requireSignedIn({ browsers, limiter }, { request: new Request(`http://kist${path}`), server: null })
  return { clock, call }
}

describe('the file manager is never refused', () => {
  test('while 10,000 small files arrive within one minute, and lists are read anew meanwhile', async () => {
    const { call } = counter()
    for (let n = 0; n < 10_000; n++) {
      await call('/web/uploads')
      await call(`/web/uploads/us_${n}/complete`)
    }
    // Every half a second who is signed in and what the list shows: two slices at most.
    for (let n = 0; n < 120; n++)
      for (const path of ['/web/me', '/web/folders/top/entries', '/web/folders/top/entries']) await call(path)
  })

  test('when all of 10,000 files go on after a reload, each asking what has arrived and where the rest goes', async () => {
    const { call } = counter()
    for (let n = 0; n < 10_000; n++)
      for (const step of ['', '/parts', '/sign', '/complete']) await call(`/web/uploads/us_${n}${step}`)
  })

  test('when 1,000 chosen files are moved, for that is one call', async () => {
    const ann = await callerOf(given)
    const folder = await given.folder()
    const items: Array<{ type: string; id: number }> = []
    for (let n = 0; n < 1000; n++)
      items.push({ type: 'file', id: (await given.file({ name: `${n}.txt`, bytes: new Uint8Array(1) })).id })
    const { status, json } = await ann.post('/web/entries/move', { items, folderId: folder.id })
    expect([status, json.done, json.failed]).toEqual([200, 1000, []])
  }, 60_000)

  test('in ten tabs that each read something every second', async () => {
    const { call } = counter()
    for (let n = 0; n < 60 * 10 * 4; n++) await call('/web/admin/downloads')
  })
})

describe('a browser gone wild', () => {
  test('is refused with the time to come back, and other accounts and its own uploads are not', async () => {
    const [ann, bob] = [await callerOf(given), await callerOf(given, 'bob')]
    for (let n = 0; n < CALLS_PER_MINUTE.others; n++) await ann.get('/web/files/999999')
    const refused = await ann.get('/web/me')
    expect([refused.status, refused.json.status, refused.headers.get('retry-after')]).toEqual([
      ...[429, 'error', '60'],
    ])
    expect(refused.headers.get('content-type')).toContain('application/json')
    for (const path of ['/web/session', '/web/admin/downloads', '/web/admin/reports', '/web/account'])
      expect([path, (await ann.get(path)).status]).toEqual([path, 429])
    expect((await ann.get('/web/uploads')).status).toBe(200)
    expect((await bob.get('/web/me')).status).toBe(200)
    given.app.clock.advance(60)
    expect((await ann.get('/web/me')).status).toBe(200)
  }, 60_000)

  test('in which nobody is signed in is counted by its network', async () => {
    for (let n = 0; n < CALLS_PER_MINUTE.strangers; n++) await given.get('/web/me')
    const refused = await given.get('/web/shares', { cookie: `kist_session=${'0'.repeat(64)}` })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await (await callerOf(given)).get('/web/me')).status).toBe(200)
  }, 60_000)
})

describe('without rate limits', () => {
  const free = site()

  test('nobody is counted', async () => {
    const ann = await callerOf(free)
    for (let n = 0; n <= CALLS_PER_MINUTE.others; n++) await ann.get('/web/files/999999')
    expect((await ann.get('/web/me')).status).toBe(200)
  }, 60_000)
})
