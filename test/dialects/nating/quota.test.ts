/** What an account may keep, and what happens when many ask at once. */
import { describe, expect, test } from 'bun:test'
import { complete, openUpload, sampleBytes, sendParts, uploadFile } from '../../support/upload.ts'
import { refusal, SESSIONS, scenario } from './scenario.ts'

const QUOTA: [number, string] = [422, 'This upload would exceed your storage quota.']
const TOO_MANY: [number, string] = [
  422,
  'You already have the maximum number of active uploads for your package.',
]

describe('the storage quota', () => {
  const given = scenario()
  const create = (size: number, token = given.ann.token) =>
    given.call('POST', SESSIONS, { filename: 'a', size }, { token })
  const limit = (bytes: number) => given.app.core.packages.set('Gold', { max_storage_bytes: String(bytes) })
  const ledgerOf = async (name: string) =>
    (await given.app.metadata.accounts.ledgers()).find((ledger) => ledger.name === name) ?? null

  test('is never overshot by fifty creations at once', async () => {
    await limit(10_000)
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(999)))
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(10)
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(refusal(answer)).toEqual(QUOTA)
    expect(await ledgerOf('ann')).toMatchObject({ storageReserved: 9990, reservationsTotal: 9990 })
    expect(await given.app.metadata.uploads.staged()).toHaveLength(10)
  })

  test('is met exactly, and not by one byte more', async () => {
    await limit(1000)
    expect(refusal(await create(1001))).toEqual(QUOTA)
    expect((await create(1000)).status).toBe(201)
    expect(refusal(await create(1))).toEqual(QUOTA)
  })

  test('counts files and reservations together', async () => {
    await limit(1000)
    await uploadFile(given.app, given.ann.token, sampleBytes(600))
    expect(refusal(await create(401))).toEqual(QUOTA)
    const open = await create(400)
    expect(refusal(await create(1))).toEqual(QUOTA)
    await given.call('POST', `${SESSIONS}/${open.json.session.public_id}/abort`)
    expect((await create(400)).status).toBe(201)
    expect(await ledgerOf('ann')).toMatchObject({ storageUsed: 600, storageReserved: 400 })
  })

  test('is released by a failure, an expiry and an abort', async () => {
    await limit(100)
    const data = sampleBytes(100)
    const failed = await openUpload(given.app, given.ann.token, data)
    await sendParts(given.app, given.ann.token, failed)
    await complete(given.app, given.ann.token, failed.id, { checksum_sha256: '0'.repeat(64) })
    await openUpload(given.app, given.ann.token, data)
    given.app.clock.advance(7200)
    await given.app.core.sweeper.sweep()
    const aborted = await openUpload(given.app, given.ann.token, data)
    await given.call('POST', `${SESSIONS}/${aborted.id}/abort`)
    await uploadFile(given.app, given.ann.token, data)
    expect(await ledgerOf('ann')).toMatchObject({ storageUsed: 100, storageReserved: 0, filesTotal: 100 })
  })

  test('belongs to each account alone', async () => {
    await limit(1000)
    expect((await create(1000)).status).toBe(201)
    expect((await create(1000, given.bob.token)).status).toBe(201)
  })

  test('of a smaller package refuses what is new and keeps what is there', async () => {
    const id = await uploadFile(given.app, given.ann.token, sampleBytes(600))
    await limit(500)
    expect(refusal(await create(1))).toEqual(QUOTA)
    expect((await given.call('GET', `/api/v1/files/${id}`)).status).toBe(200)
  })

  test('refuses before it looks at anything that costs', async () => {
    await limit(10)
    const body = { filename: 'a', size: 11, part_numbers: [1] }
    expect(refusal(await given.call('POST', '/api/v1/uploads/managed', body))).toEqual(QUOTA)
    expect(await given.app.metadata.uploads.staged()).toEqual([])
  })
})

describe('uploads at the same time', () => {
  const given = scenario()

  test('are counted while they are open, however many are asked for at once', async () => {
    await given.app.core.packages.set('Gold', { concurrent_uploads: '3' })
    const create = () => given.call('POST', SESSIONS, { filename: 'a', size: 5 })
    const answers = await Promise.all(Array.from({ length: 20 }, create))
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(3)
    expect(refusal(await create())).toEqual(TOO_MANY)
    expect(
      (await given.call('POST', SESSIONS, { filename: 'a', size: 5 }, { token: given.bob.token })).status,
    ).toBe(201)
    await given.call('POST', `${SESSIONS}/${made[0]?.json.session.public_id}/abort`)
    expect((await create()).status).toBe(201)
  })

  test('end with their completion', async () => {
    await given.app.core.packages.set('Gold', { concurrent_uploads: '1' })
    for (let time = 0; time < 3; time++) await uploadFile(given.app, given.ann.token, sampleBytes(10))
    const [ledger] = await given.app.metadata.accounts.ledgers()
    expect(ledger).toMatchObject({ storageUsed: 30, filesTotal: 30, storageReserved: 0 })
  })
})

describe('a disk without enough room', () => {
  const given = scenario({ config: { data: { minFree: 2 ** 60 } } })

  test('is told at once, and nothing is reserved or staged', async () => {
    const answer = await given.call('POST', SESSIONS, { filename: 'a', size: 1 })
    expect(refusal(answer)).toEqual([422, 'The selected storage node does not have enough free capacity.'])
    expect(await given.app.metadata.uploads.staged()).toEqual([])
  })
})

describe('a disk with room for one of two', () => {
  const given = scenario({ config: { uploads: { partSize: 64 * 2 ** 20 } } })

  test('counts what other sessions are still owed', async () => {
    const free = (await given.app.storage.freeBytes()) ?? 0
    const size = Math.floor(free * 0.6)
    const create = () => given.call('POST', SESSIONS, { filename: 'a', size })
    await given.app.core.packages.set('Gold', { max_storage_bytes: '0' })
    const first = await create()
    expect(first.status).toBe(201)
    expect(refusal(await create())[1]).toBe('The selected storage node does not have enough free capacity.')
    await given.call('POST', `${SESSIONS}/${first.json.session.public_id}/abort`)
    expect((await create()).status).toBe(201)
  })
})

describe('guests together', () => {
  const given = scenario()

  test('are held to the package of guests', async () => {
    await given.app.core.packages.set('Guest', { concurrent_uploads: '2', max_upload_size: '10' })
    const create = (size: number) => given.app.request('POST', SESSIONS, { body: { filename: 'a', size } })
    expect(refusal(await create(11))).toEqual([422, 'File exceeds your package upload limit.'])
    const answers = await Promise.all(Array.from({ length: 5 }, () => create(10)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2)
    expect(refusal(await create(10))).toEqual(TOO_MANY)
    await given.app.core.packages.set('Guest', { can_upload: '0' })
    expect(refusal(await create(10))).toEqual([422, 'Your package does not allow uploads.'])
  })
})
