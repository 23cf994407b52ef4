/** Gives pictures a path: those that are files already have one, others are written to a file for a moment. */
import { mkdir, open, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { PictureSource } from '../core/preview-maker.ts'

export interface Spool {
  /** Calls `use` with the path of the picture; what was written is gone when it is done. */
  with<T>(source: PictureSource, use: (path: string) => Promise<T>): Promise<T>
  /** Removes its directory. */
  close(): Promise<void>
}

/** Its directory, below `parent`, is its own: what a dead process left there goes at the first use. */
export function createSpool(parent: string): Spool {
  const directory = resolve(parent, 'previews')
  let prepared: Promise<void> | null = null
  let count = 0

  const prepare = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true, mode: 0o700 })
  }
  const write = async (path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    const handle = await open(path, 'wx', 0o600)
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk)
    } finally {
      await handle.close()
    }
  }
  return {
    async with(source, use) {
      if ('path' in source) return use(source.path)
      prepared ??= prepare()
      await prepared
      const path = resolve(directory, String(++count))
      try {
        await write(path, await source.open())
        return await use(path)
      } finally {
        await rm(path, { force: true })
      }
    },
    async close() {
      if (prepared) await rm(directory, { recursive: true, force: true })
    },
  }
}
