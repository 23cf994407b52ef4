/** The disk's and the client's errors as Faults, told apart by their codes. */
import { Fault } from '../core/fault.ts'

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const GONE = new Set(['ABORT_ERR', 'ECONNRESET', 'EPIPE'])

const property = (error: unknown, name: 'code' | 'name'): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined

/** True when the file system says that the name does not exist, also because a file is where a directory would be. */
export const isMissing = (error: unknown): boolean => {
  const code = property(error, 'code')
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** True when the file system says that the name is taken. */
export const isTaken = (error: unknown): boolean => property(error, 'code') === 'EEXIST'

/** What an error of a write means: storage_full, or the error itself. */
export function diskFault(error: unknown): unknown {
  const code = property(error, 'code')
  return typeof code === 'string' && FULL.has(code)
    ? new Fault('storage_full', undefined, { cause: error })
    : error
}

/** What an error of the source of bytes means: client_gone, or the error itself (a Fault stays as it is). */
export function sourceFault(error: unknown): unknown {
  if (error instanceof Fault) return error
  const code = property(error, 'code')
  const gone = property(error, 'name') === 'AbortError' || (typeof code === 'string' && GONE.has(code))
  return gone ? new Fault('client_gone', undefined, { cause: error }) : error
}

/** Runs one disk operation; a full disk is Fault storage_full. */
export async function onDisk<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw diskFault(error)
  }
}

/** Like `onDisk`, and a missing file is the Fault given. */
export async function onExisting<T>(missing: () => Fault, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw isMissing(error) ? missing() : diskFault(error)
  }
}
