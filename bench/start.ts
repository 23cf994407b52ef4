/**
 * How fast it starts and how little it takes: bun bench/start.ts [times, default 15]. From the start of the process
 * to its first answer, beside a bare Bun.serve that says hello, compiled the same way; memory when idle, and size.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BINARY } from '../test/support/binary.ts'
import { type Memory, readMemory } from '../test/support/server-process.ts'

const TIMES = Number(process.argv[2] ?? 15)
const IDLE_MILLISECONDS = 1500

interface Started {
  milliseconds: number
  idle: Memory
}

/** A free port; somebody else may take it in the meantime, then the run fails. */
function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const { port } = server
  void server.stop(true)
  return port ?? 0
}

async function start(command: string[], cwd: string, path: string, measureIdle: boolean): Promise<Started> {
  const port = freePort()
  const env = {
    PATH: '/usr/bin',
    PORT: String(port),
    KIST_SERVER_PORT: String(port),
    KIST_SERVER_HOST: '127.0.0.1',
  }
  const begun = performance.now()
  const child = Bun.spawn(command, { cwd, env, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' })
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}${path}`, { keepalive: false }).catch(() => null)
    if (answered?.status === 200) break
    if (child.exitCode !== null) throw new Error(`${command[0]} ended with ${child.exitCode}`)
    await Bun.sleep(0.5)
  }
  const milliseconds = performance.now() - begun
  if (measureIdle) await Bun.sleep(IDLE_MILLISECONDS)
  const idle = readMemory(child.pid)
  child.kill('SIGKILL')
  await child.exited
  return { milliseconds, idle }
}

async function bareServer(folder: string): Promise<string> {
  const source = join(folder, 'hello.ts')
  writeFileSync(
    source,
    "Bun.serve({ port: Number(process.env.PORT), hostname: '127.0.0.1', development: false, fetch: () => new Response('hello') })\n",
  )
  const outfile = join(folder, 'hello')
  await Bun.build({
    entrypoints: [source],
    target: 'bun',
    format: 'esm',
    minify: true,
    bytecode: true,
    compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
  })
  return outfile
}

const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
const say = (name: string, text: string): void => void process.stdout.write(`${name.padEnd(24)} ${text}\n`)

const folder = mkdtempSync(join(tmpdir(), 'kist-start-'))
try {
  const hello = await bareServer(folder)
  const times = { hello: [] as number[], again: [] as number[], fresh: [] as number[] }
  await start([BINARY, 'serve'], folder, '/healthz', false)
  for (let count = 0; count < TIMES; count++) {
    times.hello.push((await start([hello], folder, '/', false)).milliseconds)
    times.again.push((await start([BINARY, 'serve'], folder, '/healthz', false)).milliseconds)
    const empty = mkdtempSync(join(folder, 'fresh-'))
    times.fresh.push((await start([BINARY, 'serve'], empty, '/healthz', false)).milliseconds)
  }
  const { idle } = await start([BINARY, 'serve'], folder, '/healthz', true)
  const bare = await start([hello], folder, '/', true)
  const [base, again, fresh] = [median(times.hello), median(times.again), median(times.fresh)]
  say(
    'bare Bun.serve',
    `${base.toFixed(0)} ms to the first answer, ${bare.idle.resident.toFixed(0)} MiB idle`,
  )
  say(
    'kist serve',
    `${again.toFixed(0)} ms, ${(again - base).toFixed(0)} beyond bare (${(again / base).toFixed(1)} times)`,
  )
  say('kist serve, new data', `${fresh.toFixed(0)} ms, ${(fresh - base).toFixed(0)} beyond bare`)
  say(
    'idle memory',
    `${idle.resident.toFixed(0)} MiB: ${idle.anonymous.toFixed(0)} anonymous, ${idle.file.toFixed(0)} of files`,
  )
  say('binary', `${(statSync(BINARY).size / 1e6).toFixed(1)} MB`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
