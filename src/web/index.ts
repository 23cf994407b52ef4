/** The browser's side: pages, and the calls behind them. */
import { Elysia } from 'elysia'
import type { Dialect } from '../http/dialect.ts'
import { plainReply } from '../http/plain.ts'
import { adminRoutes } from './admin.ts'
import { managerCalls } from './api/index.ts'
import { appRoutes } from './app-page.ts'
import { assetRoutes } from './assets.ts'
import { renderPage } from './faults.ts'
import { fileRoutes } from './file.ts'
import { fileRequestPages } from './file-request.ts'
import { folderRoutes } from './folder.ts'
import { escapeHtml, pageWriter } from './page.ts'
import { searchForm, searchRoutes } from './search.ts'
import { sessionRoutes, type WebDeps } from './session.ts'
import { setupRoutes } from './setup.ts'
import { shareLinkRoutes } from './share-link.ts'
import { shareXRoutes } from './sharex.ts'

export { appPage } from './app-page.ts'
export { renderPage } from './faults.ts'
export type { WebDeps } from './session.ts'

function homeRoutes({ siteName }: WebDeps) {
  const html = pageWriter(siteName)
  const content = `<p>${escapeHtml(siteName)} stores files, and hands them to those who have the link.</p>
<p class="actions"><a class="button" href="/files">Your files</a></p>
${searchForm('')}
<p>Programs use one of its APIs: see the <a href="/swagger">API documentation</a>.</p>`
  return new Elysia().get('/', () => html(siteName, content, { indexed: true }), { detail: { hide: true } })
}

/** Calls of our own pages: always JSON. */
export const webCalls = (deps: WebDeps): Dialect => ({
  name: 'web-calls',
  prefix: '/web',
  renderFault: plainReply,
  routes: new Elysia()
    .use(sessionRoutes(deps))
    .use(managerCalls(deps))
    .use(shareXRoutes(deps))
    .use(adminRoutes(deps)),
})

/** Everything no other dialect has. The pages of files come last: their addresses have no word of their own. */
export const web = (deps: WebDeps): Dialect => ({
  name: 'web',
  prefix: '',
  renderFault: renderPage(deps.siteName),
  routes: new Elysia()
    .use(assetRoutes())
    .use(homeRoutes(deps))
    .use(appRoutes(deps))
    .use(setupRoutes(deps))
    .use(searchRoutes(deps))
    .use(folderRoutes(deps))
    .use(shareLinkRoutes(deps))
    .use(fileRequestPages(deps))
    .use(fileRoutes(deps)),
})
