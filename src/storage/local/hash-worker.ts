/**
 * SHA-256 and CRC-32 of files that are still being written, on a thread of its own. Follows each file up to where it
 * was told that the bytes are final, one block at a time and taking turns, so that a message is never kept
 * waiting for longer than a block.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { Crc32 } from '../../core/crc32.ts'
import type { HashReply, HashRequest } from './hash-messages.ts'

const BLOCK = 1024 * 1024
/** States kept; the one that was idle longest goes first, and its file is then read again from the start. */
const MAX_STATES = 1000

interface Question {
  id: number
  to: number
  /** The state's `read` when it was asked. */
  since: number
}

interface State {
  path: string
  sha256: Bun.CryptoHasher
  crc32: Crc32
  position: number
  target: number
  read: number
  questions: Question[]
}

const states = new Map<string, State>()
const block = new Uint8Array(BLOCK)
let running = false

const reply = (message: HashReply): void => parentPort?.postMessage(message)

/** Nobody may wait for a state that is no more. */
function forget(upload: string, code: string): void {
  for (const { id } of states.get(upload)?.questions ?? []) reply({ id, failed: code })
  states.delete(upload)
}

function start(upload: string, path: string): State {
  forget(upload, 'REPLACED')
  const hashers = { sha256: new Bun.CryptoHasher('sha256'), crc32: new Crc32() }
  const state: State = { path, ...hashers, position: 0, target: 0, read: 0, questions: [] }
  states.set(upload, state)
  for (const [name, { questions }] of states) {
    if (states.size <= MAX_STATES) break
    if (questions.length === 0 && name !== upload) states.delete(name)
  }
  return state
}

/** The state that can answer for the first `to` bytes of `path`. */
function stateFor(upload: string, path: string, to: number): State {
  const state = states.get(upload)
  return state && state.path === path && state.position <= to ? state : start(upload, path)
}

function advance(upload: string, path: string, to: number): void {
  const state = states.get(upload) ?? start(upload, path)
  state.target = Math.max(state.target, to)
}

function withdraw(upload: string, from: number): void {
  const state = states.get(upload)
  if (!state) return
  const asked = state.questions.some(({ to }) => to > from)
  if (asked || state.position > from) forget(upload, 'WITHDRAWN')
  else state.target = Math.min(state.target, from)
}

function digest(request: Extract<HashRequest, { kind: 'digest' }>): void {
  const state = stateFor(request.upload, request.path, request.to)
  state.target = Math.max(state.target, request.to)
  state.questions.push({ id: request.id, to: request.to, since: state.read })
}

/** Reads the next block of the file; throws the system's error, or one with code EOF. */
function readBlock(state: State): void {
  const fd = openSync(state.path, 'r')
  try {
    const end = Math.min(state.target, state.position + BLOCK, ...state.questions.map(({ to }) => to))
    const length = readSync(fd, block, 0, end - state.position, state.position)
    if (length === 0) throw Object.assign(new Error('the file is shorter than its plan'), { code: 'EOF' })
    state.sha256.update(block.subarray(0, length))
    state.crc32.update(block.subarray(0, length))
    state.position += length
    state.read += length
  } finally {
    closeSync(fd)
  }
}

function answer(state: State): void {
  const due = state.questions.filter(({ to }) => to === state.position)
  state.questions = state.questions.filter(({ to }) => to !== state.position)
  const { crc32, read } = state
  for (const { id, since } of due)
    reply({ id, sha256: state.sha256.copy().digest('hex'), crc32: crc32.value, read: read - since })
}

/** Without a question nobody waits: the digest that will be asked for reads anew and reports the error. */
function step(upload: string, state: State): void {
  try {
    if (!state.questions.some(({ to }) => to === state.position)) readBlock(state)
    answer(state)
  } catch (error) {
    forget(upload, error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN')
  }
}

/** Files somebody waits for come first; the others take turns. */
function next(): [string, State] | null {
  let found: [string, State] | null = null
  for (const entry of states) {
    if (entry[1].questions.length > 0) return entry
    if (!found && entry[1].position < entry[1].target) found = entry
  }
  return found
}

function run(): void {
  const found = next()
  running = found !== null
  if (!found) return
  const [upload, state] = found
  step(upload, state)
  if (states.delete(upload)) states.set(upload, state)
  setImmediate(run)
}

parentPort?.on('message', (request: HashRequest) => {
  if (request.kind === 'advance') advance(request.upload, request.path, request.to)
  else if (request.kind === 'withdraw') withdraw(request.upload, request.from)
  else if (request.kind === 'drop') forget(request.upload, 'DROPPED')
  else digest(request)
  if (!running) {
    running = true
    setImmediate(run)
  }
})
