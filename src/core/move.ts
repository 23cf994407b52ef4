/**
 * Moves objects from one store to the other beside a running server that reads from both. Every object is whole in
 * one of them at any moment: it is copied, compared with its record, and only then removed where it was. Begun
 * anew after whatever interruption, it goes on with what is still to be moved.
 */
import { createHash } from 'node:crypto'
import { Fault, isFault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { StoredObject } from './model.ts'
import type { ObjectInfo, StorageDriver } from './storage.ts'

export interface MoveStep {
  key: string
  size: number
  /**
   * `present`: it was in the other store already, whole. `gone`: it was removed meanwhile. `left`: somebody is
   * still writing it; the next run takes it. `failed`: it stays where it is, `reason` says why.
   */
  outcome: 'moved' | 'present' | 'gone' | 'left' | 'failed'
  reason?: string
}

interface Deps {
  metadata: MetadataStore
  from: StorageDriver
  to: StorageDriver
  /** Whether the objects stay in the store they are moved from as well. */
  keepSource: boolean
}

/** Objects under way at one time: small ones wait for the store, large ones for the wire. */
const AT_ONCE = 4

/** One step for every object of the store. Faults: unavailable (a store can not be listed). */
export async function* moveObjects(deps: Deps): AsyncGenerator<MoveStep> {
  const underWay = new Map<string, Promise<MoveStep>>()
  const next = async (): Promise<MoveStep> => {
    const step = await Promise.race(underWay.values())
    underWay.delete(step.key)
    return step
  }
  for await (const object of deps.from.list()) {
    underWay.set(object.key, moveSafely(deps, object))
    if (underWay.size >= AT_ONCE) yield await next()
  }
  while (underWay.size > 0) yield await next()
}

async function moveSafely(deps: Deps, { key, size }: ObjectInfo): Promise<MoveStep> {
  try {
    return { key, size, ...(await move(deps, key)) }
  } catch (error) {
    if (isFault(error, 'object_missing')) return { key, size, outcome: 'gone' }
    return { key, size, outcome: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function move(deps: Deps, key: string): Promise<Pick<MoveStep, 'outcome'>> {
  const { metadata, from, to, keepSource } = deps
  const record = await metadata.objects.findByKey(key)
  if (!record && (await isBeingMade(metadata, key))) return { outcome: 'left' }
  const present = await isThere(deps, key, record)
  if (!present) await copy(deps, key, record)
  // Removed while it was copied: whoever did that may have looked before the copy was there.
  if (!(await isStillWanted(deps, key, record))) {
    await to.delete(key)
    return { outcome: 'gone' }
  }
  if (!keepSource) await from.delete(key)
  return { outcome: present ? 'present' : 'moved' }
}

/** Not claimed for removal; without a record of its own it goes by itself. */
async function isStillWanted(
  { metadata, from }: Deps,
  key: string,
  record: StoredObject | null,
): Promise<boolean> {
  if (!record) return (await from.head(key)) !== null
  const [found] = await metadata.objects.page(record.id - 1, 1)
  return found?.id === record.id
}

/**
 * Whole, and to get its record in a moment: an upload that is being completed, a one-shot upload. What was derived
 * has a record of another kind.
 */
async function isBeingMade({ objects, uploads, previews }: MetadataStore, key: string): Promise<boolean> {
  const staged = await uploads.staged()
  if (staged.some((upload) => upload.key === key)) return true
  return (await objects.isKnownKey(key)) && !(await previews.hasKey(key))
}

/** An earlier run was cut off before it removed the source. */
async function isThere({ from, to }: Deps, key: string, record: StoredObject | null): Promise<boolean> {
  const [here, there] = [await from.head(key), await to.head(key)]
  if (!there) return false
  if (!here) throw new Fault('object_missing')
  if (here.size !== there.size) return false
  const right = record?.sha256 ?? (await hash(from, key))
  return (await hash(to, key)) === right
}

/** What is not as it should be is removed again. Throws the reason. */
async function copy({ metadata, from, to }: Deps, key: string, record: StoredObject | null): Promise<void> {
  const description = record && (await metadata.objects.describe(record.id))
  if (record && to.describes)
    await metadata.objects.noteStoredName(record.id, description ? description.name : null)
  const body = await from.open(key)
  const source = body instanceof Blob ? body.stream() : body
  const written = await to.put(key, source, undefined, description ?? undefined)
  const wrong = await differenceOf(to, key, record, written)
  if (wrong === null) return
  await to.delete(key)
  throw new Error(wrong)
}

async function differenceOf(
  to: StorageDriver,
  key: string,
  record: StoredObject | null,
  written: { size: number; sha256: string },
): Promise<string | null> {
  const stored = await to.head(key)
  if (stored?.size !== written.size) return `${stored?.size ?? 0} bytes arrived of ${written.size}`
  if (record && record.size !== written.size) return `it has ${written.size} bytes, recorded ${record.size}`
  if (record?.sha256)
    return record.sha256 === written.sha256 ? null : `SHA-256 is ${written.sha256}, recorded ${record.sha256}`
  const back = await hash(to, key)
  return back === written.sha256
    ? null
    : `SHA-256 is ${back} in the other store, ${written.sha256} in this one`
}

async function hash(storage: StorageDriver, key: string): Promise<string> {
  const body = await storage.open(key)
  const sha256 = createHash('sha256')
  for await (const chunk of body instanceof Blob ? body.stream() : body) sha256.update(chunk)
  return sha256.digest('hex')
}
