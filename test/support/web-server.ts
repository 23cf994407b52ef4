/** What tests need of a web server in front of Kist, whichever it is. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dir, '../..')

export interface WebServer {
  url: string
  pid: number
  /** What it has logged, warnings and worse. */
  errors(): string
  accessLog(): string
  stop(): Promise<void>
}

export interface FrontOptions {
  /** Made, for its logs and temporary files. */
  dir: string
  /** Where Kist listens. */
  upstream: string
  dataDir: string
  /** The address from which it calls Kist. */
  from?: string
}

export const freePort = (): number => {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}

/** A file of deploy/ with each of the texts replaced; all of them have to be there. */
export function adapted(name: string, changes: Record<string, string>): string {
  let text = readFileSync(join(ROOT, 'deploy', name), 'utf8')
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`deploy/${name} has no "${from}"`)
    text = text.replace(from, to)
  }
  return text
}

/** Waits until the process answers, with logs in `dir`. */
export async function whenAnswering(
  child: Bun.ReadableSubprocess,
  url: string,
  dir: string,
): Promise<WebServer> {
  await answers(`${url}/healthz`, child)
  const read = (name: string): string => {
    const path = join(dir, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  return {
    url,
    pid: child.pid,
    errors: () => read('error.log'),
    accessLog: () => read('access.log'),
    async stop() {
      child.kill('SIGTERM')
      await child.exited
    },
  }
}

async function answers(url: string, child: Bun.ReadableSubprocess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`the web server has ended: ${await child.stderr.text()}`)
    const response = await fetch(url).catch(() => null)
    if (response?.status === 200) return
    await Bun.sleep(25)
  }
  throw new Error(`${url} never answered`)
}
