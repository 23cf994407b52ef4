/** Which bytes of the file a part holds. Pure arithmetic on the plan of an upload. */
import { Fault } from '../core/fault.ts'
import type { StoredPart, UploadRef } from '../core/storage.ts'

type Plan = Pick<UploadRef, 'size' | 'partSize'>

/** An empty file may have its one empty part or none. */
const lastPart = ({ size, partSize }: Plan): number => Math.max(1, Math.ceil(size / partSize))

/** Bytes of part `number` when the upload is complete. */
const plannedSize = (plan: Plan, number: number): number =>
  Math.min(plan.partSize, plan.size - (number - 1) * plan.partSize)

/** Offset of a part. Faults: part_number_invalid; part_too_large when it would reach into the next part. */
export function partOffset(plan: Plan, part: { number: number; size: number }): number {
  if (!Number.isSafeInteger(part.number) || part.number < 1 || part.number > lastPart(plan))
    throw new Fault('part_number_invalid')
  if (part.size > plannedSize(plan, part.number)) throw new Fault('part_too_large')
  return (part.number - 1) * plan.partSize
}

/** Bytes that the first `parts` parts hold together. */
export const prefixLength = (plan: Plan, parts: number): number => Math.min(parts * plan.partSize, plan.size)

/** Fault size_mismatch unless the parts are the whole file: each number once, each with its planned size. */
export function checkCovered(plan: Plan, parts: StoredPart[]): void {
  if (plan.size === 0 && parts.length === 0) return
  const sizes = new Map(parts.map((part) => [part.number, part.size]))
  const last = lastPart(plan)
  let whole = parts.length === last && sizes.size === last
  for (let number = 1; whole && number <= last; number++)
    whole = sizes.get(number) === plannedSize(plan, number)
  if (!whole) throw new Fault('size_mismatch')
}
