/** Starts the process that makes pictures, and talks to it. */
import { fileURLToPath } from 'node:url'
import { LineReader, type PictureReply, type PictureRequest, PREVIEW_COMMAND } from './preview-wire.ts'

export type MadePicture = Extract<PictureReply, { state: 'made' }> & { data: Uint8Array }
export type PictureAnswer = MadePicture | Extract<PictureReply, { state: 'impossible' }>

export interface PictureProcess {
  readonly pid: number
  /** Once it has loaded what it needs; null when it died before. */
  ready(): Promise<Extract<PictureReply, { state: 'ready' | 'unusable' }> | null>
  /** One question at a time. Null when it died of it. */
  ask(request: PictureRequest): Promise<PictureAnswer | null>
  /** It ends when it has nothing to do. */
  end(): void
  kill(): void
}

/** Memory of large pictures goes back to the system at once, and no heap is made per thread. */
const ENVIRONMENT = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

/** The very executable that runs, also when another version has been put in its place meanwhile. */
const COMMAND = Bun.isStandaloneExecutable
  ? ['/proc/self/exe', PREVIEW_COMMAND]
  : [process.execPath, fileURLToPath(new URL('../main.ts', import.meta.url)), PREVIEW_COMMAND]

/** `directory` is where it may make files if the system lets it make none in memory. Throws when it cannot start. */
export function startPictureProcess(directory: string, command: readonly string[] = COMMAND): PictureProcess {
  const child = Bun.spawn([...command], {
    cwd: directory,
    env: ENVIRONMENT,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
  })
  child.unref()
  const reader = new LineReader(child.stdout)
  const next = async (): Promise<PictureReply | null> => {
    const line = await reader.line()
    return line === null ? null : readReply(line)
  }
  return {
    pid: child.pid,
    async ready() {
      const reply = await next()
      return reply?.state === 'ready' || reply?.state === 'unusable' ? reply : null
    },
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      await child.stdin.flush()
      const reply = await next()
      if (reply?.state === 'impossible') return reply
      if (reply?.state !== 'made') return null
      const data = await reader.bytes(reply.bytes)
      return data === null ? null : { ...reply, data }
    },
    end: () => void child.stdin.end(),
    kill: () => child.kill('SIGKILL'),
  }
}

/** Null for what is no reply: then it is no process of ours, or it is broken. */
function readReply(line: string): PictureReply | null {
  try {
    return JSON.parse(line) as PictureReply
  } catch {
    return null
  }
}
