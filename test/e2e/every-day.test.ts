/** What happens at a file manager on every day: two tabs, lines that break, names that are taken, the other button. */
import { describe, expect, test } from 'bun:test'
import { dirname } from 'node:path'
import { browserSite, PASSWORD } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { allUploaded, callFrom, carry, folderNamed, namesIn } from '../support/files-visit.ts'
import { sha256 } from '../support/upload.ts'
import { throttle, until } from '../support/visit.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: the file manager every day\n')

const MIB = 1024 * 1024
/** Bytes of a file in several parts, of which there is only one here. */
const SIZE = 60 * MIB + 1

describe.skipIf(CHROMIUM === null)('every day', () => {
  const site = browserSite()

  const fileNamed = (name: string, size = 10): string => site.file(name, Buffer.alloc(size, name))

  test('what one tab changes is there in the other', async () => {
    const { context, page, complaints } = await site.register('tabs')
    const other = await context.newPage()
    await other.goto(`${site.server.url}/files`)
    await other.waitForSelector('.empty')
    await page.click('button[aria-label="New folder, import or request"]')
    await page.getByRole('menuitem', { name: 'New folder' }).click()
    await page.fill('#folder-name', 'Made here')
    await page.keyboard.press('Enter')
    await other.waitForSelector('.entry:has-text("Made here")')
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('an upload waits while there is no connection, and goes on by itself', async () => {
    const { context, page } = await site.register('offline')
    const limit = await throttle(page)
    await limit(20 * MIB)
    await page.setInputFiles('#pick-files', fileNamed('long.bin', 40 * MIB))
    await until(page, `document.querySelector('.upload progress')?.value > 0`)
    await limit(0)
    await page.setInputFiles('#pick-files', fileNamed('later.txt'))
    await page.waitForSelector('.upload:has-text("No connection. It goes on by itself.")')
    await limit(-1)
    await allUploaded(page, 2)
    expect(await namesIn(page, 'top')).toEqual(['later.txt', 'long.bin'])
    await context.close()
  }, 90_000)

  test('an upload outlives a server that is killed in the middle and started anew', async () => {
    const { context, page } = await site.register('restart')
    const limit = await throttle(page)
    await limit(20 * MIB)
    const path = fileNamed('patient.bin', SIZE)
    await page.setInputFiles('#pick-files', path)
    await until(page, `document.querySelector('.upload progress')?.value > ${8 * MIB}`)
    const { port } = new URL(site.server.url)
    await site.server.end('SIGKILL')
    await limit(-1)
    site.server = await site.place.serve({ env: { KIST_SERVER_PORT: port } })
    await allUploaded(page, 1)
    expect(await site.stored(SIZE)).toEqual([sha256(await Bun.file(path).bytes())])
    await context.close()
  }, 90_000)

  test('the other button of the mouse has the menu of an entry, and of all that are chosen', async () => {
    const { context, page, complaints } = await site.register('other-button')
    await folderNamed(page, 'Box')
    await page.setInputFiles('#pick-files', [fileNamed('1.txt'), fileNamed('2.txt')])
    await allUploaded(page, 2)
    const cell = (name: string) => page.locator('.entry', { hasText: name }).locator('.of-date')
    await cell('1.txt').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Rename…' }).click()
    await page.fill('#new-name', 'one.txt')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.entry:has-text("one.txt")')
    await cell('one.txt').click()
    await cell('2.txt').click({ modifiers: ['Control'] })
    await cell('one.txt').click({ button: 'right' })
    await page.waitForSelector('[role=menuitem]:focus')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Escape')
    await until(page, `document.activeElement?.textContent.includes('one.txt') ?? false`)
    await cell('2.txt').click({ button: 'right' })
    const names = await page.getByRole('menuitem').allTextContents()
    expect(names).toContain('Who can see them…')
    await page.getByRole('menuitem', { name: 'Move to the trash' }).click()
    await until(page, `document.querySelectorAll('.entry').length === 1`)
    expect(await namesIn(page, 'top')).toEqual(['Box'])
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('a folder and a choice of files are downloaded', async () => {
    const { context, page } = await site.register('fetcher', { acceptDownloads: true })
    const folder = await folderNamed(page, 'Album')
    await page.goto(`${site.server.url}/files/folder/${folder}`)
    await page.setInputFiles('#pick-files', [fileNamed('p.txt'), fileNamed('q.txt')])
    await allUploaded(page, 2)
    const names: string[] = []
    page.on('download', (download) => void names.push(download.suggestedFilename()))
    await page.locator('.entry .of-date').first().click()
    await page.keyboard.press('Control+a')
    await page.click('.chosen-bar button:has-text("Download")')
    for (let time = 0; time < 100 && names.length < 2; time++) await page.waitForTimeout(50)
    expect(names.sort()).toEqual(['p.txt', 'q.txt'])
    await page.goto(`${site.server.url}/files`)
    const archive = page.waitForEvent('download')
    await page.click('button[aria-label="More for Album"]')
    await page.getByRole('menuitem', { name: 'Download as ZIP' }).click()
    expect((await archive).suggestedFilename()).toBe('Album.zip')
    await context.close()
  }, 60_000)

  test('who comes back to a list finds it where it was, with the folder in the title', async () => {
    const { context, page, complaints } = await site.register('comes-back')
    const paths = Array.from({ length: 60 }, (_, index) => `N${100 + index}`).map((name) => [name])
    await callFrom(page, 'POST', '/web/folders/paths', { parentId: null, paths })
    await page.reload()
    await page.waitForSelector('.entry')
    await page.evaluate(`document.querySelector('.entries').scrollTop = 1000`)
    await page.click('.entry a:has-text("N125")')
    await page.waitForSelector('.empty')
    expect(await page.title()).toStartWith('N125 · ')
    await page.goBack()
    await page.waitForSelector('.entry:has-text("N125")')
    await until(page, `document.querySelector('.entries').scrollTop === 1000`)
    await page.reload()
    await page.waitForSelector('.entry:has-text("N125")')
    await until(page, `document.querySelector('.entries').scrollTop === 1000`)
    // By a link it begins at its top.
    await page.click('.places a:has-text("Trash")')
    await page.click('.places a:has-text("Files")')
    await page.waitForSelector('.entry:has-text("N100")')
    expect(await page.evaluate(`document.querySelector('.entries').scrollTop`)).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('who is suspended reads the same where the session ends and on the page to sign in', async () => {
    const { context, page } = await site.register('suspended')
    await site.place.lines(['user', 'set', 'suspended', '--status', 'suspended'])
    await page.click('button[aria-label="New folder, import or request"]')
    await page.getByRole('menuitem', { name: 'New folder' }).click()
    await page.fill('#folder-name', 'Mine')
    await page.keyboard.press('Enter')
    const words = 'Name and password do not fit, or the account is suspended.'
    await page.fill('#again-password', PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForSelector(`dialog [role=alert]:has-text("${words}")`)
    await page.click('dialog button:has-text("Leave")')
    await page.waitForURL('**/sign-in?**')
    await page.fill('#username', 'suspended')
    await page.fill('#password', PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForSelector(`[role=alert]:has-text("${words}")`)
    await context.close()
  }, 60_000)

  test('what fails is the first in the list of uploads, and is said to those who do not see', async () => {
    const { context, page, complaints } = await site.register('failing')
    const names = Array.from({ length: 8 }, (_, index) => `ok-${index}.txt`)
    await page.route('**/web/uploads/empty', (route) =>
      route.fulfill({ status: 403, json: { status: 'error', message: 'Not today.' } }),
    )
    await page.setInputFiles('#pick-files', [
      ...names.map((name) => fileNamed(name)),
      fileNamed('none.txt', 0),
    ])
    await allUploaded(page, 8)
    expect(await page.locator('.upload').first().textContent()).toContain('Not today.')
    await page.unroute('**/web/uploads/empty')
    await page.click('.upload button[aria-label="Try again none.txt"]')
    await allUploaded(page, 9)
    await page.click('button[aria-label="More for ok-0.txt"]')
    await page.getByRole('menuitem', { name: 'Move to the trash' }).click()
    await page.waitForSelector('.hidden[role=status]:has-text("1 entry moved to the trash.")')
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([])
    await context.close()
  }, 60_000)

  test('a name that is taken is asked about: both stay, one takes the place of the other, or none comes', async () => {
    const { context, page, complaints } = await site.register('twice')
    const bring = async (size: number, answer: string | null): Promise<void> => {
      await page.setInputFiles('#pick-files', [fileNamed('plan.txt', size), fileNamed(`new-${size}.txt`)])
      if (answer !== null) await page.click(`dialog button:has-text("${answer}")`)
      await page.waitForSelector(`.entry:has-text("new-${size}.txt")`)
      await until(page, `!document.querySelector('.upload:not([data-state=done])')`)
      if (answer !== null) await until(page, `!document.querySelector('dialog')`)
    }
    const sizes = async (path: string): Promise<string[]> => {
      const { entries } = await callFrom<{ entries: Array<{ name: string; size: number }> }>(
        page,
        'GET',
        path,
      )
      return entries
        .filter(({ name }) => name.startsWith('plan'))
        .map(({ name, size }) => `${name} ${size}`)
        .sort()
    }
    await bring(10, null)
    await bring(20, 'Keep both')
    expect(await sizes('/web/folders/top/entries')).toEqual(['plan (1).txt 20', 'plan.txt 10'])
    await bring(30, 'Skip')
    expect(await sizes('/web/folders/top/entries')).toEqual(['plan (1).txt 20', 'plan.txt 10'])
    await bring(40, 'Replace')
    await page.waitForSelector('.toast:has-text("1 entry moved to the trash.")')
    await until(
      page,
      `[...document.querySelectorAll('.entry a')].filter((a) => a.textContent === 'plan.txt').length === 1`,
    )
    expect(await sizes('/web/folders/top/entries')).toEqual(['plan (1).txt 20', 'plan.txt 40'])
    expect(await sizes('/web/trash')).toEqual(['plan.txt 10'])
    // No bytes are a file as well.
    await page.setInputFiles('#pick-files', [fileNamed('plan.txt', 0)])
    await page.click('dialog button:has-text("Replace")')
    await page.waitForSelector('.entry:has-text("0 bytes")')
    expect(await sizes('/web/folders/top/entries')).toEqual(['plan (1).txt 20', 'plan.txt 0'])
    expect(await sizes('/web/trash')).toEqual(['plan.txt 10', 'plan.txt 40'])
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('all uploads are called off at once, and nothing of them is kept', async () => {
    const { context, page, complaints } = await site.register('caller-off')
    const limit = await throttle(page)
    await limit(MIB)
    const names = Array.from({ length: 7 }, (_, index) => `big-${index}.bin`)
    await page.setInputFiles(
      '#pick-files',
      names.map((name) => fileNamed(name, 4 * MIB)),
    )
    await page.waitForSelector('.upload[data-state=uploading]')
    await page.click('.dock button:has-text("Cancel all")')
    await page.click('dialog button:has-text("Cancel all uploads")')
    await until(page, `!document.querySelector('.upload') && !document.querySelector('dialog')`)
    expect((await callFrom<{ uploads: unknown[] }>(page, 'GET', '/web/uploads')).uploads).toEqual([])
    expect(await namesIn(page, 'top')).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('what can not be read does not keep back what lies beside it', async () => {
    const { context, page } = await site.register('unreadable')
    const session = await context.newCDPSession(page)
    const mixed = dirname(fileNamed('Mixed/fine.txt'))
    fileNamed('Mixed/gone.txt')
    // As when it is removed while the folder is being read, which no test can time.
    await page.evaluate(`{
      const get = DataTransferItem.prototype.webkitGetAsEntry
      DataTransferItem.prototype.webkitGetAsEntry = function () {
        const entry = get.call(this)
        const reader = entry.createReader()
        entry.createReader = () => ({
          readEntries: (take, fail) => reader.readEntries((some) => {
            for (const one of some)
              if (one.name === 'gone.txt') one.file = (_, no) => no(new DOMException('', 'NotFoundError'))
            take(some)
          }, fail),
        })
        return entry
      }
    }`)
    const carried = await carry(page, session, [mixed])
    await carried.over('.empty')
    await carried.drop()
    await page.waitForSelector('.toast.bad:has-text("Mixed/gone.txt can not be read.")')
    await allUploaded(page, 1)
    await page.click('.entry a:has-text("Mixed")')
    await page.waitForSelector('.entry:has-text("fine.txt")')
    await context.close()
  }, 60_000)

  test('nobody leaves an upload by mistake', async () => {
    const { context, page } = await site.register('stayer')
    const limit = await throttle(page)
    await limit(MIB)
    await page.setInputFiles('#pick-files', [fileNamed('done.txt'), fileNamed('slow.bin', 8 * MIB)])
    await page.waitForSelector('.entry:has-text("done.txt")')
    const asked: string[] = []
    page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.dismiss()
    })
    // A file is opened beside the page that uploads.
    const opened = context.waitForEvent('page')
    await page.click('.entry a:has-text("done.txt")')
    await (await opened).waitForSelector('h1:has-text("done.txt")')
    expect(asked).toEqual([])
    await page.close({ runBeforeUnload: true })
    for (let time = 0; time < 100 && asked.length === 0; time++) await page.waitForTimeout(50)
    expect(asked).toEqual(['beforeunload'])
    expect(page.isClosed()).toBe(false)
    await context.close()
  }, 60_000)

  test('a folder is made on the way of moving something, and Ctrl + Z takes the move back', async () => {
    const { context, page, complaints } = await site.register('maker')
    await page.setInputFiles('#pick-files', fileNamed('moved.txt'))
    await allUploaded(page, 1)
    await page.click('button[aria-label="More for moved.txt"]')
    await page.getByRole('menuitem', { name: 'Move to…' }).click()
    await page.click('dialog button:has-text("New folder")')
    await page.waitForSelector('#folder-name:focus')
    await page.keyboard.type('Made on the way')
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog .crumbs button:has-text("Made on the way")')
    await page.click('dialog button:has-text("Move here")')
    await until(page, `!document.querySelector('dialog')`)
    await until(page, `!document.querySelector('.entry a[href]:not([href*=folder])')`)
    expect(await namesIn(page, 'top')).toEqual(['Made on the way'])
    await page.keyboard.press('Control+z')
    await page.waitForSelector('.entry:has-text("moved.txt")')
    expect(await namesIn(page, 'top')).toEqual(['Made on the way', 'moved.txt'])
    // There is nothing more to take back.
    await page.keyboard.press('Control+z')
    expect(await namesIn(page, 'top')).toEqual(['Made on the way', 'moved.txt'])
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)
})
