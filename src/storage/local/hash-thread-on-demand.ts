/** When the hash thread lives: started when first needed, ended when idle, given up when it keeps dying. */
import type { Log } from '../../core/log.ts'
import { type HashThread, startHashThread } from './hash-thread.ts'

/** An idle thread costs memory; ending it costs reading unfinished uploads again from their start. */
const IDLE_UNFINISHED_MS = 15 * 60_000
const IDLE_MS = 10_000
/** A thread that cannot live here is not started for ever. */
const MAX_DEATHS = 3

export class ThreadOnDemand {
  #thread: HashThread | null = null
  #unfinished = new Set<string>()
  #deaths = 0
  #busy = 0
  #idle: Timer | undefined
  #log: Log
  #start: typeof startHashThread

  constructor(log: Log, start = startHashThread) {
    this.#log = log
    this.#start = start
  }

  /** The thread if it runs. */
  get running(): HashThread | null {
    return this.#thread
  }

  /** The thread, started if need be; null when it was given up. */
  use(): HashThread | null {
    if (this.#thread || this.#deaths >= MAX_DEATHS) return this.#thread
    try {
      this.#begin()
    } catch (error) {
      this.#died(error)
    }
    return this.#thread
  }

  /** The thread knows something of this upload that is worth keeping. */
  keep(upload: string): void {
    this.#unfinished.add(upload)
    this.#restAfterwards()
  }

  forget(upload: string): void {
    this.#unfinished.delete(upload)
    this.#restAfterwards()
  }

  /** Does the work; meanwhile the thread is not ended for idleness. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++
    clearTimeout(this.#idle)
    try {
      return await work()
    } finally {
      this.#busy--
      this.#restAfterwards()
    }
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle)
    const ending = this.#thread
    this.#gone()
    await ending?.end()
  }

  #begin(): void {
    const started = this.#start((error) => {
      if (this.#thread === started) this.#died(error)
    })
    this.#thread = started
  }

  #gone(): void {
    this.#thread = null
    this.#unfinished.clear()
  }

  #died(error: unknown): void {
    this.#gone()
    this.#deaths++
    this.#log.error('hash_worker.died', { error: String(error), deaths: this.#deaths })
  }

  #restAfterwards(): void {
    clearTimeout(this.#idle)
    if (!this.#thread || this.#busy > 0) return
    const after = this.#unfinished.size > 0 ? IDLE_UNFINISHED_MS : IDLE_MS
    this.#idle = setTimeout(() => void this.end(), after)
    this.#idle.unref()
  }
}
