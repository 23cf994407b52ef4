/** The calls behind the pages of the file manager: always JSON, always with the session cookie. */
import { Elysia } from 'elysia'
import type { WebDeps } from '../session.ts'
import { browsingRoutes } from './browsing.ts'
import { changeRoutes } from './changes.ts'
import { importRoutes } from './imports.ts'
import { meRoutes } from './me.ts'
import { fileRequestRoutes, shareRoutes } from './sharing.ts'
import { uploadRoutes } from './uploads.ts'

export const managerCalls = (deps: WebDeps) =>
  new Elysia()
    .use(meRoutes(deps))
    .use(browsingRoutes(deps))
    .use(changeRoutes(deps))
    .use(uploadRoutes(deps))
    .use(shareRoutes(deps))
    .use(fileRequestRoutes(deps))
    .use(importRoutes(deps))
