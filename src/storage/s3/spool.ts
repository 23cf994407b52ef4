/** Bytes of unknown length on their way in: a little in memory, then in a file, until it is known how many. */
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ids } from '../../core/ids.ts'
import { onDisk } from '../disk-faults.ts'

const IN_MEMORY = 256 * 1024
const SPOOLED = /^spool-[0-9a-f]{32}$/

/** Creates the directory, and with `recover` removes what a process that died was spooling. */
export async function prepareSpool(dir: string, recover: boolean): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (!recover) return
  for (const name of await readdir(dir)) if (SPOOLED.test(name)) await rm(join(dir, name), { force: true })
}

/** Nearly full disks shorten a write without an error, so it goes on until all is written. */
async function append(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; )
    done += (await onDisk(() => handle.write(chunk, done, chunk.byteLength - done))).bytesWritten
}

/** The bytes of one request to the store. The caller discards it, however it ends. */
export class Spooled {
  readonly #path: string
  #memory: Uint8Array[] = []
  #handle: FileHandle | null = null
  #onDisk = false
  size = 0

  constructor(dir: string, ids: Pick<Ids, 'secret'>) {
    this.#path = join(dir, `spool-${ids.secret(16)}`)
  }

  /** Fault: storage_full, when the disk of the spool is. */
  async write(chunk: Uint8Array): Promise<void> {
    if (!this.#onDisk && this.size + chunk.byteLength <= IN_MEMORY) this.#memory.push(chunk.slice())
    else await this.#toDisk(chunk)
    this.size += chunk.byteLength
  }

  async #toDisk(chunk: Uint8Array): Promise<void> {
    this.#onDisk = true
    const handle = this.#handle ?? (await onDisk(() => open(this.#path, 'wx', 0o600)))
    this.#handle = handle
    for (const held of this.#memory.splice(0)) await append(handle, held)
    await append(handle, chunk)
  }

  /** All bytes written, as often as a request has to be repeated. */
  async body(): Promise<Uint8Array<ArrayBuffer> | Blob> {
    if (!this.#onDisk) return new Uint8Array(Buffer.concat(this.#memory))
    await this.#close()
    return Bun.file(this.#path)
  }

  async discard(): Promise<void> {
    this.#memory = []
    await this.#close()
    if (this.#onDisk) await rm(this.#path, { force: true })
  }

  async #close(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await handle?.close()
  }
}
