/** The compiled binary as an operator has it: a directory of its own, a process, its output. */
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningServer, startServer } from './server-process.ts'

/** What is tested: dist/kist, or the file KIST_TEST_BINARY names. */
export const BINARY = process.env.KIST_TEST_BINARY ?? join(import.meta.dir, '../../dist/kist')

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  input?: string
  env?: Record<string, string>
  /** A command that runs the one behind it, such as setpriv with its options. */
  through?: readonly string[]
  /** Whether a server is waited for until it is ready; true when absent. */
  ready?: boolean
}

export interface PlaceOptions {
  /** Lines of kist.toml. */
  settings?: string
  /** Where the directory is made. */
  below?: string
  /** Who owns the directory, and gets a copy of the binary in it: the project may be out of his reach. */
  owner?: number
}

/** A directory with nothing in it but kist.toml, if there are settings. */
export interface Place {
  dir: string
  dataDir: string
  /** Runs a command to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** Lines of stdout of a command that must succeed. */
  lines(args: readonly string[], options?: RunOptions): Promise<string[]>
  /** Starts `kist serve` on a free port of 127.0.0.1; resolves when it is ready. */
  serve(options?: RunOptions): Promise<RunningServer>
  /** An account of package Admin and a token for it. */
  token(name: string, scopes?: string): Promise<string>
  /** Kills what still runs here and removes the directory. */
  remove(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Short stays short: a parent environment must not decide what a test sees. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin' }
const ADDRESS = { KIST_SERVER_HOST: '127.0.0.1', KIST_SERVER_PORT: '0' }

export function createPlace({ settings, below = tmpdir(), owner }: PlaceOptions = {}): Place {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: bun run build`)
  const dir = mkdtempSync(join(below, 'kist-e2e-'))
  if (settings !== undefined) writeFileSync(join(dir, 'kist.toml'), settings)
  const binary = owner === undefined ? BINARY : join(dir, 'kist')
  if (owner !== undefined) {
    copyFileSync(BINARY, binary)
    chmodSync(binary, 0o755)
    chownSync(dir, owner, owner)
  }
  const ends = new Set<() => Promise<unknown>>()
  const place: Place = {
    dir,
    dataDir: join(dir, 'data'),
    run: (args, options) => runToEnd([binary, ...args], { cwd: dir, ends }, options),
    async lines(args, options) {
      const { code, stdout, stderr } = await place.run(args, options)
      if (code !== 0) throw new Error(`kist ${args.join(' ')} ended with ${code}: ${stderr}`)
      return stdout.split('\n').slice(0, -1)
    },
    async serve({ env, through = [], ready = true } = {}) {
      const command = [...through, binary, 'serve']
      const server = await startServer(command, {
        cwd: dir,
        env: { ...ENVIRONMENT, ...ADDRESS, ...env },
        reachable: ready,
      })
      ends.add(() => server.end('SIGKILL'))
      return server
    },
    async token(name, scopes = '*') {
      await place.lines(['user', 'add', name, '--package', 'Admin'])
      const [token = ''] = await place.lines([
        'token',
        'add',
        '--user',
        name,
        '--kind',
        'nating',
        '--scopes',
        scopes,
      ])
      return token
    },
    async remove() {
      await Promise.all([...ends].map((end) => end()))
      rmSync(dir, { recursive: true, force: true })
    },
    [Symbol.asyncDispose]: () => place.remove(),
  }
  return place
}

async function runToEnd(
  command: readonly string[],
  { cwd, ends }: { cwd: string; ends: Set<() => Promise<unknown>> },
  { input = '', env = {}, through = [] }: RunOptions = {},
): Promise<Outcome> {
  const child = Bun.spawn([...through, ...command], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdin: new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  ends.add(() => {
    child.kill('SIGKILL')
    return child.exited
  })
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, stdout, stderr }
}
