/**
 * Makes previews in a process of their own, one at a time: what reads files of strangers can be killed, and takes
 * nothing with it.
 */
import { type Clock, plusSeconds } from '../core/clock.ts'
import { Fault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import type { MakingOutcome, PreviewMaker, PreviewWish } from '../core/preview-maker.ts'
import type { PictureProcess } from './picture-process.ts'
import type { PictureRequest } from './preview-wire.ts'
import { createSpool } from './spool.ts'

export interface PreviewMakerOptions {
  start(): PictureProcess
  /** Pictures with more get no preview. */
  maxPixels: number
  /** Where bytes that are in no file of this machine are put for a moment. */
  spoolDirectory: string
  clock: Clock
  log: Log
  /** For tests. */
  patience?: { pictureMs?: number; idleMs?: number; waiting?: number }
}

/** One picture, with all that belongs to it. */
const PICTURE_MS = 4500
/** An idle process is kept for so long. */
const IDLE_MS = 30_000
/** So many may wait; further ones are asked to come again. */
const WAITING = 32
const RETRY_SECONDS = 5
/** Seconds until a machine that cannot load the library is tried again. */
const UNUSABLE_SECONDS = 600
/** A process that somebody else killed deserves another try, but what kills every process does not get a third. */
const ATTEMPTS = 2

export function createPreviewMaker(options: PreviewMakerOptions): PreviewMaker {
  const { start, maxPixels, spoolDirectory, clock, log, patience = {} } = options
  const { pictureMs = PICTURE_MS, idleMs = IDLE_MS, waiting: limit = WAITING } = patience
  const spool = createSpool(spoolDirectory)
  let current: { process: PictureProcess; isReady: boolean } | null = null
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closed = false
  let unusableUntil: Date | null = null
  let idle: ReturnType<typeof setTimeout> | undefined

  const drop = (how: 'end' | 'kill'): void => {
    clearTimeout(idle)
    current?.process[how]()
    current = null
  }

  const requireUsable = (): void => {
    if (unusableUntil && clock.now() < unusableUntil)
      throw new Fault('unavailable', undefined, { retryAfter: UNUSABLE_SECONDS })
  }

  const unusable = (reason: string): Fault => {
    log.warn('previews_unusable', { reason, retry_seconds: UNUSABLE_SECONDS })
    unusableUntil = plusSeconds(clock.now(), UNUSABLE_SECONDS)
    return new Fault('unavailable', undefined, { retryAfter: UNUSABLE_SECONDS, cause: reason })
  }

  /** A process that is ready, or null when it died on the way. Fault: unavailable. */
  const ready = async (): Promise<PictureProcess | null> => {
    try {
      current ??= { process: start(), isReady: false }
    } catch (error) {
      throw unusable(String(error))
    }
    const { process, isReady } = current
    if (isReady) return process
    const said = await process.ready()
    if (said?.state === 'unusable') {
      drop('end')
      throw unusable(said.reason)
    }
    if (said === null || current === null) return null
    current.isReady = true
    return process
  }

  const ask = async (request: PictureRequest, isLate: () => boolean): Promise<MakingOutcome> => {
    for (let attempt = 1; attempt <= ATTEMPTS && !isLate() && !closed; attempt++) {
      const process = await ready()
      const answer = await process?.ask(request).catch(() => null)
      if (!answer) {
        drop('kill')
        continue
      }
      if (answer.spent) drop('end')
      if (answer.state === 'impossible') return 'impossible'
      return { bytes: answer.data, width: answer.width, height: answer.height }
    }
    return 'failed'
  }

  const run = async ({ source, kind, edge, format }: PreviewWish): Promise<MakingOutcome> => {
    if (closed) throw new Fault('unavailable')
    requireUsable()
    clearTimeout(idle)
    let late = false
    const { promise: tooLate, resolve } = Promise.withResolvers<'failed'>()
    const timer = setTimeout(() => {
      late = true
      drop('kill')
      resolve('failed')
    }, pictureMs)
    try {
      return await spool.with(source, (path) =>
        Promise.race([ask({ path, kind, edge, format, maxPixels }, () => late), tooLate]),
      )
    } finally {
      clearTimeout(timer)
      idle = setTimeout(() => drop('end'), idleMs)
      idle.unref()
    }
  }

  return {
    async make(wish) {
      if (closed) throw new Fault('unavailable')
      requireUsable()
      if (waiting >= limit) throw new Fault('unavailable', undefined, { retryAfter: RETRY_SECONDS })
      waiting++
      const made = last.then(() => run(wish)).finally(() => waiting--)
      last = made.catch(() => {})
      return made
    },
    async close() {
      closed = true
      drop('kill')
      await last
      await spool.close()
    },
  }
}
