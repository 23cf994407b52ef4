/** The first minutes of an installation: an empty directory, one command, one link. */
import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createPlace } from '../support/binary.ts'
import type { RunningServer } from '../support/server-process.ts'

const setupLink = (server: RunningServer): string | undefined =>
  /http:\S+\/setup\?token=\S+/.exec(server.stdout())?.[0]

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

function submitSetup(link: string, fields: Record<string, string>): Promise<Response> {
  const { origin, searchParams } = new URL(link)
  const body = new URLSearchParams({ token: searchParams.get('token') ?? '', ...fields })
  return fetch(`${origin}/setup`, { method: 'POST', body, headers: { origin }, redirect: 'manual' })
}

describe('the first start in an empty directory', () => {
  const place = createPlace()
  afterAll(() => place.remove())

  test('makes a private data directory with database and key, and prints a set-up link', async () => {
    expect(readdirSync(place.dir)).toEqual([])
    const server = await place.serve()
    expect(readdirSync(place.dir)).toEqual(['data'])
    expect(mode(place.dataDir)).toBe('700')
    for (const name of readdirSync(place.dataDir)) expect(mode(join(place.dataDir, name))).toMatch(/^[67]00$/)
    expect(server.stdout()).toMatch(
      /^Kist listens on http:\/\/127\.0\.0\.1:\d+\nMake the first admin account: http:\/\/127\.0\.0\.1:\d+\/setup\?token=[0-9a-f]{48}\n$/,
    )
    expect(server.logged('listening')).toHaveLength(1)
    expect(await server.end('SIGTERM')).toBe(0)
  })

  test('prints another link when it is started again before anybody used one, and the old one is dead', async () => {
    const first = await place.serve()
    const old = new URL(setupLink(first) ?? '')
    await first.end('SIGKILL')
    const second = await place.serve()
    expect(setupLink(second)).not.toContain(old.search)
    expect((await fetch(`${second.url}/setup${old.search}`)).status).toBe(403)
    await second.end('SIGTERM')
  })

  test('the link leads to a form that makes the admin, who can sign in', async () => {
    const server = await place.serve()
    const link = setupLink(server) ?? ''
    const page = await fetch(link)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<form method="post" action="/setup">')

    const weak = await submitSetup(link, { username: 'ann', password: 'short' })
    expect(weak.status).toBe(422)
    expect(await weak.text()).toContain('role="alert"')
    const strange = { username: 'ann', password: 'correct horse', token: 'f'.repeat(48) }
    expect((await submitSetup(link, strange)).status).toBe(403)

    const made = await submitSetup(link, { username: 'ann', password: 'correct horse' })
    expect([made.status, made.headers.get('location')]).toEqual([303, '/admin'])
    expect(made.headers.get('set-cookie')).toMatch(/^kist_session=[0-9a-f]{64};/)
    expect((await fetch(link)).status).toBe(403)
    expect((await submitSetup(link, { username: 'eve', password: 'correct horse' })).status).toBe(403)

    const signedIn = await fetch(`${server.url}/web/session`, {
      method: 'POST',
      headers: { origin: server.url, 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ann', password: 'correct horse' }),
    })
    expect(await signedIn.json()).toMatchObject({ account: { name: 'ann', is_admin: true } })
    expect(await place.lines(['user', 'list'])).toHaveLength(1)
    await server.end('SIGTERM')
  })

  test('prints no link any more once there is an admin', async () => {
    const server = await place.serve()
    expect(server.stdout()).toBe(`Kist listens on ${server.url}\n`)
    await server.end('SIGTERM')
  })

  test('a second server on the same directory is refused in one line, and the first goes on', async () => {
    const server = await place.serve()
    const { code, stdout, stderr } = await place.run(['serve'], { env: { KIST_SERVER_PORT: '0' } })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^kist: another kist serve is using this data directory: [^\n]*data\n$/)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    await server.end('SIGTERM')
  })
})
