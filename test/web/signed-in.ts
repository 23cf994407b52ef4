/** Calls as a page makes them for whoever is signed in. */
import { type Answer, PASSWORD, type TestApp } from '../support/app.ts'

export interface Caller {
  readonly cookie: string
  readonly csrf: string
  get(path: string): Promise<Answer>
  /** With cookie and CSRF token, which `headers` may say otherwise. */
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
}

export type SignInAnswer = Answer

export const signIn = (app: TestApp, username: string, more: object = {}): Promise<SignInAnswer> =>
  app.request('POST', '/web/session', {
    body: { username, password: PASSWORD, ...more },
    headers: { 'user-agent': 'Firefox on a test' },
  })

export function callerOf(app: TestApp, answer: SignInAnswer): Caller {
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const csrf: string = answer.json.csrf_token
  return {
    cookie,
    csrf,
    get: (path) => app.request('GET', path, { headers: { cookie } }),
    call: (method, path, body = {}, headers = {}) =>
      app.request(method, path, { body, headers: { cookie, 'x-csrf-token': csrf, ...headers } }),
  }
}

export const callerNamed = async (app: TestApp, name: string): Promise<Caller> =>
  callerOf(app, await signIn(app, name))
