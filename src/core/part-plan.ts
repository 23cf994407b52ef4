/** How a file is cut into parts. */

const MiB = 1024 ** 2
const GiB = 1024 ** 3
export const MAX_PARTS = 10_000
const LARGEST_PART = 5 * GiB
/** No file can be larger: 10,000 parts of 5 GiB. */
export const LARGEST_FILE = MAX_PARTS * LARGEST_PART

/**
 * Part size in bytes for a file of `size` bytes. `configured` from 8 MiB on grows with the file, so that
 * no upload has more than 10,000 parts; below 8 MiB it is taken as it is, as far as that rule and the
 * `smallest` part of the storage allow.
 */
export function partSizeFor(size: number, configured: number, smallest = 0): number {
  const least = Math.max(Math.ceil(size / MAX_PARTS), smallest)
  if (configured < 8 * MiB) return Math.max(configured, least)
  const floor = size > 20 * GiB ? 128 * MiB : size > 2 * GiB ? 64 * MiB : 16 * MiB
  const wholeMiB = Math.ceil(least / MiB) * MiB
  return Math.min(Math.max(configured, floor, wholeMiB), LARGEST_PART)
}

export interface PartPlan {
  expectedSize: number
  partSize: number
}

export const partCount = ({ expectedSize, partSize }: PartPlan): number => Math.ceil(expectedSize / partSize)

/** Bytes part `number` must have: the part size, or what remains for the last one. */
export const partLength = (plan: PartPlan, number: number): number =>
  Math.min(plan.partSize, plan.expectedSize - (number - 1) * plan.partSize)

export const isPartNumber = (plan: PartPlan, number: number): boolean =>
  Number.isInteger(number) && number >= 1 && number <= partCount(plan)
