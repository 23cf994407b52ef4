/** `kist check` names what was done to the data by hand, and repairs what can be repaired. */

import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Problem } from '../../../src/core/check.ts'
import { createTestApp, type TestAccount, type TestApp } from '../../support/app.ts'
import { openUpload, sampleBytes, sha256, uploadFile } from '../../support/upload.ts'

let app: TestApp
let ann: TestAccount
beforeEach(async () => {
  app = await createTestApp()
  ann = await app.account('ann')
})
afterEach(() => app.close())

const DATA = sampleBytes(70_000)
const check = async (repair = false): Promise<Problem[]> => {
  const found: Problem[] = []
  for await (const problem of app.core.check.run({ repair })) found.push(problem)
  return found
}
const objectOf = async (id: number) => {
  const found = await app.metadata.files.findWithObject(id)
  if (!found) throw new Error(`no file ${id}`)
  return { key: found.object.key, path: join(app.dir, 'objects', found.object.key) }
}
const sql = (statement: string): void => {
  const db = new Database(join(app.dir, 'kist.db'))
  db.run(statement)
  db.close()
}

/** Two files, one of them damaged. */
async function damage(how: (path: string) => void) {
  await uploadFile(app, ann.token, DATA)
  const object = await objectOf(await uploadFile(app, ann.token, DATA))
  expect(await check()).toEqual([])
  how(object.path)
  return object
}

describe('an object', () => {
  test('that is missing is named, and cannot be repaired', async () => {
    const { key } = await damage((path) => rmSync(path))
    const problem = { kind: 'missing_object', subject: key, detail: '70000 bytes are gone', repaired: false }
    expect(await check()).toEqual([problem] as Problem[])
    expect(await check(true)).toEqual([problem] as Problem[])
  })

  test('that is truncated is named with both sizes', async () => {
    const { key } = await damage((path) => truncateSync(path, 69_999))
    expect(await check()).toEqual([
      { kind: 'truncated_object', subject: key, detail: '69999 of 70000 bytes', repaired: false },
    ])
  })

  test('that has one other bit is named with both hashes', async () => {
    const altered = DATA.slice()
    altered[35_000] = (altered[35_000] ?? 0) ^ 1
    const { key } = await damage((path) => writeFileSync(path, altered))
    const detail = `SHA-256 is ${sha256(altered)}, recorded ${sha256(DATA)}`
    expect(await check()).toEqual([{ kind: 'altered_object', subject: key, detail, repaired: false }])
  })

  test('that nobody knows is named, and removed by repair', async () => {
    await uploadFile(app, ann.token, DATA)
    const key = 'ab/cd/abcd0000000000000000000000000000'
    const path = join(app.dir, 'objects', key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'orphan')
    const problem = { kind: 'orphan_object', subject: key, detail: '6 bytes without a record' }
    expect(await check()).toEqual([{ ...problem, repaired: false }] as Problem[])
    expect(await check(true)).toEqual([{ ...problem, repaired: true }] as Problem[])
    expect(await check()).toEqual([])
    expect(readdirSync(dirname(path))).toEqual([])
  })
})

describe('staged bytes', () => {
  test('without a session are named, and removed by repair', async () => {
    const name = `up-${'e'.repeat(32)}`
    writeFileSync(join(app.dir, 'staging', name), 'orphan')
    const problem = { kind: 'orphan_staging', subject: name, detail: 'staged bytes without a session' }
    expect(await check()).toEqual([{ ...problem, repaired: false }] as Problem[])
    expect(await check(true)).toEqual([{ ...problem, repaired: true }] as Problem[])
    expect([await check(), readdirSync(join(app.dir, 'staging'))]).toEqual([[], []])
  })

  test('of an open session are no problem, until they are gone', async () => {
    const { id } = await openUpload(app, ann.token, DATA)
    expect(await check()).toEqual([])
    const [staged = ''] = readdirSync(join(app.dir, 'staging'))
    rmSync(join(app.dir, 'staging', staged))
    const [problem, ...others] = await check()
    expect(others).toEqual([])
    expect(problem).toMatchObject({ kind: 'missing_staging', subject: staged, repaired: false })
    expect(problem?.detail).toContain(id)
  })
})

describe('a counter', () => {
  test.each([
    ['storage_used = storage_used + 1', 'used 70001, files 70000; reserved 5, sessions 5'],
    ['storage_reserved = 0', 'used 70000, files 70000; reserved 0, sessions 5'],
  ])('that is wrong (%s) is named, and set right by repair', async (change, detail) => {
    await uploadFile(app, ann.token, DATA)
    await openUpload(app, ann.token, sampleBytes(5))
    expect(await check()).toEqual([])
    sql(`UPDATE accounts SET ${change} WHERE name = 'ann'`)
    const problem = { kind: 'wrong_counter', subject: 'ann', detail }
    expect(await check()).toEqual([{ ...problem, repaired: false }] as Problem[])
    expect(await check(true)).toEqual([{ ...problem, repaired: true }] as Problem[])
    expect(await check()).toEqual([])
  })
})

describe('what is damaged', () => {
  test('is answered as our failure, never with other bytes, and the rest goes on', async () => {
    const good = await uploadFile(app, ann.token, DATA)
    const lost = await uploadFile(app, ann.token, DATA)
    rmSync((await objectOf(lost)).path)
    const open = async (id: number) => {
      const link = await app.request('GET', `/api/v1/downloads/${id}/link`, { token: ann.token })
      return app.request('GET', link.json.url)
    }
    const answer = await open(lost)
    expect([answer.status, answer.text]).toEqual([500, 'The stored bytes of this file are missing.'])
    expect(sha256((await open(good)).bytes)).toBe(sha256(DATA))
  })

  test('beyond completion is told so, and the session says what is wrong', async () => {
    const upload = await openUpload(app, ann.token, sampleBytes(5))
    const [staged = ''] = readdirSync(join(app.dir, 'staging'))
    rmSync(join(app.dir, 'staging', staged))
    const put = await app.request('PUT', upload.parts[0]?.url ?? '', { body: sampleBytes(5) })
    expect([put.status, put.text.includes('<Code>NoSuchUpload</Code>')]).toEqual([404, true])
  })
})
