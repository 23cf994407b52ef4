/** File Uploader: `/api`, `/file`, `/f`. Uploads with or without an account, delete keys, JWT. */
import { Elysia } from 'elysia'
import { type Dialect, JSON_HEADERS } from '../../http/dialect.ts'
import type { UploaderDeps } from './deps.ts'
import { docs } from './docs.ts'
import { renderFault } from './faults.ts'
import { fileRoutes } from './files.ts'
import { serveDialects } from './serve.ts'
import { signInRoutes } from './sign-in.ts'
import { uploadRoutes } from './upload.ts'

export { encode as encodeJwt } from './auth.ts'

/** A browser is led to the documentation, a program is greeted. */
const greeting = ({ browsers }: UploaderDeps) =>
  new Elysia().get(
    '/api',
    ({ request, server, set }) => {
      const origin = browsers.origin(request, server)
      if (request.headers.get('accept')?.includes('text/html'))
        return Response.redirect(`${origin}/swagger`, 302)
      Object.assign(set.headers, JSON_HEADERS)
      return { status: 'success', message: 'File uploader RESTful API', docs: `${origin}/swagger` }
    },
    { detail: docs.greeting },
  )

export function uploader(deps: UploaderDeps): Dialect[] {
  const routes = new Elysia()
    .use(greeting(deps))
    .onBeforeHandle(({ set }) => void Object.assign(set.headers, JSON_HEADERS))
    .use(uploadRoutes(deps))
    .use(signInRoutes(deps))
    .use(fileRoutes(deps))
  return [{ name: 'uploader', prefix: '/api', renderFault, routes }, ...serveDialects(deps)]
}
