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

  constructor(
    status: number,
    message: string,
    { retryAfter = null, code = null }: { retryAfter?: number | null; code?: string | null } = {},
  ) {
    super(message)
    this.name = 'CallError'
    this.status = status
    this.retryAfter = retryAfter
    this.code = code
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
  const answer = (await response.json().catch(() => ({}))) as { message?: unknown; code?: unknown }
  const message =
    typeof answer.message === 'string' ? answer.message : `The server answered ${response.status}.`
  return new CallError(response.status, message, {
    retryAfter: Number(response.headers.get('retry-after')) || null,
    code: typeof answer.code === 'string' ? answer.code : null,
  })
}

/** The session's token may have moved on through another page of the same browser. */
async function refreshed(): Promise<boolean> {
  const before = me?.csrf
  const response = await send('GET', '/web/me')
  if (!response.ok) return false
  setMe((await response.json()) as Me)
  return me?.csrf !== before
}

let asking: Promise<boolean> | null = null
/** One dialog for all calls that wait for it. */
function proven(): Promise<boolean> {
  asking ??= import('../parts/proof.tsx')
    .then(({ askForProof }) => askForProof())
    .finally(() => {
      asking = null
    })
  return asking
}

async function attempt<Answer>(...call: Parameters<typeof send>): Promise<Answer> {
  const [method] = call
  let response = await send(...call)
  let refused = response.ok ? null : await failure(response)
  if (refused?.status === 403 && refused.code === null && method !== 'GET' && (await refreshed())) {
    response = await send(...call)
    refused = response.ok ? null : await failure(response)
  }
  if (refused?.status === 401 && me !== null) {
    setMe(null)
    location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`)
  }
  if (refused) throw refused
  return (await response.json()) as Answer
}

/**
 * JSON of a call, which is made again once the password was given where the server asks for it. Throws CallError;
 * nobody is signed in any more: the page goes to the sign-in.
 */
export async function api<Answer>(...call: Parameters<typeof send>): Promise<Answer> {
  try {
    return await attempt<Answer>(...call)
  } catch (error) {
    const isAsked = error instanceof CallError && error.code === 'proof_required'
    if (!isAsked || !(await proven())) throw error
    return attempt<Answer>(...call)
  }
}

/** After what changes how much is stored. A failure shows elsewhere. */
export async function refreshMe(): Promise<void> {
  const response = await send('GET', '/web/me').catch(() => null)
  if (response?.ok) setMe((await response.json()) as Me)
}
