/** The examples of the nating reference, run by the real curl as they are printed there. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPlace } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import type { RunningServer } from '../support/server-process.ts'

/** A shell command as the reference prints it; its standard output. */
function shell(cwd: string, command: string): string {
  const { stdout, stderr, exitCode } = Bun.spawnSync(['sh', '-euc', command], { cwd })
  if (exitCode !== 0) throw new Error(`${command}\nended with ${exitCode}: ${stderr}`)
  return stdout.toString()
}

const hasCurl = Bun.which('curl') !== null
if (!hasCurl) process.stdout.write('NOT TESTED, for there is no curl: the examples of the reference\n')

const PART = 64 * 2 ** 20

describe.skipIf(!hasCurl)('the reference of nating, by curl', () => {
  const place = createPlace()
  const client = mkdtempSync(join(tmpdir(), 'kist-client-'))
  const content = createContent(PART + 1_000_000, 'seed')
  const sha256 = content.sha256()
  let server: RunningServer
  let token = ''
  let folder = 0
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  const curl = (command: string): any => JSON.parse(shell(client, command.replace('curl ', 'curl -sS ')))
  const site = (): string => server.url

  beforeAll(async () => {
    writeFileSync(join(client, 'archive.part1'), Buffer.concat([...content.read(0, PART)]))
    writeFileSync(join(client, 'archive.part2'), Buffer.concat([...content.read(PART, content.size)]))
    server = await place.serve()
    const [id, password] = await place.lines(['user', 'add', 'ann', '--package', 'Admin'])
    expect([id, password?.length]).toEqual(['1', 24])
    const made = await place.lines([
      'token',
      'add',
      '--user',
      'ann',
      '--kind',
      'nating',
      '--scopes',
      'files.upload,files.read,files.write',
    ])
    expect(made).toHaveLength(1)
    token = made[0] ?? ''
  })
  afterAll(async () => {
    rmSync(client, { recursive: true, force: true })
    await place.remove()
  })

  test('a folder is made to own the uploads', () => {
    const { status, folder: made } = curl(`curl -X POST "${site()}/api/v1/folders" \\
-H "Authorization: Bearer ${token}" \\
-H "Content-Type: application/json" \\
-d '{"name": "Backups"}'`)
    expect(status).toBe('ok')
    folder = made.id
  })

  const managed = (): string => `curl -X POST "${site()}/api/v1/uploads/managed" \\
-H "Authorization: Bearer ${token}" \\
-H "Content-Type: application/json" \\
-H "Idempotency-Key: desktop-upload-001" \\
-d '{
"filename": "archive.iso",
"size": 10737418240,
"mime_type": "application/octet-stream",
"folder_id": ${folder},
"part_numbers": [1, 2, 3],
"expires_in": 3600
}'`

  test('a managed upload of 10 GiB is opened with three signed URLs, and a retry gets the same', () => {
    const answer = curl(managed())
    const id: string = answer.session.public_id // a matcher takes its place below
    const path = `/api/v1/uploads/sessions/${id}`
    expect(answer).toMatchObject({
      status: 'ok',
      session: {
        public_id: expect.stringMatching(/^ups_[0-9a-f]{20}$/),
        status: 'pending',
        folder_id: folder,
      },
      part_size_bytes: 67108864,
      parts: [1, 2, 3].map((number) => ({
        part_number: number,
        method: 'PUT',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/storage\/parts\//),
      })),
    })
    expect(answer).toMatchObject({
      complete_url: `${path}/complete`,
      report_part_url: `${path}/parts/report`,
    })
    expect(curl(managed()).session.public_id).toBe(id)
    expect(shell(client, `curl -sS -o /dev/null -D - ${managed().slice(5)}`)).toContain('201 Created')
    expect(curl(`curl -X POST -H "Authorization: Bearer ${token}" "${site()}${path}/abort"`)).toEqual({
      status: 'ok',
    })
  })

  test('the end-to-end example makes a file: open, sign, upload, report, complete', () => {
    const opened = curl(`curl -X POST "${site()}/api/v1/uploads/sessions" \\
-H "Authorization: Bearer ${token}" \\
-H "Content-Type: application/json" \\
-H "Idempotency-Key: upload-session-001" \\
-d '{
"filename": "archive.iso",
"size": ${content.size},
"mime_type": "application/octet-stream",
"folder_id": ${folder}
}'`)
    const session = `${site()}/api/v1/uploads/sessions/${opened.session.public_id}`
    sendPart(session, 1, PART)

    const resumed = curl(`curl "${session}" \\
-H "Authorization: Bearer ${token}"`)
    expect(resumed).toMatchObject({
      status: 'ok',
      session: { status: 'uploading', expected_size: content.size, uploaded_bytes: PART, completed_parts: 1 },
    })
    sendPart(session, 2, content.size - PART)

    const completed = curl(`curl -X POST "${session}/complete" \\
-H "Authorization: Bearer ${token}" \\
-H "Content-Type: application/json" \\
-H "Idempotency-Key: upload-complete-001" \\
-d '{
"checksum_sha256": "optional-final-sha256"
}'`)
    expect(completed).toMatchObject({ status: 'ok', checksum_sha256: sha256 })
    showsAndSends(completed.file_id)
  })

  function sendPart(session: string, number: number, size: number): void {
    const signed = curl(`curl -X POST "${session}/parts/sign" \\
-H "Authorization: Bearer ${token}" \\
-H "Content-Type: application/json" \\
-d '{
"part_numbers": [${number}],
"expires_in": 3600
}'`)
    const head = shell(
      client,
      `curl -sS -D - -X PUT "${signed.parts[0].url}" \\
-H "Content-Type: application/octet-stream" \\
--data-binary "@archive.part${number}"`,
    )
    const etag = /^ETag: "([0-9a-f]{32})"\r$/im.exec(head)?.[1]
    expect(head).toContain(' 200 OK')
    const reported = curl(`curl -X POST "${session}/parts/report" \\
-H "Authorization: Bearer ${token}" \\
-H "Content-Type: application/json" \\
-d '{
"part_number": ${number},
"etag": "\\"${etag}\\"",
"part_size": ${size}
}'`)
    expect(reported.session.completed_parts).toBe(number)
  }

  function showsAndSends(id: number): void {
    const { file } = curl(`curl "${site()}/api/v1/files/${id}" \\
-H "Authorization: Bearer ${token}"`)
    expect(file).toMatchObject({
      id,
      filename: 'archive.iso',
      size: content.size,
      mime_type: 'application/octet-stream',
      short_id: expect.stringMatching(/^[0-9A-Za-z]{10}$/),
      folder_id: folder,
      downloads: 0,
      status: 'active',
    })
    const link = curl(`curl "${site()}/api/v1/downloads/${id}/link" \\
-H "Authorization: Bearer ${token}"`)
    expect(link).toMatchObject({ status: 'ok', expires_in: 3600, delivery: 'app' })
    expect(shell(client, `curl -sS "${link.url}" | sha256sum`)).toBe(`${sha256}  -\n`)
    shell(client, `curl -sSOJ "${link.url}"`)
    expect(existsSync(join(client, 'archive.iso'))).toBe(true)
    shell(
      client,
      `head -c 70000000 archive.iso > half && curl -sS -C - -o half "${link.url}" && cmp half archive.iso`,
    )
  }

  test('X-API-Token does the same as Authorization', () => {
    const head = shell(client, `curl -sSI -X GET "${site()}/api/v1/files/1" -H "X-API-Token: ${token}"`)
    expect(head).toContain(' 200 OK')
  })

  test('everything that was stored is as it should be', async () => {
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  })
})
