/** A shared folder, its password, and its pages. */
import { describe, expect, test } from 'bun:test'
import type { Folder } from '../../src/core/model.ts'
import { createTestApp } from '../support/app.ts'
import { md5, sampleBytes } from '../support/upload.ts'
import { site, siteOf, wordsOf } from './site.ts'

const given = site()
const pathOf = ({ id, name }: Folder): string => `/folder/${id}/${name}`
const MD5 = md5(new TextEncoder().encode('open sesame'))
const cookieOf = (headers: Headers): string => headers.get('set-cookie')?.split(';')[0] ?? ''
const names = (text: string): string[] =>
  [...text.matchAll(/<li><a [^>]*><bdi>(.*?)<\/bdi>/g)].map(([, name]) => name ?? '')

describe('a shared folder', () => {
  test('lists its folders, then its files, with counts and sizes', async () => {
    const folder = await given.folder({ name: 'Holiday' })
    const inner = await given.folder({ name: 'Beach', parentId: folder.id })
    await given.folder({ name: 'Alps', parentId: folder.id })
    const file = await given.file({ name: 'b.txt', folderId: folder.id, bytes: sampleBytes(2048) })
    await given.file({ name: 'a.txt', folderId: folder.id })
    await given.file({ name: 'c.txt', folderId: inner.id })
    const page = await given.get(pathOf(folder))
    expect(page.status).toBe(200)
    expect(names(page.text)).toEqual(['Alps', 'Beach', 'a.txt', 'b.txt'])
    expect(wordsOf(page)).toContain('2 folders · 2 files')
    expect(wordsOf(page)).toContain('Beach Folder · 1 file · 2.9 KB')
    expect(wordsOf(page)).toContain('b.txt 2 KB · 0 downloads')
    expect(page.text).toContain(`href="/folder/${inner.id}/Beach"`)
    expect(page.text).toContain(`href="/${file.slug}"`)
    expect(page.headers.get('x-robots-tag')).toBe('noindex')
    expect(page.headers.get('set-cookie')).toBeNull()
    expect((await given.send('HEAD', pathOf(folder))).status).toBe(200)
  })

  test('is found by its id; the name is decoration', async () => {
    const folder = await given.folder()
    for (const path of ['', '/', '/Holiday', '/Other', '/%3Cscript%3E', '/..%2f..'])
      expect([path, (await given.get(`/folder/${folder.id}${path}`)).status]).toEqual([path, 200])
    for (const path of [
      '/folder',
      '/folder/0',
      '/folder/x',
      '/folder/1.5',
      '/folder/-1',
      `/folder/${folder.id}/a/b`,
    ])
      expect([path, (await given.get(path)).status]).toEqual([path, 404])
    expect((await given.get('/folder/999999')).status).toBe(404)
  })

  test('says when it is empty', async () => {
    expect(wordsOf(await given.get(pathOf(await given.folder())))).toContain(
      'There is nothing in this folder.',
    )
  })

  test('may be found by search engines when it is public', async () => {
    const folder = await given.folder({ visibility: 2 })
    expect((await given.get(pathOf(folder))).headers.get('x-robots-tag')).toBeNull()
  })

  test('hides folders that are private, and hands private files out by a token', async () => {
    const folder = await given.folder()
    await given.folder({ name: 'Diary', parentId: folder.id, visibility: 0 })
    const file = await given.file({ name: 'a.txt', folderId: folder.id, visibility: 0 })
    const page = await given.get(pathOf(folder))
    expect(names(page.text)).toEqual(['a.txt'])
    const link = /href="(\/\w{10}\?download_token=\w{64})"/.exec(page.text)?.[1] ?? ''
    expect((await given.get(link)).status).toBe(200)
    expect((await given.get(`/${file.slug}`)).status).toBe(403)
    const { cookie } = await given.signIn('ann')
    const own = await given.get(pathOf(folder), { cookie })
    expect(names(own.text)).toEqual(['Diary', 'a.txt'])
    expect(wordsOf(own)).toContain('Anyone with the link sees it')
  })

  test('is not there for strangers when it is private, and gone when it is in the trash', async () => {
    const folder = await given.folder({ visibility: 0, name: 'Diary' })
    const { cookie } = await given.signIn('ann')
    const bob = await given.signIn('bob')
    for (const headers of [undefined, { cookie: bob.cookie }]) {
      const page = await given.get(pathOf(folder), headers)
      expect([page.status, page.text.includes('Diary')]).toEqual([403, false])
      expect(wordsOf(page)).toContain('Folder is not publicly available.')
    }
    expect((await given.get(pathOf(folder), { cookie })).status).toBe(200)
    await given.app.core.folders.trash(given.ann, folder.id)
    expect((await given.get(pathOf(folder), { cookie })).status).toBe(404)
  })
})

describe('a folder of many entries', () => {
  test('is shown by the page, folders first, none twice and none left out', async () => {
    const folder = await given.folder()
    for (let number = 100; number < 103; number++)
      await given.folder({ name: `folder ${number}`, parentId: folder.id })
    const { app, ann } = given
    const first = await given.file({ name: 'f1000', folderId: folder.id, bytes: sampleBytes(1) })
    for (let number = 1001; number < 1997; number++) {
      const copy = await app.core.files.copy(ann, first.id, folder.id)
      await app.core.files.change(ann, copy.id, { name: `f${number}` })
    }
    const pages = await Promise.all([1, 2, 3].map((page) => given.get(`${pathOf(folder)}?page=${page}`)))
    const seen = pages.map(({ text }) => names(text))
    expect(seen.map(({ length }) => length)).toEqual([500, 500, 0])
    expect(seen[0]?.slice(0, 4)).toEqual(['folder 100', 'folder 101', 'folder 102', 'f1000'])
    expect(new Set(seen.flat()).size).toBe(1000)
    expect(seen[1]?.at(-1)).toBe('f1996')
    expect(wordsOf(pages[0] as never)).toContain('Next page Page 1 of 2')
    expect(wordsOf(pages[1] as never)).toContain('Previous page Page 2 of 2')
    expect(wordsOf(pages[2] as never)).toContain('There is nothing more in this folder.')
    expect(pages[2]?.text).toContain('href="?page=2"')
    for (const odd of ['0', '-1', 'x', '1e3', '']) {
      const page = await given.get(`${pathOf(folder)}?page=${odd}`)
      expect([odd, names(page.text)[0]]).toEqual([odd, 'folder 100'])
    }
    expect((await given.get(`${pathOf(folder)}?page=999999999`)).status).toBe(200)
  }, 60_000)
})

describe('a folder with a password', () => {
  const locked = () => given.folder({ name: 'Locked', passwordMd5: MD5 })

  test('asks for it, and opens for a day', async () => {
    const folder = await locked()
    await given.file({ name: 'a.txt', folderId: folder.id })
    const asked = await given.get(pathOf(folder))
    expect([asked.status, asked.text.includes('a.txt'), asked.text.includes('Locked</')]).toEqual([
      401,
      false,
      false,
    ])
    expect(asked.text).toContain('<label for="password">')
    const wrong = await given.post(pathOf(folder), { password: 'open' })
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([403, null])
    expect(wrong.text).toContain('role="alert"')
    expect(wrong.text).not.toContain('value="open"')

    const opened = await given.post(pathOf(folder), { password: 'open sesame' })
    expect([opened.status, opened.headers.get('location')]).toEqual([303, pathOf(folder)])
    expect(opened.headers.get('set-cookie')).toMatch(
      new RegExp(
        `^kist_folder_${folder.id}=\\d+\\.[0-9a-f]{64}; Path=/folder/${folder.id}; HttpOnly; SameSite=Lax; Max-Age=86400$`,
      ),
    )
    const cookie = cookieOf(opened.headers)
    const page = await given.get(pathOf(folder), { cookie: `x=1; ${cookie}` })
    expect([page.status, names(page.text)]).toEqual([200, ['a.txt']])
    given.app.clock.advance(86_400)
    expect((await given.get(pathOf(folder), { cookie })).status).toBe(401)
  })

  test('opens by none of the passes it did not give', async () => {
    const folder = await locked()
    const other = await given.folder({ name: 'Other', passwordMd5: MD5 })
    const opened = await given.post(pathOf(other), { password: 'open sesame' })
    const pass = cookieOf(opened.headers).replace(/^[^=]+=/, '')
    const [expires = '', signature = ''] = pass.split('.')
    for (const value of [
      pass,
      '',
      'x',
      `${Number(expires) + 1}.${signature}`,
      `.${signature}`,
      `${expires}.`,
    ]) {
      const page = await given.get(pathOf(folder), { cookie: `kist_folder_${folder.id}=${value}` })
      expect([value, page.status]).toEqual([value, 401])
    }
  })

  test('closes when the password changes', async () => {
    const folder = await locked()
    const cookie = cookieOf((await given.post(pathOf(folder), { password: 'open sesame' })).headers)
    await given.app.core.folders.change(given.ann, folder.id, { passwordMd5: '0'.repeat(32) })
    expect((await given.get(pathOf(folder), { cookie })).status).toBe(401)
  })

  test('is open for its owner, and a private one asks nobody', async () => {
    const folder = await locked()
    const { cookie } = await given.signIn('ann')
    const page = await given.get(pathOf(folder), { cookie })
    expect([page.status, wordsOf(page).includes('Password')]).toEqual([200, true])
    const hidden = await given.folder({ visibility: 0, passwordMd5: MD5 })
    expect((await given.get(pathOf(hidden))).status).toBe(403)
    expect((await given.post(pathOf(hidden), { password: 'open sesame' })).status).toBe(403)
  })

  test('without one has no password to guess', async () => {
    const folder = await given.folder()
    for (const password of ['', 'x', MD5])
      expect((await given.post(pathOf(folder), { password })).status).toBe(403)
  })

  test('answers programs in JSON', async () => {
    const folder = await locked()
    const answer = await given.get(pathOf(folder), { accept: 'application/json' })
    expect([answer.status, answer.json]).toEqual([
      401,
      { status: 'error', message: 'This folder needs a password.' },
    ])
  })
})

test('guesses are counted by folder and address, and the cookie is safe behind TLS', async () => {
  const config = { limits: { rateLimits: true }, server: { publicUrl: 'https://files.example' } }
  const app = await createTestApp({ config })
  try {
    const own = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
    const folder = await own.folder({ passwordMd5: MD5 })
    const other = await own.folder({ passwordMd5: MD5 })
    const opened = await own.post(pathOf(folder), { password: 'open sesame' })
    expect(opened.headers.get('set-cookie')).toEndWith('; Max-Age=86400; Secure')
    for (let guess = 1; guess < 10; guess++)
      expect((await own.post(pathOf(folder), { password: `${guess}` })).status).toBe(403)
    for (const password of ['x', 'open sesame']) {
      const refused = await own.post(`/folder/${folder.id}`, { password })
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    }
    expect((await own.post(pathOf(other), { password: 'open sesame' })).status).toBe(303)
    app.clock.advance(60)
    expect((await own.post(pathOf(folder), { password: 'open sesame' })).status).toBe(303)
  } finally {
    await app.close()
  }
})
