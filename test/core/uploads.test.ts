import { describe, expect, spyOn, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import type { UploadRequest } from '../../src/core/upload-request.ts'
import { md5 } from '../support/upload.ts'
import {
  type CoreUnderTest,
  coresUnderTest,
  errorOf,
  failOnce,
  faultOf,
  guest,
  OUTAGE,
  principalOf,
  SESSION_TTL,
} from './core-under-test.ts'
import {
  begin,
  bytesOf,
  complete,
  partOf,
  put,
  report,
  requestFor,
  send,
  states,
  upload,
} from './upload-steps.ts'

const open = coresUnderTest()

const staged = ({ storage }: CoreUnderTest) => Array.fromAsync(storage.listUploads())

async function withAccount(packageName?: string) {
  const product = await open()
  return { product, by: principalOf(await product.account('ann', packageName)) }
}

describe('a new session', () => {
  test('is pending, lives two hours and has the size of its parts', async () => {
    const { product, by } = await withAccount()
    const session = await product.core.uploads.create(
      by,
      requestFor(250, { filename: '../a.txt', mimeType: 'Text/Plain; x', checksumSha256: 'AB'.repeat(32) }),
    )
    expect(session).toMatchObject({
      id: expect.stringMatching(/^ups_[0-9a-f]{20}$/),
      accountId: by.account?.id,
      status: 'pending',
      filename: 'a.txt',
      mimeType: 'text/plain',
      checksumSha256: 'ab'.repeat(32),
      expectedSize: 250,
      partSize: 100,
      reservedBytes: 250,
      uploadedBytes: 0,
      completedParts: 0,
      fileId: null,
    })
    expect(session.expiresAt.getTime() - session.createdAt.getTime()).toBe(SESSION_TTL * 1000)
  })

  const refused: Array<[what: string, fields: Partial<UploadRequest>, code: Fault['code'], message: string]> =
    [
      ['no name', { filename: ' ' }, 'invalid', 'A filename is required.'],
      ['a size of nothing', { size: 0 }, 'invalid', 'Upload size must be greater than zero.'],
      ['a negative size', { size: -1 }, 'invalid', 'Upload size must be greater than zero.'],
      ['half a byte', { size: 0.5 }, 'invalid', 'Upload size must be greater than zero.'],
      ['no size', { size: Number.NaN }, 'invalid', 'Upload size must be greater than zero.'],
      [
        'a size beyond all numbers',
        { size: 2 ** 60 },
        'file_too_large',
        'File exceeds your package upload limit.',
      ],
      [
        'a size beyond 10,000 parts of 5 GiB',
        { size: 10_000 * 5 * 2 ** 30 + 1 },
        'file_too_large',
        'File exceeds your package upload limit.',
      ],
      [
        'a blocked extension',
        { filename: 'a.Exe' },
        'extension_refused',
        'Security Error: file type (.exe) is not allowed.',
      ],
      ['a folder that is not there', { folderId: 99 }, 'invalid', 'Folder not found.'],
      ['a folder with an impossible id', { folderId: -1 }, 'invalid', 'Folder not found.'],
    ]
  test.each(refused)('is refused for %s, and nothing is staged', async (_what, fields, code, message) => {
    const { product, by } = await withAccount()
    const fault = await faultOf(product.core.uploads.create(by, requestFor(1, fields)), code)
    expect(fault.message).toBe(message)
    expect(await staged(product)).toEqual([])
  })

  test('tells the first thing that is wrong', async () => {
    const product = await open()
    await product.core.packages.add('None', { can_upload: '0', max_upload_size: '10' })
    const by = principalOf(await product.account('ann', 'None'))
    const wrong = { filename: '', size: 0, folderId: 99 }
    const messages: string[] = []
    for (const repair of [{}, { filename: 'a.exe' }, { size: 100 }, { filename: 'a.txt' }]) {
      Object.assign(wrong, repair)
      const request = { ...requestFor(1), ...wrong }
      messages.push((await faultOf(product.core.uploads.create(by, request))).message)
    }
    await product.core.packages.set('None', { can_upload: '1' })
    messages.push((await faultOf(product.core.uploads.create(by, { ...requestFor(1), ...wrong }))).message)
    await product.core.packages.set('None', { max_upload_size: '100' })
    messages.push((await faultOf(product.core.uploads.create(by, { ...requestFor(1), ...wrong }))).message)
    expect(messages).toEqual([
      'A filename is required.',
      'Upload size must be greater than zero.',
      'Security Error: file type (.exe) is not allowed.',
      'Your package does not allow uploads.',
      'File exceeds your package upload limit.',
      'Folder not found.',
    ])
  })

  test('goes into a folder of the owner only, and a guest has none', async () => {
    const { product, by } = await withAccount()
    const folder = await product.core.folders.create(by.account, { name: 'mine', parentId: null })
    const request = requestFor(10, { folderId: folder.id })
    expect((await product.core.uploads.create(by, request)).folderId).toBe(folder.id)
    const stranger = principalOf(await product.account('bob'))
    await faultOf(product.core.uploads.create(stranger, request), 'invalid')
    const fault = await faultOf(product.core.uploads.create(guest, request), 'invalid')
    expect(fault.message).toBe('Guests cannot upload into private folders.')
  })
})

describe('what the records refuse', () => {
  test('is not staged: a guest’s upload beyond what its address may send a day', async () => {
    const product = await open({ guestBytesPerDay: 300 })
    await upload(product, guest, 299)
    const later = await begin(product, guest, 300)
    await upload(product, guest, 1)
    const fault = await faultOf(product.core.uploads.create(guest, requestFor(1)), 'guest_allowance_used')
    expect(fault.retryAfter).toBe(3600)
    await faultOf(
      product.core.uploads.create({ ...guest, ip: '::1' }, requestFor(301)),
      'guest_allowance_used',
    )
    expect(await staged(product)).toHaveLength(1)
    await product.core.uploads.abort(guest, later.session.id)
    await begin(product, { ...guest, ip: '::1' }, 300)
    await begin(product, principalOf(await product.account('ann')), 1000)
    product.clock.advance(86_401)
    await begin(product, guest, 300)
  })

  test('is not staged: too many sessions', async () => {
    const product = await open()
    await product.core.packages.add('One', { concurrent_uploads: '1' })
    const by = principalOf(await product.account('ann', 'One'))
    const { session } = await begin(product, by, 10)
    await faultOf(begin(product, by, 10), 'too_many_uploads')
    expect(await staged(product)).toHaveLength(1)
    await product.core.uploads.abort(by, session.id)
    await begin(product, by, 10)
  })

  test('is not staged: more than the quota, whatever is asked for at once', async () => {
    const product = await open()
    await product.core.packages.add('Small', { max_storage_bytes: '1000' })
    const by = principalOf(await product.account('ann', 'Small'))
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => begin(product, by, 300)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(900)
    expect(await staged(product)).toHaveLength(3)
    await faultOf(begin(product, by, 101), 'quota_exceeded')
    await begin(product, by, 100)
    expect(await product.problems()).toEqual([])
  })

  test('is not staged: more than the storage has room for', async () => {
    const { product, by } = await withAccount()
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 1000)
    await begin(product, by, 600)
    await faultOf(begin(product, by, 401), 'no_space')
    await faultOf(begin(product, by, 1001), 'no_space')
    expect(await staged(product)).toHaveLength(1)
    await begin(product, by, 400)
  })

  test('is told in its order, also when one file is more than the whole storage', async () => {
    const product = await open()
    await product.core.packages.add('Tiny', { max_storage_bytes: '100', concurrent_uploads: '1' })
    const by = principalOf(await product.account('ann', 'Tiny'))
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 50)
    await faultOf(begin(product, by, 101), 'quota_exceeded')
    await faultOf(begin(product, by, 51), 'no_space')
    await begin(product, by, 50)
    await faultOf(begin(product, by, 101), 'too_many_uploads')
    expect(product.log.events).toEqual([])
  })

  test('the room that must stay free is no room', async () => {
    const product = await open({ uploads: { minFree: 900 } })
    const by = principalOf(await product.account('ann'))
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 1000)
    await faultOf(begin(product, by, 101), 'no_space')
    await begin(product, by, 100)
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 10)
    await faultOf(begin(product, by, 1), 'no_space')
  })

  test('a storage without an end has room for everything', async () => {
    const { product, by } = await withAccount()
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => null)
    expect((await begin(product, by, 2 ** 20)).session.status).toBe('pending')
  })

  test('is told even when the staging cannot be removed, which the next start does', async () => {
    const product = await open()
    await product.core.packages.add('Small', { max_storage_bytes: '10' })
    const by = principalOf(await product.account('ann', 'Small'))
    failOnce(product.storage, 'abortUpload')
    await faultOf(begin(product, by, 11), 'quota_exceeded')
    expect(product.log.events).toEqual(['warn staging_left'])
    expect(await product.problems()).toEqual([expect.stringContaining('orphan_staging')])
    await (await product.core.sweeper.recover())()
    expect(await staged(product)).toEqual([])
    expect(await product.problems()).toEqual([])
  })

  test('and what the storage refuses leaves no record and no reservation', async () => {
    const { product, by } = await withAccount()
    failOnce(product.storage, 'createUpload', new Fault('storage_full'))
    await faultOf(begin(product, by, 10), 'storage_full')
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(0)
  })
})

describe('a managed session', () => {
  test('signs the parts there are and leaves the others out', async () => {
    const { product, by } = await withAccount()
    const numbers = [3, 1, 3, 0, 4, -1, 1.5, Number.NaN, 2 ** 40]
    const { session, parts } = await product.core.uploads.createManaged(by, requestFor(250), numbers, 60)
    expect(parts.map(({ number, size, expiresIn }) => [number, size, expiresIn])).toEqual([
      [3, 50, 60],
      [1, 100, 60],
    ])
    expect(states(await product.metadata.uploads.parts(session.id))).toEqual(['1', '3'])
    expect(session.status).toBe('pending')
  })

  test('is not made when no part number is valid', async () => {
    const { product, by } = await withAccount()
    for (const numbers of [[], [0], [4, 5], [Number.NaN]])
      await faultOf(
        product.core.uploads.createManaged(by, requestFor(250), numbers, 60),
        'part_number_invalid',
      )
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect(await staged(product)).toEqual([])
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(0)
  })

  test('takes a list of ten thousand numbers and repetitions of them', async () => {
    const { product, by } = await withAccount()
    const numbers = Array.from({ length: 30_000 }, (_, index) => (index % 10_000) + 1)
    const { session, parts } = await product.core.uploads.createManaged(
      by,
      requestFor(1_000_000),
      numbers,
      60,
    )
    expect(parts).toHaveLength(10_000)
    expect(new Set(parts.map(({ url }) => url)).size).toBe(10_000)
    expect(await product.metadata.uploads.parts(session.id)).toHaveLength(10_000)
  })

  test('whose parts could not be signed leaves nothing once it has expired', async () => {
    const { product, by } = await withAccount()
    failOnce(product.metadata.uploads, 'signParts')
    const made = product.core.uploads.createManaged(by, requestFor(250), [1], 60)
    expect(await errorOf(made)).toEqual(OUTAGE)
    product.clock.advance(SESSION_TTL)
    expect(await product.core.sweeper.sweep()).toMatchObject({ expired: 1, discarded: 1 })
    expect(await staged(product)).toEqual([])
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(0)
    expect(await product.problems()).toEqual([])
  })
})

describe('a signed part', () => {
  /** What the URL of a signed part carries. */
  const fromUrl = (url: string) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    return {
      session: pathname.split('/').at(-1) ?? '',
      number: Number(searchParams.get('partNumber')),
      expires: Number(searchParams.get('expires')),
      signature: searchParams.get('signature') ?? '',
    }
  }

  async function signed() {
    const { product, by } = await withAccount()
    const begun = await begin(product, by, 250)
    const [part] = await product.core.uploads.sign(by, begun.session.id, [1], 60)
    const bytes = partOf(begun.session, begun.data, 1)
    const sent = () => ({ ...fromUrl(part?.url ?? ''), length: 100, body: bytesOf(bytes) })
    return { product, by, ...begun, bytes, sent }
  }

  test('is taken without any other credential', async () => {
    const { product, sent, bytes } = await signed()
    expect(await product.core.uploads.putSignedPart(sent())).toEqual({ etag: md5(bytes), size: 100 })
  })

  test('is refused for another number, session or expiry', async () => {
    const { product, by, sent } = await signed()
    const other = await begin(product, by, 250)
    for (const change of [{ number: 2 }, { session: other.session.id }, { expires: sent().expires + 1 }])
      await faultOf(product.core.uploads.putSignedPart({ ...sent(), ...change }), 'signature_invalid')
  })

  test('is refused when its URL has expired or its session has ended', async () => {
    const { product, by, session, sent } = await signed()
    product.clock.advance(60)
    await faultOf(product.core.uploads.putSignedPart(sent()), 'signature_expired')
    const [fresh] = await product.core.uploads.sign(by, session.id, [1], 60)
    await product.core.uploads.abort(by, session.id)
    const late = { ...fromUrl(fresh?.url ?? ''), length: 100, body: bytesOf(new Uint8Array(100)) }
    await faultOf(product.core.uploads.putSignedPart(late), 'parts_closed')
  })

  test('can be signed again without losing what was sent', async () => {
    const { product, by, session, sent } = await signed()
    await product.core.uploads.putSignedPart(sent())
    await product.core.uploads.sign(by, session.id, [1, 2], 60)
    expect(states(await product.metadata.uploads.parts(session.id))).toEqual(['1 stored', '2'])
  })

  test('needs a number, and only numbers there are', async () => {
    const { product, by, session } = await signed()
    const { uploads } = product.core
    expect((await faultOf(uploads.sign(by, session.id, [], 60), 'invalid')).field).toBe('part_numbers')
    for (const numbers of [[0], [1, 4], [1.5], [Number.NaN], Array.from({ length: 10_001 }, () => 1)])
      await faultOf(uploads.sign(by, session.id, numbers, 60), 'part_number_invalid')
    await uploads.abort(by, session.id)
    await faultOf(uploads.sign(by, session.id, [1], 60), 'sign_closed')
    expect(await uploads.signAgain(by, session.id, [1], 60)).toBeNull()
  })

  test.each([
    [0, 1],
    [-5, 1],
    [1.9, 1],
    [604_801, 604_800],
    [Number.POSITIVE_INFINITY, 604_800],
    [Number.NaN, 3600],
  ])('asked for %p seconds lives %p', async (asked, given) => {
    const { product, by, session } = await signed()
    const [part] = await product.core.uploads.sign(by, session.id, [1], asked)
    expect(part?.expiresIn).toBe(given)
    expect(fromUrl(part?.url ?? '').expires).toBe(product.clock.now().getTime() / 1000 + given)
  })
})

describe('a report', () => {
  test('counts a part once, however often it comes', async () => {
    const { product, by } = await withAccount()
    const { session, data } = await begin(product, by, 250)
    await send(product, by, { session, data }, [3])
    const again = await report(product, by, session, 3, partOf(session, data, 3))
    expect(again.session).toMatchObject({ status: 'uploading', uploadedBytes: 50, completedParts: 1 })
    expect(states(again.parts)).toEqual(['3 stored reported'])
  })

  test('that is not what was stored changes nothing', async () => {
    const { product, by } = await withAccount()
    const { session, data } = await begin(product, by, 250)
    const bytes = partOf(session, data, 1)
    await faultOf(report(product, by, session, 1, bytes), 'part_mismatch')
    await put(product, by, session, 1, bytes)
    const right = { number: 1, etag: md5(bytes), size: 100, checksumSha256: null }
    for (const change of [{ etag: md5(data) }, { etag: '' }, { size: 99 }, { size: Number.NaN }])
      await faultOf(product.core.uploads.report(by, session.id, { ...right, ...change }), 'part_mismatch')
    for (const number of [0, 4, Number.NaN])
      await faultOf(product.core.uploads.report(by, session.id, { ...right, number }), 'part_number_invalid')
    const { session: after } = await product.core.uploads.get(by, session.id)
    expect(after).toMatchObject({ uploadedBytes: 0, completedParts: 0 })
  })

  test('of a closed session is refused', async () => {
    const { product, by } = await withAccount()
    const begun = await begin(product, by, 250)
    await send(product, by, begun)
    await product.core.uploads.abort(by, begun.session.id)
    await faultOf(report(product, by, begun.session, 1, begun.data.subarray(0, 100)), 'parts_closed')
  })
})

describe('a session', () => {
  test('is reached by its owner only', async () => {
    const { product, by } = await withAccount()
    const bob = principalOf(await product.account('bob'))
    const { session } = await begin(product, by, 250)
    const byGuest = await begin(product, guest, 250)
    const { uploads } = product.core
    for (const [who, id] of [
      [bob, session.id],
      [guest, session.id],
      [by, byGuest.session.id],
      [by, 'ups_ffffffffffffffffffff'],
      [by, "' OR 1=1 --"],
      [by, ''],
    ] as const) {
      for (const attempt of [
        () => uploads.get(who, id),
        () => uploads.sign(who, id, [1], 60),
        () => uploads.abort(who, id),
        () => uploads.complete(who, id, { checksumSha256: null, retried: true }),
        () => uploads.putPart(who, id, { number: 1, length: 100, body: bytesOf(new Uint8Array(100)) }),
        () => uploads.report(who, id, { number: 1, etag: '', size: 100, checksumSha256: null }),
      ])
        await faultOf(attempt(), 'upload_not_found')
    }
    expect((await uploads.get({ ...guest, ip: '10.0.0.1' }, byGuest.session.id)).session.status).toBe(
      'pending',
    )
  })

  test('is kept alive by looking at it when less than half of its time is left', async () => {
    const { product, by } = await withAccount()
    const { session } = await begin(product, by, 250)
    product.clock.advance(SESSION_TTL / 2)
    expect((await product.core.uploads.get(by, session.id)).session.expiresAt).toEqual(session.expiresAt)
    product.clock.advance(1)
    const { session: seen } = await product.core.uploads.get(by, session.id)
    expect(seen.expiresAt.getTime()).toBe(product.clock.now().getTime() + SESSION_TTL * 1000)
    expect((await product.metadata.uploads.find(session.id))?.expiresAt).toEqual(seen.expiresAt)
  })

  test('expires on the second and is then closed to everything but a look and an abort', async () => {
    const { product, by } = await withAccount()
    const { session } = await begin(product, by, 250)
    product.clock.advance(SESSION_TTL)
    const { uploads } = product.core
    expect((await uploads.get(by, session.id)).session).toMatchObject({ status: 'expired', reservedBytes: 0 })
    await faultOf(uploads.sign(by, session.id, [1], 60), 'sign_closed')
    await faultOf(put(product, by, session, 1, new Uint8Array(100)), 'parts_closed')
    await faultOf(complete(product, by, session), 'complete_closed')
    expect((await uploads.abort(by, session.id)).status).toBe('expired')
  })

  test('can be aborted again and again, but not when it is completed', async () => {
    const { product, by } = await withAccount()
    const { session } = await begin(product, by, 250)
    for (let times = 0; times < 3; times++)
      expect((await product.core.uploads.abort(by, session.id)).status).toBe('aborted')
    const done = await upload(product, by, 250)
    await faultOf(product.core.uploads.abort(by, done.session.id), 'abort_closed')
  })
})

describe('uploads', () => {
  test('can be switched off for everybody, and for guests', async () => {
    const off = await open({ uploads: { enabled: false } })
    expect(() => off.core.uploads.requireEnabled()).toThrow(
      expect.objectContaining({ code: 'uploads_disabled' }),
    )
    expect(() => off.core.uploads.requireAllowed(guest)).toThrow(
      expect.objectContaining({ code: 'uploads_disabled' }),
    )
    const members = await open({ uploads: { guests: false } })
    expect(() => members.core.uploads.requireAllowed(guest)).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    )
    const by = principalOf(await members.account('ann'))
    expect(() => members.core.uploads.requireAllowed(by)).not.toThrow()
  })
})
