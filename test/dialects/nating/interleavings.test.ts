/** Several requests about one session at the same moment. */
import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../../support/app.ts'
import {
  complete,
  type OpenUpload,
  openUpload,
  partBytes,
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

const open = (data = DATA) => openUpload(given.app, given.ann.token, data)
const send = (upload: OpenUpload) => sendParts(given.app, given.ann.token, upload)
const finish = (upload: OpenUpload) => complete(given.app, given.ann.token, upload.id)
const abort = ({ id }: OpenUpload) => given.call('POST', `${SESSIONS}/${id}/abort`)
const look = async ({ id }: OpenUpload) => (await given.call('GET', `${SESSIONS}/${id}`)).json.session
const staged = () => readdirSync(join(given.app.dir, 'staging'))
const annsLedger = async () =>
  (await given.app.metadata.accounts.ledgers()).find(({ name }) => name === 'ann') ?? null

/** A body that stops after its first bytes until it is told to go on. */
function heldBody(bytes: Uint8Array, first = 1000) {
  const reading = Promise.withResolvers<void>()
  const rest = Promise.withResolvers<void>()
  let sent = false
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!sent) {
          sent = true
          return controller.enqueue(bytes.subarray(0, first))
        }
        reading.resolve()
        await rest.promise
        controller.enqueue(bytes.subarray(first))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return { body, reading: reading.promise, end: rest.resolve }
}

/** A part on its way: its first bytes are written, the rest waits. */
async function partUnderWay(upload: OpenUpload, number: number, bytes = partBytes(upload, number)) {
  const held = heldBody(bytes, Math.min(1000, bytes.length - 1))
  const url = upload.parts.find((part) => part.part_number === number)?.url ?? ''
  const answer = given.app.request('PUT', url, { body: held.body })
  await held.reading
  return { ...held, answer }
}

const fileMade = async (answer: Answer): Promise<string> => {
  const link = await given.call('GET', `/api/v1/downloads/${answer.json.file_id}/link`)
  return sha256((await given.app.request('GET', link.json.url)).bytes)
}

describe('two writers of one part', () => {
  test('do not mix: the second is refused while the first is busy', async () => {
    const upload = await open()
    const first = await partUnderWay(upload, 1)
    const second = await putPart(given.app, upload, 1, sampleBytes(PART_SIZE, 9))
    expect([second.status, second.headers.get('retry-after')]).toEqual([409, '1'])
    expect(second.text).toContain('<Code>OperationAborted</Code>')
    const third = await given.call('POST', `${SESSIONS}/${upload.id}/parts/upload/1`, partBytes(upload, 1))
    expect(refusal(third)).toEqual([409, 'This part is being uploaded by another request. Retry shortly.'])
    const other = await putPart(given.app, upload, 2)
    expect(other.status).toBe(200)
    first.end()
    expect((await first.answer).status).toBe(200)
    await send(upload)
    expect(await fileMade(await finish(upload))).toBe(sha256(DATA))
  })

  test('may follow one another: the last one counts', async () => {
    const upload = await open()
    await putPart(given.app, upload, 1, sampleBytes(PART_SIZE, 9))
    await send(upload)
    expect(await fileMade(await finish(upload))).toBe(sha256(DATA))
  })
})

describe('complete', () => {
  test('by ten callers at once makes one file', async () => {
    const upload = await open()
    await send(upload)
    const answers = await Promise.all(Array.from({ length: 10 }, () => finish(upload)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(refusal(answer)[0]).toBe(422)
    }
    expect(await annsLedger()).toMatchObject({
      storageUsed: DATA.length,
      filesTotal: DATA.length,
      storageReserved: 0,
    })
  })

  test('while a part is on its way is refused, and the part still counts', async () => {
    const upload = await open()
    await send(upload)
    const part = await partUnderWay(upload, 3)
    expect(refusal(await finish(upload))).toEqual([
      422,
      'Completed upload size did not match the requested upload size.',
    ])
    part.end()
    expect((await part.answer).status).toBe(200)
    await reportPart(given.app, given.ann.token, upload, 3)
    expect(await fileMade(await finish(upload))).toBe(sha256(DATA))
  })

  test('and a new writer at once never give a file with other bytes', async () => {
    for (let round = 0; round < 10; round++) {
      const upload = await open()
      await send(upload)
      const other = sampleBytes(PART_SIZE, 77 + round)
      const [done, put] = await Promise.all([finish(upload), putPart(given.app, upload, 1, other)])
      if (done.status === 201) {
        expect(put.status).toBe(404)
        expect(await fileMade(done)).toBe(sha256(DATA))
      } else {
        expect([refusal(done)[0], put.status]).toEqual([422, 200])
        await abort(upload)
      }
    }
  })

  test('and abort at once: one of them wins', async () => {
    for (let round = 0; round < 10; round++) {
      const upload = await open()
      await send(upload)
      const steps = [() => finish(upload), () => abort(upload)]
      if (round % 2 === 1) steps.reverse()
      const answers = await Promise.all(steps.map((step) => step()))
      const won = answers.filter(({ status }) => status < 300)
      expect(won).toHaveLength(1)
      expect((await look(upload)).status).toBe(won[0]?.status === 201 ? 'completed' : 'aborted')
    }
    const ledger = await annsLedger()
    expect(ledger).toMatchObject({ storageReserved: 0, storageUsed: ledger?.filesTotal })
  })
})

describe('abort', () => {
  test('while a part is on its way leaves nothing of it', async () => {
    const upload = await open()
    const part = await partUnderWay(upload, 1)
    expect((await abort(upload)).status).toBe(200)
    part.end()
    const answer = await part.answer
    expect([answer.status, answer.text.includes('<Code>NoSuchUpload</Code>')]).toEqual([404, true])
    expect(staged()).toEqual([])
    expect(await look(upload)).toMatchObject({ status: 'aborted', parts: [] })
  })

  test('by many at once is one abort', async () => {
    const upload = await open()
    const answers = await Promise.all(Array.from({ length: 5 }, () => abort(upload)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(await annsLedger()).toMatchObject({ storageReserved: 0 })
  })
})

describe('the sweeper', () => {
  test('ends a session whose part is on its way for too long, and nothing of it stays', async () => {
    const upload = await open()
    const part = await partUnderWay(upload, 1)
    given.app.clock.advance(7200)
    await given.app.core.sweeper.sweep()
    part.end()
    expect((await part.answer).status).toBe(404)
    expect(staged()).toEqual([])
    expect((await look(upload)).status).toBe('expired')
  })
})

describe('many parts', () => {
  test('arrive all at once and in any order', async () => {
    const data = sampleBytes(PART_SIZE * 19 + 123)
    const upload = await open(data)
    const numbers = upload.parts
      .map((part) => part.part_number)
      .sort((a, b) => ((a * 7) % 20) - ((b * 7) % 20))
    const answers = await Promise.all(numbers.map((number) => putPart(given.app, upload, number)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    await Promise.all(numbers.map((number) => reportPart(given.app, given.ann.token, upload, number)))
    expect(await look(upload)).toMatchObject({ completed_parts: 20, uploaded_bytes: data.length })
    expect(await fileMade(await finish(upload))).toBe(sha256(data))
  })
})
