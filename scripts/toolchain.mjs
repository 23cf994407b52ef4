/**
 * Brings the pinned Bun and the dependencies to a machine that has only Node (18 or newer) and npm.
 * Everything stays inside the project: .toolchain/ and node_modules/. What is there already is left alone.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const TOOLCHAIN = join(ROOT, '.toolchain')
const BUN_PACKAGE = join(TOOLCHAIN, 'node_modules/bun')
const BUN = join(BUN_PACKAGE, 'bin/bun.exe') // its name on every system
const STAMP = join(ROOT, 'node_modules/.kist-lock')

/** Path of the pinned Bun, with all dependencies of the project installed. Exits when that fails. */
export function prepare() {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  if (!isBun(devDependencies.bun)) installBun(devDependencies.bun)
  installDependencies()
  return BUN
}

function installBun(version) {
  mkdirSync(TOOLCHAIN, { recursive: true })
  writeFileSync(join(TOOLCHAIN, 'package.json'), '{ "private": true }\n')
  must('npm', ['install', '--prefix', TOOLCHAIN, '--no-audit', '--no-fund', '--save-exact', `bun@${version}`])
  // Newer npm does not run install scripts; without its own, bun is a stub that only prints an error.
  if (!isBun(version)) must(process.execPath, [join(BUN_PACKAGE, 'install.js')], { cwd: BUN_PACKAGE })
  if (!isBun(version)) fail(`bun ${version} was installed but does not run`)
}

function isBun(version) {
  return existsSync(BUN) && spawnSync(BUN, ['--version'], { encoding: 'utf8' }).stdout?.trim() === version
}

function installDependencies() {
  const hash = createHash('sha256')
  for (const file of ['package.json', 'bun.lock']) hash.update(readFileSync(join(ROOT, file)))
  const wanted = hash.digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  must(BUN, ['install', '--frozen-lockfile'])
  writeFileSync(STAMP, wanted)
}

/** Runs a program with this terminal's input and output; its exit code. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', ...options })
  if (result.error) fail(`cannot run ${program}: ${result.error.message}`)
  return result.status ?? 128 + (constants.signals[result.signal] ?? 0)
}

/** Like run, but nothing after it makes sense without success. npm's own talk goes to stderr. */
export function must(program, args, options = {}) {
  const code = run(program, args, { stdio: ['ignore', 2, 2], ...options })
  if (code !== 0) fail(`${program} ${args[0]} failed with exit code ${code}`)
}

/**
 * Runs a program until it ends, handing on signals; exits as it does. The program gets a process group of its own
 * and each signal once: Ctrl-C reaches this process from the terminal and again from npm, and two would tell a
 * server not to wait for what is under way.
 */
export function become(program, args) {
  const child = spawn(program, args, { stdio: 'inherit', detached: true })
  const latest = {}
  const handOn = (signal) => {
    const now = performance.now()
    if (now - (latest[signal] ?? Number.NEGATIVE_INFINITY) > 300) child.kill(signal)
    latest[signal] = now
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, handOn)
  child.on('error', (error) => fail(`cannot run ${program}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
