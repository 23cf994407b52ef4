/** The browser's side: pages, and the calls behind them. */
import { Elysia } from 'elysia'
import type { Dialect } from '../http/dialect.ts'
import { plainReply } from '../http/plain.ts'
import { adminRoutes } from './admin.ts'
import { adminReportRoutes } from './admin-reports.ts'
import { managerCalls } from './api/index.ts'
import { appRoutes } from './app-page.ts'
import { assetRoutes } from './assets.ts'
import { renderPage } from './faults.ts'
import { fileRoutes } from './file.ts'
import { fileRequestPages } from './file-request.ts'
import { folderRoutes } from './folder.ts'
import { folderZipRoutes } from './folder-zip.ts'
import { homeRoutes, uploadedRoutes } from './home.ts'
import { inlineRoutes } from './inline.ts'
import { previewRoutes } from './previews.ts'
import { reportRoutes } from './report.ts'
import { searchRoutes } from './search.ts'
import { sessionRoutes, type WebDeps } from './session.ts'
import { setupRoutes } from './setup.ts'
import { shareLinkRoutes } from './share-link.ts'
import { shareXRoutes } from './sharex.ts'

export { appPage } from './app-page.ts'
export { renderPage } from './faults.ts'
export type { WebDeps } from './session.ts'
export { createTextRenderer } from './text/renderer.ts'

/** Calls of our own pages: always JSON. */
export const webCalls = (deps: WebDeps): Dialect => ({
  name: 'web-calls',
  prefix: '/web',
  renderFault: plainReply,
  routes: new Elysia()
    .use(sessionRoutes(deps))
    .use(managerCalls(deps))
    .use(shareXRoutes(deps))
    .use(uploadedRoutes(deps))
    .use(adminRoutes(deps))
    .use(adminReportRoutes(deps)),
})

/** Everything no other dialect has. The pages of files come last: their addresses have no word of their own. */
export const web = (deps: WebDeps): Dialect => ({
  name: 'web',
  prefix: '',
  renderFault: renderPage(deps),
  routes: new Elysia()
    .use(assetRoutes())
    .use(homeRoutes(deps))
    .use(appRoutes(deps))
    .use(setupRoutes(deps))
    .use(searchRoutes(deps))
    .use(folderRoutes(deps))
    .use(reportRoutes(deps))
    .use(inlineRoutes(deps))
    .use(previewRoutes(deps))
    .use(folderZipRoutes(deps))
    .use(shareLinkRoutes(deps))
    .use(fileRequestPages(deps))
    .use(fileRoutes(deps)),
})
