/** A store that takes connections and never answers. */
import { describe, expect, test } from 'bun:test'
import { randomIds } from '../../../src/core/ids.ts'
import { silentLog } from '../../../src/core/log.ts'
import { type Availability, availability } from '../../../src/storage/s3/availability.ts'
import { sharedRetries } from '../../../src/storage/s3/retries.ts'
import { StoreError } from '../../../src/storage/s3/store-error.ts'
import { expectFault } from '../../contract/storage-tools.ts'

const hanging = async (): Promise<never> => {
  throw new StoreError('HeadObject', 'Timeout')
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Scene {
  store: Availability
  retried<T>(work: () => Promise<T>): Promise<T>
  /** Answers the probe under way. */
  probed(answers: boolean): Promise<void>
  /** Ends the pause after a probe. */
  rested(): Promise<void>
  probes(): number
  events: string[]
}

/** Operations are tried once; probes and pauses end when they are told to. */
function scene(): Scene {
  const probes: Array<(answers: boolean) => void> = []
  const pauses: Array<() => void> = []
  const events: string[] = []
  const note = (event: string): void => void events.push(event)
  const store = availability({
    probe: () => new Promise((resolve) => void probes.push(resolve)),
    pause: () => new Promise((resolve) => void pauses.push(resolve)),
    log: { ...silentLog, info: note, warn: note },
  })
  return {
    store,
    retried: sharedRetries({ within: 0, ids: randomIds }, store),
    async probed(answers) {
      probes.at(-1)?.(answers)
      await turn()
    },
    async rested() {
      pauses.at(-1)?.()
      await turn()
    },
    probes: () => probes.length,
    events,
  }
}

/** Two operations in a row that get no answer. */
async function hangTwice({ retried }: Scene): Promise<void> {
  for (let count = 0; count < 2; count++)
    await expect(retried(hanging)).rejects.toMatchObject({ code: 'Timeout' })
}

describe('a store that hangs', () => {
  test('is suspected after two requests without an answer, and refused when the probe has none either', async () => {
    const it = scene()
    await expect(it.retried(hanging)).rejects.toMatchObject({ code: 'Timeout' })
    expect(it.probes()).toBe(0)
    await expect(it.retried(hanging)).rejects.toMatchObject({ code: 'Timeout' })
    expect([it.probes(), it.store.isAnswering]).toEqual([1, true])
    await it.probed(false)
    expect([it.store.isAnswering, it.events]).toEqual([false, ['storage.s3_hangs']])
    let calls = 0
    const counted = async () => ++calls
    await expect(it.retried(counted)).rejects.toMatchObject({ code: 'NoAnswer', status: 0 })
    expect(calls).toBe(0)
  })

  test('is asked in the background until it answers, and then all is as before', async () => {
    const it = scene()
    await hangTwice(it)
    await it.probed(false)
    for (let round = 2; round < 5; round++) {
      await it.rested()
      expect(it.probes()).toBe(round)
      await it.probed(false)
    }
    await it.rested()
    await it.probed(true)
    expect(it.events).toEqual(['storage.s3_hangs', 'storage.s3_answers_again'])
    expect(await it.retried(async () => 'well')).toBe('well')
    await hangTwice(it)
    expect(it.probes()).toBe(6)
  })

  test('is not one that is slow with some requests: the probe has an answer', async () => {
    const it = scene()
    await hangTwice(it)
    await it.probed(true)
    expect([it.store.isAnswering, it.events]).toEqual([true, []])
  })

  test('is not one that answers others meanwhile', async () => {
    const it = scene()
    const late = Promise.withResolvers<never>()
    const two = [it.retried(() => late.promise), it.retried(() => late.promise)]
    expect(await it.retried(async () => 'well')).toBe('well')
    late.reject(new StoreError('HeadObject', 'Timeout'))
    for (const outcome of await Promise.allSettled(two)) expect(outcome.status).toBe('rejected')
    expect(it.probes()).toBe(0)
  })

  test('answers again when a request that was under way has its answer', async () => {
    const it = scene()
    const late = Promise.withResolvers<string>()
    const underWay = it.retried(() => late.promise)
    await hangTwice(it)
    await it.probed(false)
    expect(it.store.isAnswering).toBe(false)
    late.resolve('well')
    expect(await underWay).toBe('well')
    expect(it.store.isAnswering).toBe(true)
  })
})

describe('a store that is given up', () => {
  test('ends what waits for it and what comes, and is asked nothing any more', async () => {
    const it = scene()
    const waiting = it.retried(() => new Promise<never>(() => {}))
    await hangTwice(it)
    await it.probed(false)
    it.store.giveUp()
    await expectFault('unavailable', waiting)
    await expectFault(
      'unavailable',
      it.retried(async () => 'well'),
    )
    await it.rested()
    expect(it.probes()).toBe(1)
  })

  test('does not wait out the pause before another attempt', async () => {
    const { store } = scene()
    const retried = sharedRetries({ within: 60_000, ids: randomIds }, store)
    const trying = retried(async () => {
      throw new StoreError('HeadObject', 'SlowDown', 503)
    })
    await turn()
    store.giveUp()
    await expectFault('unavailable', trying)
  })
})
