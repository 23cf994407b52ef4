/** Files of the desktop dropped on folders, wherever folders are shown, in a real browser. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { browserSite } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { allUploaded, carry, folderNamed, namesIn } from '../support/files-visit.ts'
import { until } from '../support/visit.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: drops on folders\n')

describe.skipIf(CHROMIUM === null)('what is dropped on a folder', () => {
  const site = browserSite()

  const fileNamed = (name: string): string => site.file(name, name)
  const marked = (page: Page): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll('[data-over]')].map((element) => element.dataset.name)`)

  test('goes into it from a row, a tile and a step of the way, and it is lit up before', async () => {
    const { context, page, complaints } = await site.register('dropper')
    const outer = await folderNamed(page, 'Outer')
    const inner = await folderNamed(page, 'Inner', outer)
    const session = await context.newCDPSession(page)
    await page.goto(`${site.server.url}/files/folder/${outer}`)
    await page.waitForSelector('.entry')

    // Carried off again.
    const away = await carry(page, session, [fileNamed('away.txt')])
    await away.over('.entry:has-text("Inner") .of-date')
    await page.waitForSelector('.landing')
    await page.mouse.move(300, 300)
    await until(page, `!document.querySelector('.landing, [data-over]')`)

    const onRow = await carry(page, session, [fileNamed('on-row.txt')])
    await onRow.over('.entry:has-text("Inner") .of-date')
    await page.waitForSelector('.landing:has-text("Upload to Inner")')
    expect(await marked(page)).toEqual(['Inner'])
    // Beside it: the folder that is shown.
    await onRow.over('.head h1 [aria-current]')
    await page.waitForSelector('.landing:has-text("Upload to Outer")')
    expect(await marked(page)).toEqual([])
    await onRow.over('.entry:has-text("Inner") .of-date')
    await onRow.drop()
    await allUploaded(page, 1)
    expect(await marked(page)).toEqual([])
    expect(await page.locator('.landing').count()).toBe(0)

    await page.click('button[aria-label="Show as a grid"]')
    await page.waitForSelector('.entry.tile')
    const onTile = await carry(page, session, [fileNamed('on-tile.txt')])
    await onTile.over('.entry.tile:has-text("Inner") .kind')
    expect(await marked(page)).toEqual(['Inner'])
    await onTile.drop()
    await allUploaded(page, 2)
    expect(await namesIn(page, inner)).toEqual(['on-row.txt', 'on-tile.txt'])
    expect(await namesIn(page, outer)).toEqual(['Inner'])

    const onCrumb = await carry(page, session, [fileNamed('on-crumb.txt')])
    await onCrumb.over('.head h1 a:has-text("Files")')
    expect(await marked(page)).toEqual(['Files'])
    await onCrumb.drop()
    await allUploaded(page, 3)
    const onPage = await carry(page, session, [fileNamed('on-page.txt')])
    await onPage.over('.counts')
    await onPage.drop()
    await allUploaded(page, 4)
    expect(await namesIn(page, 'top')).toEqual(['Outer', 'on-crumb.txt'])
    expect(await namesIn(page, outer)).toEqual(['Inner', 'on-page.txt'])
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('keeps its tree there, and goes into what a dialog lists as well', async () => {
    const { context, page, complaints } = await site.register('trees')
    const box = await folderNamed(page, 'Box')
    const session = await context.newCDPSession(page)
    for (const name of ['Trip/one.txt', 'Trip/day 1/two.txt', 'Trip/day 1/night/three.txt']) fileNamed(name)
    const trip = join(site.place.dir, 'own/Trip')
    mkdirSync(join(trip, 'nothing in it'))
    await page.reload()
    const tree = await carry(page, session, [trip, fileNamed('beside.txt')])
    await tree.over('.entry:has-text("Box") .of-date')
    await tree.drop()
    await allUploaded(page, 4)
    expect(await namesIn(page, box)).toEqual(['Trip', 'beside.txt'])
    expect(await namesIn(page, 'top')).toEqual(['Box'])
    await page.click('.entry a:has-text("Box")')
    await page.click('.entry a:has-text("Trip")')
    await page.waitForSelector('.entry:has-text("nothing in it")')
    await page.click('.entry a:has-text("day 1")')
    await page.click('.entry a:has-text("night")')
    await page.waitForSelector('.entry:has-text("three.txt")')

    await page.goto(`${site.server.url}/files`)
    await page.click('button[aria-label="More for Box"]')
    await page.getByRole('menuitem', { name: 'Copy to…' }).click()
    await page.waitForSelector('dialog .crumbs button')
    const onDialog = await carry(page, session, [fileNamed('on-dialog.txt')])
    await onDialog.over('dialog .crumbs button')
    expect(await marked(page)).toEqual(['Files'])
    await onDialog.drop()
    await page.keyboard.press('Escape')
    await page.waitForSelector('.entry:has-text("on-dialog.txt")')
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('entries of the list go by the same ways: to a step of the way, and into the trash', async () => {
    const { context, page, complaints } = await site.register('dragger')
    const outer = await folderNamed(page, 'Outer')
    await page.goto(`${site.server.url}/files/folder/${outer}`)
    await page.setInputFiles('#pick-files', [fileNamed('up.txt'), fileNamed('away.txt')])
    await allUploaded(page, 2)
    const row = (name: string) => page.locator('.entry', { hasText: name }).locator('.of-date')
    await row('up.txt').dragTo(page.locator('.head h1 a:has-text("Files")'))
    await until(page, `document.querySelectorAll('.entry').length === 1`)
    await row('away.txt').dragTo(page.locator('.places a:has-text("Trash")'))
    await page.waitForSelector('.empty')
    expect(await namesIn(page, 'top')).toEqual(['Outer', 'up.txt'])
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.waitForSelector('.entry:has-text("away.txt")')
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('what is dropped on a page without folders does not take its place', async () => {
    const { context, page, complaints } = await site.register('astray')
    const session = await context.newCDPSession(page)
    await page.click('.places a:has-text("Trash")')
    await page.waitForSelector('.notice')
    const stray = await carry(page, session, [fileNamed('stray.txt')])
    await stray.over('.notice')
    await stray.drop()
    await page.click('.places a:has-text("Files")')
    await page.waitForSelector('.empty')
    expect(new URL(page.url()).pathname).toBe('/files')
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)
})
