/** A store that carries out a write long after its answer was given up, and after the bytes were removed. */
import { expect, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import type { StorageDriver } from '../../src/core/storage.ts'
import { bypassedStore } from './bypassed-store.ts'
import { coresUnderTest, faultOf } from './core-under-test.ts'
import { bytesOf } from './upload-steps.ts'

const open = coresUnderTest()
const DAY = 86_400
const BYTES = new Uint8Array(100)
const CONTENT = { name: 'a.txt', leastSize: 100, mimeType: null, folderId: null, uploadedIp: null }

/** `late` carries out what was given up; `failure` is what the writer hears. */
async function withSlowStore(failure: () => Error, isFar = true) {
  const late: Array<() => Promise<unknown>> = []
  const slow = (real: StorageDriver): StorageDriver => {
    const base = isFar ? bypassedStore().storage(real) : real
    return Object.assign(Object.create(base) as StorageDriver, {
      async put(key: string) {
        late.push(() => real.put(key, bytesOf(BYTES)))
        throw failure()
      },
    })
  }
  const product = await open({ storage: slow })
  const receive = () => product.core.ingest.receive(null, { ...CONTENT, source: 'api' }, bytesOf(BYTES))
  const stored = async () => (await Array.fromAsync(product.storage.list())).length
  return { product, receive, stored, late }
}

test('what lands after its removal is removed a day later, and is unknown to nobody meanwhile', async () => {
  const { product, receive, stored, late } = await withSlowStore(() => new Fault('unavailable'))
  const { core, clock } = product
  await faultOf(receive(), 'unavailable')
  await core.sweeper.sweep()
  for (const land of late) await land()
  expect(await stored()).toBe(1)
  clock.advance(DAY)
  await core.sweeper.sweep()
  expect([await stored(), await product.problems()]).toEqual([1, []])
  clock.advance(1)
  expect(await core.sweeper.sweep()).toMatchObject({ discarded: 1 })
  expect([await stored(), await product.problems()]).toEqual([0, []])
  expect(await core.sweeper.sweep()).toMatchObject({ discarded: 0 })
})

test.each([
  ['the sender went away', new Fault('client_gone'), true],
  ['the storage is the disk', new Fault('unavailable'), false],
])('nothing is watched when %s', async (_name, failure, isFar) => {
  const { product, receive } = await withSlowStore(() => failure, isFar)
  await faultOf(receive(), failure.code)
  await product.core.sweeper.sweep()
  const now = product.clock.now()
  expect(await product.metadata.objects.suspects(new Date(now.getTime() + 1000), 10)).toEqual([])
})

test('so is what a process was writing when it ended, and the store carries out after the next start', async () => {
  const { product, stored } = await withSlowStore(() => new Fault('unavailable'))
  const { core, clock, metadata, storage } = product
  const key = `cc/cc/${'c'.repeat(32)}`
  await metadata.objects.announce(key, clock.now())
  await (await core.sweeper.recover())()
  expect(await metadata.objects.isKnownKey(key)).toBe(true)
  await Object.getPrototypeOf(Object.getPrototypeOf(storage)).put(key, bytesOf(BYTES))
  expect([await stored(), await product.problems()]).toEqual([1, []])
  clock.advance(DAY + 1)
  await core.sweeper.sweep()
  expect([await stored(), await product.problems()]).toEqual([0, []])
  expect(await metadata.objects.isKnownKey(key)).toBe(false)
})
