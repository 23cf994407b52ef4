/** The process that makes pictures: how it is started, kept, killed and done without. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PreviewWish } from '../../src/core/preview-maker.ts'
import { startPictureProcess } from '../../src/imaging/picture-process.ts'
import type { PreviewMakerOptions } from '../../src/imaging/preview-maker.ts'
import { faultOf, recordingLog } from '../core/core-under-test.ts'
import { filteredSvg } from '../support/bombs.ts'
import { fixedClock } from '../support/fixed-clock.ts'
import { pictureOf } from '../support/pictures.ts'
import { createRealMaker, type RealMaker } from './maker-under-test.ts'

let dir = ''
let makers: RealMaker[] = []
let jpeg: PreviewWish

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'kist-maker-'))
  jpeg = { kind: 'jpeg', source: { path: join(dir, 'a.jpg') }, edge: 256, format: 'webp' }
  writeFileSync(join(dir, 'a.jpg'), await pictureOf('jpeg'))
})
afterEach(async () => {
  for (const maker of makers) await maker.close()
  makers = []
  rmSync(dir, { recursive: true, force: true })
})

function maker(options: Partial<PreviewMakerOptions> = {}): RealMaker {
  const made = createRealMaker(dir, options)
  makers.push(made)
  return made
}

/** Whether a process of that number runs. */
const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const ended = async (pid: number): Promise<void> => {
  while (runs(pid)) await Bun.sleep(5)
}
const MADE = { width: 256, height: 192 }

describe('a maker', () => {
  test('starts its process with the first picture and keeps it for the next', async () => {
    const { make, processes } = maker()
    expect(processes).toHaveLength(0)
    const made = await Promise.all([make(jpeg), make(jpeg), make({ ...jpeg, format: 'avif' })])
    for (const one of made) expect(one).toMatchObject(MADE)
    expect(processes).toHaveLength(1)
  })

  test('lets an idle process go, and starts another one when it is needed', async () => {
    const { make, processes } = maker({ patience: { idleMs: 1 } })
    await make(jpeg)
    await ended(processes[0]?.pid ?? 0)
    expect(await make(jpeg)).toMatchObject(MADE)
    expect(processes).toHaveLength(2)
  })

  test('starts another process for a picture whose process was killed', async () => {
    const { make, processes } = maker()
    await make(jpeg)
    const [first] = processes
    const making = make(jpeg)
    process.kill(first?.pid ?? 0, 'SIGKILL')
    expect(await making).toMatchObject(MADE)
    await ended(first?.pid ?? 0)
    expect(await make(jpeg)).toMatchObject(MADE)
  })

  test('kills a process that takes too long, and makes the next picture', async () => {
    writeFileSync(join(dir, 'slow.svg'), filteredSvg())
    const { make, processes } = maker({ patience: { pictureMs: 1500 } })
    const begun = performance.now()
    const slow = make({ ...jpeg, kind: 'svg', source: { path: join(dir, 'slow.svg') } })
    const next = make(jpeg)
    expect(await slow).toBe('failed')
    expect(performance.now() - begun).toBeLessThan(2500)
    expect(await next).toMatchObject(MADE)
    await ended(processes[0]?.pid ?? 0)
  })

  test('says that a picture that is damaged or missing is impossible, and keeps its process', async () => {
    writeFileSync(join(dir, 'cut.jpg'), (await pictureOf('jpeg')).subarray(0, 900))
    const { make, processes } = maker()
    expect(await make({ ...jpeg, source: { path: join(dir, 'cut.jpg') } })).toBe('impossible')
    expect(await make({ ...jpeg, source: { path: join(dir, 'none.jpg') } })).toBe('impossible')
    expect(await make({ ...jpeg, kind: 'png' })).toMatchObject(MADE)
    expect(processes).toHaveLength(1)
  })

  test('asks to come again when too many are waiting', async () => {
    const { make } = maker({ patience: { waiting: 2 } })
    const first = [make(jpeg), make(jpeg)]
    expect((await faultOf(make(jpeg), 'unavailable')).retryAfter).toBe(5)
    await Promise.all(first)
    expect(await make(jpeg)).toMatchObject(MADE)
  })

  test('gives a stream a place for a moment', async () => {
    const { make, close } = maker()
    const bytes = await pictureOf('png')
    const source = { open: async () => new Blob([new Uint8Array(bytes)]).stream() }
    expect(await make({ ...jpeg, kind: 'png', source })).toMatchObject(MADE)
    expect(readdirSync(join(dir, 'previews'))).toEqual([])
    const broken = { open: () => Promise.reject(new Error('the store is down')) }
    expect(await make({ ...jpeg, source: broken }).catch(String)).toBe('Error: the store is down')
    await close()
    expect(readdirSync(dir)).toEqual(['a.jpg'])
  })

  test('ends its process and what waits when it is closed', async () => {
    const { make, close, processes } = maker()
    await make(jpeg)
    const outcomes = Promise.allSettled([make(jpeg), make(jpeg)])
    await close()
    expect(
      (await outcomes).filter(({ status, ...rest }) => 'value' in rest && rest.value !== 'failed'),
    ).toEqual([])
    await ended(processes[0]?.pid ?? 0)
    await faultOf(make(jpeg), 'unavailable')
  })
})

describe('a machine that cannot make pictures', () => {
  for (const [what, command] of [
    ['whose process says so', ['/bin/sh', '-c', 'echo \'{"state":"unusable","reason":"no memory"}\'']],
    ['whose process cannot be started', ['/no/such/program']],
  ] as const) {
    test(`${what} is tried again after a while, and not before`, async () => {
      const [clock, log] = [fixedClock(), recordingLog()]
      let starts = 0
      const start = () => {
        starts++
        return startPictureProcess(dir, starts === 1 ? command : undefined)
      }
      const { make } = maker({ start, clock, log })
      expect((await faultOf(make(jpeg), 'unavailable')).retryAfter).toBe(600)
      await faultOf(make(jpeg), 'unavailable')
      expect(log.events).toEqual(['warn previews_unusable'])
      expect(starts).toBe(1)
      clock.advance(600)
      expect(await make(jpeg)).toMatchObject(MADE)
    })
  }

  test('whose process dies at once makes none', async () => {
    const { make } = maker({ start: () => startPictureProcess(dir, ['/bin/false']) })
    expect(await make(jpeg)).toBe('failed')
  })

  test('whose process talks nonsense makes none', async () => {
    const { make } = maker({ start: () => startPictureProcess(dir, ['/bin/echo', 'hello']) })
    expect(await make(jpeg)).toBe('failed')
  })
})
