import { describe, expect, test } from 'bun:test'
import sharp from 'sharp'
import { takesAvif } from '../../src/web/previews.ts'
import { pictureOf } from '../support/pictures.ts'
import { site } from './site.ts'

const web = site()
const JPEG = { name: 'a.jpg', mimeType: 'image/jpeg' }
const picture = async (visibility: 0 | 1 | 2 = 1) =>
  web.file({ ...JPEG, visibility, bytes: new Uint8Array(await pictureOf('jpeg')) })

describe('the address of a preview', () => {
  test('answers with the picture, for caches to keep and browsers not to run', async () => {
    const { slug } = await picture()
    const answer = await web.get(`/~preview/${slug}/thumb`)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=3600, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      vary: 'Accept',
    })
    expect(answer.headers.has('content-disposition')).toBe(false)
    expect(await sharp(answer.bytes).metadata()).toMatchObject({ width: 256, height: 192, format: 'webp' })
    const large = await web.get(`/~preview/${slug}/preview`)
    expect(await sharp(large.bytes).metadata()).toMatchObject({ width: 640, height: 480 })
  })

  test('answers with AVIF to who names it, as another representation', async () => {
    const { slug } = await picture()
    const accept = 'image/avif,image/webp,*/*;q=0.8'
    const small = await web.get(`/~preview/${slug}/thumb`, { accept })
    const usual = await web.get(`/~preview/${slug}/thumb`)
    expect(small.headers.get('content-type')).toBe('image/avif')
    expect(small.headers.get('etag')).not.toBe(usual.headers.get('etag'))
    expect((await web.get(`/~preview/${slug}/preview`, { accept })).headers.get('content-type')).toBe(
      'image/webp',
    )
  })

  test('answers 304 and 412 to conditions, HEAD without a body, and whole to a range', async () => {
    const { slug } = await picture()
    const path = `/~preview/${slug}/thumb`
    const whole = await web.get(path)
    const etag = whole.headers.get('etag') ?? ''
    const unchanged = await web.get(path, { 'if-none-match': etag })
    expect([unchanged.status, unchanged.text, unchanged.headers.get('etag')]).toEqual([304, '', etag])
    expect((await web.get(path, { 'if-none-match': '"other"' })).status).toBe(200)
    expect((await web.get(path, { 'if-match': '"other"' })).status).toBe(412)
    const head = await web.send('HEAD', path)
    expect([head.status, head.text]).toEqual([200, ''])
    const part = await web.get(path, { range: 'bytes=0-9' })
    expect([part.status, part.bytes.length]).toEqual([200, whole.bytes.length])
  })

  test('counts no download and needs no slot', async () => {
    const file = await picture()
    await web.get(`/~preview/${file.slug}/thumb`)
    expect((await web.now(file))?.downloads).toBe(0)
    expect((await web.now(file))?.lastDownloadedAt).toBeNull()
  })

  test('of a private file is for its owner alone, and for no shared cache', async () => {
    const { slug } = await picture(0)
    const path = `/~preview/${slug}/thumb`
    const { cookie } = await web.signIn('ann')
    const own = await web.get(path, { cookie })
    expect(own.status).toBe(200)
    expect(own.headers.get('cache-control')).toBe('private, max-age=3600, immutable')
    expect(own.headers.get('vary')).toBe('Accept, Cookie')
    expect((await web.get(path)).status).toBe(403)
    expect((await web.get(path, { cookie: (await web.signIn('bob')).cookie })).status).toBe(403)
  })

  test('that is signed opens the picture of that private file and nothing else', async () => {
    const [file, other] = [await picture(0), await picture(0)]
    const path =
      (await web.app.core.previews.ofAll([file], 'thumb', { signed: true })).get(file.id)?.path ?? ''
    const answer = await web.get(path)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([
      200,
      'private, max-age=3600, immutable',
    ])
    expect((await web.get(path.replace('/thumb', '/preview'))).status).toBe(200)
    expect((await web.get(path.replace(file.slug, other.slug))).status).toBe(403)
    expect((await web.get(path.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')))).status).toBe(403)
    expect((await web.get(path.replace(/expires=\d+/, 'expires=x'))).status).toBe(403)
    expect((await web.get(`/${file.slug}${path.slice(path.indexOf('?'))}`)).status).toBe(403)
  })

  test('of what is no picture, is not there or is spelled otherwise is not found', async () => {
    const text = await web.file({ name: 'a.jpg', mimeType: 'image/jpeg' })
    const { slug } = await picture()
    for (const path of [
      `/~preview/${text.slug}/thumb`,
      '/~preview/0000000000/thumb',
      '/~preview/..%2f..%2fetc/thumb',
      `/~preview/${slug}/huge`,
      `/~preview/${slug}/__proto__`,
    ]) {
      const answer = await web.get(path)
      expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([path, 404, 'no-store'])
    }
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await web.send(method, `/~preview/${slug}/thumb`)).status).toBeOneOf([404, 405])
  })

  test('of a file in the trash is gone', async () => {
    const file = await picture()
    await web.app.metadata.files.trash(web.ann.id, file.id, new Date())
    expect((await web.get(`/~preview/${file.slug}/thumb`)).status).toBe(404)
  })
})

describe('AVIF', () => {
  for (const accept of ['image/avif', 'image/webp, IMAGE/AVIF;q=0.5', 'image/avif;q=1.0,*/*'])
    test(`is taken by ${accept}`, () => expect(takesAvif(accept)).toBe(true))
  for (const accept of [
    null,
    '',
    '*/*',
    'image/*',
    'image/webp',
    'image/avif;q=0',
    'image/avif; q=0.0',
    'image/avifx',
  ])
    test(`is not taken by ${accept}`, () => expect(takesAvif(accept)).toBe(false))
})
