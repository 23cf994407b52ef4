/** The limits of packages as every route words them, and who they hold for. */
import { describe, expect, test } from 'bun:test'
import type { Account, FileRecord } from '../../src/core/model.ts'
import type { Answer } from '../support/app.ts'
import { BYTE_ROUTES, type ByteRoute } from '../support/byte-routes.ts'
import { sampleBytes } from '../support/upload.ts'
import { site, wordsOf } from '../web/site.ts'

const given = site()
const SIZE = 1000

interface Limited {
  limit: Record<string, string>
  status: number
  /** Null: never, it is no matter of time. */
  retryAfter: RegExp | null
  title: string
  message: RegExp
}

/** Each is used up by one whole download. */
const LIMITS: Record<string, Limited> = {
  size: {
    limit: { max_download_filesize_allowed: String(SIZE - 1) },
    status: 403,
    retryAfter: null,
    title: 'Too large for your package',
    message: /larger than your package/,
  },
  number: {
    limit: { downloads_per_24_hours: '1' },
    status: 429,
    retryAfter: /^86400$/,
    title: 'Enough for today',
    message: /number of downloads/,
  },
  bytes: {
    limit: { download_size_per_24_hours: String(SIZE) },
    status: 429,
    retryAfter: /^86400$/,
    title: 'Enough for today',
    message: /as much as your package/,
  },
  pause: {
    limit: { wait_between_downloads: '60' },
    status: 429,
    retryAfter: /^60$/,
    title: 'A short pause',
    message: /60 seconds left|pause between two downloads/,
  },
}

const packageOf = ({ actsFor }: ByteRoute): string => (actsFor === 'owner' ? 'Gold' : 'Guest')

async function prepare(route: ByteRoute, values: Record<string, string>) {
  const file = await given.file({ bytes: sampleBytes(SIZE) })
  const path = await route.path(given.app, given.ann, file)
  await given.app.core.packages.set(packageOf(route), values)
  return { file, path }
}

function expectRefusal(answer: Answer, route: ByteRoute, limited: Limited): void {
  expect(answer.status).toBe(limited.status)
  const retryAfter = answer.headers.get('retry-after')
  if (limited.retryAfter) expect(retryAfter).toMatch(limited.retryAfter)
  else expect(retryAfter).toBeNull()
  expect(answer.headers.get('cache-control')).toContain('no-store')
  expect(answer.headers.get('content-disposition')).toBeNull()
  const isPage = route.refusal === 'page'
  expect(answer.headers.get('content-type')).toBe(
    isPage ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
  )
  expect(isPage ? wordsOf(answer) : answer.text).toMatch(limited.message)
  if (isPage) expect(wordsOf(answer)).toContain(limited.title)
}

describe.each(BYTE_ROUTES.map((route) => [route.name, route] as const))('%s', (_name, route) => {
  test.each(Object.entries(LIMITS))('refuses beyond the %s', async (kind, limited) => {
    const { path } = await prepare(route, limited.limit)
    const headers = { accept: 'text/html' }
    if (kind !== 'size') expect((await given.get(path, headers)).status).toBe(200)
    expectRefusal(await given.get(path, headers), route, limited)
    expect((await given.send('HEAD', path)).status).toBe(200)
  })

  test('has a slot for every download of its client, and none beyond', async () => {
    const { path, file } = await prepare(route, { concurrent_downloads: '2' })
    const client =
      route.actsFor === 'owner'
        ? { accountId: given.ann.id, packageId: given.ann.packageId, ip: '' }
        : { accountId: null, packageId: null, ip: '' }
    const begin = () =>
      given.app.core.traffic.begin(client, file, { start: 0, length: SIZE }, async () => new Blob([]))
    const [first] = [await begin(), await begin()]
    const refused = await given.get(path, { accept: 'text/html' })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    const words = route.refusal === 'page' ? wordsOf(refused) : refused.text
    expect(words).toMatch(/one of your downloads has ended|maximum number of downloads/)
    first.transfer.end({ bytes: 0, completed: false })
    expect((await given.get(path)).status).toBe(200)
  })

  test('says so to programs in their way', async () => {
    const { path } = await prepare(route, { downloads_per_24_hours: '1' })
    await given.get(path)
    const answer = await given.get(path, { accept: 'application/json' })
    const message = 'You have reached the number of downloads your package has for 24 hours.'
    expect(answer.status).toBe(429)
    if (route.refusal === 'text') expect(answer.text).toBe(message)
    else expect(answer.json).toEqual({ status: 'error', message })
  })

  test('holds whoever is signed in to his own package', async () => {
    const { path } = await prepare(route, { downloads_per_24_hours: '1' })
    await given.app.core.packages.set('Bronze', { downloads_per_24_hours: '2' })
    await given.app.core.accounts.change('bob', { packageName: 'Bronze' })
    const { cookie } = await given.signIn('bob')
    for (const status of [200, 200, 429]) expect((await given.get(path, { cookie })).status).toBe(status)
    for (const status of [200, 429]) expect((await given.get(path)).status).toBe(status)
  })
})

describe('a wait before the download', () => {
  const direct = BYTE_ROUTES.filter(({ actsFor, name }) => actsFor === 'guest' && !name.includes('token'))

  test.each(direct.map((route) => [route.name, route] as const))(
    'is kept by %s, which then goes on without another',
    async (_name, route) => {
      const { path, file } = await prepare(route, { wait_before_download: '30' })
      const refused = await given.get(path, { accept: 'text/html' })
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([403, '30'])
      expect(refused.text).toContain('<meta http-equiv="refresh" content="30">')
      given.app.clock.advance(29)
      expect((await given.get(path)).headers.get('retry-after')).toBe('1')
      given.app.clock.advance(1)
      expect((await given.get(path)).status).toBe(200)
      expect((await given.get(path, { range: 'bytes=5-' })).status).toBe(206)
      expect((await given.now(file))?.downloads).toBe(1)
    },
  )

  test.each(BYTE_ROUTES.map((route) => [route.name, route] as const))(
    'is not asked of the owner by %s',
    async (_name, route) => {
      for (const name of ['Gold', 'Guest'])
        await given.app.core.packages.set(name, { wait_before_download: '30' })
      const file = await given.file()
      const { cookie } = await given.signIn('ann')
      const isPage = route.name.includes('its page')
      const path = isPage ? await ownPageLink(file, given.ann) : await route.path(given.app, given.ann, file)
      expect((await given.get(path, { cookie })).status).toBe(200)
    },
  )

  const ownPageLink = async ({ slug }: FileRecord, owner: Account): Promise<string> => {
    const { downloads } = given.app.core
    return downloads.pageLink(await downloads.view(slug, owner))
  }
})

describe('a file with numbered uses', () => {
  test('is gone for everybody else once it is used up, by every public way', async () => {
    const uses = {
      name: 'once.bin',
      leastSize: SIZE,
      mimeType: 'text/plain',
      folderId: null,
      visibility: 1,
    } as const
    const { file } = await given.app.core.ingest.receive(
      given.ann,
      { ...uses, uploadedIp: null, source: 'api', uses: 10 },
      (async function* () {
        yield sampleBytes(SIZE)
      })(),
    )
    const answers = await Promise.all(Array.from({ length: 100 }, () => given.get(`/file/${file.slug}`)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(10)
    expect(statuses.filter((status) => status === 404)).toHaveLength(90)
    expect(await given.now(file)).toMatchObject({ usesLeft: 0, downloads: 10 })
    expect((await given.get(`/${file.slug}`)).status).toBe(404)
    expect((await given.get(`/file/${file.slug}`, { range: 'bytes=500-' })).status).toBe(404)
    expect((await given.send('HEAD', `/file/${file.slug}`)).status).toBe(404)
  })
})
