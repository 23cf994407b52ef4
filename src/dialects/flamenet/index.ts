/** Flamenet Files: `/api/flamenet/v1/files`. API keys by tier, share links, presigned downloads. */
import type { Dialect } from '../../http/dialect.ts'
import type { FlamenetDeps } from './deps.ts'
import { renderFault } from './faults.ts'
import { fileRoutes } from './files.ts'
import { serveDialects } from './serve.ts'

export const flamenet = (deps: FlamenetDeps): Dialect[] => [
  { name: 'flamenet', prefix: '/api/flamenet', renderFault, routes: fileRoutes(deps) },
  ...serveDialects(deps),
]
