/** Names that are taken where something goes, and names that can not be: uploads, moves, copies and new names. */
import { describe, expect, test } from 'bun:test'
import { dirname } from 'node:path'
import type { Page } from 'playwright-core'
import { browserSite } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { allUploaded, callFrom, carry, folderNamed, namesIn } from '../support/files-visit.ts'
import { throttle, until } from '../support/visit.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: names that are taken\n')

const MIB = 1024 * 1024

describe.skipIf(CHROMIUM === null)('a name that is taken', () => {
  const site = browserSite()

  const fileNamed = (name: string, size = 10): string => site.file(name, Buffer.alloc(size, name))
  const answer = async (page: Page, said: string): Promise<void> => {
    await page.click(`dialog button:has-text("${said}")`)
    await until(page, `!document.querySelector('dialog')`)
  }
  /** Drags one entry onto another. */
  const drag = (page: Page, from: string, to: string): Promise<void> => {
    const row = (name: string) => page.locator('.entry', { has: page.getByText(name, { exact: true }) })
    return row(from).locator('.of-date').dragTo(row(to).locator('.of-date'))
  }
  const idsIn = async (page: Page, path: string): Promise<Record<string, number>> => {
    const { entries } = await callFrom<{ entries: Array<{ name: string; id: number }> }>(page, 'GET', path)
    return Object.fromEntries(entries.map(({ name, id }) => [name, id]))
  }

  test('in a tree that is dropped again is asked about once, and its empty files are files', async () => {
    const { context, page, complaints } = await site.register('sources')
    const session = await context.newCDPSession(page)
    for (const name of ['app/.gitkeep', 'app/lib/__init__.py', 'app/lib/deep/py.typed']) fileNamed(name, 0)
    const sources = dirname(fileNamed('app/main.py'))
    const bring = async (): Promise<void> => {
      const tree = await carry(page, session, [sources])
      await tree.over('.counts')
      await tree.drop()
    }
    await bring()
    await allUploaded(page, 4)
    const { app = 0 } = await idsIn(page, '/web/folders/top/entries')
    expect((await namesIn(page, app)).sort()).toEqual(['.gitkeep', 'lib', 'main.py'])
    await bring()
    await page.waitForSelector('dialog:has-text("4 files are here already")')
    await answer(page, 'Keep both')
    await allUploaded(page, 8)
    expect((await namesIn(page, app)).sort()).toEqual([
      '.gitkeep',
      '.gitkeep (1)',
      'lib',
      'main (1).py',
      'main.py',
    ])
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('is no new name, nor is one with a slash: the dialog stays, and says why at the field', async () => {
    const { context, page } = await site.register('renamer')
    await page.setInputFiles('#pick-files', [fileNamed('one.txt'), fileNamed('two.txt')])
    await page.waitForSelector('.entry:has-text("two.txt")')
    await page.click('button[aria-label="More for one.txt"]')
    await page.getByRole('menuitem', { name: 'Rename…' }).click()
    const wrong = async (name: string, why: string): Promise<void> => {
      await page.fill('#new-name', name)
      await page.keyboard.press('Enter')
      await page.waitForSelector(`dialog [role=alert]:has-text("${why}")`)
      const field = page.locator('#new-name[aria-invalid=true]')
      expect(await page.locator(`#${await field.getAttribute('aria-describedby')}`).textContent()).toContain(
        why,
      )
      expect(await page.evaluate(`document.activeElement.id`)).toBe('new-name')
    }
    await wrong('two.txt', 'There is a file named “two.txt” here already.')
    await wrong('a/b.txt', 'A name can not have / or')
    await page.fill('#new-name', 'three.txt')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.entry:has-text("three.txt")')
    expect(await namesIn(page, 'top')).toEqual(['three.txt', 'two.txt'])
    await context.close()
  }, 60_000)

  test('where entries are moved to is asked about: skipped, kept beside it, or replaced', async () => {
    const { context, page, complaints } = await site.register('mover')
    const box = await folderNamed(page, 'Box')
    await page.goto(`${site.server.url}/files/folder/${box}`)
    await page.setInputFiles('#pick-files', [fileNamed('plan.txt')])
    await allUploaded(page, 1)
    await page.goto(`${site.server.url}/files`)
    await page.setInputFiles('#pick-files', [fileNamed('plan.txt')])
    await page.waitForSelector('.entry:has-text("plan.txt")')
    const before = await idsIn(page, '/web/folders/top/entries')
    await drag(page, 'plan.txt', 'Box')
    await page.waitForSelector('dialog:has-text("There is a file named “plan.txt” here already.")')
    await answer(page, 'Skip')
    expect(await namesIn(page, 'top')).toEqual(['Box', 'plan.txt'])
    await drag(page, 'plan.txt', 'Box')
    await answer(page, 'Keep both')
    await until(page, `document.querySelectorAll('.entry').length === 1`)
    expect(await namesIn(page, box)).toEqual(['plan (1).txt', 'plan.txt'])
    await page.setInputFiles('#pick-files', [fileNamed('plan.txt')])
    await page.waitForSelector('.entry:has-text("plan.txt")')
    const there = await idsIn(page, '/web/folders/top/entries')
    await drag(page, 'plan.txt', 'Box')
    await answer(page, 'Replace')
    await until(page, `document.querySelectorAll('.entry').length === 1`)
    expect(await idsIn(page, `/web/folders/${box}/entries`)).toEqual({
      'plan (1).txt': before['plan.txt'] ?? 0,
      'plan.txt': there['plan.txt'] ?? 0,
    })
    expect(await namesIn(page, 'top')).toEqual(['Box'])
    // A folder is never replaced.
    await folderNamed(page, 'Sub', box)
    await folderNamed(page, 'Sub')
    await page.reload()
    await page.waitForSelector('.entry:has-text("Sub")')
    await drag(page, 'Sub', 'Box')
    await page.waitForSelector('dialog:has-text("There is a folder named “Sub” here already.")')
    expect(await page.locator('dialog button:has-text("Replace")').count()).toBe(0)
    await answer(page, 'Keep both')
    await until(page, `document.querySelectorAll('.entry').length === 1`)
    expect(await namesIn(page, box)).toEqual(['Sub', 'Sub (1)', 'plan (1).txt', 'plan.txt'])
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)

  test('is replaced as was answered, also when the page was loaded anew on the way', async () => {
    const { context, page, complaints } = await site.register('reloader')
    page.on('dialog', (dialog) => void dialog.accept())
    await page.setInputFiles('#pick-files', [fileNamed('film.bin', 10)])
    await allUploaded(page, 1)
    const limit = await throttle(page)
    await limit(2 * MIB)
    const path = fileNamed('film.bin', 20 * MIB)
    await page.setInputFiles('#pick-files', [path])
    await answer(page, 'Replace')
    await page.waitForSelector('.upload[data-state=uploading]')
    await until(page, `[...document.querySelectorAll('.upload progress')].some(({ value }) => value > 0)`)
    await page.reload()
    await limit(-1)
    await page.waitForSelector('.upload[data-state=asking]')
    await page.setInputFiles('input[data-again="film.bin"]', path)
    await page.waitForSelector('.upload[data-state=done]')
    expect(await namesIn(page, 'top')).toEqual(['film.bin'])
    const { entries } = await callFrom<{ entries: object[] }>(page, 'GET', '/web/trash')
    expect(entries).toMatchObject([{ name: 'film.bin', size: 10 }])
    expect(complaints).toEqual([])
    await context.close()
  }, 90_000)
})
