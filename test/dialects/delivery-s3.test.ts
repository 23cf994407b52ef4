/** Who sends the bytes of files that are in a bucket: Kist, the bucket by a signed URL, or a CDN before it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { FileRecord } from '../../src/core/model.ts'
import type { ShareLinkInput } from '../../src/core/share-links.ts'
import { type Answer, createTestApp, type TestAccount, type TestApp } from '../support/app.ts'
import { type Bucket, newBucket } from '../support/bucket.ts'
import { BYTE_ROUTES, type ByteRoute } from '../support/byte-routes.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import { sampleBytes, sha256 } from '../support/upload.ts'

const CDN = 'http://cdn.example/files'
const DATA = sampleBytes(70_000)
const NO_LIMITS = Object.fromEntries(
  'download_speed concurrent_downloads wait_before_download wait_between_downloads downloads_per_24_hours download_size_per_24_hours max_download_filesize_allowed'
    .split(' ')
    .map((name) => [name, '0']),
)
/** The next test's files: names of an extension that no browser is asked to show. */
let made = 0

describe.skipIf(!CEPH)('a file in a bucket', () => {
  let app: TestApp
  let ann: TestAccount
  let bucket: Bucket
  beforeAll(async () => {
    const server = (await startS3()) as S3Server
    bucket = await newBucket(server)
    const storage = { driver: 's3', s3: { ...bucket.storage.s3, publicCdnUrl: CDN } } as const
    app = await createTestApp({ config: { storage, downloads: { delivery: 'cdn' } } })
    ann = await app.account('ann', { packageName: 'Admin' })
    await limit(NO_LIMITS)
  }, 60_000)
  afterAll(async () => {
    expect(await app?.problems()).toEqual([])
    await app?.close()
  })

  const limit = async (limits: Record<string, string>): Promise<void> => {
    for (const name of ['Guest', 'Admin']) await app.core.packages.set(name, limits)
  }
  const add = async (
    visibility: 0 | 1 | 2,
    name = `archive-${++made}.bin`,
    uses?: number,
    mimeType = 'application/x-thing',
  ) => {
    const content = {
      ...{ name, leastSize: DATA.length, mimeType, folderId: null, visibility },
      ...{ source: 'direct' as const, uploadedIp: null, ...(uses !== undefined && { uses }) },
    }
    const body = (async function* () {
      yield DATA
    })()
    return (await app.core.ingest.receive(ann.account, content, body)).file
  }
  const get = async (
    route: ByteRoute,
    file: FileRecord,
    headers: Record<string, string> = {},
    method = 'GET',
  ) => app.request(method, await route.path(app, ann.account, file), { headers })
  const link = async (file: FileRecord, query = '') =>
    (await app.request('GET', `/api/v1/downloads/${file.id}/link${query}`, { token: ann.token })).json
  const wayOf = ({ status, headers }: Answer): string => {
    const location = headers.get('location')
    if (status !== 302 || location === null) return `${status}`
    return location.startsWith(`${CDN}/`) ? 'cdn' : location.includes('X-Amz-Signature') ? 'signed' : location
  }
  const routes = BYTE_ROUTES.filter(({ inline }) => !inline)
  const forOwners = BYTE_ROUTES.filter(({ actsFor }) => actsFor === 'owner')

  test.each(BYTE_ROUTES)('that is public is fetched from the CDN: $name', async (route) => {
    const file = await add(1)
    if (route.inline) return expect(wayOf(await get(route, file))).toBe('cdn')
    const answer = await get(route, file)
    expect(wayOf(answer)).toBe('cdn')
    const { object } = (await app.metadata.files.findWithObject(file.id)) ?? {}
    expect(answer.headers.get('location')).toBe(`${CDN}/${object?.key}`)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await app.metadata.files.find(file.id))?.downloads).toBe(1)
    expect(app.core.traffic.live()).toEqual([])
  })

  test.each(forOwners)('that is private is fetched by a signed URL: $name', async (route) => {
    const file = await add(0, `naïve "${++made}".bin`)
    const answer = await get(route, file)
    expect(wayOf(answer)).toBe('signed')
    const url = new URL(answer.headers.get('location') ?? '')
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBe(300)
    const fetched = await fetch(url)
    expect(sha256(new Uint8Array(await fetched.arrayBuffer()))).toBe(sha256(DATA))
    expect(fetched.headers.get('content-type')).toBe('application/x-thing')
    expect(fetched.headers.get('content-disposition')).toStartWith('attachment; ')
    expect(fetched.headers.get('content-disposition')).toContain("filename*=UTF-8''na%C3%AFve%20%22")
    const range = await fetch(url, { headers: { range: 'bytes=5-9' } })
    expect([range.status, await range.bytes()]).toEqual([206, new Uint8Array(DATA.subarray(5, 10))])
  })

  test('of an owner who is signed in, and has no link or an old one, has a URL that lasts', async () => {
    const file = await add(0)
    const visitor = { account: ann.account, ip: '127.0.0.1' }
    for (const expires of [0, 1_000_000_000]) {
      const grant = await app.core.downloads.authorise({ fileId: file.id, expires, signature: '', visitor })
      const begun = await grant.beginElsewhere(undefined)
      expect(new URL(begun?.url ?? '').searchParams.get('X-Amz-Expires')).toBe('300')
      begun?.transfer.end({ bytes: DATA.length, completed: true })
    }
  })

  test('that was renamed is fetched by a signed URL, which knows the new name', async () => {
    const file = await add(2)
    await app.core.files.change(ann.account, file.id, { name: 'other.bin' })
    const [route] = routes as [ByteRoute]
    const answer = await get(route, file)
    expect(wayOf(answer)).toBe('signed')
    const { headers } = await fetch(answer.headers.get('location') ?? '')
    expect(headers.get('content-disposition')).toContain('other.bin')
  })

  test.each([
    ['a speed limit', { download_speed: '10000000' }],
    ['a limit of connections', { concurrent_downloads: '5' }],
  ] as const)('for somebody with %s comes through Kist', async (_name, limits) => {
    const file = await add(1)
    await limit(limits)
    for (const route of BYTE_ROUTES) {
      const answer = await get(route, file)
      expect([route.name, answer.status, sha256(answer.bytes)]).toEqual([route.name, 200, sha256(DATA)])
      expect(answer.headers.get('content-length')).toBe(String(DATA.length))
    }
    expect(await link(file)).toMatchObject({ delivery: 'app', delivery_reason: 'app_controlled_delivery' })
    await limit(NO_LIMITS)
  })

  test('with a number of uses comes through Kist', async () => {
    const file = await add(1, undefined, 3)
    expect(wayOf(await get(routes[0] as ByteRoute, file))).toBe('200')
  })

  test('that a browser shows comes through Kist, in its sandbox', async () => {
    const file = await add(1, 'page.html')
    const shown = await get(BYTE_ROUTES.find(({ inline }) => inline) as ByteRoute, file)
    expect(wayOf(shown)).toBe('200')
    expect(shown.headers.get('content-security-policy')).toContain('sandbox')
    expect(wayOf(await get(routes[0] as ByteRoute, file))).toBe('cdn')
  })

  test.each(['video/mp4', 'audio/wav', 'image/png', 'application/pdf'])(
    'that its page shows comes through Kist, since the page lets nothing in from elsewhere: %s',
    async (mimeType) => {
      const { slug } = await add(1, undefined, undefined, mimeType)
      const link = app.core.downloads.pageLink(await app.core.downloads.view(slug, null))
      const shown = await app.request('GET', link.replace('/', '/~show/'), {
        headers: { range: 'bytes=5-9' },
      })
      expect([wayOf(shown), shown.headers.get('content-type')]).toEqual(['206', mimeType])
      expect(shown.bytes).toEqual(DATA.subarray(5, 10))
      expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(wayOf(await app.request('GET', link))).toBe('cdn')
    },
  )

  test('is described by Kist: HEAD, a range beyond it, a tag it has not', async () => {
    const file = await add(1)
    const [route] = routes as [ByteRoute]
    const head = await get(route, file, {}, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(DATA.length)])
    expect((await get(route, file, { range: 'bytes=70000-' })).status).toBe(416)
    expect((await get(route, file, { 'if-match': '"other"' })).status).toBe(412)
    const tag = head.headers.get('etag') ?? ''
    expect((await get(route, file, { 'if-none-match': tag })).status).toBe(304)
    expect((await get(route, file, { 'if-match': tag })).status).toBe(200)
    const piece = await get(route, file, { 'if-range': tag, range: 'bytes=0-9' })
    expect([piece.status, piece.bytes.length]).toEqual([206, 10])
    const date = head.headers.get('last-modified') ?? ''
    expect(wayOf(await get(route, file, { 'if-range': date, range: 'bytes=0-9' }))).toBe('206')
    expect(wayOf(await get(route, file, { 'if-range': '"of the store"', range: 'bytes=0-9' }))).toBe('cdn')
    expect(wayOf(await get(route, file, { range: 'bytes=0-9' }))).toBe('cdn')
    expect((await get(route, file)).headers.get('access-control-allow-origin')).toBe('*')
  })

  test('is signed for no longer than the link that led to it', async () => {
    const file = await add(0)
    const { url } = await link(file, '?expires_in=7')
    const location = (await app.request('GET', url)).headers.get('location') ?? ''
    expect(Number(new URL(location).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(7)
  })

  test('is signed for no longer than it exists itself', async () => {
    const file = await add(0)
    await app.core.files.setExpiry(ann.account, file.id, new Date(app.clock.now().getTime() + 20_000))
    const location = (await get(forOwners[0] as ByteRoute, file)).headers.get('location') ?? ''
    expect(Number(new URL(location).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(20)
  })

  describe('that a link of many opens', () => {
    const share = async (of: FileRecord, input: ShareLinkInput = {}) => {
      const made = await app.core.shareLinks.create(ann.account, { fileId: of.id }, input)
      const used = async () =>
        (await app.core.shareLinks.list(ann.account, null)).links.find(({ link }) => link.id === made.id)
          ?.link.downloads
      return { ...made, used, page: `/s/${made.token}`, path: `/s/${made.token}/download` }
    }
    const fetchBy = (path: string, headers: Record<string, string> = {}) =>
      app.request('GET', path, { headers })
    const lifetimeOf = ({ headers }: Answer): number =>
      Number(new URL(headers.get('location') ?? '').searchParams.get('X-Amz-Expires'))

    test.each([0, 1, 2] as const)('is fetched by a URL that ends, with visibility %d', async (visibility) => {
      const file = await add(visibility)
      const { path, used } = await share(file)
      const answer = await fetchBy(path)
      expect([wayOf(answer), lifetimeOf(answer)]).toEqual(['signed', 300])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      const fetched = await fetch(answer.headers.get('location') ?? '')
      expect(sha256(await fetched.bytes())).toBe(sha256(DATA))
      expect(fetched.headers.get('content-disposition')).toContain(file.name)
      expect([await used(), (await app.metadata.files.find(file.id))?.downloads]).toEqual([1, 1])
      expect(app.core.traffic.live()).toEqual([])
    })

    test('below its folder is fetched likewise', async () => {
      const folder = await app.core.folders.create(ann.account, { name: `Shared ${++made}`, parentId: null })
      const file = await add(0)
      await app.core.files.change(ann.account, file.id, { folderId: folder.id })
      const { token } = await app.core.shareLinks.create(ann.account, { folderId: folder.id }, {})
      expect(wayOf(await fetchBy(`/s/${token}/file/${file.id}`))).toBe('signed')
    })

    test('is signed for no longer than the link, or the file if that ends sooner', async () => {
      const later = (seconds: number) => new Date(app.clock.now().getTime() + seconds * 1000)
      const file = await add(1)
      const { path } = await share(file, { expiresAt: later(20) })
      expect(lifetimeOf(await fetchBy(path))).toBeWithin(1, 21)
      await app.core.files.setExpiry(ann.account, file.id, later(10))
      expect(lifetimeOf(await fetchBy(path))).toBeWithin(1, 11)
    })

    test('a number of times comes through Kist, exactly so often', async () => {
      const { path, used } = await share(await add(1), { downloadsLeft: 2 })
      const answers = await Promise.all(Array.from({ length: 6 }, () => fetchBy(path)))
      expect(answers.map(wayOf).toSorted()).toEqual(['200', '200', '404', '404', '404', '404'])
      for (const { status, bytes } of answers) if (status === 200) expect(sha256(bytes)).toBe(sha256(DATA))
      expect(await used()).toBe(2)
    })

    test('is nowhere for who has not its password, or when it was taken back', async () => {
      const link = await share(await add(1), { password: 'open sesame' })
      const shut = await fetchBy(link.path)
      expect([shut.status, shut.headers.get('location')]).toEqual([401, null])
      const pass = await app.core.shareLinks.unlock(link.token, 'open sesame')
      const cookie = `kist_link=${pass}`
      expect(wayOf(await fetchBy(link.path, { cookie }))).toBe('signed')
      await app.core.shareLinks.remove(ann.account, link.id)
      const gone = await fetchBy(link.path, { cookie })
      expect([gone.status, gone.headers.get('location'), await link.used()]).toEqual([403, null, undefined])
    })

    test('can be gone on with: the rest is part of the same download', async () => {
      await app.core.packages.add('Once', { ...NO_LIMITS, downloads_per_24_hours: '1' })
      const { account } = await app.account('bob', { packageName: 'Once' })
      const { token, used } = await share(await add(1))
      const bob = { account, ip: '127.0.0.1' }
      const ask = async (range?: { start: number; end: number }) => {
        const grant = await app.core.shareLinks.authorise(token, null, null, bob)
        const begun = await grant.beginElsewhere(range)
        const bytes = range ? range.end - range.start + 1 : DATA.length
        begun?.transfer.end({ bytes, completed: true })
        return begun !== null
      }
      expect(await ask()).toBe(true)
      expect(await ask({ start: 60_000, end: DATA.length - 1 })).toBe(true)
      expect(await used()).toBe(1)
      await expect(ask()).rejects.toMatchObject({ code: 'downloads_used_up' })
      expect(await used()).toBe(1)
    })

    test('for a visitor with a speed limit comes through Kist', async () => {
      const { path } = await share(await add(1))
      await limit({ download_speed: '10000000' })
      expect(wayOf(await fetchBy(path))).toBe('200')
      await limit(NO_LIMITS)
    })
  })

  test('is announced by nating as it will be delivered', async () => {
    const named = async (visibility: 0 | 1 | 2) => {
      const file = await add(visibility)
      const { delivery, delivery_reason } = await link(file)
      expect(wayOf(await app.request('GET', (await link(file)).url))).toBe(delivery.split('_')[0])
      return [delivery, delivery_reason]
    }
    expect(await named(2)).toEqual(['cdn', 'public_object_storage_cdn'])
    expect(await named(1)).toEqual(['cdn', 'public_object_storage_cdn'])
    expect(await named(0)).toEqual(['signed_origin', 'private_signed_origin'])
    const renamed = await add(1)
    await app.core.files.change(ann.account, renamed.id, { name: 'x.bin' })
    expect(await link(renamed)).toMatchObject({
      delivery: 'signed_origin',
      delivery_reason: 'public_signed_origin',
    })
  })
})
