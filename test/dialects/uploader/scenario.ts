/** What the tests of the uploader share: uploads, sign-ins and fetches, each as one call. */
import { expect } from 'bun:test'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, PASSWORD, type RequestOptions, type TestApp } from '../../support/app.ts'
import { type FormPart, formOf } from '../../support/form.ts'
import { type Scenario, scenario } from '../nating/scenario.ts'

export interface UploadOptions extends RequestOptions {
  /** With its question mark. */
  query?: string
}

export interface UploaderScenario {
  readonly app: TestApp
  readonly ann: Scenario['ann']['account']
  readonly bob: Scenario['bob']['account']
  request: TestApp['request']
  /** One file in the field `file`. */
  upload(filename: string, body?: FormPart['body'], options?: UploadOptions): Promise<Answer>
  send(parts: readonly FormPart[], options?: UploadOptions): Promise<Answer>
  post(path: string, body: RequestOptions['body'], options?: RequestOptions): Promise<Answer>
  /** The JWT of somebody who exists. */
  signIn(name: string, query?: string): Promise<string>
}

export const UPLOADED = [
  'status',
  'message',
  'file_url',
  'file_url_full',
  'key',
  'ext',
  'user_filename',
  'synced',
  'size',
  'craeted_at',
  'created_at',
  'auth_error',
].sort()

export const LISTED = [
  'file_url',
  'file_url_full',
  'key',
  'ext',
  'user_filename',
  'synced',
  'size',
  'craeted_at',
  'created_at',
  'creation_date',
].sort()

export function uploaderScenario(options: Parameters<typeof scenario>[0] = {}): UploaderScenario {
  const given = scenario(options)
  const request: TestApp['request'] = (method, path, more) => given.app.request(method, path, more)
  const send: UploaderScenario['send'] = (parts, { query = '', headers, ...more } = {}) => {
    const form = formOf(parts)
    return request('POST', `/api/upload${query}`, {
      body: form.body,
      ...more,
      headers: { ...form.headers, ...headers },
    })
  }
  const post: UploaderScenario['post'] = (path, body, more) => request('POST', path, { body, ...more })
  return {
    get app() {
      return given.app
    },
    get ann() {
      return given.ann.account
    },
    get bob() {
      return given.bob.account
    },
    request,
    send,
    post,
    upload: (filename, body = 'hello', more) => send([{ filename, body }], more),
    async signIn(username, query = '') {
      const answer = await post(`/api/login${query}`, { username, password: PASSWORD })
      if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`)
      return answer.json.accessToken
    },
  }
}

/** Status and message of a refusal; nothing else may be in it but the named further fields. */
export function refusal({ status, json }: Answer, ...more: string[]): [number, string] {
  expect(Object.keys(json ?? {}).sort()).toEqual(['status', 'message', ...more].sort())
  expect(json.status).toBe('error')
  return [status, json.message]
}

/** The number of what is wrong with a credential, and the sentence. */
export function authRefusal({ status, json }: Answer): [number, number, string] {
  expect([json.status, Object.keys(json.auth_error).sort()]).toEqual(['error', ['errorId', 'message']])
  return [status, json.auth_error.errorId, json.auth_error.message]
}

export const AUTH_ERRORS = {
  missing: [401, -1, 'No Authorization header provided'],
  malformed: [401, -2, 'Authorization header must have Bearer <token> format'],
  expired: [401, -3, 'Access token expired'],
  unreadable: [401, -4, 'Invalid access token'],
  unknown: [401, -5, 'Token not found'],
} satisfies Record<string, [number, number, string]>

/** Parts of a JWT. */
export function payloadOf(jwt: string): Record<string, unknown> {
  const [, payload = ''] = jwt.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}
export const headerOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString())

/** Bytes of file contents below the data directory; the database is not among them. */
export function storedBytes(app: { dir: string }): number {
  const folders = readdirSync(app.dir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders
    .flatMap(({ name }) => readdirSync(join(app.dir, name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path))
    .reduce((sum, path) => sum + statSync(path).size, 0)
}
