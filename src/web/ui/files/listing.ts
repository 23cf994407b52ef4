/** Entries of a list that may be long: what is looked at is fetched, a slice at a time, and kept. */
import type { Entry } from '../../wire/entries.ts'

/** Fetched at once. */
export const SLICE = 100
/** Slices kept beyond those looked at last: 20,000 entries. */
const MOST_KEPT = 200

export interface Fetched {
  total: number
  entries: Entry[]
}

export class Listing {
  total = 0
  /** The first slice has arrived, or failed. */
  ready = false
  problem: unknown = null
  /** What was asked for last. */
  range: [from: number, to: number] = [0, 0]
  readonly #fetch: (offset: number, limit: number, signal: AbortSignal) => Promise<Fetched>
  readonly #slices = new Map<number, Entry[]>()
  readonly #pending = new Map<number, Promise<void>>()
  readonly #stop = new AbortController()
  readonly #watchers = new Set<() => void>()

  constructor(fetch: (offset: number, limit: number, signal: AbortSignal) => Promise<Fetched>) {
    this.#fetch = fetch
  }

  at(index: number): Entry | undefined {
    return this.#slices.get(Math.floor(index / SLICE))?.[index % SLICE]
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Fetches what is missing between two places; resolves when all of it is here. */
  async ensure(from: number, to: number): Promise<void> {
    this.range = [from, to]
    const first = Math.floor(Math.max(0, from) / SLICE)
    const last = Math.floor(Math.max(0, to) / SLICE)
    const wanted: Array<Promise<void>> = []
    for (let slice = first; slice <= last; slice++)
      if (!this.#slices.has(slice)) wanted.push(this.#load(slice))
    await Promise.all(wanted)
  }

  /** Where an entry is, as far as it has been fetched; -1 when it has not. */
  indexOf(matches: (entry: Entry) => boolean): number {
    for (const [slice, entries] of this.#slices) {
      const at = entries.findIndex(matches)
      if (at >= 0) return slice * SLICE + at
    }
    return -1
  }

  /** Nothing is fetched any more. */
  close(): void {
    this.#watchers.clear()
    this.#stop.abort()
  }

  #load(slice: number): Promise<void> {
    const known = this.#pending.get(slice)
    if (known) return known
    const load = this.#fetch(slice * SLICE, SLICE, this.#stop.signal)
      .then(
        ({ total, entries }) => {
          this.total = total
          this.#slices.set(slice, entries)
          this.#forget()
          this.problem = null
        },
        (error: unknown) => {
          if (!this.#stop.signal.aborted) this.problem = error
        },
      )
      .finally(() => {
        this.#pending.delete(slice)
        this.ready = true
        for (const watcher of this.#watchers) watcher()
      })
    this.#pending.set(slice, load)
    return load
  }

  #forget(): void {
    for (const slice of this.#slices.keys()) {
      if (this.#slices.size <= MOST_KEPT) return
      this.#slices.delete(slice)
    }
  }
}
