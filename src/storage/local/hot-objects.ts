/** Small objects that are asked for again and again. They never change, so what is in memory is what is on disk. */

export interface HotObjects {
  get(key: string): Blob | null
  /** Keeps it until there is no room: then what was asked for longest ago goes. */
  keep(key: string, bytes: Blob): void
  forget(key: string): void
}

/** What the smallest one takes beside its bytes, so that millions of them are not kept for nothing. */
export const HOT_OVERHEAD_BYTES = 1024

const weightOf = (bytes: Blob): number => bytes.size + HOT_OVERHEAD_BYTES

/** `room` is in bytes, HOT_OVERHEAD_BYTES for each object included. */
export function createHotObjects(room: number): HotObjects {
  // In the order of their latest use, in which a Map keeps its keys.
  const kept = new Map<string, Blob>()
  let used = 0

  const forget = (key: string): void => {
    const found = kept.get(key)
    if (found) used -= weightOf(found)
    kept.delete(key)
  }
  return {
    get(key) {
      const found = kept.get(key)
      if (!found) return null
      kept.delete(key)
      kept.set(key, found)
      return found
    },
    keep(key, bytes) {
      forget(key)
      kept.set(key, bytes)
      used += weightOf(bytes)
      for (const oldest of kept.keys()) {
        if (used <= room) return
        forget(oldest)
      }
    },
    forget,
  }
}
