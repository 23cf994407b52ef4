/** What the tests of flamenet share: a key of Gold for ann, calls with it, and files. */
import { beforeEach, expect } from 'bun:test'
import type { Answer, RequestOptions, TestAccount, TestApp } from '../../support/app.ts'
import { type FormPart, formOf } from '../../support/form.ts'
import { scenario } from '../nating/scenario.ts'

export const FILES = '/api/flamenet/v1/files'

export interface FlamenetScenario {
  readonly app: TestApp
  readonly ann: TestAccount
  readonly bob: TestAccount
  /** Ann's. */
  readonly key: string
  /** A request with ann's key, unless `token` says otherwise. */
  call(method: string, path: string, body?: RequestOptions['body'], options?: RequestOptions): Promise<Answer>
  send(parts: readonly FormPart[], options?: RequestOptions): Promise<Answer>
  /** A file of ann's; what the upload answered. */
  file(filename?: string, body?: FormPart['body']): Promise<Answer['json']>
  keyOf(account: TestAccount): Promise<string>
}

export function flamenetScenario(options: Parameters<typeof scenario>[0] = {}): FlamenetScenario {
  const given = scenario(options)
  let key = ''
  const keyOf = async ({ account }: TestAccount): Promise<string> => {
    const { secrets } = await given.app.core.tokens.issue(account, { kind: 'flamenet' })
    return secrets[0] ?? ''
  }
  beforeEach(async () => {
    key = await keyOf(given.ann)
  })
  const call: FlamenetScenario['call'] = (method, path, body, more) =>
    given.app.request(method, path, { token: key, body, ...more })
  const send: FlamenetScenario['send'] = (parts, { headers, ...more } = {}) => {
    const form = formOf(parts)
    return call('POST', FILES, form.body, { ...more, headers: { ...form.headers, ...headers } })
  }
  return {
    get app() {
      return given.app
    },
    get ann() {
      return given.ann
    },
    get bob() {
      return given.bob
    },
    get key() {
      return key
    },
    call,
    send,
    keyOf,
    async file(filename = 'report.pdf', body = 'hello') {
      const answer = await send([{ filename, body }])
      if (answer.status !== 201) throw new Error(`upload: ${answer.status} ${answer.text}`)
      return answer.json
    },
  }
}

export type Refusal = [status: number, code: string, more?: object]

/** Status, code, and what `data` has besides the status. */
export function refusal({ status, json }: Answer): Refusal {
  expect(Object.keys(json ?? {}).sort()).toEqual(['code', 'data', 'message'])
  expect(json.message).toMatch(/\w{3}/)
  const { status: inBody, ...more } = json.data
  expect(inBody).toBe(status)
  return Object.keys(more).length > 0 ? [status, json.code, more] : [status, json.code]
}

export const NOT_FOUND: Refusal = [404, 'not_found']
export const NO_ROUTE: Refusal = [404, 'rest_no_route']

export const FILE_KEYS = [
  'id',
  'file_name',
  'size_bytes',
  'size_display',
  'mime_type',
  'is_shared',
  'share_token',
  'share_url',
  'share_expires',
  'created_at',
  'updated_at',
]
