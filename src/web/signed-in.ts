/**
 * Calls of whoever is signed in with a browser, counted: a page gone wild, or a program that uses the session, does
 * not take the server from everybody else. Nobody who only uses the pages comes near these figures.
 */
import { Fault } from '../core/fault.ts'
import { networkOf } from '../core/network.ts'
import type { Browser } from '../http/browser.ts'
import { pathOf } from '../http/dialect.ts'
import type { WebDeps } from './session.ts'
import type { Visit } from './visit.ts'

/**
 * A minute. Uploads have a figure of their own, for the file manager opens and completes each file with a call of
 * its own: 10,000 small files are 20,000 calls, and 40,000 when all of them go on after a reload, which also asks
 * what has arrived and where the rest goes. Beside them it reads lists anew four times a second at most, in slices
 * of 100 entries; what is done to 1,000 files is one call.
 */
export const CALLS_PER_MINUTE = {
  /** Of an account, about uploads. */
  uploads: 40_000,
  /** Of an account, about everything else. */
  others: 3_000,
  /** Of a network, by browsers in which nobody is signed in. */
  strangers: 600,
}

/** Faults: unauthenticated, rate_limited. */
export async function requireSignedIn(
  { browsers, limiter }: Pick<WebDeps, 'browsers' | 'limiter'>,
  { request, server }: Visit,
): Promise<Browser> {
  const ip = browsers.address(request, server)
  const browser = await browsers.find(request, ip)
  if (!browser) {
    limiter.take([{ key: `web/calls/strangers/${networkOf(ip)}`, limit: CALLS_PER_MINUTE.strangers }])
    throw new Fault('unauthenticated')
  }
  const kind = /^\/web\/uploads(\/|$)/.test(pathOf(request)) ? 'uploads' : 'others'
  const key = `web/calls/${kind}/${browser.principal.account.id}`
  limiter.take([{ key, limit: CALLS_PER_MINUTE[kind] }])
  return browser
}
