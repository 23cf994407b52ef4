/**
 * Facts of Bun and Elysia the house is built on, each as a sentence. A version that changes one fails here,
 * loudly, and the sentence says what to look at.
 */
import { afterEach } from 'bun:test'
import type { AnyElysia } from 'elysia'
import { type Running, serve } from '../server-under-test.ts'

/** Servers that are closed after each test. */
export function serversUnderTest() {
  const closing: Array<() => unknown> = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  return {
    closing,
    /** The routes with all that is ours. */
    start(routes: AnyElysia): Running {
      const running = serve(routes)
      closing.push(running.close)
      return running
    },
    /** A bare server, without anything of ours. */
    bare(options: Partial<Bun.Serve.Options<undefined>> & { fetch: (request: Request) => unknown }) {
      const server = Bun.serve({ port: 0, hostname: '127.0.0.1', ...options } as Bun.Serve.Options<undefined>)
      closing.push(() => server.stop(true))
      return server
    },
  }
}

/** The framework as it comes, with routes but without our error hook and gate. */
export const inProcess = (app: AnyElysia) => (method: string, path: string, body?: string) =>
  app.handle(
    new Request(`http://localhost${path}`, {
      method,
      body,
      headers: body ? { 'content-type': 'application/json' } : {},
    }),
  )

export const get = (path: string, host = 'localhost', rest = '') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${rest}Connection: close\r\n\r\n`
