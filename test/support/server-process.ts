/** A `kist serve` that runs: where it listens, what it prints, what memory it has, how it ends. */
import { existsSync, readFileSync } from 'node:fs'

export interface RunningServer {
  pid: number
  /** Where it says it listens, without slash at the end. */
  url: string
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  /** Lines of its log with this event. */
  logged(event: string): Array<Record<string, unknown>>
  memory(): Memory
  signal(name: NodeJS.Signals): void
  /** Sends the signal and waits for the end; the exit code, 128 + n when the signal ended it. */
  end(name: NodeJS.Signals): Promise<number>
  ended: Promise<number>
}

/** MiB, as the kernel counts them. `file` is mapped from files and can be taken back at any time. */
export interface Memory {
  resident: number
  anonymous: number
  file: number
  /** Highest `resident` of the process so far. */
  peak: number
}

const READY_MILLISECONDS = 20_000

interface StartOptions {
  cwd: string
  env: Record<string, string>
  /** False when only others can connect to it, or when it is not to be ready: it is taken at its word that it listens. */
  reachable?: boolean
}

/** Resolves when /readyz answers 200. Rejects, with what it printed, when it ends before or takes too long. */
export async function startServer(
  command: readonly string[],
  { cwd, env, reachable = true }: StartOptions,
): Promise<RunningServer> {
  const child = Bun.spawn([...command], { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const output = { stdout: '', stderr: '' }
  const printed = Promise.withResolvers<string>()
  const collect = async (name: 'stdout' | 'stderr'): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const chunk of child[name]) {
      output[name] += decoder.decode(chunk, { stream: true })
      const url = /^Kist listens on (\S+)\n/m.exec(output.stdout)?.[1]
      if (url) printed.resolve(url)
    }
  }
  const ended = Promise.all([child.exited, collect('stdout'), collect('stderr')]).then(([code]) => code)
  void ended.then((code) => printed.reject(new Error(`kist serve ended with ${code}: ${output.stderr}`)))
  const late = setTimeout(() => printed.reject(new Error(`not ready: ${output.stderr}`)), READY_MILLISECONDS)
  const start = async (): Promise<string> => {
    const url = await printed.promise.finally(() => clearTimeout(late))
    if (reachable) await becomeReady(url)
    return url
  }
  const url = await start().catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    pid: child.pid,
    url,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    logged: (event) => parseLog(output.stderr).filter((line) => line.event === event),
    memory: () => readMemory(child.pid),
    signal: (name) => child.kill(name),
    end(name) {
      child.kill(name)
      return ended
    },
    ended,
  }
}

async function becomeReady(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await fetch(`${url}/readyz`)
    if (status === 200) return
    await Bun.sleep(25)
  }
  throw new Error(`${url}/readyz never said 200`)
}

/** What is no JSON line is what somebody printed past the log: kept as such. */
function parseLog(text: string): Array<Record<string, unknown>> {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => {
    try {
      return JSON.parse(line) as Record<string, unknown>
    } catch {
      return { event: 'not_a_log_line', line }
    }
  })
}

export function readMemory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024
  return {
    resident: mebibytes('VmRSS'),
    anonymous: mebibytes('RssAnon'),
    file: mebibytes('RssFile'),
    peak: mebibytes('VmHWM'),
  }
}

/** Highest memory seen while it watches, ten times a second, for as long as the process lives. */
export function watchMemory(pid: number): { stop(): Memory } {
  const highest: Memory = { resident: 0, anonymous: 0, file: 0, peak: 0 }
  const look = (): void => {
    if (!existsSync(`/proc/${pid}/status`)) return
    const now = readMemory(pid)
    for (const key of ['resident', 'anonymous', 'file', 'peak'] as const)
      highest[key] = Math.max(highest[key], now[key] || 0)
  }
  const timer = setInterval(look, 100)
  return {
    stop() {
      clearInterval(timer)
      look()
      return highest
    },
  }
}
