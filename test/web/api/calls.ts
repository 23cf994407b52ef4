/** Calls of our own pages, as a signed-in browser makes them. */
import type { Answer, RequestOptions } from '../../support/app.ts'
import type { Site } from '../site.ts'

export interface Caller {
  get(path: string): Promise<Answer>
  post(path: string, body?: object): Promise<Answer>
  patch(path: string, body?: object): Promise<Answer>
  delete(path: string): Promise<Answer>
}

/** Of the account with that name. */
export async function callerOf(given: Site, name = 'ann'): Promise<Caller> {
  const { cookie, csrf } = await given.signIn(name)
  const call = (method: string, path: string, body?: RequestOptions['body']) =>
    given.send(method, path, { body, headers: { cookie, 'x-csrf-token': csrf } })
  return {
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    patch: (path, body = {}) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
  }
}

/** Status and message of a refusal. */
export const refusal = ({ status, json }: Answer): [number, string] => [status, json?.message]
