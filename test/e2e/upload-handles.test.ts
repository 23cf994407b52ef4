/** Uploads that go on after a reload by what the browser may still read, and never with another file. */
import { describe, expect, test } from 'bun:test'
import { appendFileSync, utimesSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { browserSite } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { callFrom } from '../support/files-visit.ts'
import { sha256 } from '../support/upload.ts'
import { throttle, until, type Visit } from '../support/visit.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: uploads by handles\n')

const MIB = 1024 * 1024
/** Eight parts, of which six move at the same time. */
const SIZE = 128 * MIB

/**
 * What the browser shows to choose files can not be driven; its own store has handles of the same kind. They may be
 * read without being asked; `kist.leave` in the storage of the page takes that from them until somebody asks.
 */
const CHOOSER = `
  const leave = () => localStorage.getItem('kist.leave') ?? 'granted'
  FileSystemHandle.prototype.queryPermission = async () => leave()
  FileSystemHandle.prototype.requestPermission = async () => {
    if (!navigator.userActivation.isActive && leave() === 'prompt') throw new DOMException('', 'SecurityError')
    localStorage.setItem('kist.asked', String(Number(localStorage.getItem('kist.asked') ?? 0) + 1))
    if (leave() === 'prompt') localStorage.setItem('kist.leave', 'granted')
    return leave()
  }
  window.showOpenFilePicker = async () => {
    const root = await navigator.storage.getDirectory()
    const handles = []
    for await (const handle of root.values()) handles.push(handle)
    return handles
  }
`

/** Somebody whose parts are held. */
interface Begun extends Visit {
  letGo(): void
}

describe.skipIf(CHROMIUM === null)('an upload whose page was loaded anew', () => {
  const site = browserSite()

  /** Blocks that differ; `seed` makes files that differ. */
  const bytesOf = (seed: string): Buffer => {
    const bytes = Buffer.alloc(SIZE)
    for (let at = 0; at < SIZE; at += MIB) bytes.fill(`${seed} ${at} `, at, at + MIB)
    return bytes
  }
  const write = (page: Page, name: string, seed: string): Promise<unknown> =>
    page.evaluate(`navigator.storage.getDirectory().then(async (root) => {
      const writable = await (await root.getFileHandle('${name}', { create: true })).createWritable()
      for (let at = 0; at < ${SIZE}; at += ${MIB})
        await writable.write(('${seed} ' + at + ' ').repeat(${MIB}).slice(0, ${MIB}))
      await writable.close()
    })`)

  async function arrived(page: Page): Promise<number> {
    const { uploads } = await callFrom<{ uploads: Array<{ id: string }> }>(page, 'GET', '/web/uploads')
    if (!uploads[0]) return 0
    const path = `/web/uploads/${uploads[0].id}/parts`
    return (await callFrom<{ parts: unknown[] }>(page, 'GET', path)).parts.length
  }

  /** Of the parts that the page sends one arrives; the others hang until it is loaded anew, or closed. */
  async function holdParts({ page }: Visit): Promise<() => void> {
    let [parts, isHeld] = [0, true]
    await page.route('**', async (route) => {
      const isPart = route.request().method() === 'PUT'
      if (!isPart || !isHeld || ++parts === 1) await route.continue()
    })
    return () => {
      isHeld = false
    }
  }
  const partArrived = async (page: Page): Promise<void> => {
    while ((await arrived(page)) < 1) await page.waitForTimeout(50)
  }

  /** One part has arrived; then the page is loaded anew, with nothing in its way. */
  async function cutShort({ page, letGo }: Begun, leave: string): Promise<void> {
    await partArrived(page)
    await page.evaluate(`localStorage.setItem('kist.leave', '${leave}')`)
    letGo()
    await page.reload()
  }

  async function stored(page: Page, name: string): Promise<string> {
    const { entries } = await callFrom<{ entries: Array<{ id: number; name: string }> }>(
      page,
      'GET',
      '/web/folders/top/entries',
    )
    const file = entries.find((entry) => entry.name === name)
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    const answer = await fetch(`${site.server.url}/download/${file?.id}`, { headers: { cookie } })
    return sha256(await answer.bytes())
  }

  async function begin(name: string, choose = true): Promise<Begun> {
    const visit = await site.register(name)
    const { context, page } = visit
    page.on('dialog', (dialog) => void dialog.accept())
    await context.addInitScript(CHOOSER)
    await page.reload()
    await page.waitForSelector('.empty')
    const letGo = await holdParts(visit)
    if (choose) {
      await write(page, 'film.bin', name)
      await page.click('.adding button:has-text("Upload")')
    }
    return { ...visit, letGo }
  }

  test('goes on by itself while the browser may read the file', async () => {
    const begun = await begin('allowed')
    const { context, page, complaints } = begun
    const sent: string[] = []
    await cutShort(begun, 'granted')
    page.on('request', (request) => request.method() === 'PUT' && sent.push(request.url()))
    await page.waitForSelector('.upload[data-state=done]')
    expect(sent.length).toBeLessThan(8)
    expect(await stored(page, 'film.bin')).toBe(sha256(bytesOf('allowed')))
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('asks for leave by one button, and goes on when it is given', async () => {
    const begun = await begin('asked')
    const { context, page, complaints } = begun
    await cutShort(begun, 'prompt')
    await page.waitForSelector('.upload[data-state=asking]')
    expect(await page.evaluate(`localStorage.getItem('kist.asked')`)).toBeNull()
    await page.click('.upload button:has-text("Go on")')
    await page.waitForSelector('.upload[data-state=done]')
    expect(await page.evaluate(`localStorage.getItem('kist.asked')`)).toBe('1')
    expect(await stored(page, 'film.bin')).toBe(sha256(bytesOf('asked')))
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('is not lost when leave is refused: the file can be chosen in the usual way', async () => {
    const begun = await begin('refused')
    const { context, page, complaints } = begun
    await cutShort(begun, 'denied')
    await page.click('.upload button:has-text("Go on")')
    await page.waitForSelector('.upload:has-text("The browser may not read it")')
    const path = site.file('film.bin', bytesOf('refused'))
    await page.setInputFiles('input[data-again="film.bin"]', path)
    await page.waitForSelector('.upload[data-state=done]')
    expect(await stored(page, 'film.bin')).toBe(sha256(bytesOf('refused')))
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('does not go on with a file that was changed, says so, and uploads it anew on demand', async () => {
    const begun = await begin('changed')
    const { context, page, complaints } = begun
    await cutShort(begun, 'prompt')
    await page.waitForSelector('.upload[data-state=asking]')
    await write(page, 'film.bin', 'another')
    await page.click('.upload button:has-text("Go on")')
    await page.waitForSelector('.upload[data-state=asking]:has-text("has been changed since")')
    expect(await arrived(page)).toBeGreaterThan(0)
    expect(await page.locator('.entry').count()).toBe(0)
    await page.click('.upload button:has-text("Upload it anew")')
    await page.waitForSelector('.upload[data-state=done]')
    expect(await page.locator('.upload').count()).toBe(1)
    expect(await stored(page, 'film.bin')).toBe(sha256(bytesOf('another')))
    expect((await callFrom<{ uploads: unknown[] }>(page, 'GET', '/web/uploads')).uploads).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('goes on with a file that was only touched: what has arrived is in it', async () => {
    const begun = await begin('touched', false)
    const { context, page, complaints } = begun
    const path = site.file('touched.bin', bytesOf('touched'))
    await page.setInputFiles('#pick-files', path)
    await cutShort(begun, 'granted')
    await page.waitForSelector('.upload[data-state=asking]')
    const sent: string[] = []
    page.on('request', (request) => request.method() === 'PUT' && sent.push(request.url()))
    utimesSync(path, new Date(1e12), new Date(1e12))
    await page.setInputFiles('input[data-again="touched.bin"]', path)
    await page.waitForSelector('.upload[data-state=done]')
    expect(sent.length).toBeLessThan(8)
    expect(await stored(page, 'touched.bin')).toBe(sha256(bytesOf('touched')))
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('is left alone by other tabs while this one works on it', async () => {
    const { context, page, complaints } = await begin('tabs')
    await partArrived(page)
    const other = await context.newPage()
    await other.goto(`${site.server.url}/files`)
    await other.waitForSelector('.empty')
    await other.waitForLoadState('networkidle')
    expect(await other.locator('.upload').count()).toBe(0)
    // When it is closed the other one takes the upload over.
    await page.close({ runBeforeUnload: false })
    await other.waitForSelector('.upload[data-state=done]')
    expect(await stored(other, 'film.bin')).toBe(sha256(bytesOf('tabs')))
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('that loses its file on the way says so, and stores nothing of it', async () => {
    const { context, page, letGo } = await begin('losing', false)
    letGo()
    await (await throttle(page))(40 * MIB)
    const path = site.file('losing.bin', bytesOf('losing'))
    await page.setInputFiles('#pick-files', path)
    await page.waitForSelector('.upload[data-state=uploading]')
    // In a moment, or all of it would be sent before.
    appendFileSync(path, 'more')
    utimesSync(path, new Date(1e12), new Date(1e12))
    await page.waitForSelector('.upload[data-state=failed]:has-text("was changed or removed")')
    await page.click('.upload button[aria-label="Cancel losing.bin"]')
    await until(page, `document.querySelectorAll('.upload').length === 0`)
    expect((await callFrom<{ uploads: unknown[] }>(page, 'GET', '/web/uploads')).uploads).toEqual([])
    expect(await page.locator('.entry').count()).toBe(0)
    await context.close()
  }, 90_000)
})
