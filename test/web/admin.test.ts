/** What administrators see and do, and that nobody else does. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { AUDIT_ACTIONS } from '../../src/core/audit.ts'
import type { Account } from '../../src/core/model.ts'
import { codeAt, stepOf } from '../../src/core/one-time-code.ts'
import { AUDIT_WORDS } from '../../src/web/wire/audit.ts'
import { PASSWORD } from '../support/app.ts'
import { type Caller, callerNamed, signIn } from './signed-in.ts'
import { site } from './site.ts'

const given = site()
let root: Account
let admin: Caller
beforeEach(async () => {
  root = (await given.app.account('root', { isAdmin: true })).account
  admin = await callerNamed(given.app, 'root')
})

/** Newest first, without how people signed in. */
const noted = async () =>
  (await given.app.core.audit.list(null)).entries
    .filter(({ action }) => action !== 'signed_in')
    .map(({ actorName, action, subject, detail }) => [actorName, action, subject, detail])

/** Of the table of routes: those of the account and of administrators. */
const routes = () =>
  given.app.http.routes
    .filter(({ path }) => /^\/web\/(account|admin)(\/|$)/.test(path))
    .map(({ method, path }) => ({ method, path: path.replace(/:\w+/g, '1') }))

describe('every call', () => {
  test('needs somebody who is signed in; those of administrators one of them', async () => {
    const ann = await callerNamed(given.app, 'ann')
    expect(routes().length).toBeGreaterThan(30)
    for (const { method, path } of routes()) {
      const nobody = await given.send(method, path, { body: method === 'GET' ? null : {} })
      expect([method, path, nobody.status]).toEqual([method, path, 401])
      if (!path.startsWith('/web/admin')) continue
      const answer = method === 'GET' ? await ann.get(path) : await ann.call(method, path)
      expect([method, path, answer.status]).toEqual([method, path, 403])
    }
    expect(await noted()).toEqual([])
  })

  test('that changes something needs the CSRF token and comes from a page of ours', async () => {
    for (const { method, path } of routes().filter(({ method }) => method !== 'GET')) {
      const statuses = [
        await admin.call(method, path, {}, { 'x-csrf-token': '' }),
        await admin.call(method, path, {}, { 'x-csrf-token': 'f'.repeat(32) }),
        await admin.call(method, path, {}, { origin: 'https://evil.example' }),
        await admin.call(method, path, {}, { 'sec-fetch-site': 'cross-site' }),
      ].map(({ status, json }) => [status, json.message])
      expect([method, path, ...new Set(statuses.flat())]).toEqual([method, path, 403, 'CSRF token invalid.'])
    }
    expect(await noted()).toEqual([])
  })
})

describe('the dashboard', () => {
  test('adds up the site, with each of the last 30 days', async () => {
    await given.file({ bytes: new Uint8Array(3000) })
    const { json } = await admin.get('/web/admin/dashboard')
    expect(json).toMatchObject({ accounts: 3, files: 1, fileBytes: 3000, liveDownloads: 0, openReports: 0 })
    expect(json.days).toHaveLength(30)
    expect(json.days.at(-1)).toEqual({
      ...{ day: given.app.clock.now().toISOString().slice(0, 10), downloads: 0, bytes: 0 },
    })
  })
})

describe('accounts', () => {
  const ACCOUNTS = '/web/admin/accounts'
  const change = (who: Account, body: object) => admin.call('PATCH', `${ACCOUNTS}/${who.id}`, body)

  test('are listed and searched', async () => {
    const all = (await admin.get(`${ACCOUNTS}?limit=2`)).json
    expect(all).toMatchObject({ total: 3, offset: 0, accounts: [{ name: 'ann' }, { name: 'bob' }] })
    const found = (await admin.get(`${ACCOUNTS}?q=OO`)).json
    expect(found.accounts).toMatchObject([{ name: 'root', isAdmin: true, package: 'Gold', status: 'active' }])
    expect((await admin.get(`${ACCOUNTS}?q=%25`)).json.total).toBe(0)
  })

  test('are made, changed and deleted, each noted', async () => {
    const made = await admin.call('POST', ACCOUNTS, { name: 'eve', password: PASSWORD, package: 'Free' })
    expect(made.status).toBe(200)
    const eve = await given.app.core.accounts.get(made.json.id)
    const body = { email: 'eve@example.com', package: 'Silver', password: 'another horse', isAdmin: true }
    expect((await change(eve, body)).status).toBe(200)
    expect((await signIn(given.app, 'eve', { password: 'another horse' })).json.account.is_admin).toBe(true)
    expect((await admin.call('DELETE', `${ACCOUNTS}/${eve.id}`)).status).toBe(200)
    expect(await noted()).toEqual([
      ['root', 'account.deleted', 'eve', ''],
      [
        ...['root', 'account.changed', 'eve'],
        'email: eve@example.com, isAdmin: true, package: Silver, password: new',
      ],
      ['root', 'account.added', 'eve', ''],
    ])
  })

  test('that are suspended are signed out at once', async () => {
    const bob = await callerNamed(given.app, 'bob')
    expect((await change(given.bob, { status: 'suspended' })).status).toBe(200)
    expect((await bob.get('/web/me')).status).toBe(401)
    expect((await signIn(given.app, 'bob')).status).toBe(401)
    expect((await change(given.bob, { status: 'active' })).status).toBe(200)
    expect((await signIn(given.app, 'bob')).status).toBe(200)
  })

  test('keep one administrator', async () => {
    expect((await change(root, { status: 'suspended' })).status).toBe(403)
    expect((await admin.call('DELETE', `${ACCOUNTS}/${root.id}`)).status).toBe(403)
    expect((await change(root, { isAdmin: false })).status).toBe(403)
    expect((await change(given.bob, { isAdmin: true })).status).toBe(200)
    expect((await change(root, { isAdmin: false })).status).toBe(200)
    // From now on the one who acted is none any more.
    expect((await admin.get(ACCOUNTS)).status).toBe(403)
  })

  test.each<[object, number]>([
    [{ status: 'sleeping' }, 400],
    [{ isAdmin: 'yes' }, 400],
    [{ package: 'Platinum' }, 404],
    [{ password: 'short' }, 400],
    [{ email: 'nonsense' }, 400],
    [{ name: 'bob' }, 409],
  ])('are not changed to %j', async (body, status) => {
    expect((await change(given.ann, body)).status).toBe(status)
  })

  test('that are not there are not changed', async () => {
    for (const id of ['99', 'x', '0']) {
      expect((await admin.call('PATCH', `${ACCOUNTS}/${id}`, {})).status).toBe(404)
      expect((await admin.call('DELETE', `${ACCOUNTS}/${id}`)).status).toBe(404)
      expect((await admin.call('DELETE', `${ACCOUNTS}/${id}/second-factor`)).status).toBe(404)
    }
  })

  test('that lost their second factor get in without it', async () => {
    const { core, clock } = given.app
    const { secret } = await core.secondFactors.begin(given.ann, 'Kist')
    await core.secondFactors.confirm(given.ann, codeAt(secret, stepOf(clock.now())))
    expect((await admin.get(`${ACCOUNTS}?q=ann`)).json.accounts[0].secondFactor).toBe(true)
    expect((await admin.call('DELETE', `${ACCOUNTS}/${given.ann.id}/second-factor`)).status).toBe(200)
    expect((await signIn(given.app, 'ann')).status).toBe(200)
  })
})

describe('packages', () => {
  const PACKAGES = '/web/admin/packages'

  test('are listed, changed and added', async () => {
    const { packages } = (await admin.get(PACKAGES)).json
    const free = packages.find(({ name }: { name: string }) => name === 'Free')
    expect(free.columns).toMatchObject({ max_storage_bytes: 100 * 1024 ** 2, can_upload: true })
    const columns = { max_storage_bytes: 5, can_upload: false, level_type: 'trial' }
    const changed = await admin.call('PATCH', `${PACKAGES}/${free.id}`, { columns })
    expect(changed.json.columns).toMatchObject(columns)
    const added = await admin.call('POST', PACKAGES, { name: 'Trial', columns: { download_speed: 1000 } })
    expect(added.json).toMatchObject({ name: 'Trial', columns: { download_speed: 1000 } })
    expect((await noted()).map(([, action, subject]) => [action, subject])).toEqual([
      ['package.added', 'Trial'],
      ['package.changed', 'Free'],
    ])
  })

  test.each<[string, string, object, number]>([
    ['POST', '', { name: 'Free', columns: {} }, 409],
    ['POST', '', { name: '', columns: {} }, 400],
    ['POST', '', { name: 'New' }, 400],
    ['POST', '', { name: 'New', columns: [] }, 400],
    ['PATCH', '/2', { columns: { max_storage_bytes: -1 } }, 400],
    ['PATCH', '/2', { columns: { max_storage_bytes: null } }, 400],
    ['PATCH', '/2', { columns: { max_storage_bytes: {} } }, 400],
    ['PATCH', '/2', { columns: { max_storage_bytes: { toString: 1 } } }, 400],
    ['PATCH', '/2', { columns: { max_storage_bytes: [5] } }, 400],
    ['PATCH', '/2', { columns: { level_type: {} } }, 400],
    ['PATCH', '/2', { columns: { nonsense: 1 } }, 400],
    ['PATCH', '/99', { columns: {} }, 404],
    ['PATCH', '/x', { columns: {} }, 404],
  ])('are not changed by %s%s %j', async (method, path, body, status) => {
    expect((await admin.call(method, PACKAGES + path, body)).status).toBe(status)
    expect(await noted()).toEqual([])
  })
})

describe('files', () => {
  test('of everybody are found and go to the trash of their owner', async () => {
    const file = await given.file({ name: 'Report.pdf' })
    await given.file({ owner: given.bob, name: 'other.txt' })
    const { files, before } = (await admin.get('/web/admin/files?q=report')).json
    expect([files, before]).toMatchObject([[{ slug: file.slug, owner: 'ann', status: 'active' }], null])
    expect((await admin.call('DELETE', `/web/admin/files/${file.id}`)).status).toBe(200)
    expect((await given.now(file))?.status).toBe('trashed')
    for (const id of [file.id, 99, 'x'])
      expect((await admin.call('DELETE', `/web/admin/files/${id}`)).status).toBe(404)
    expect(await noted()).toEqual([['root', 'file.trashed', 'Report.pdf', file.slug]])
  })
})

describe('reports', () => {
  test('are settled one after the other, each noted', async () => {
    const [one, two] = [await given.file({ name: 'one.txt' }), await given.file({ name: 'two.txt' })]
    for (const { slug } of [one, two])
      await given.app.core.reports.report({ account: null, ip: '192.0.2.1' }, slug, {
        ...{ reason: 'malware', message: 'Look.' },
      })
    const { reports } = (await admin.get('/web/admin/reports')).json
    const settle = (n: number, action: string) =>
      admin.call('POST', `/web/admin/reports/${reports[n].id}`, { action })
    expect((await settle(0, 'dismiss')).status).toBe(200)
    expect((await settle(1, 'trash')).status).toBe(200)
    expect((await settle(1, 'trash')).status).toBe(404)
    expect((await settle(1, 'burn')).status).toBe(400)
    expect(await noted()).toEqual([
      ['root', 'report.trashed', 'two.txt', two.slug],
      ['root', 'report.dismissed', 'one.txt', one.slug],
    ])
  })
})

describe('settings', () => {
  const SETTINGS = '/web/admin/settings'

  test('hold at once, are given back to the configuration, and are noted', async () => {
    const notice = 'Maintenance at noon <b>'
    const { json } = await admin.call('PATCH', SETTINGS, { registration: false, notice })
    expect(json).toMatchObject({
      now: { registration: false, notice, uploads: true },
      configured: { registration: true, notice: '' },
      changed: ['registration', 'notice'],
    })
    const register = () =>
      given.send('POST', '/web/register', { body: { username: 'eve', password: PASSWORD } })
    expect((await register()).status).toBe(403)
    expect((await given.get('/search')).text).toContain('Maintenance at noon &lt;b&gt;')
    expect((await given.get('/no-such-page~i', { accept: 'text/html' })).text).toContain(
      'Maintenance at noon',
    )
    expect((await given.get('/sign-in')).text).toContain('Maintenance at noon')
    const back = (await admin.call('PATCH', SETTINGS, { registration: null, notice: null })).json
    expect(back.changed).toEqual([])
    expect((await given.get('/search')).text).not.toContain('Maintenance')
    expect((await register()).status).toBe(200)
    expect((await noted()).slice(1)).toEqual([
      ['root', 'setting.changed', 'notice', 'as configured'],
      ['root', 'setting.changed', 'registration', 'as configured'],
      ['root', 'setting.changed', 'notice', notice],
      ['root', 'setting.changed', 'registration', 'false'],
    ])
  })

  test('on the front page: who may register and upload', async () => {
    const front = async () => (await given.get('/')).text
    expect([(await front()).includes('/register'), (await front()).includes('data-upload')]).toEqual([
      true,
      true,
    ])
    await admin.call('PATCH', SETTINGS, { registration: false, guestUploads: false })
    expect([(await front()).includes('/register'), (await front()).includes('data-upload')]).toEqual([
      false,
      false,
    ])
    expect((await given.get('/sign-in')).text).toContain('&quot;registration&quot;:false')
  })

  test.each([[{ registration: 'no' }], [{ notice: 5 }], [{ notice: 'x'.repeat(501) }], [{ port: 1 }]])(
    'are not changed to %j',
    async (body) => {
      expect((await admin.call('PATCH', SETTINGS, body)).status).toBe(400)
      expect((await admin.get(SETTINGS)).json.changed).toEqual([])
      expect(await noted()).toEqual([])
    },
  )
})

describe('the audit log', () => {
  test('goes back page by page', async () => {
    for (let n = 0; n < 101; n++)
      await given.app.core.audit.note({ actor: given.ann, action: 'file.trashed', subject: `${n}` })
    const first = (await admin.get('/web/admin/audit')).json
    expect(first.entries).toHaveLength(100)
    const second = (await admin.get(`/web/admin/audit?before=${first.before}`)).json
    expect(second.before).toBeNull()
    expect(second.entries.map(({ action }: { action: string }) => action)).toEqual([
      'file.trashed',
      'signed_in',
    ])
  })

  /** Newest first: action and subject of what a query leaves. */
  const found = async (query: string): Promise<string[]> =>
    (await admin.get(`/web/admin/audit?${query}`)).json.entries.map(
      ({ action, subject }: Record<string, string>) => `${action} ${subject}`,
    )

  test('shows what one account did, and who tried to sign in as it', async () => {
    await callerNamed(given.app, 'ann')
    await signIn(given.app, 'ann', { password: 'guess' })
    expect(await found('actor=ANN')).toEqual(['sign_in.failed ann', 'signed_in ann'])
    await given.app.core.accounts.change('ann', { name: 'anna' })
    expect(await found('actor=anna')).toHaveLength(2)
    await given.app.core.accounts.delete('anna')
    expect(await found('actor=ann')).toEqual(['signed_in ann'])
    expect(await found('actor=nobody')).toEqual([])
  })

  test('shows one kind of act, within a period, page by page', async () => {
    const { clock, core } = given.app
    const since = clock.now().toISOString()
    for (let n = 0; n < 150; n++) {
      clock.advance(60)
      await core.audit.note({ actor: given.ann, action: 'token.made', subject: `${n}` })
      await core.audit.note({ actor: given.bob, action: 'token.revoked', subject: `${n}` })
    }
    const until = clock.now().toISOString()
    const query = `actor=ann&action=token.made&from=${since}&until=${encodeURIComponent(until)}`
    const first = (await admin.get(`/web/admin/audit?${query}`)).json
    expect(first.entries).toHaveLength(100)
    const rest = await found(`${query}&before=${first.before}`)
    expect([rest.length, rest[0], rest.at(-1)]).toEqual([49, 'token.made 48', 'token.made 0'])
    expect(await found(`from=${until}`)).toEqual(['token.revoked 149', 'token.made 149'])
    expect(await found(`until=${since}`)).toEqual([])
    expect(await found('action=signed_in')).toEqual(['signed_in root'])
  })

  test.each([
    ['action=everything'],
    ['action=token.made%20'],
    ['from=yesterday'],
    ['from=2026-13-01T00:00:00Z'],
    ['from=2026-01-01'],
    ['until=5'],
    ['from=2026-02-01T00:00:00Z&until=2026-02-01T00:00:00Z'],
    ['before='],
    ['before=0'],
    ['before=x'],
    [`actor=${'x'.repeat(65)}`],
  ])('is not asked for %s', async (query) => {
    const { status, json } = await admin.get(`/web/admin/audit?${query}`)
    expect([status, json.message.length > 10]).toEqual([400, true])
  })

  test('has a word for everything that is noted, and the filter offers nothing else', () => {
    expect(Object.keys(AUDIT_WORDS)).toEqual([...AUDIT_ACTIONS])
  })
})
