/** How long a session lives, and what is left when it ends. */
import { describe, expect, test } from 'bun:test'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  complete,
  type OpenUpload,
  openUpload,
  putPart,
  reportPart,
  sampleBytes,
  sendParts,
  sha256,
} from '../../support/upload.ts'
import { refusal, SESSIONS, scenario } from './scenario.ts'

const given = scenario()
const PART_SIZE = 65_536
const DATA = sampleBytes(PART_SIZE * 2 + 1)

const open = (data = DATA, fields = {}) => openUpload(given.app, given.ann.token, data, fields)
const look = async ({ id }: OpenUpload) => (await given.call('GET', `${SESSIONS}/${id}`)).json.session
const staged = (): string[] => readdirSync(join(given.app.dir, 'staging'))
const annsLedger = async () =>
  (await given.app.metadata.accounts.ledgers()).find(({ name }) => name === 'ann') ?? null

describe('expiry', () => {
  test('is seen by whoever looks, in the second it is due', async () => {
    const upload = await open()
    given.app.clock.advance(7199)
    expect(await given.app.metadata.uploads.find(upload.id)).toMatchObject({ status: 'pending' })
    given.app.clock.advance(1)
    expect(await look(upload)).toMatchObject({ status: 'expired', parts: [], reserved_bytes: 0 })
    expect(await annsLedger()).toMatchObject({ storageReserved: 0 })
  })

  test('is done by the sweeper when nobody looks, and the bytes go', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload, [1])
    expect(staged()).toHaveLength(1)
    given.app.clock.advance(7200)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ expired: 1, discarded: 1 })
    expect(staged()).toEqual([])
    expect(await look(upload)).toMatchObject({ status: 'expired', parts: [], reserved_bytes: 0 })
    expect(await annsLedger()).toMatchObject({ storageReserved: 0, storageUsed: 0 })
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ expired: 0, discarded: 0 })
  })

  test('found by a look leaves the bytes to the sweeper', async () => {
    const upload = await open()
    given.app.clock.advance(7200)
    await look(upload)
    expect(staged()).toHaveLength(1)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ expired: 0, discarded: 1 })
    expect(staged()).toEqual([])
  })

  test('of a session that never finished completing is a failure with a reason', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    await given.app.metadata.uploads.beginComplete(upload.id, given.app.clock.now())
    given.app.clock.advance(7200)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ expired: 1, discarded: 1 })
    expect(await look(upload)).toMatchObject({
      status: 'failed',
      error_message: 'Completion timed out before metadata could be finalized.',
      reserved_bytes: 0,
    })
  })

  test('frees the slot and the quota for the next upload', async () => {
    await given.app.core.packages.set('Gold', { concurrent_uploads: '1' })
    await open()
    const body = { filename: 'b', size: 5 }
    expect(refusal(await given.call('POST', SESSIONS, body))[0]).toBe(422)
    given.app.clock.advance(7200)
    await given.app.core.sweeper.sweep()
    expect((await given.call('POST', SESSIONS, body)).status).toBe(201)
  })
})

describe('a sign of life', () => {
  const FIRST = '2030-01-01 02:00:00'
  const AFTER_HALF = '2030-01-01 03:00:01'

  const signs: Array<[string, (upload: OpenUpload) => Promise<unknown>]> = [
    ['sign', ({ id }) => given.call('POST', `${SESSIONS}/${id}/parts/sign`, { part_numbers: [2] })],
    ['report', (upload) => reportPart(given.app, given.ann.token, upload, 1)],
    ['upload', (upload) => putPart(given.app, upload, 2)],
    ['look', (upload) => look(upload)],
  ]

  test.each(signs)('such as %s after more than half of the time starts it anew', async (_name, act) => {
    const upload = await openUpload(given.app, given.ann.token, DATA, { expires_in: 604_800 })
    await putPart(given.app, upload, 1)
    given.app.clock.advance(3601)
    await act(upload)
    expect((await look(upload)).expires_at).toBe(AFTER_HALF)
  })

  test('that is only a look does not move the end in the first half', async () => {
    const upload = await open()
    given.app.clock.advance(3600)
    expect((await look(upload)).expires_at).toBe(FIRST)
    given.app.clock.advance(1)
    expect((await look(upload)).expires_at).toBe(AFTER_HALF)
  })

  test('keeps a session alive for days, if it comes every hour', async () => {
    const upload = await open()
    for (let hour = 0; hour < 72; hour++) {
      given.app.clock.advance(3601)
      expect((await look(upload)).status).toBe('pending')
    }
  })

  test('comes too late once the session has expired', async () => {
    const upload = await openUpload(given.app, given.ann.token, DATA, { expires_in: 604_800 })
    await putPart(given.app, upload, 1)
    given.app.clock.advance(7200)
    expect((await putPart(given.app, upload, 2)).text).toContain('NoSuchUpload')
    expect((await look(upload)).status).toBe('expired')
  })

  test('is no use to an ended session', async () => {
    const upload = await open()
    await given.call('POST', `${SESSIONS}/${upload.id}/abort`)
    given.app.clock.advance(3700)
    expect((await look(upload)).expires_at).toBe(FIRST)
  })

  test('of an ended session is kept for thirty days', async () => {
    const upload = await open()
    await given.call('POST', `${SESSIONS}/${upload.id}/abort`)
    given.app.clock.advance(30 * 86_400)
    await given.app.core.sweeper.sweep()
    expect((await look(upload)).status).toBe('aborted')
    given.app.clock.advance(1)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ purged: 1 })
    expect(refusal(await given.call('GET', `${SESSIONS}/${upload.id}`))[0]).toBe(404)
  })
})

describe('completion', () => {
  test('with parts missing leaves the session to be resumed', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload, [1, 3])
    expect(refusal(await complete(given.app, given.ann.token, upload.id))).toEqual([
      422,
      'Completed upload size did not match the requested upload size.',
    ])
    expect(await look(upload)).toMatchObject({ status: 'uploading', completed_parts: 2 })
    await sendParts(given.app, given.ann.token, upload, [2])
    expect((await complete(given.app, given.ann.token, upload.id)).status).toBe(201)
  })

  test.each(['at the end', 'at creation'])(
    'with a wrong checksum given %s fails the session for good',
    async (when) => {
      const wrong = { checksum_sha256: '0'.repeat(64) }
      const upload = await open(DATA, when === 'at creation' ? wrong : {})
      await sendParts(given.app, given.ann.token, upload)
      const answer = await complete(
        given.app,
        given.ann.token,
        upload.id,
        when === 'at creation' ? {} : wrong,
      )
      const message = 'Completed upload checksum did not match the supplied checksum.'
      expect(refusal(answer)).toEqual([422, message])
      expect(await look(upload)).toMatchObject({
        status: 'failed',
        error_message: message,
        parts: [],
        reserved_bytes: 0,
      })
      expect(await annsLedger()).toMatchObject({ storageReserved: 0, storageUsed: 0 })
      expect(staged()).toEqual([])
    },
  )

  test('of bytes the disk has lost fails the session and says so', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    for (const name of staged()) rmSync(join(given.app.dir, 'staging', name))
    const message =
      'This upload session lost its storage node and can no longer continue. Please start a new upload.'
    expect(refusal(await complete(given.app, given.ann.token, upload.id))).toEqual([422, message])
    expect(await look(upload)).toMatchObject({ status: 'failed', error_message: message, reserved_bytes: 0 })
    expect(await annsLedger()).toMatchObject({ storageReserved: 0, storageUsed: 0 })
  })

  test('takes the checksum of the end before that of the beginning, in any letter case', async () => {
    const upload = await open(DATA, { checksum_sha256: '0'.repeat(64) })
    await sendParts(given.app, given.ann.token, upload)
    const checksum_sha256 = sha256(DATA).toUpperCase()
    const done = await complete(given.app, given.ann.token, upload.id, { checksum_sha256 })
    expect([done.status, done.json.checksum_sha256]).toEqual([201, sha256(DATA)])
  })

  test('takes the checksum of the beginning when the end brings nonsense', async () => {
    const upload = await open(DATA, { checksum_sha256: sha256(DATA) })
    await sendParts(given.app, given.ann.token, upload)
    const body = { checksum_sha256: 'optional-final-sha256' }
    expect((await complete(given.app, given.ann.token, upload.id, body)).status).toBe(201)
  })

  test('needs no body at all', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    const answer = await given.call('POST', `${SESSIONS}/${upload.id}/complete`)
    expect(answer.status).toBe(201)
    expect(await look(upload)).toMatchObject({
      status: 'completed',
      completed_at: '2030-01-01 00:00:00',
      metadata: { file_id: answer.json.file_id, stored_file_id: answer.json.stored_file_id },
      uploaded_bytes: DATA.length,
      completed_parts: 3,
    })
  })

  test.each([
    ['upload size', { max_upload_size: '1000' }],
    ['permission', { can_upload: '0' }],
  ])(
    'is refused when the package lost its %s meanwhile, and succeeds when it is back',
    async (_what, change) => {
      const upload = await open()
      await sendParts(given.app, given.ann.token, upload)
      await given.app.core.packages.set('Gold', change)
      expect(refusal(await complete(given.app, given.ann.token, upload.id))).toEqual([
        422,
        'This upload no longer fits your current package limits.',
      ])
      expect((await look(upload)).status).toBe('uploading')
      await given.app.core.packages.set('Gold', { max_upload_size: '0', can_upload: '1' })
      expect((await complete(given.app, given.ann.token, upload.id)).status).toBe(201)
    },
  )

  test('puts the file into its folder, with its name, type and the privacy of its owner', async () => {
    const folder = (await given.call('POST', '/api/v1/folders', { name: 'in' })).json.folder.id
    const upload = await open(DATA, { folder_id: folder, filename: 'é.txt', mime_type: 'text/plain' })
    await sendParts(given.app, given.ann.token, upload)
    const done = await complete(given.app, given.ann.token, upload.id)
    const found = await given.call('GET', `/api/v1/files/${done.json.file_id}`)
    expect(found.json.file).toMatchObject({
      filename: 'é.txt',
      folder_id: folder,
      mime_type: 'text/plain',
      size: DATA.length,
      is_public: 1,
      downloads: 0,
    })
  })

  test.each([1, 2, PART_SIZE - 1, PART_SIZE, PART_SIZE + 1, 2 * PART_SIZE])(
    'gives back a file of %d bytes as it came',
    async (size) => {
      const data = sampleBytes(size, size)
      const upload = await open(data)
      expect(upload.parts.map((part) => part.expected_size)).toEqual(
        size <= PART_SIZE ? [size] : [PART_SIZE, size - PART_SIZE],
      )
      await sendParts(given.app, given.ann.token, upload)
      const done = await complete(given.app, given.ann.token, upload.id)
      expect(done.json.checksum_sha256).toBe(sha256(data))
      const link = await given.call('GET', `/api/v1/downloads/${done.json.file_id}/link`)
      expect(sha256((await given.app.request('GET', link.json.url)).bytes)).toBe(sha256(data))
    },
  )
})

describe('abort', () => {
  test('removes the bytes and the reservation, and is harmless again', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    for (let time = 0; time < 3; time++) {
      const answer = await given.call('POST', `${SESSIONS}/${upload.id}/abort`, {})
      expect([answer.status, answer.json]).toEqual([200, { status: 'ok' }])
    }
    expect(staged()).toEqual([])
    expect(await annsLedger()).toMatchObject({ storageReserved: 0, storageUsed: 0 })
  })
})
