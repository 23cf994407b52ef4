/** The calls behind the pages of the application: always JSON, always with the session cookie. */
import { Elysia } from 'elysia'
import type { WebDeps } from '../session.ts'
import { accountRoutes } from './account.ts'
import { adminAccountRoutes } from './admin-accounts.ts'
import { auditRoutes } from './admin-audit.ts'
import { adminFileRoutes, adminPackageRoutes, dashboardRoutes } from './admin-site.ts'
import { browsingRoutes } from './browsing.ts'
import { changeRoutes } from './changes.ts'
import { downloadRoutes } from './downloads.ts'
import { importRoutes } from './imports.ts'
import { meRoutes } from './me.ts'
import { proofRoutes } from './proof.ts'
import { secondFactorRoutes } from './second-factor.ts'
import { deviceRoutes } from './sessions.ts'
import { fileRequestRoutes, shareRoutes } from './sharing.ts'
import { loginTokenRoutes, tokenRoutes } from './tokens.ts'
import { uploadRoutes } from './uploads.ts'

export const managerCalls = (deps: WebDeps) =>
  new Elysia()
    .use(meRoutes(deps))
    .use(browsingRoutes(deps))
    .use(changeRoutes(deps))
    .use(uploadRoutes(deps))
    .use(downloadRoutes(deps))
    .use(shareRoutes(deps))
    .use(fileRequestRoutes(deps))
    .use(importRoutes(deps))
    .use(accountCalls(deps))
    .use(adminCalls(deps))

const accountCalls = (deps: WebDeps) =>
  new Elysia()
    .use(proofRoutes(deps))
    .use(accountRoutes(deps))
    .use(secondFactorRoutes(deps))
    .use(deviceRoutes(deps))
    .use(tokenRoutes(deps))
    .use(loginTokenRoutes(deps))

const adminCalls = (deps: WebDeps) =>
  new Elysia()
    .use(dashboardRoutes(deps))
    .use(adminAccountRoutes(deps))
    .use(adminPackageRoutes(deps))
    .use(adminFileRoutes(deps))
    .use(auditRoutes(deps))
