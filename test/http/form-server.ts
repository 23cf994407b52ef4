/** A server of forms in a process of its own, so that its memory can be measured: `bun form-server.ts`. */
import { createHash } from 'node:crypto'
import { Elysia } from 'elysia'
import { Fault } from '../../src/core/fault.ts'
import { readUploadForm } from '../../src/http/form.ts'
import type { WatchOptions } from '../../src/http/upload-body.ts'

/** What became of each file, in order: `began`, then `whole` or the code of a Fault. */
export type Ends = string[]

/**
 * `POST /up?limit=n`: hashes the file, refuses it above `limit` bytes. `POST /refuse`: refuses it before its
 * first byte is read.
 */
export const formRoutes = (ends: Ends, watch: WatchOptions = {}) =>
  new Elysia()
    .post(
      '/up',
      async ({ request, server, query }) => {
        const limit = Number(query.limit ?? Number.POSITIVE_INFINITY)
        const files: { name: string; size: number; sha256: string }[] = []
        const fields = await readUploadForm(request, server, { fileField: 'file', watch }, async (file) => {
          ends.push('began')
          const hash = createHash('sha256')
          let size = 0
          try {
            for await (const chunk of file.body) {
              size += chunk.byteLength
              if (size > limit) throw new Fault('file_too_large')
              hash.update(chunk)
            }
          } catch (error) {
            ends.push(error instanceof Fault ? error.code : String(error))
            throw error
          }
          ends.push('whole')
          files.push({ name: file.name, size, sha256: hash.digest('hex') })
        })
        return { fields, files }
      },
      { parse: 'none' },
    )
    .post(
      '/refuse',
      async ({ request, server }) => {
        await readUploadForm(request, server, { fileField: 'file', watch }, async () => {
          throw new Fault('bad_credentials')
        })
      },
      { parse: 'none' },
    )

if (import.meta.main) {
  const { serve } = await import('./server-under-test.ts')
  process.stdout.write(`${serve(formRoutes([])).base}\n`)
}
