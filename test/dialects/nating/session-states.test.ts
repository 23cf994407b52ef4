/** What each state of an upload session allows, and what it says to everything else. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import {
  complete,
  md5,
  type OpenUpload,
  openUpload,
  putPart,
  reportPart,
  sampleBytes,
  sendParts,
} from '../../support/upload.ts'
import { expectShape, PART, refusal, SESSION_WITH_PARTS, SESSIONS, scenario } from './scenario.ts'

const given = scenario()
const PART_SIZE = 65_536
const DATA = sampleBytes(PART_SIZE * 2 + 1)

const open = (data = DATA, fields = {}) => openUpload(given.app, given.ann.token, data, fields)
const step = (upload: OpenUpload, name: string, body?: object | Uint8Array) =>
  given.call('POST', `${SESSIONS}/${upload.id}/${name}`, body)
const look = async (upload: OpenUpload) => {
  const answer = await given.call('GET', `${SESSIONS}/${upload.id}`)
  expectShape(answer.json.session, SESSION_WITH_PARTS)
  for (const part of answer.json.session.parts) expectShape(part, PART)
  return answer.json.session
}
const ledger = async () => {
  const ledgers = await given.app.metadata.accounts.ledgers()
  const { storageUsed, storageReserved } = ledgers.find(({ name }) => name === 'ann') ?? {}
  return { storageUsed, storageReserved }
}

const STATES = ['pending', 'uploading', 'completing', 'completed', 'failed', 'aborted', 'expired'] as const
type State = (typeof STATES)[number]

/** A session in that state; but for `pending` at least part 1 was reported. */
const reach: Record<State, () => Promise<OpenUpload>> = {
  pending: () => open(),
  async uploading() {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload, [1])
    return upload
  },
  async completing() {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    await given.app.metadata.uploads.beginComplete(upload.id, given.app.clock.now())
    return upload
  },
  async completed() {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    await complete(given.app, given.ann.token, upload.id)
    return upload
  },
  async failed() {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    await complete(given.app, given.ann.token, upload.id, { checksum_sha256: '0'.repeat(64) })
    return upload
  },
  async aborted() {
    const upload = await reach.uploading()
    await step(upload, 'abort')
    return upload
  },
  async expired() {
    const upload = await reach.uploading()
    given.app.clock.advance(7200)
    return upload
  },
}

const MISMATCH = 'Uploaded part metadata did not match storage provider state.'
type Outcome = 200 | string
const SIGN = 'This upload session can no longer accept part signing requests.'
const PARTS = 'This upload session can no longer accept uploaded parts.'
const COMPLETE = 'This upload session can no longer be completed.'
const ABORT = 'This upload session can no longer be aborted.'

const STEPS: Array<[string, (upload: OpenUpload) => Promise<Answer>, Record<State, Outcome>]> = [
  [
    'sign',
    (upload) => step(upload, 'parts/sign', { part_numbers: [1, 2] }),
    {
      pending: 200,
      uploading: 200,
      completing: SIGN,
      completed: SIGN,
      failed: SIGN,
      aborted: SIGN,
      expired: SIGN,
    },
  ],
  [
    'report',
    (upload) => reportPart(given.app, given.ann.token, upload, 1),
    {
      pending: MISMATCH,
      uploading: 200,
      completing: PARTS,
      completed: PARTS,
      failed: PARTS,
      aborted: PARTS,
      expired: PARTS,
    },
  ],
  [
    'upload',
    (upload) => step(upload, 'parts/upload/1', DATA.subarray(0, PART_SIZE)),
    {
      pending: 200,
      uploading: 200,
      completing: PARTS,
      completed: PARTS,
      failed: PARTS,
      aborted: PARTS,
      expired: PARTS,
    },
  ],
  [
    'complete',
    (upload) => step(upload, 'complete'),
    {
      pending: 'No uploaded parts were reported for this session.',
      uploading: 'Completed upload size did not match the requested upload size.',
      completing: 'Upload could not be finalized safely right now. Please try again.',
      completed: 'This upload session has already been completed.',
      failed: COMPLETE,
      aborted: COMPLETE,
      expired: COMPLETE,
    },
  ],
  [
    'abort',
    (upload) => step(upload, 'abort'),
    {
      pending: 200,
      uploading: 200,
      completing: ABORT,
      completed: ABORT,
      failed: 200,
      aborted: 200,
      expired: 200,
    },
  ],
]

describe.each(STATES)('a session that is %s', (state) => {
  test('says so', async () => {
    const session = await look(await reach[state]())
    expect(session.status).toBe(state)
    expect(session.error_message).toBe(
      state === 'failed' ? 'Completed upload checksum did not match the supplied checksum.' : null,
    )
    expect(session.completed_at === null).toBe(state !== 'completed')
    expect(Object.keys(session.metadata)).toEqual(state === 'completed' ? ['file_id', 'stored_file_id'] : [])
  })

  test('has parts only while it may still become a file', async () => {
    const session = await look(await reach[state]())
    const alive = ['pending', 'uploading', 'completing'].includes(state)
    expect([session.parts.length, session.reserved_bytes]).toEqual(alive ? [3, DATA.length] : [0, 0])
    expect(await ledger()).toEqual({
      storageReserved: alive ? DATA.length : 0,
      storageUsed: state === 'completed' ? DATA.length : 0,
    })
  })

  test.each(STEPS.map(([name, act, outcomes]) => [name, act, outcomes[state]] as const))(
    'answers %s as promised, and stays as it is when it refuses',
    async (_name, act, outcome) => {
      const upload = await reach[state]()
      const before = await look(upload)
      const answer = await act(upload)
      if (outcome === 200) expect(answer.status).toBe(200)
      else {
        expect(refusal(answer)).toEqual([422, outcome])
        const { expires_at: _, ...same } = before
        expect(await look(upload)).toMatchObject(same)
      }
    },
  )

  test('takes bytes by signed URL only while it is open', async () => {
    const upload = await reach[state]()
    const put = await putPart(given.app, upload, 2)
    if (state === 'pending' || state === 'uploading') expect(put.status).toBe(200)
    else if (state === 'expired') expect(put.text).toContain('<Message>Request has expired</Message>')
    else {
      expect([put.status, put.headers.get('content-type')]).toEqual([404, 'application/xml'])
      expect(put.text).toContain('<Code>NoSuchUpload</Code>')
    }
  })
})

describe('the parts of a session', () => {
  test('are shown as signed, with nothing else, until they are reported', async () => {
    const upload = await open()
    const signed = { etag: null, part_size: 0, status: 'signed', checksum_sha256: null }
    const before = await look(upload)
    await putPart(given.app, upload, 2)
    const arrived = await look(upload)
    for (const session of [before, arrived]) {
      expect(session.parts).toMatchObject([1, 2, 3].map((part_number) => ({ part_number, ...signed })))
      expect([session.uploaded_bytes, session.completed_parts]).toEqual([0, 0])
    }
    expect([before.status, arrived.status]).toEqual(['pending', 'uploading'])
    expect(refusal(await step(upload, 'complete'))).toEqual([
      422,
      'No uploaded parts were reported for this session.',
    ])
    await reportPart(given.app, given.ann.token, upload, 2)
    const reported = await look(upload)
    expect(reported).toMatchObject({ status: 'uploading', uploaded_bytes: PART_SIZE, completed_parts: 1 })
    expect(reported.parts[1]).toMatchObject({
      part_number: 2,
      etag: md5(DATA.subarray(PART_SIZE, 2 * PART_SIZE)),
      part_size: PART_SIZE,
      status: 'uploaded',
    })
  })

  test('are counted once however often they are reported, and may get a checksum later', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload, [3])
    const report = { part_number: 3, etag: md5(DATA.subarray(2 * PART_SIZE)), part_size: 1 }
    for (const checksum_sha256 of [undefined, 'nonsense', 'AB'.repeat(32), undefined]) {
      const answer = await step(upload, 'parts/report', { ...report, checksum_sha256 })
      expect(answer.json.session).toMatchObject({ uploaded_bytes: 1, completed_parts: 1 })
    }
    expect((await look(upload)).parts[2].checksum_sha256).toBe('ab'.repeat(32))
  })

  test.each([
    ['the ETag of another part', { etag: md5(DATA.subarray(PART_SIZE, 2 * PART_SIZE)) }],
    ['no ETag', { etag: '' }],
    ['an ETag that is a number', { etag: 5 }],
    ['a size that is one too small', { part_size: PART_SIZE - 1 }],
    ['a size of 0', { part_size: 0 }],
    ['a negative size', { part_size: -PART_SIZE }],
    ['a part that has not arrived', { part_number: 2, etag: md5(DATA.subarray(PART_SIZE, 2 * PART_SIZE)) }],
  ])('are not reported with %s', async (_what, wrong) => {
    const upload = await open()
    await putPart(given.app, upload, 1)
    const right = { part_number: 1, etag: md5(DATA.subarray(0, PART_SIZE)), part_size: PART_SIZE }
    const before = await look(upload)
    expect(refusal(await step(upload, 'parts/report', { ...right, ...wrong }))).toEqual([422, MISMATCH])
    expect(await look(upload)).toEqual(before)
    expect((await step(upload, 'parts/report', right)).status).toBe(200)
  })

  test.each([0, -1, 4, 1.5, '4', null, 10_001, 'x'])('have no number %p', async (part_number) => {
    const upload = await open()
    const report = { part_number, etag: 'x', part_size: 1 }
    expect(refusal(await step(upload, 'parts/report', report))).toEqual([422, 'Invalid part number.'])
    const path = `parts/upload/${encodeURIComponent(String(part_number))}`
    expect(refusal(await step(upload, path, DATA))).toEqual([422, 'Invalid part number.'])
  })

  test.each([`"${md5(DATA.subarray(0, PART_SIZE))}"`, md5(DATA.subarray(0, PART_SIZE)).toUpperCase()])(
    'are reported with the ETag %s as well',
    async (etag) => {
      const upload = await open()
      await putPart(given.app, upload, 1)
      const report = { part_number: '1', etag, part_size: String(PART_SIZE) }
      expect((await step(upload, 'parts/report', report)).status).toBe(200)
    },
  )

  test('that are sent again must be reported again', async () => {
    const upload = await reach.uploading()
    const other = sampleBytes(PART_SIZE, 7)
    expect((await step(upload, 'parts/upload/1', other)).json).toEqual({
      status: 'ok',
      etag: md5(other),
      part_size: PART_SIZE,
    })
    expect(await look(upload)).toMatchObject({ uploaded_bytes: 0, completed_parts: 0 })
    expect(refusal(await reportPart(given.app, given.ann.token, upload, 1))[0]).toBe(422)
    const report = { part_number: 1, etag: md5(other), part_size: PART_SIZE }
    expect((await step(upload, 'parts/report', report)).json.session.completed_parts).toBe(1)
  })

  test('that are signed again keep what they have', async () => {
    const upload = await reach.uploading()
    const before = await look(upload)
    await step(upload, 'parts/sign', { part_numbers: [1, 2] })
    expect(await look(upload)).toEqual(before)
  })
})
