/** The parts of a session: sign URLs, take bytes directly, confirm. */
import { Elysia } from 'elysia'
import { declaredLength, watchedBody } from '../../http/upload-body.ts'
import type { NatingDeps } from './deps.ts'
import { docs } from './docs.ts'
import { integer, readLifetime, readPartNumbers, readPartReport } from './read.ts'
import {
  PartReceivedSchema,
  SessionAnswerSchema,
  SignedSchema,
  toSessionWithParts,
  toSignedPart,
} from './wire.ts'

export const partRoutes = ({ core, provider, browsers, admission }: NatingDeps) =>
  new Elysia({ prefix: '/api/v1/uploads/sessions/:id/parts' })
    .use(admission)
    .post(
      '/sign',
      async ({ caller: { principal, body }, params, request, server }) => {
        const origin = browsers.origin(request, server)
        const numbers = readPartNumbers(body) ?? []
        const parts = await core.uploads.sign(principal, params.id, numbers, readLifetime(body.expires_in))
        return { status: 'ok' as const, parts: parts.map((part) => toSignedPart(part, origin)) }
      },
      {
        parse: 'none',
        admit: { scope: 'files.upload', upload: true, bucket: 'other', body: 'fields' },
        response: { 200: SignedSchema },
        detail: docs.sign,
      },
    )
    .post(
      '/upload/:part',
      async ({ caller: { principal }, params, request, server, set }) => {
        const body = watchedBody(request, server)
        const length = declaredLength(request)
        const part = { number: integer(params.part), length, body }
        const { etag, size } = await core.uploads.putPart(principal, params.id, part)
        set.headers.etag = `"${etag}"`
        return { status: 'ok' as const, etag, part_size: size }
      },
      {
        parse: 'none',
        admit: { scope: 'files.upload', upload: true, bucket: 'partUpload', body: 'bytes' },
        response: { 200: PartReceivedSchema },
        detail: docs.uploadPart,
      },
    )
    .post(
      '/report',
      async ({ caller: { principal, body }, params }) => {
        const { session, parts } = await core.uploads.report(principal, params.id, readPartReport(body))
        return { status: 'ok' as const, session: toSessionWithParts(session, parts, provider) }
      },
      {
        parse: 'none',
        admit: { scope: 'files.upload', upload: true, bucket: 'other', body: 'fields' },
        response: { 200: SessionAnswerSchema },
        detail: docs.report,
      },
    )
