/** Pages send to the store and to nowhere else. */
import { expect, test } from 'bun:test'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { ask } from '../../support/visit.ts'

export function policy(site: BrowserSite): void {
  test(
    'pages that upload may send to the store and to nobody else, and those that do not to Kist alone',
    async () => {
      await using other = anybody()
      await using visit = await site.register('sender')
      const { page } = visit
      const { url } = site.server
      const both = site.storeOrigin === url ? [`'self'`] : [`'self'`, site.storeOrigin]
      for (const path of ['/', '/files', '/account'])
        expect([path, await connectSrc(url + path)]).toEqual([path, both.join(' ')])
      for (const path of ['/search?q=a', '/nowhere'])
        expect([path, await connectSrc(url + path)]).not.toEqual([path, both.join(' ')])

      const fetched = (address: string): Promise<string> =>
        page.evaluate(`fetch('${address}', { mode: 'no-cors' }).then(() => 'sent', () => 'refused')`)
      expect(await fetched(`http://127.0.0.1:${other.port}/`)).toBe('refused')
      expect(await fetched(`${site.storeOrigin}/`)).toBe('sent')
      expect(other.asked()).toBe(0)
      expect(await ask(page, '/web/uploads')).toEqual({ uploads: [] })
      expect(visit.complaints.length).toBeGreaterThan(0)
      const about = visit.complaints.map((line) => [
        line.includes(`:${other.port}`),
        /connect-src|fetch API/i.test(line),
      ])
      expect([visit.complaints, about]).toEqual([visit.complaints, about.map(() => [true, true])])
    },
    TIMEOUT,
  )
}

async function connectSrc(address: string): Promise<string | undefined> {
  const { headers } = await fetch(address)
  const directives = headers.get('content-security-policy')?.split('; ') ?? []
  return directives.find((directive) => directive.startsWith('connect-src '))?.slice('connect-src '.length)
}

/** A server that answers pages of everybody. */
function anybody(): { port: number; asked(): number; [Symbol.asyncDispose](): Promise<void> } {
  let asked = 0
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch() {
      asked += 1
      return new Response('hello', { headers: { 'access-control-allow-origin': '*' } })
    },
  })
  return {
    port: server.port ?? 0,
    asked: () => asked,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}
