import { describe, expect, spyOn, test } from 'bun:test'
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Problem } from '../../src/core/check.ts'
import { type CoreUnderTest, coresUnderTest, guest, outage, principalOf } from './core-under-test.ts'
import { begin, complete, partOf, pausedBody, send, upload } from './upload-steps.ts'

const open = coresUnderTest()

async function withFile() {
  const product = await open()
  const by = principalOf(await product.account('ann'))
  const { session, data } = await upload(product, by, 250)
  const key = session.objectKey
  return { product, by, key, data, path: join(product.dir, 'objects', key) }
}

async function run({ core }: CoreUnderTest, repair = false) {
  const problems: Problem[] = []
  const round = core.check.run({ repair })
  let next = await round.next()
  for (; !next.done; next = await round.next()) problems.push(next.value)
  return { problems, total: next.value }
}

describe('check', () => {
  test('finds nothing wrong and tells how much it read', async () => {
    const { product, by } = await withFile()
    await upload(product, by, 100)
    await begin(product, guest, 100)
    expect(await run(product)).toEqual({ problems: [], total: { objects: 2, bytes: 350 } })
  })

  test('reads more objects than one page has', async () => {
    const { product } = await withFile()
    for (let count = 0; count < 205; count++) await upload(product, guest, 1)
    expect((await run(product)).total).toEqual({ objects: 206, bytes: 455 })
  })

  test('names a missing object, which no repair brings back', async () => {
    const { product, key, path } = await withFile()
    rmSync(path)
    const missing = { kind: 'missing_object', subject: key, detail: '250 bytes are gone', repaired: false }
    expect((await run(product, true)).problems).toMatchObject([missing])
    expect((await run(product)).problems).toMatchObject([missing])
  })

  test('names a truncated object', async () => {
    const { product, key, path } = await withFile()
    truncateSync(path, 249)
    expect((await run(product, true)).problems).toMatchObject([
      { kind: 'truncated_object', subject: key, detail: '249 of 250 bytes', repaired: false },
    ])
  })

  test('names an object of which one bit is altered', async () => {
    const { product, key, path } = await withFile()
    const bytes = readFileSync(path)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    writeFileSync(path, bytes)
    expect((await run(product, true)).problems).toMatchObject([
      { kind: 'altered_object', subject: key, repaired: false },
    ])
  })

  test('names an object the disk cannot read, and goes on with the others', async () => {
    const { product, key } = await withFile()
    const { session } = await upload(product, guest, 10)
    rmSync(join(product.dir, 'objects', session.objectKey))
    const real = product.storage.open
    spyOn(product.storage, 'open').mockImplementation((asked) =>
      asked === key ? Promise.reject(outage()) : real(asked),
    )
    expect((await run(product)).problems).toMatchObject([
      { kind: 'unreadable_object', subject: key, detail: expect.stringContaining('input/output error') },
      { kind: 'missing_object', subject: session.objectKey },
    ])
  })

  test('names an object without a record and removes it', async () => {
    const { product } = await withFile()
    const key = `ff/ff/${'f'.repeat(32)}`
    const path = join(product.dir, 'objects', key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'orphan')
    const orphan = { kind: 'orphan_object', subject: key, detail: '6 bytes without a record' }
    expect((await run(product)).problems).toMatchObject([{ ...orphan, repaired: false }])
    expect((await run(product, true)).problems).toMatchObject([{ ...orphan, repaired: true }])
    expect((await run(product)).problems).toEqual([])
  })

  test('names staging without a session and removes it, but only when it is not quite new', async () => {
    const { product } = await withFile()
    const upload = await product.storage.createUpload(product.ids.objectKey(), { size: 10, partSize: 10 })
    const [staged] = await Array.fromAsync(product.storage.listUploads())
    const orphan = { kind: 'orphan_staging', subject: upload }
    const age = product.clock.now().getTime() - (staged?.modifiedAt.getTime() ?? 0)
    product.clock.advance(59 - age / 1000)
    expect((await run(product, true)).problems).toEqual([])
    product.clock.advance(1)
    expect((await run(product)).problems).toMatchObject([{ ...orphan, repaired: false }])
    expect((await run(product, true)).problems).toMatchObject([{ ...orphan, repaired: true }])
    expect((await run(product)).problems).toEqual([])
  })

  test('names a session whose staged bytes are gone', async () => {
    const { product } = await withFile()
    const { session } = await begin(product, guest, 100)
    rmSync(join(product.dir, 'staging', session.storageUpload))
    expect((await run(product, true)).problems).toMatchObject([
      { kind: 'missing_staging', subject: session.storageUpload, repaired: false },
    ])
    await product.core.uploads.abort(guest, session.id)
    expect((await run(product)).problems).toEqual([])
  })

  test('names a wrong counter and sets it right', async () => {
    const { product, by } = await withFile()
    await begin(product, by, 30)
    const real = product.metadata.accounts.ledgers
    const ledgers = spyOn(product.metadata.accounts, 'ledgers').mockImplementation(async () =>
      (await real()).map((ledger) => ({ ...ledger, storageUsed: ledger.storageUsed + 1 })),
    )
    const repair = spyOn(product.metadata.accounts, 'repairLedger')
    const wrong = {
      kind: 'wrong_counter',
      subject: 'ann',
      detail: 'used 251, files 250; reserved 30, sessions 30',
    }
    expect((await run(product)).problems).toMatchObject([{ ...wrong, repaired: false }])
    expect(repair).not.toHaveBeenCalled()
    expect((await run(product, true)).problems).toMatchObject([{ ...wrong, repaired: true }])
    expect(repair).toHaveBeenCalledWith(by.account.id)
    ledgers.mockRestore()
    expect((await run(product)).problems).toEqual([])
  })
})

describe('check beside a running server', () => {
  test('is clean at every step of an upload', async () => {
    const { product, by } = await withFile()
    const begun = await begin(product, by, 250)
    expect((await run(product)).problems).toEqual([])
    const bytes = partOf(begun.session, begun.data, 1)
    const slow = pausedBody(bytes.subarray(0, 50), bytes.subarray(50))
    const part = product.core.uploads.putPart(by, begun.session.id, {
      number: 1,
      length: 100,
      body: slow.body,
    })
    await slow.reached
    expect((await run(product, true)).problems).toEqual([])
    slow.goOn()
    await part
    await send(product, by, begun)
    await product.metadata.uploads.beginComplete(begun.session.id, product.clock.now())
    expect((await run(product, true)).problems).toEqual([])
    await product.metadata.uploads.reopen(begun.session.id, product.clock.now())
    await complete(product, by, begun.session)
    expect((await run(product)).problems).toEqual([])
  })

  test('is clean when an upload begins between its two looks', async () => {
    const { product } = await withFile()
    const real = product.metadata.uploads.staged
    spyOn(product.metadata.uploads, 'staged').mockImplementationOnce(async () => {
      await begin(product, guest, 100)
      return real()
    })
    expect((await run(product, true)).problems).toEqual([])
  })

  test('is clean when an upload ends between its two looks', async () => {
    const { product } = await withFile()
    for (const end of ['abort', 'complete'] as const) {
      const begun = await begin(product, guest, 100)
      await send(product, guest, begun)
      const real = product.metadata.uploads.staged
      const staged = spyOn(product.metadata.uploads, 'staged').mockImplementationOnce(async () => {
        if (end === 'abort') await product.core.uploads.abort(guest, begun.session.id)
        else await complete(product, guest, begun.session)
        return real()
      })
      expect((await run(product, true)).problems).toEqual([])
      staged.mockRestore()
    }
  })

  test('is clean when an object appears or goes while objects are listed', async () => {
    const { product, by, key } = await withFile()
    const begun = await begin(product, guest, 100)
    await send(product, guest, begun)
    const known = spyOn(product.metadata.objects, 'isKnownKey').mockImplementationOnce(async (asked) => {
      await product.metadata.accounts.delete(by.account.id, product.clock.now())
      await product.core.sweeper.sweep()
      return asked !== key
    })
    expect((await run(product, true)).problems).toEqual([])
    expect(known).toHaveBeenCalled()
    expect(await product.storage.head(key)).toBeNull()
    await complete(product, guest, begun.session)
    expect((await run(product)).problems).toEqual([])
  })

  test('is clean when an object is being removed', async () => {
    const { product, by, key } = await withFile()
    await product.metadata.accounts.delete(by.account.id, product.clock.now())
    const real = product.metadata.objects.page
    spyOn(product.metadata.objects, 'page').mockImplementationOnce(async (after, limit) => {
      const unknown = { crc32: null, storedName: null, createdAt: product.clock.now() }
      const page = [{ id: 1, key, size: 250, sha256: '', md5: null, ...unknown }]
      // The server has claimed it and taken its bytes, and not yet forgotten it.
      await product.metadata.objects.claimUnreferenced(100)
      await product.storage.delete(key)
      return after === 0 ? page : real(after, limit)
    })
    expect((await run(product, true)).problems).toEqual([])
  })
})
