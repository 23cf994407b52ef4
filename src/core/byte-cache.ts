/** Small immutable objects that are asked for again and again, in memory. */

export interface ByteCache {
  get(key: string): Uint8Array<ArrayBuffer> | undefined
  /** Those that were not asked for the longest make room. What is large is not kept. */
  set(key: string, bytes: Uint8Array<ArrayBuffer>): void
}

/** `limit` and `largest` are bytes: of all together, and of one. */
export function createByteCache(limit: number, largest: number): ByteCache {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  let total = 0
  const drop = (key: string): void => {
    total -= kept.get(key)?.length ?? 0
    kept.delete(key)
  }
  return {
    get(key) {
      const bytes = kept.get(key)
      if (bytes === undefined) return undefined
      // A map keeps the order in which its keys came.
      kept.delete(key)
      kept.set(key, bytes)
      return bytes
    },
    set(key, bytes) {
      if (bytes.length > largest) return
      drop(key)
      kept.set(key, bytes)
      total += bytes.length
      for (const oldest of kept.keys()) {
        if (total <= limit) return
        drop(oldest)
      }
    },
  }
}
