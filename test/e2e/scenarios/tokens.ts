/** A token is made in the browser, and curl does all the rest with it. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { type BrowserSite, PART_SIZE, TIMEOUT } from '../../support/browser-site.ts'
import { createContent } from '../../support/content.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { partRange } from '../../support/upload-client.ts'
import { faultsOf } from '../../support/visit.ts'
import { answer, makeToken } from './steps.ts'

const CURL = Bun.which('curl')
const BACKUP = createContent(PART_SIZE + 2 ** 20, 'by curl')

export function tokens(site: BrowserSite): void {
  test.skipIf(!CURL)(
    'a token made in the browser is shown once, and curl uploads and downloads with it until it is revoked',
    async () => {
      await using visit = await site.register('tess')
      const { page } = visit
      const token = await makeToken(site, page, 'Backup')
      expect(token).toMatch(/^fyu_[0-9a-f]{48}$/)
      await page.getByRole('button', { name: 'I have kept it' }).click()

      const api = curlWith(site.server.url, token)
      const id = await upload(site, api)
      const { url } = await api.get<{ url: string }>(`/api/v1/downloads/${id}/link`)
      const saved = join(site.place.dir, 'saved-by-curl.bin')
      expect(new URL(await api.save(url, saved)).origin).toBe(site.storeOrigin)
      expect(sha256(await Bun.file(saved).bytes())).toBe(BACKUP.sha256())

      await page.goto(`${site.server.url}/files`)
      await page.getByRole('link', { name: 'backup.bin' }).waitFor()
      await page.goto(`${site.server.url}/account/tokens`)
      await page.getByText('Backup', { exact: true }).waitFor()
      expect(await page.content()).not.toContain(token)
      expect(await api.status('/api/v1/folders')).toBe('200')
      await page.getByRole('button', { name: 'Revoke Backup' }).click()
      await answer(page, {}, 'Revoke it')
      await page.getByText('You have none.').waitFor()
      expect(await api.status('/api/v1/folders')).toBe('401')
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )

  test.skipIf(!CURL)(
    'settings of ShareX are saved in the browser, and curl uploads by what they say',
    async () => {
      await using visit = await site.register('sharon')
      const { page } = visit
      await page.goto(`${site.server.url}/account/tokens`)
      const started = page.waitForEvent('download')
      await page.getByRole('link', { name: 'For the File Uploader API' }).click()
      const download = await started
      expect(download.suggestedFilename()).toBe('uploader.sxcu')
      const settings = (await Bun.file(await download.path()).json()) as ShareX
      const bytes = sampleBytes(70_002, 31)
      const headers = Object.entries(settings.Headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
      const form = `${settings.FileFormName}=@${site.file('shot.bin', bytes)}`
      await curl(...headers, '--form', form, settings.RequestURL)
      await page.goto(`${site.server.url}/files`)
      await page.getByRole('link', { name: 'shot.bin' }).waitFor()
      expect(await site.stored(bytes.length)).toEqual([sha256(bytes)])
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )
}

interface ShareX {
  RequestURL: string
  FileFormName: string
  Headers: Record<string, string>
}

/** What curl prints. Throws on an answer that is a refusal. */
const curl = (...args: string[]): Promise<string> => run('--fail-with-body', ...args)

async function run(...args: string[]): Promise<string> {
  const command = ['curl', '--silent', '--show-error', ...args]
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe' })
  const [code, out, said] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${said}${out}`)
  return out
}

type CurlApi = ReturnType<typeof curlWith>

/** Calls of the API by curl with that token. */
function curlWith(url: string, token: string) {
  const signed = ['--header', `Authorization: Bearer ${token}`]
  return {
    status: (path: string) =>
      run(...signed, '--output', '/dev/null', '--write-out', '%{http_code}', url + path),
    get: async <Answer>(path: string) => JSON.parse(await curl(...signed, url + path)) as Answer,
    post: async <Answer>(path: string, body: object) =>
      JSON.parse(await curl(...signed, '--json', JSON.stringify(body), url + path)) as Answer,
    /** Saves what is at the address; where it came from in the end. */
    save: (address: string, path: string) =>
      curl(...signed, '--location', '--output', path, '--write-out', '%{url_effective}', address),
  }
}

interface Managed {
  session: { public_id: string }
  parts: Array<{ part_number: number; url: string }>
}

/** Sends the parts of the backup to the store; the id of the file. */
async function upload(site: BrowserSite, api: CurlApi): Promise<number> {
  const asked = { filename: 'backup.bin', size: BACKUP.size, part_numbers: [1, 2] }
  const { session, parts } = await api.post<Managed>('/api/v1/uploads/managed', asked)
  const plan = { id: session.public_id, content: BACKUP, partSize: PART_SIZE, partCount: parts.length }
  const whole = Bun.file(site.file('backup.bin', BACKUP))
  for (const { part_number, url } of parts) {
    expect(new URL(url).origin).toBe(site.storeOrigin)
    const [start, end] = partRange(plan, part_number)
    const path = site.file(`part-${part_number}`, await whole.slice(start, end).bytes())
    const etag = await curl('--upload-file', path, '--write-out', '%header{etag}', url)
    const report = { part_number, etag, part_size: end - start }
    await api.post(`/api/v1/uploads/sessions/${plan.id}/parts/report`, report)
  }
  const checksum = { checksum_sha256: BACKUP.sha256() }
  const completed = `/api/v1/uploads/sessions/${plan.id}/complete`
  return (await api.post<{ file_id: number }>(completed, checksum)).file_id
}
