/** What the scenarios of YetiShare v2 share: the whole product, two accounts and an admin; every test leaves it clean. */
import { afterEach, beforeEach, expect } from 'bun:test'
import type { Account } from '../../../src/core/model.ts'
import { type Answer, createTestApp, type TestApp, type TestAppOptions } from '../../support/app.ts'
import { type FormPart, filePart, form, textPart } from './forms.ts'

export const API = '/api/v2'

export const NO_TOKEN = 'Please provide the access_token param.'
export const NO_ACCOUNT = 'Please provide the account_id param.'
export const REAUTHENTICATE =
  'Could not validate access_token and account_id, please reauthenticate or try again.'
export const NO_FILE = 'Could not find file based on file_id.'
export const NO_FOLDER = 'Could not find folder based on folder_id.'
export const noDestination = (name: string): string =>
  `Could not find the destination folder id defined by ${name}.`
export const missing = (name: string): string => `Please provide the ${name} param.`

export type Parameters = Record<string, string | number>

export type Credentials = {
  access_token: string
  account_id: string
}

/** Somebody who is signed in. */
export interface Member {
  account: Account
  keys: { key1: string; key2: string }
  credentials: Credentials
  /** POST, urlencoded, with the credentials; `parameters` come after them. */
  call(action: string, parameters?: Parameters): Promise<Answer>
  /** The payload of a call that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: payloads have every shape
  must(action: string, parameters?: Parameters): Promise<any>
  /** Fields first, then the file; `data[0]` of an upload that must succeed. */
  upload(name: string, bytes: Uint8Array | string, fields?: Parameters): Promise<Uploaded>
  folder(name: string, parameters?: Parameters): Promise<string>
}

export interface Uploaded {
  name: string
  size: string
  short_url: string
  file_id: string
  url: string
  delete_hash: string
}

export interface Scenario {
  readonly app: TestApp
  readonly ann: Member
  readonly bob: Member
  readonly admin: Member
  /** Urlencoded, without any credentials. */
  post(action: string, parameters?: Parameters): Promise<Answer>
  get(action: string, parameters?: Parameters): Promise<Answer>
  /** A form of these parts. */
  send(parts: readonly FormPart[], query?: Parameters): Promise<Answer>
  member(name: string, options?: { packageName?: string; isAdmin?: boolean }): Promise<Member>
  /** Number of objects the storage holds. */
  objects(): Promise<number>
}

interface Current {
  app: TestApp
  ann: Member
  bob: Member
  admin: Member
}

/** A fresh app before each test; after it `kist check` must find nothing. */
export function scenario(options: TestAppOptions = {}): Scenario {
  let current: Current | null = null
  const now = (): Current => {
    if (!current) throw new Error('there is an app only while a test runs')
    return current
  }
  beforeEach(async () => {
    const app = await createTestApp(options)
    const [ann, bob] = [await member(app, 'ann-lee'), await member(app, 'bob-ray')]
    current = { app, ann, bob, admin: await member(app, 'admin-amy', { isAdmin: true }) }
  })
  afterEach(async () => {
    const { app } = now()
    current = null
    try {
      expect(await app.problems()).toEqual([])
    } finally {
      await app.close()
    }
  })
  return {
    get app() {
      return now().app
    },
    get ann() {
      return now().ann
    },
    get bob() {
      return now().bob
    },
    get admin() {
      return now().admin
    },
    post: (action, parameters) => post(now().app, action, parameters),
    get: (action, parameters = {}) => now().app.request('GET', `${API}/${action}?${encode(parameters)}`),
    send: (parts, query) => sendForm(now().app, parts, query),
    member: (name, given) => member(now().app, name, given),
    objects: async () => (await Array.fromAsync(now().app.storage.list())).length,
  }
}

export const encode = (parameters: Parameters): string =>
  new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)] as [string, string]),
  ).toString()

export const post = (app: TestApp, action: string, parameters: Parameters = {}): Promise<Answer> =>
  app.request('POST', `${API}/${action}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: encode(parameters),
  })

export async function sendForm(
  app: TestApp,
  parts: readonly FormPart[],
  query: Parameters = {},
  action = 'file/upload',
): Promise<Answer> {
  const { body, type } = form(parts)
  return app.request('POST', `${API}/${action}?${encode(query)}`, { headers: { 'content-type': type }, body })
}

/** Nobody can sign in with this; the tests of passwords make their accounts another way. */
const NO_PASSWORD =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$3zGkNkYqJ0gBdv0dVjDPoqXyIPdU5nPZ2eB9C5p3CKc'

/** Signs in with a pair of keys. The first account of an app is not number 1: nothing may hang on that. */
export async function member(
  app: TestApp,
  name: string,
  { packageName = 'Gold', isAdmin = false }: { packageName?: string; isAdmin?: boolean } = {},
): Promise<Member> {
  const { id: packageId } = await app.core.packages.getByName(isAdmin ? 'Admin' : packageName)
  const account = await app.metadata.accounts.create({
    ...{ name, email: `${name}@example.com`, passwordHash: NO_PASSWORD, isAdmin, packageId },
    ...{ defaultVisibility: 1 as const, createdAt: app.clock.now() },
  })
  const { secrets } = await app.core.tokens.issue(account, { kind: 'yetishare' })
  const keys = { key1: secrets[0] ?? '', key2: secrets[1] ?? '' }
  const { data } = success(await post(app, 'authorize', keys))
  return signedIn(app, account, keys, data)
}

function signedIn(app: TestApp, account: Account, keys: Member['keys'], credentials: Credentials): Member {
  const call: Member['call'] = (action, parameters) => post(app, action, { ...credentials, ...parameters })
  const must: Member['must'] = async (action, parameters) => success(await call(action, parameters))
  return {
    ...{ account, keys, credentials, call, must },
    async upload(name, bytes, fields = {}) {
      const texts = Object.entries({ ...credentials, ...fields }).map(([field, text]) =>
        textPart(field, String(text)),
      )
      return success(await sendForm(app, [...texts, filePart(name, bytes)])).data[0]
    },
    folder: async (folder_name, parameters) =>
      (await must('folder/create', { folder_name, ...parameters })).data.id,
  }
}

/** The payload, without what the envelope adds. */
// biome-ignore lint/suspicious/noExplicitAny: payloads have every shape
export function success({ status, json, text }: Answer): any {
  expect([status, json?._status, text.slice(0, 200)]).toEqual([200, 'success', text.slice(0, 200)])
  const { _status, _datetime, ...payload } = json
  expect(_datetime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  return payload
}

/** The sentence of a refusal, which has exactly the keys of one. */
export function refusal({ status, json, text }: Answer, expectedStatus = 200): string {
  expect([status, json === null ? text : Object.keys(json)]).toEqual([
    expectedStatus,
    ['response', 'status', '_status', '_datetime'],
  ])
  expect([json.status, json._status]).toEqual(['error', 'error'])
  expect(json._datetime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  return json.response
}

/** Paths of all actions, from the routes of the app. */
export const actionsOf = (app: TestApp): string[] =>
  app.http.routes
    .filter(({ method, path }) => method === 'POST' && path.startsWith(`${API}/`))
    .map(({ path }) => path.slice(API.length + 1))
    .sort()
