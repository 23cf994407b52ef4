import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import type { Account, FileRecord, PreviewSize, Visibility } from '../../src/core/model.ts'
import type { MakingOutcome, PreviewMaker, PreviewWish } from '../../src/core/preview-maker.ts'
import {
  type CoreUnderTest,
  coresUnderTest,
  errorOf,
  failOnce,
  faultOf,
  OUTAGE,
  outage,
} from './core-under-test.ts'

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3)
const GIF = new TextEncoder().encode('GIF89a and so on')

interface Hands extends PreviewMaker {
  wishes: PreviewWish[]
  /** What the next ones come to; pictures when there is nothing. */
  next: Array<MakingOutcome | Fault | Promise<MakingOutcome>>
}

/** Makes pictures that say what was wanted. */
function hands(): Hands {
  const made: Hands = {
    wishes: [],
    next: [],
    async make(wish) {
      made.wishes.push(wish)
      const outcome = made.next.shift()
      if (outcome instanceof Fault) throw outcome
      const bytes = new TextEncoder().encode(`${wish.format} ${wish.edge}`)
      return outcome ?? { bytes, width: wish.edge, height: wish.edge / 2 }
    },
    async close() {},
  }
  return made
}

const cores = coresUnderTest()

interface Scene extends CoreUnderTest {
  maker: Hands
  ann: Account
  file(
    bytes?: Uint8Array,
    more?: { name?: string; visibility?: Visibility; uses?: number },
  ): Promise<FileRecord>
  look(
    file: FileRecord,
    options?: { size?: PreviewSize; avif?: boolean; visitor?: Account | null },
  ): Promise<string>
}

async function scene(): Promise<Scene> {
  const maker = hands()
  const under = await cores({ previewMaker: maker })
  const ann = await under.account('ann')
  return {
    ...under,
    maker,
    ann,
    async file(bytes = JPEG, { name = 'a.jpg', visibility = 1, uses } = {}) {
      const content = { name, leastSize: bytes.length, mimeType: null, folderId: null, visibility, uses }
      const body = (async function* () {
        yield bytes
      })()
      return (await under.core.ingest.receive(ann, { ...content, source: 'api', uploadedIp: null }, body))
        .file
    },
    async look({ slug }, { size = 'thumb', avif = false, visitor = null } = {}) {
      const { bytes } = await under.core.previews.open({ slug, size, avif, visitor, pass: null })
      return new TextDecoder().decode(bytes)
    },
  }
}

describe('a preview', () => {
  test('is made at the first look and kept beside the original', async () => {
    const { file, look, maker, storage, problems, metadata } = await scene()
    const picture = await file()
    expect(await look(picture)).toBe('webp 256')
    expect(await look(picture)).toBe('webp 256')
    expect(await look(picture, { size: 'preview' })).toBe('webp 1600')
    expect(maker.wishes.map(({ kind, edge }) => `${kind} ${edge}`)).toEqual(['jpeg 256', 'jpeg 1600'])
    const [kept] = await metadata.previews.find(picture.objectId, 'thumb')
    expect(await storage.head(kept?.key ?? '')).toMatchObject({ size: 8 })
    expect(await problems()).toEqual([])
  })

  test('is AVIF for who takes it where it is small, and WebP for everybody else', async () => {
    const { file, look } = await scene()
    const picture = await file()
    expect(await look(picture, { avif: true })).toBe('avif 256')
    expect(await look(picture)).toBe('webp 256')
    expect(await look(picture, { avif: true })).toBe('avif 256')
    expect(await look(picture, { avif: true, size: 'preview' })).toBe('webp 1600')
  })

  test('of what may move is WebP for everybody', async () => {
    const { file, look, maker } = await scene()
    const picture = await file(GIF, { name: 'a.gif' })
    expect(await look(picture, { avif: true })).toBe('webp 256')
    expect(await look(picture, { avif: true })).toBe('webp 256')
    expect(maker.wishes).toHaveLength(1)
  })

  test('is told by the first bytes, whatever the name says', async () => {
    const { file, look, maker } = await scene()
    expect(await look(await file(JPEG, { name: 'report.pdf' }))).toBe('webp 256')
    const zip = await file(new TextEncoder().encode('PK\u0003\u0004 in a coat'), { name: 'zip.jpg' })
    await faultOf(look(zip), 'file_not_found')
    await faultOf(look(zip), 'file_not_found')
    expect(maker.wishes).toHaveLength(1)
  })

  test('that many ask for at once is made once', async () => {
    const { file, look, maker } = await scene()
    const picture = await file()
    const seen = await Promise.all(Array.from({ length: 20 }, () => look(picture)))
    expect(new Set(seen)).toEqual(new Set(['webp 256']))
    expect(maker.wishes).toHaveLength(1)
  })

  test('that is impossible is not tried again', async () => {
    const { file, look, maker, core } = await scene()
    const picture = await file()
    maker.next.push('impossible')
    await faultOf(look(picture), 'file_not_found')
    await faultOf(look(picture, { avif: true }), 'file_not_found')
    expect(maker.wishes).toHaveLength(1)
    expect(await core.previews.of(picture, 'thumb')).toBeNull()
  })

  test('that failed is tried once more', async () => {
    const { file, look, maker } = await scene()
    const picture = await file()
    maker.next.push('failed', 'failed')
    expect((await faultOf(look(picture), 'unavailable')).retryAfter).toBe(10)
    await faultOf(look(picture), 'file_not_found')
    await faultOf(look(picture), 'file_not_found')
    expect(maker.wishes).toHaveLength(2)
  })

  test('that failed once can be made the next time', async () => {
    const { file, look, maker } = await scene()
    const picture = await file()
    maker.next.push('failed')
    await faultOf(look(picture), 'unavailable')
    expect(await look(picture)).toBe('webp 256')
  })

  test('that cannot be made now is made later, and nothing is remembered', async () => {
    const { file, look, maker, metadata } = await scene()
    const picture = await file()
    maker.next.push(new Fault('unavailable', undefined, { retryAfter: 5 }))
    await faultOf(look(picture), 'unavailable')
    expect(await metadata.previews.of(picture.objectId)).toEqual([])
    expect(await look(picture)).toBe('webp 256')
  })

  test('in AVIF that cannot be made now is shown in WebP when that is there', async () => {
    const { file, look, maker } = await scene()
    const picture = await file()
    await look(picture)
    maker.next.push(new Fault('unavailable'))
    expect(await look(picture, { avif: true })).toBe('webp 256')
  })

  test('whose bytes are lost is made again', async () => {
    const { file, look, storage, metadata, problems, restart } = await scene()
    const picture = await file()
    await look(picture)
    const [kept] = await metadata.previews.of(picture.objectId)
    await storage.delete(kept?.key ?? '')
    expect(await problems()).toEqual([`missing_preview ${kept?.key}`])
    const { previews } = await restart()
    const visit = { slug: picture.slug, size: 'thumb', avif: false, visitor: null, pass: null } as const
    expect((await previews.open(visit)).preview.key).not.toBe(kept?.key ?? '')
    expect(await problems()).toEqual([])
  })

  test('whose bytes are lost is forgotten by a repair', async () => {
    const { file, look, storage, metadata, problems } = await scene()
    const picture = await file()
    await look(picture)
    const [kept] = await metadata.previews.of(picture.objectId)
    await storage.delete(kept?.key ?? '')
    expect(await problems(true)).toHaveLength(1)
    expect(await problems()).toEqual([])
    expect(await metadata.previews.of(picture.objectId)).toEqual([])
  })

  test('leaves nothing when it cannot be written or recorded', async () => {
    const { file, look, storage, metadata, problems } = await scene()
    const picture = await file()
    failOnce(storage, 'put')
    expect(await errorOf(look(picture))).toEqual(OUTAGE)
    failOnce(metadata.previews, 'add', outage())
    expect(await errorOf(look(picture))).toEqual(OUTAGE)
    expect(await problems()).toEqual([])
    expect(await metadata.objects.announced(new Date('2100-01-01'), 10)).toEqual([])
    expect(await look(picture)).toBe('webp 256')
  })

  test('of a file that goes while it is being made is not kept', async () => {
    const { file, look, maker, metadata, core, problems, clock, ann } = await scene()
    const picture = await file()
    const slow = Promise.withResolvers<MakingOutcome>()
    maker.next.push(slow.promise)
    const looking = faultOf(look(picture), 'file_not_found')
    while (maker.wishes.length === 0) await Bun.sleep(1)
    await metadata.files.remove(ann.id, picture.id)
    clock.advance(1)
    await core.sweeper.sweep()
    slow.resolve({ bytes: JPEG, width: 1, height: 1 })
    await looking
    expect(await problems()).toEqual([])
    expect(await metadata.objects.announced(new Date('2100-01-01'), 10)).toEqual([])
  })

  test('goes with its object, and stays as long as a copy is there', async () => {
    const { file, look, core, metadata, storage, ann, problems } = await scene()
    const picture = await file()
    await look(picture)
    await look(picture, { avif: true, size: 'preview' })
    const copy = { slug: 'copycopyco', deleteKey: crypto.randomUUID(), folderId: null, createdAt: new Date() }
    const second = await metadata.files.copy(ann.id, picture.id, copy, { maxStorageBytes: 0 })
    await metadata.files.remove(ann.id, picture.id)
    await core.sweeper.sweep()
    expect(await look(second)).toBe('webp 256')
    await metadata.files.remove(ann.id, second.id)
    await core.sweeper.sweep()
    const left: string[] = []
    for await (const { key } of storage.list()) left.push(key)
    expect(left).toEqual([])
    expect(await metadata.previews.of(picture.objectId)).toEqual([])
    expect(await problems()).toEqual([])
  })

  test('does not count against the quota', async () => {
    const { file, look, metadata, ann } = await scene()
    await look(await file())
    expect((await metadata.accounts.find(ann.id))?.storageUsed).toBe(JPEG.length)
  })
})

describe('who may see it', () => {
  test('whoever may see the page of the file, and nobody else', async () => {
    const { file, look, ann, account } = await scene()
    const picture = await file(JPEG, { visibility: 0 })
    expect(await look(picture, { visitor: ann })).toBe('webp 256')
    await faultOf(look(picture), 'not_public')
    await faultOf(look(picture, { visitor: await account('bob') }), 'not_public')
  })

  test('nobody, of a file with a number of uses', async () => {
    const { file, look, core } = await scene()
    const picture = await file(JPEG, { uses: 2 })
    await faultOf(look(picture), 'file_not_found')
    expect(await core.previews.of(picture, 'thumb')).toBeNull()
  })

  test('nobody, of a file in the trash', async () => {
    const { file, look, metadata, ann } = await scene()
    const picture = await file()
    await metadata.files.trash(ann.id, picture.id, new Date())
    await faultOf(look(picture), 'file_removed')
  })

  test('the visitor of a folder that was opened, by a signed address, until it ends', async () => {
    const { file, core, clock } = await scene()
    const picture = await file(JPEG, { visibility: 0 })
    const path = (await core.previews.ofAll([picture], 'thumb', { signed: true })).get(picture.id)?.path ?? ''
    const query = new URL(path, 'http://x').searchParams
    const pass = { expires: Number(query.get('expires')), signature: query.get('signature') ?? '' }
    const visit = { slug: picture.slug, size: 'thumb', avif: false, visitor: null } as const
    expect((await core.previews.open({ ...visit, pass })).isPublic).toBe(false)
    const later = { ...pass, expires: pass.expires + 1 }
    await faultOf(core.previews.open({ ...visit, pass: later }), 'signature_invalid')
    const other = await file(JPEG, { visibility: 0 })
    await faultOf(core.previews.open({ ...visit, slug: other.slug, pass }), 'signature_invalid')
    clock.advance(2 * 86_400)
    await faultOf(core.previews.open({ ...visit, pass }), 'signature_expired')
  })
})

describe('what pages are told', () => {
  test('the address of each picture, with its size once it is made', async () => {
    const { file, look, core } = await scene()
    const [made, fresh] = [await file(), await file()]
    const text = await file(new TextEncoder().encode('words'), { name: 'words.txt' })
    await look(made, { avif: true })
    expect(await core.previews.ofAll([made, fresh, text], 'thumb')).toEqual(
      new Map([
        [made.id, { path: `/~preview/${made.slug}/thumb`, width: 256, height: 128 }],
        [fresh.id, { path: `/~preview/${fresh.slug}/thumb`, width: null, height: null }],
      ]),
    )
  })

  test('nothing where previews are turned off', async () => {
    const { core, account } = await cores()
    const ann = await account('ann')
    const body = (async function* () {
      yield JPEG
    })()
    const content = { name: 'a.jpg', leastSize: 7, mimeType: null, folderId: null, visibility: 1 as const }
    const { file } = await core.ingest.receive(ann, { ...content, source: 'api', uploadedIp: null }, body)
    expect(await core.previews.of(file, 'thumb')).toBeNull()
    const visit = { slug: file.slug, size: 'thumb' as const, avif: false, visitor: null, pass: null }
    await faultOf(core.previews.open(visit), 'file_not_found')
  })
})

describe('after an upload', () => {
  test('pictures are made one after the other, and what fails keeps nothing from the rest', async () => {
    const { file, core, maker, metadata } = await scene()
    maker.next.push(new Fault('unavailable'))
    const files = [await file(), await file(), await file(GIF, { name: 'a.gif' })]
    await file(new TextEncoder().encode('words'), { name: 'words.txt' })
    const stop = new AbortController()
    const work = core.previews.work(stop.signal)
    while (maker.wishes.length < 5) await Bun.sleep(1)
    stop.abort()
    await work
    const kept = await Promise.all(files.map(({ objectId }) => metadata.previews.of(objectId)))
    const names = kept.map((all) =>
      all
        .filter(({ key }) => key)
        .map(({ size, format }) => `${size} ${format}`)
        .sort(),
    )
    expect(names).toEqual([[], ['preview webp', 'thumb avif'], ['preview webp', 'thumb webp']])
  })

  test('the work ends at once when it is told to', async () => {
    const { core } = await scene()
    const stop = new AbortController()
    const work = core.previews.work(stop.signal)
    stop.abort()
    await work
    await core.previews.work(stop.signal)
  })
})
