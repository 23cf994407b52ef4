/** Upload sessions: open, look at, complete, abort. */
import { Elysia } from 'elysia'
import type { NatingDeps } from './deps.ts'
import { docs } from './docs.ts'
import { once } from './idempotent.ts'
import { readChecksumField, readLifetime, readPartNumbers, readUploadRequest } from './read.ts'
import {
  CompletedSchema,
  CreatedSchema,
  DoneSchema,
  ManagedSchema,
  SessionAnswerSchema,
  toCompleted,
  toCreated,
  toManaged,
  toSessionWithParts,
  toSignedPart,
} from './wire.ts'

export const sessionRoutes = ({ core, provider, browsers, admission }: NatingDeps) =>
  new Elysia({ prefix: '/api/v1/uploads' })
    .use(admission)
    .post(
      '/sessions',
      async ({ caller, request, set, status }) => {
        const body = await once(
          core,
          'upload.create_session',
          { caller, request, set },
          {
            execute: async () =>
              toCreated(
                await core.uploads.create(caller.principal, readUploadRequest(caller.body)),
                provider,
              ),
          },
        )
        return status(201, body)
      },
      {
        parse: 'none',
        admit: { scope: 'files.upload', upload: true, bucket: 'create', body: 'fields' },
        response: { 201: CreatedSchema },
        detail: docs.createSession,
      },
    )
    .post(
      '/managed',
      async ({ caller: { principal, body: fields }, caller, request, server, set, status }) => {
        const origin = browsers.origin(request, server)
        const lifetime = readLifetime(fields.expires_in)
        const numbers = readPartNumbers(fields) ?? [1]
        const body = await once(
          core,
          'upload.create_managed',
          { caller, request, set },
          {
            async execute() {
              const wanted = readUploadRequest(fields)
              const { session, parts } = await core.uploads.createManaged(
                principal,
                wanted,
                numbers,
                lifetime,
              )
              return toManaged(session, parts, { provider, origin })
            },
            async refresh(stored) {
              const signed = stored.parts.map((part) => part.part_number)
              const parts = await core.uploads.signAgain(
                principal,
                stored.session.public_id,
                signed,
                lifetime,
              )
              return parts ? { ...stored, parts: parts.map((part) => toSignedPart(part, origin)) } : stored
            },
          },
        )
        return status(201, body)
      },
      {
        parse: 'none',
        admit: { scope: 'files.upload', upload: true, bucket: 'managed', body: 'fields' },
        response: { 201: ManagedSchema },
        detail: docs.createManaged,
      },
    )
    .get(
      '/sessions/:id',
      async ({ caller, params }) => {
        const { session, parts } = await core.uploads.get(caller.principal, params.id)
        return { status: 'ok' as const, session: toSessionWithParts(session, parts, provider) }
      },
      {
        admit: { scope: 'files.upload', upload: true, bucket: 'other' },
        response: { 200: SessionAnswerSchema },
        detail: docs.getSession,
      },
    )
    .post(
      '/sessions/:id/complete',
      async ({ caller, params: { id }, request, set, status }) => {
        const checksumSha256 = readChecksumField(caller.body)
        const body = await once(
          core,
          `upload.complete.${id}`,
          { caller, request, set },
          {
            execute: async (retried) =>
              toCompleted(await core.uploads.complete(caller.principal, id, { checksumSha256, retried })),
          },
        )
        return status(201, body)
      },
      {
        parse: 'none',
        admit: { scope: 'files.upload', upload: true, bucket: 'complete', body: 'fields' },
        response: { 201: CompletedSchema },
        detail: docs.complete,
      },
    )
    .post(
      '/sessions/:id/abort',
      async ({ caller, params }) => {
        await core.uploads.abort(caller.principal, params.id)
        return { status: 'ok' as const }
      },
      {
        parse: 'none',
        admit: { scope: 'files.upload', upload: true, bucket: 'abort', body: 'fields' },
        response: { 200: DoneSchema },
        detail: docs.abort,
      },
    )
