/** Runs the compiled binary as an operator would: in a directory of its own, with nothing around it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const BINARY = join(import.meta.dir, '../../dist/kist')

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

type Environment = Record<string, string>

export interface CallOptions {
  /** Standard input. */
  input?: string
  env?: Environment
  /** A command that runs the one behind it. */
  through?: string[]
}

export interface Place {
  dir: string
  /** Runs a command to its end. */
  kist(args: string[], options?: CallOptions): Promise<Outcome>
  /** Lines of stdout of a command that must succeed. */
  lines(args: string[], options?: CallOptions): Promise<string[]>
  serve(env?: Environment, options?: Pick<CallOptions, 'through'>): Promise<Served>
  [Symbol.dispose](): void
}

export interface Served {
  url: string
  pid: number
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  signal(name: NodeJS.Signals): void
  ended: Promise<Outcome>
}

/** An empty directory; what still runs there is killed and the directory removed at the end. */
export function emptyPlace(): Place {
  if (!existsSync(BINARY)) throw new Error('dist/kist is missing: bun run build')
  const dir = mkdtempSync(join(tmpdir(), 'kist-cli-'))
  const running = new Set<Bun.Subprocess>()
  const start = (args: string[], input = '', env: Environment = {}, through: string[] = []) => {
    const child = Bun.spawn([...through, BINARY, ...args], {
      cwd: dir,
      env: { PATH: '/usr/bin:/bin:/usr/sbin', HOME: dir, ...env },
      stdin: new Blob([input]),
      stdout: 'pipe',
      stderr: 'pipe',
    })
    running.add(child)
    return child
  }
  const kist: Place['kist'] = async (args, { input, env, through } = {}) => {
    const child = start(args, input, env, through)
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    return { code, stdout, stderr }
  }
  return {
    dir,
    kist,
    async lines(args, options) {
      const { code, stdout, stderr } = await kist(args, options)
      if (code !== 0) throw new Error(`kist ${args.join(' ')} ended with ${code}: ${stderr}`)
      return stdout.split('\n').slice(0, -1)
    },
    serve(env, { through } = {}) {
      const address = { KIST_SERVER_HOST: '127.0.0.1', KIST_SERVER_PORT: '0' }
      return serving(start(['serve'], '', { ...address, ...env }, through))
    },
    [Symbol.dispose]() {
      for (const child of running) child.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Resolves when the server listens; rejects when it ends before. */
async function serving(child: Bun.Subprocess<Blob, 'pipe', 'pipe'>): Promise<Served> {
  const output = { stdout: '', stderr: '' }
  const listening = Promise.withResolvers<string>()
  const collect = async (name: 'stdout' | 'stderr'): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const chunk of child[name]) {
      output[name] += decoder.decode(chunk, { stream: true })
      const url = /^Kist listens on (\S+)\n/m.exec(output.stdout)?.[1]
      if (url) listening.resolve(url)
    }
  }
  const ended = Promise.all([child.exited, collect('stdout'), collect('stderr')]).then(([code]) => ({
    code,
    ...output,
  }))
  void ended.then(({ code, stderr }) =>
    listening.reject(new Error(`kist serve ended with ${code}: ${stderr}`)),
  )
  return {
    url: await listening.promise,
    pid: child.pid,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (name) => child.kill(name),
    ended,
  }
}
