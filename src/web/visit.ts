/** Who visits a page. */
import type { Browser } from '../http/browser.ts'
import type { PeerSource } from '../http/client-address.ts'
import { queryOf } from '../http/dialect.ts'
import { exchangeOf } from '../http/exchange.ts'
import type { TimeoutSetter } from '../http/upload-body.ts'
import type { WebDeps } from './session.ts'

/** What every page handler is given. */
export interface Visit {
  request: Request
  server: (PeerSource & TimeoutSetter) | null
}

/** The signed-in browser, or null. */
export async function browserOf(
  { browsers }: Pick<WebDeps, 'browsers'>,
  { request, server }: Visit,
): Promise<Browser | null> {
  const browser = await browsers.find(request, browsers.address(request, server))
  if (browser) exchangeOf(request).actor = browser.principal.actor
  return browser
}

/** The delete key of `~d?{hash}` and `~i?{hash}`: the query itself, without a name; '' when there is none. */
export const bareHash = (request: Request): string =>
  queryOf(request).split('&', 1)[0]?.replace(/=$/, '') ?? ''
