/** What was derived from objects for looking at them. */
import type { Preview, PreviewSize } from '../model.ts'

export interface PreviewStore {
  /** Those of an object in one size, whatever their format, failures among them. */
  find(objectId: number, size: PreviewSize): Promise<Preview[]>
  /** `find` for many objects at once. */
  findAll(objectIds: readonly number[], size: PreviewSize): Promise<Preview[]>
  /** Everything derived from an object. */
  of(objectId: number): Promise<Preview[]>
  /**
   * Records a picture whose key was announced to the objects and is written, or with a null key that none can be
   * made. Faults: conflict (there is one already, or the object is being removed), object_missing (the key is
   * not announced). After a Fault the key is announced as before.
   */
  add(preview: Preview): Promise<void>
  /** Forgets one whose bytes are gone. Another one recorded meanwhile stays. */
  remove(preview: Preview): Promise<void>
  /** Forgets everything derived from an object, whose bytes are gone. */
  forget(objectId: number): Promise<void>
  /** Whether the key is that of a recorded picture. */
  hasKey(key: string): Promise<boolean>
  /** Those with bytes of the next `limit` objects that have any, in order of their id. For check. */
  page(afterObjectId: number, limit: number): Promise<Preview[]>
}
