/** Flamenet Files: `/api/flamenet/v1/files`. API keys by tier, share links, presigned downloads. */
import { Elysia } from 'elysia'
import type { Dialect } from '../../http/dialect.ts'
import type { FlamenetDeps } from './deps.ts'
import { renderFault } from './faults.ts'
import { fileRoutes } from './files.ts'
import { linkRoutes } from './links.ts'
import { serveDialects } from './serve.ts'

export const flamenet = (deps: FlamenetDeps): Dialect[] => [
  {
    name: 'flamenet',
    prefix: '/api/flamenet',
    renderFault,
    routes: new Elysia().use(fileRoutes(deps)).use(linkRoutes(deps)),
  },
  ...serveDialects(deps),
]
