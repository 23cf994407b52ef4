import type { Ids } from '../../src/core/ids.ts'

/** The same ids in every run, in the shape of the real ones. A restart goes on from another `start`. */
export function countingIds(start = 0): Ids {
  let count = start
  const padded = (length: number): string => (++count).toString(16).padStart(length, '0')
  return {
    slug: () => (++count).toString(36).padStart(10, '0'),
    deleteKey: () => `00000000-0000-4000-8000-${padded(12)}`,
    uploadSession: () => `ups_${padded(20)}`,
    token: () => `atk_${padded(16)}`,
    objectKey() {
      const name = padded(32)
      return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`
    },
    secret: (bytes) => padded(bytes * 2),
  }
}
