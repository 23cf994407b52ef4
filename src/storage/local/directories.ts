/** Directory entries that survive a power cut: an entry is on disk only after its directory was synced. */
import { mkdir, open, unlink } from 'node:fs/promises'
import { dirname, relative, sep } from 'node:path'
import { isMissing, isTaken, onDisk } from '../disk-faults.ts'

/** Makes every change of entries in `path` durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await onDisk(() => handle.sync())
  } finally {
    await handle.close()
  }
}

async function makeDurable(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (!isTaken(error)) throw error
  }
  await syncDirectory(dirname(path))
}

/**
 * Returns a function that creates a directory below `root` with all its parents, durably. That a directory
 * exists does not tell that its entry was synced (its maker may still be about to, or have died before), so
 * each one is synced once per process; later calls and calls at the same time share that sync.
 */
export function durableDirectories(root: string): (path: string) => Promise<void> {
  const known = new Map<string, Promise<void>>()
  const ensure = (path: string): Promise<void> => {
    const before = known.get(path)
    if (before) return before
    const made = onDisk(() => makeDurable(path))
    known.set(path, made)
    made.catch(() => known.delete(path))
    return made
  }
  return async (path) => {
    let step = root
    for (const name of relative(root, path).split(sep)) {
      step = `${step}${sep}${name}`
      await ensure(step)
    }
  }
}

/** Creates `path` and what is missing above it, readable by the owner only; what is there is left alone. */
export async function createRoot(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (isTaken(error)) return
    if (!isMissing(error)) throw error
    await createRoot(dirname(path))
    await mkdir(path, { mode: 0o700 })
  }
  await syncDirectory(dirname(path))
}

/** Removes a file; a missing one is fine. True when there was one. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
