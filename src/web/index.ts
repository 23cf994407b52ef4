/** The browser's side: pages, and the calls behind them. */
import { Elysia } from 'elysia'
import type { Dialect } from '../http/dialect.ts'
import { plainReply } from '../http/plain.ts'
import { renderPage } from './faults.ts'
import { escapeHtml, htmlPage } from './page.ts'
import { sessionRoutes, type WebDeps } from './session.ts'
import { setupRoutes } from './setup.ts'

export type { WebDeps } from './session.ts'

const homeRoutes = (siteName: string) =>
  new Elysia().get(
    '/',
    () =>
      htmlPage(
        siteName,
        `<p>${escapeHtml(siteName)} stores files for programs that speak its APIs.</p>
<p><a href="/swagger">API documentation</a></p>`,
      ),
    { detail: { hide: true } },
  )

/** Calls of our own pages: always JSON. */
export const webCalls = (deps: WebDeps): Dialect => ({
  name: 'web-calls',
  prefix: '/web',
  renderFault: plainReply,
  routes: sessionRoutes(deps),
})

/** Everything no other dialect has. */
export const web = (deps: WebDeps): Dialect => ({
  name: 'web',
  prefix: '',
  renderFault: renderPage,
  routes: new Elysia().use(homeRoutes(deps.siteName)).use(setupRoutes(deps)),
})
