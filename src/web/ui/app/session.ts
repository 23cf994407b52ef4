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

  constructor(status: number, message: string, retryAfter: number | null = null) {
    super(message)
    this.name = 'CallError'
    this.status = status
    this.retryAfter = retryAfter
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
  const answer = (await response.json().catch(() => ({}))) as { message?: unknown }
  const message =
    typeof answer.message === 'string' ? answer.message : `The server answered ${response.status}.`
  return new CallError(response.status, message, Number(response.headers.get('retry-after')) || null)
}

/** The session's token may have moved on through another page of the same browser. */
async function refreshed(): Promise<boolean> {
  const before = me?.csrf
  const response = await send('GET', '/web/me')
  if (!response.ok) return false
  setMe((await response.json()) as Me)
  return me?.csrf !== before
}

/** JSON of a call. Throws CallError; nobody is signed in any more: the page goes to the sign-in. */
export async function api<Answer>(
  method: Method,
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<Answer> {
  let response = await send(method, path, body, signal)
  if (response.status === 403 && method !== 'GET' && (await refreshed()))
    response = await send(method, path, body, signal)
  if (response.status === 401 && me !== null) {
    setMe(null)
    location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`)
  }
  if (!response.ok) throw await failure(response)
  return (await response.json()) as Answer
}

/** After what changes how much is stored. A failure shows elsewhere. */
export async function refreshMe(): Promise<void> {
  const response = await send('GET', '/web/me').catch(() => null)
  if (response?.ok) setMe((await response.json()) as Me)
}
