/** nating: `/api/v1`. Personal tokens, upload sessions with signed part URLs, download links. */
import { Elysia } from 'elysia'
import type { Core } from '../../core/core.ts'
import type { Limiter } from '../../core/limiter.ts'
import type { BrowserSessions } from '../../http/browser.ts'
import type { Dialect } from '../../http/dialect.ts'
import { admission, type NatingLimits } from './admission.ts'
import { renderFault } from './faults.ts'
import { fileRoutes } from './files.ts'
import { partRoutes } from './parts.ts'
import { sessionRoutes } from './sessions.ts'

export type { NatingLimits } from './admission.ts'
export { downloadDialect } from './download.ts'

export interface NatingOptions {
  core: Core
  limiter: Limiter
  limits: NatingLimits
  browsers: BrowserSessions
  /** What clients see as storage_provider. */
  provider: string
  /** Who sends the bytes of downloads that go through us; clients see the name. */
  delivery: string
}

export function nating({ core, limiter, limits, browsers, provider, delivery }: NatingOptions): Dialect {
  const deps = {
    core,
    provider,
    delivery,
    browsers,
    admission: admission({ core, limiter, limits, browsers }),
  }
  const routes = new Elysia().use(sessionRoutes(deps)).use(partRoutes(deps)).use(fileRoutes(deps))
  return { name: 'nating', prefix: '/api/v1', renderFault, routes }
}
