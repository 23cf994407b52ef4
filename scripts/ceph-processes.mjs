/** The processes of one cluster: found by its ceph.conf on their command line, so never anybody else's. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with what it printed. Rejects, with what it said, when it fails or takes longer than `seconds`. */
export async function run(program, args, { seconds = 60, input = '' } = {}) {
  const child = spawn(program, args, { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  child.stdin.on('error', () => {}) // It ended before it had read all: how it ended tells why.
  child.stdin.end(input)
  const ended = await end(child, 'close', seconds)
  if (ended === 0) return output.stdout
  const said = (output.stderr || output.stdout).trim().split('\n').slice(-8).join('\n')
  throw new Error(`${program} ${args.join(' ')} ended with ${ended}: ${said}`)
}

/** Starts a daemon that puts itself into the background; resolves when it has. */
export async function launch(program, args, { seconds = 60 } = {}) {
  const child = spawn(program, args, { cwd: '/', stdio: 'ignore', detached: true })
  const ended = await end(child, 'exit', seconds)
  if (ended !== 0) throw new Error(`${program} ${args.join(' ')} did not start: it ended with ${ended}`)
}

/** Its exit code, or the signal that ended it. */
function end(child, event, seconds) {
  const late = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`cannot run ${child.spawnfile}: ${error.message}`)))
    child.on(event, (code, signal) => resolve(code ?? signal))
  }).finally(() => clearTimeout(late))
}

/** Ids of the running processes that were given this ceph.conf, with their arguments. */
export function processesOf(config) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), args: argumentsOf(name) }))
    .filter(({ args }) => args.includes(config))
}

/** Of a process; none of a zombie, and of one that has just ended. */
export function argumentsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}

/** Asks until it is true; an error that says what was waited for when it takes longer than `seconds`. */
export async function until(what, seconds, ask) {
  const end = performance.now() + seconds * 1000
  for (;;) {
    if (await ask()) return
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`)
    await sleep(50)
  }
}

/** In this order: a gateway needs the others to end well, and so does an OSD the monitors. */
const PROGRAMS = ['radosgw', 'ceph-osd', 'ceph-mon', '']

/** Ends all of them: asks first, unless `atOnce`; insists after 10 s. Resolves when none is left. */
export async function endProcesses(config, { atOnce = false } = {}) {
  for (const program of atOnce ? [''] : PROGRAMS) {
    const alive = () => processesOf(config).filter(({ args }) => program === '' || args[0] === program)
    const send = (signal) => {
      for (const { pid } of alive()) signalTo(pid, signal)
      return alive().length === 0
    }
    if (!atOnce) send('SIGTERM')
    const end = performance.now() + 10_000
    // Again each time: one of them may just have split itself in two.
    await until('the daemons are gone', 20, () => {
      const insist = atOnce || performance.now() > end
      return insist ? send('SIGKILL') : alive().length === 0
    })
  }
}

function signalTo(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
