/** What visitors do with the page of a file, in a real browser. */
import { describe, expect, test } from 'bun:test'
import { browserSite, TIMEOUT } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { pdf, png, webm } from '../support/media.ts'
import { noteDialogs, until, violations } from '../support/visit.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: what visitors do\n')

describe.skipIf(CHROMIUM === null)('a visitor in Chromium', () => {
  const site = browserSite()
  const other = { name: 'a.bin', bytes: new Uint8Array(2000) }

  test(
    'zooms a picture by wheel, double click, buttons, keys and two fingers, and moves it',
    async () => {
      const people = await site.people()
      const slug = await people.file({ name: 'a.png', bytes: png(400, 300), type: 'image/png' })
      await using visit = await site.openAt(`/${slug}`)
      const { page, complaints } = visit
      const stage = page.locator('.stage.picture')
      const scale = async (): Promise<number> => {
        const shown = await page.locator('.tools output').textContent()
        return Number(/\d+/.exec(shown ?? '')?.[0])
      }
      const place = (): Promise<string> =>
        page.evaluate('getComputedStyle(document.querySelector(".stage img")).transform')
      await until(page, 'document.querySelector(".stage img").naturalWidth > 0')
      const box = await stage.boundingBox()
      const [x, y] = [(box?.x ?? 0) + 300, (box?.y ?? 0) + 200]
      await page.mouse.move(x, y)
      await page.mouse.wheel(0, 300)
      expect(await scale()).toBe(100)
      await page.evaluate('scrollTo(0, 0)')
      await page.mouse.wheel(0, -300)
      await until(page, 'document.querySelector(".stage").classList.contains("zoomed")')
      expect(await scale()).toBeGreaterThan(200)
      const before = await place()
      await page.mouse.down()
      await page.mouse.move(x - 60, y - 40, { steps: 4 })
      await page.mouse.up()
      expect(await place()).not.toBe(before)
      await page.keyboard.press('0')
      expect([await scale(), await place()]).toEqual([100, 'none'])
      await page.mouse.dblclick(x, y)
      expect(await scale()).toBe(300)
      await page.mouse.dblclick(x, y)
      expect(await scale()).toBe(100)
      await page.keyboard.press('+')
      await page.getByRole('button', { name: 'Larger' }).click()
      expect(await scale()).toBe(225)
      const left = await place()
      await page.keyboard.press('ArrowRight')
      expect(await place()).not.toBe(left)
      await page.getByRole('button', { name: 'Smaller' }).click()
      await page.getByRole('button', { name: 'Fit' }).click()
      expect(await scale()).toBe(100)
      await page.evaluate(`(() => {
      const image = document.querySelector('.stage img')
      const box = image.getBoundingClientRect()
      image.setPointerCapture = () => {}
      const send = (type, pointerId, x) => image.dispatchEvent(new PointerEvent(type, { pointerId, pointerType: 'touch',
        clientX: box.left + x, clientY: box.top + 100, bubbles: true, isPrimary: pointerId === 1 }))
      send('pointerdown', 1, 200); send('pointerdown', 2, 300)
      send('pointermove', 1, 100); send('pointermove', 2, 400)
      send('pointerup', 1, 100); send('pointerup', 2, 400)
    })()`)
      expect(await scale()).toBe(300)
      await page.getByRole('button', { name: 'Show the original' }).click()
      await until(page, 'document.querySelector(".stage img").src.includes("/~show/")')
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'turns to the pictures beside it by arrow, click and swipe',
    async () => {
      const people = await site.people()
      const folderId = await people.folder('Pictures')
      const made: string[] = []
      for (const n of [1, 2, 3])
        made.push(
          await people.file({ name: `picture ${n}.png`, bytes: png(60, 40), type: 'image/png', folderId }),
        )
      await using visit = await site.openAt(`/${made[0]}`)
      const { page, complaints } = visit
      const at = (index: number) => page.waitForURL(`${site.server.url}/${made[index]}`)
      await page.keyboard.press('ArrowRight')
      await at(1)
      await page.getByRole('link', { name: 'Next picture: picture 3.png' }).click()
      await at(2)
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowLeft')
      await at(1)
      await page.evaluate(`(() => {
      const image = document.querySelector('.stage img')
      image.setPointerCapture = () => {}
      const send = (type, x) => image.dispatchEvent(new PointerEvent(type, { pointerId: 1, pointerType: 'touch', clientX: x, clientY: 300, bubbles: true }))
      send('pointerdown', 300); send('pointermove', 450); send('pointerup', 450)
    })()`)
      await at(0)
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'waits where the package says so, and then gets the file',
    async () => {
      const people = await site.people()
      await site.place.lines(['package', 'set', 'Guest', 'wait_before_download=2'])
      try {
        const slug = await people.file({ name: 'wait.webm', bytes: await webm(), type: 'video/webm' })
        // What the command line changes the server knows of within a second.
        while (!/starts 2 seconds/i.test(await (await fetch(`${site.server.url}/${slug}`)).text()))
          await Bun.sleep(50)
        await using visit = await site.openAt(`/${slug}`)
        const { page } = visit
        const button = page.getByRole('link', { name: /Download/ })
        expect(await button.getAttribute('aria-disabled')).toBe('true')
        expect(await page.locator('video').getAttribute('src')).toBeNull()
        await page.locator('a.button:not([aria-disabled]):has-text("Download")').waitFor()
        expect(await page.locator('video').getAttribute('src')).toContain('download_token')
        const started = page.waitForEvent('download')
        await button.click()
        expect((await started).suggestedFilename()).toBe('wait.webm')
      } finally {
        await site.place.lines(['package', 'set', 'Guest', 'wait_before_download=0'])
      }
    },
    TIMEOUT,
  )

  test(
    'reports a file',
    async () => {
      const people = await site.people()
      const slug = await people.file(other)
      await using visit = await site.openAt(`/${slug}`)
      const { page, complaints } = visit
      await page.getByRole('link', { name: 'Report this file' }).click()
      expect(await violations(page)).toEqual([])
      await page.getByLabel('Something else').check()
      await page.getByRole('button', { name: 'Send the report' }).click()
      await page.getByRole('heading', { name: 'Thank you' }).waitFor()
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'copies the link with one click',
    async () => {
      const people = await site.people()
      const slug = await people.file(other)
      await using visit = await site.openAt(`/${slug}`)
      const { page, complaints } = visit
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.getByRole('button', { name: 'Copy Link' }).click()
      await page.getByText('Copied').first().waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${site.server.url}/${slug}`)
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'sees a document when he asks for it, and what its script does stays in its viewer',
    async () => {
      const people = await site.people()
      const script = `app.alert\\('ran'\\); this.submitForm\\('${site.server.url}/ran'\\); this.getURL\\('javascript:top.document.title=1'\\)`
      const slug = await people.file({
        name: 'script.pdf',
        type: 'application/pdf',
        bytes: pdf('Script', script),
      })
      await using visit = await site.openAt(`/${slug}`)
      const { page, complaints } = visit
      noteDialogs(visit)
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await page.getByRole('button', { name: 'Show the document' }).click()
      await page.waitForEvent('dialog')
      await page.frameLocator('.stage iframe').locator('body').waitFor()
      expect(await page.title()).toBe('script.pdf · Kist')
      expect(
        asked
          .filter((url) => url.startsWith(site.server.url))
          .every((url) => url.includes(`/~show/${slug}?`)),
      ).toBe(true)
      // The viewer may open a dialog; that is all its script can do.
      expect(complaints.filter((line) => line !== 'a dialog says ran')).toEqual([])
    },
    TIMEOUT,
  )
})
