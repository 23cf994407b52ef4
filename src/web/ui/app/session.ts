/** What this page knows of the visitor, and the one way in which it calls the server. */
import type { Boot, Me } from '../../wire/account.ts'

const root = document.getElementById('app')
export const boot = JSON.parse(
  root?.dataset.boot ?? '{"siteName":"","registration":false,"notice":"","me":null}',
) as Boot

let me: Me | null = boot.me
const watchers = new Set<(me: Me | null) => void>()

export const currentMe = (): Me | null => me

/** Tells every part that shows the account. */
export function setMe(next: Me | null): void {
  me = next
  for (const watcher of watchers) watcher(me)
}

export function onMe(watcher: (me: Me | null) => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** What the server answers when it does not do what it is asked; `message` is for people. */
export class CallError extends Error {
  readonly status: number
  /** Seconds after which a repeat may succeed. */
  readonly retryAfter: number | null
  /** What a page acts on by itself; mostly absent. */
  readonly code: string | null
  /** Which field of what was said is wrong; null when none is named. */
  readonly field: string | null

  constructor(
    status: number,
    message: string,
    {
      retryAfter = null,
      code = null,
      field = null,
    }: Partial<Pick<CallError, 'retryAfter' | 'code' | 'field'>> = {},
  ) {
    super(message)
    this.name = 'CallError'
    this.status = status
    this.retryAfter = retryAfter
    this.code = code
    this.field = field
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof CallError ? error.message : 'The server can not be reached. Check your connection.'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

async function send(method: Method, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method !== 'GET') headers['x-csrf-token'] = me?.csrf ?? ''
  if (body) headers['content-type'] = 'application/json'
  return fetch(path, { method, headers, body: body && JSON.stringify(body), signal: signal ?? null })
}

async function failure(response: Response): Promise<CallError> {
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  const message = text(answer.message) ?? `The server answered ${response.status}.`
  return new CallError(response.status, message, {
    retryAfter: Number(response.headers.get('retry-after')) || null,
    code: text(answer.code),
    field: text(answer.field),
  })
}

/**
 * Whether the same account is still signed in, as it is now. When it is another, by another tab, this page begins
 * anew: nothing that was meant for one account may end up in another.
 */
export async function isSignedIn(): Promise<boolean> {
  const response = await send('GET', '/web/me')
  if (!response.ok) return false
  const now = (await response.json()) as Me
  if (me !== null && now.account.id !== me.account.id) {
    location.assign('/files')
    return false
  }
  setMe(now)
  return true
}

/** The session's token may have moved on through another page of the same browser. */
async function refreshed(): Promise<boolean> {
  const before = me?.csrf
  return (await isSignedIn()) && me?.csrf !== before
}

let signingIn: Promise<boolean> | null = null

/**
 * The session has ended, here or in another tab. Whoever is there signs in again and everything that has been begun
 * goes on; false when the page is left instead.
 */
async function signedInAgain(): Promise<boolean> {
  signingIn ??= isSignedIn()
    .then(
      async (isBack) => isBack || (await import('./sign-in-again.tsx')).signInAgain(me?.account.name ?? ''),
    )
    .finally(() => {
      signingIn = null
    })
  if ((await signingIn) && (await isSignedIn())) return true
  leave()
  return false
}

function leave(): void {
  setMe(null)
  location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`)
}

let proving: Promise<boolean> | null = null

/** One dialog for all calls that wait for it. */
function proven(): Promise<boolean> {
  proving ??= import('../parts/proof.tsx')
    .then(({ askForProof }) => askForProof())
    .finally(() => {
      proving = null
    })
  return proving
}

interface Attempt {
  response: Response
  /** Null when the server did it. */
  refused: CallError | null
}

async function attempt(...call: Parameters<typeof send>): Promise<Attempt> {
  const response = await send(...call)
  return { response, refused: response.ok ? null : await failure(response) }
}

/** What stands between a refused call and its repeat; true when it is out of the way. */
async function mended({ status, code }: CallError, method: Method): Promise<boolean> {
  if (code === 'proof_required') return proven()
  if (status === 403 && code === null && method !== 'GET') return refreshed()
  return status === 401 && me !== null && signedInAgain()
}

/**
 * JSON of a call, which is made again once the password was given where the server asks for it, or whoever is there
 * has signed in again. Throws CallError.
 */
export async function api<Answer>(...call: Parameters<typeof send>): Promise<Answer> {
  const reasons = new Set<string>()
  let { response, refused } = await attempt(...call)
  while (refused) {
    const reason = `${refused.status} ${refused.code}`
    if (reasons.has(reason) || !(await mended(refused, call[0]))) throw refused
    reasons.add(reason)
    ;({ response, refused } = await attempt(...call))
  }
  return (await response.json()) as Answer
}

/** After what changes how much is stored. A failure shows elsewhere. */
export async function refreshMe(): Promise<void> {
  await isSignedIn().catch(() => false)
}
