/** The two ways to a file without a key: the public link, and the download URL of five minutes. */
import { describe, expect, test } from 'bun:test'
import type { Answer, RequestOptions } from '../../support/app.ts'
import { FILES, flamenetScenario, type Refusal, refusal } from './scenario.ts'

const given = flamenetScenario()
const INVALID_EXPIRES: Refusal = [400, 'rest_invalid_param', { params: ['expires'] }]
const get = (url: string, headers = {}, method = 'GET') => given.app.request(method, url, { headers })
const share = (id: number, body?: RequestOptions['body']) => given.call('POST', `${FILES}/${id}/share`, body)
const look = async (id: number) => (await given.call('GET', `${FILES}/${id}`)).json
const downloads = async (id: number): Promise<number> =>
  (await given.app.metadata.files.find(id))?.downloads ?? Number.NaN
/** Seconds from the start of the clock to a date. */
const until = (date: string): number => Date.parse(date) / 1000 - given.app.clock.now().getTime() / 1000

function expectPage(answer: Answer, status: number): void {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8'])
}

describe('sharing', () => {
  test('is answered with the fields of the reference, and shown by the file', async () => {
    const made = await given.file()
    given.app.clock.advance(60)
    const answer = await share(made.id, { expires: '2030-04-01' })
    const { token } = answer.json
    expect(token).toMatch(/^[0-9a-f]{32}$/)
    const share_url = `http://localhost/files/?fnf_share=${token}`
    expect([answer.status, answer.json]).toEqual([
      200,
      { id: made.id, shared: true, token, share_url, expires: '2030-04-01 00:00:00' },
    ])
    expect(await look(made.id)).toEqual({
      ...made,
      is_shared: true,
      share_token: token,
      share_url,
      share_expires: '2030-04-01 00:00:00',
      updated_at: '2030-01-01 00:01:00',
    })
  })

  test.each<[RequestOptions['body']]>([
    [undefined],
    [''],
    [' '],
    [{}],
    [{ expires: '' }],
    [{ expires: null }],
    [{ other: 1 }],
  ])('with %j has no end', async (body) => {
    const { id } = await given.file()
    const answer = await share(id, body)
    expect([answer.status, answer.json.expires]).toEqual([200, null])
    given.app.clock.advance(50 * 365 * 86_400)
    expect((await get(answer.json.share_url)).status).toBe(200)
  })

  test.each<[unknown]>([
    ['2026-13-45'],
    ['2026-02-30'],
    ['2026-00-10'],
    ['tomorrow'],
    ['2026-4-1'],
    ['01.04.2026'],
    ['2026-04-01 00:00:00'],
    ['2026-04-01T00:00:00Z'],
    [' '],
    [20260401],
    [1e12],
    [true],
    [['2026-04-01']],
    [{}],
    ['+002026-04-01'],
  ])('until %j is refused, and the link there was stays', async (expires) => {
    const { id } = await given.file()
    const { share_url } = (await share(id)).json
    expect(refusal(await share(id, { expires }))).toEqual(INVALID_EXPIRES)
    expect((await get(share_url)).status).toBe(200)
  })

  test.each(['{', '[]', '"x"', 'null', 'expires=2030-01-01', '\u0000'])(
    'with the body %j is refused',
    async (body) => {
      const { id } = await given.file()
      expect(refusal(await share(id, body))).toEqual([400, 'rest_invalid_json'])
      expect((await look(id)).is_shared).toBe(false)
    },
  )

  test('until a day that has been is fine: the link is dead', async () => {
    const { id } = await given.file()
    for (const expires of ['2026-04-01', '0001-01-01', '1969-12-31', '2030-01-01']) {
      const answer = await share(id, { expires })
      expect([answer.status, answer.json.expires]).toEqual([200, `${expires} 00:00:00`])
      expectPage(await get(answer.json.share_url), 404)
      expect(await look(id)).toMatchObject({
        is_shared: false,
        share_token: null,
        share_url: null,
        share_expires: null,
      })
    }
  })

  test('until a day of leap years and of the far future is fine', async () => {
    const { id } = await given.file()
    for (const expires of ['2032-02-29', '9999-12-31'])
      expect((await share(id, { expires })).json.expires).toBe(`${expires} 00:00:00`)
  })

  test('ends at the very start of that day', async () => {
    const { id } = await given.file()
    const { share_url } = (await share(id, { expires: '2030-01-03' })).json
    given.app.clock.advance(until('2030-01-03T00:00:00Z') - 1)
    expect((await get(share_url)).status).toBe(200)
    expect((await look(id)).is_shared).toBe(true)
    given.app.clock.advance(1)
    expectPage(await get(share_url), 404)
    expect((await look(id)).is_shared).toBe(false)
  })

  test('again makes another link, and the first is dead', async () => {
    const { id } = await given.file()
    const urls: string[] = []
    for (let time = 0; time < 3; time++) urls.push((await share(id)).json.share_url)
    expect(new Set(urls).size).toBe(3)
    const statuses = await Promise.all(urls.map(async (url) => (await get(url)).status))
    expect(statuses).toEqual([404, 404, 200])
  })

  test('by twenty at once leaves one link that lives', async () => {
    const { id } = await given.file()
    const answers = await Promise.all(Array.from({ length: 20 }, () => share(id)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const statuses = await Promise.all(answers.map(async ({ json }) => (await get(json.share_url)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    const { share_url } = await look(id)
    expect((await get(share_url)).status).toBe(200)
  })

  test('taken back is dead at once, and taking back what is not shared is fine', async () => {
    const { id, updated_at } = await given.file()
    given.app.clock.advance(5)
    const unshare = () => given.call('DELETE', `${FILES}/${id}/share`)
    const { share_url } = (await share(id)).json
    given.app.clock.advance(5)
    for (let time = 0; time < 2; time++) {
      const answer = await unshare()
      expect([answer.status, answer.json]).toEqual([200, { id, shared: false }])
      expectPage(await get(share_url), 404)
    }
    const now = await look(id)
    expect([now.is_shared, now.share_token, now.updated_at > updated_at]).toEqual([false, null, true])
  })
})

describe('a public link', () => {
  test('is opened by anybody, with the slash and without', async () => {
    const { id } = await given.file('写真 1.html', '<script>1</script>')
    const { token } = (await share(id)).json
    for (const path of [
      `/files/?fnf_share=${token}`,
      `/files?fnf_share=${token}`,
      `/files?x=1&fnf_share=${token}`,
    ]) {
      const answer = await get(path)
      expect([answer.status, answer.text]).toEqual([200, '<script>1</script>'])
      expect(answer.headers.get('content-disposition')).toMatch(
        /^attachment; filename="__ 1\.html"; filename\*=/,
      )
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('accept-ranges')).toBe('bytes')
    }
    const range = await get(`/files/?fnf_share=${token}`, { range: 'bytes=1-6' })
    expect([range.status, range.text]).toEqual([206, 'script'])
    expect((await get(`/files/?fnf_share=${token}`, {}, 'HEAD')).headers.get('content-length')).toBe('18')
    expect(await downloads(id)).toBe(3)
  })

  test.each(['', 'x', '0'.repeat(32), 'A3F8', '%00', '../etc', "' OR 1=1 --"])(
    'with %j opens nothing',
    async (token) => {
      await share((await given.file()).id)
      for (const path of ['/files/', '/files']) {
        expectPage(await get(`${path}?fnf_share=${token}`), 404)
        const json = await get(`${path}?fnf_share=${token}`, { accept: 'application/json' })
        expect([json.status, json.json.status]).toEqual([404, 'error'])
      }
    },
  )

  test('in capitals is another one', async () => {
    const { share_url } = (await share((await given.file()).id)).json
    const [base, token = ''] = share_url.split('=')
    if (/[a-f]/.test(token)) expect((await get(`${base}=${token.toUpperCase()}`)).status).toBe(404)
    expect((await get(share_url)).status).toBe(200)
  })

  test('opens this file and nothing else: its address stays private', async () => {
    const { id } = await given.file()
    await share(id)
    const slug = (await given.app.metadata.files.find(id))?.slug ?? ''
    for (const path of [`/${slug}`, `/file/${slug}`, `/f/${slug}`, `/download/${id}`])
      expect([path, (await get(path)).status >= 400]).toEqual([path, true])
  })

  test('is dead while the file is in the trash', async () => {
    const { id } = await given.file()
    const { share_url } = (await share(id)).json
    await given.app.core.files.trash(given.ann.account, id)
    expectPage(await get(share_url), 404)
  })

  test('by another method is not there', async () => {
    const { share_url } = (await share((await given.file()).id)).json
    expect((await get(share_url, {}, 'POST')).status).toBe(405)
  })
})

describe('a download URL', () => {
  const link = async (id: number): Promise<string> => {
    const answer = await given.call('GET', `${FILES}/${id}/download`)
    expect([answer.status, Object.keys(answer.json)]).toEqual([200, ['download_url', 'expires_in']])
    expect(answer.json.expires_in).toBe(300)
    return answer.json.download_url
  }

  test('is opened by anybody, any number of times, by ranges too', async () => {
    const { id } = await given.file('report 1.pdf', '0123456789')
    const url = await link(id)
    expect(url).toMatch(/^http:\/\/localhost\/storage\/dl\/\d+\?expires=\d+&signature=[0-9a-f]{64}$/)
    for (let time = 0; time < 3; time++) expect((await get(url)).text).toBe('0123456789')
    const range = await get(url, { range: 'bytes=2-4' })
    expect([range.status, range.text, range.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ])
    const head = await get(url, {}, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
    expect(head.headers.get('content-disposition')).toBe(
      `attachment; filename="report 1.pdf"; filename*=UTF-8''report%201.pdf`,
    )
    expect(await downloads(id)).toBe(3)
  })

  test('lives for five minutes', async () => {
    const url = await link((await given.file()).id)
    given.app.clock.advance(299)
    expect((await get(url)).status).toBe(200)
    given.app.clock.advance(1)
    expectPage(await get(url), 403)
    expect((await get(url, {}, 'HEAD')).status).toBe(403)
  })

  test('that was changed opens nothing', async () => {
    const [first, second] = [await given.file(), await given.file()]
    const url = new URL(await link(first.id))
    const change = (name: string, value: string): string => {
      const copy = new URL(url)
      copy.searchParams.set(name, value)
      return String(copy)
    }
    const signature = url.searchParams.get('signature') ?? ''
    const bad = [
      String(url).replace(`/dl/${first.id}?`, `/dl/${second.id}?`),
      change('expires', '9999999999'),
      change('expires', 'x'),
      change('expires', '1e99'),
      change('signature', ''),
      change('signature', '0'.repeat(64)),
      change('signature', signature.slice(1)),
      `http://localhost/storage/dl/${first.id}`,
    ]
    for (const one of bad) expect([one, (await get(one)).status]).toEqual([one, 403])
    for (const id of ['x', '0', '%E0%A4%A', '..%2fx'])
      expect((await get(`/storage/dl/${id}${url.search}`)).status).toBe(404)
    expect((await get(String(url))).status).toBe(200)
  })

  test('is no download link of the other API, and the other way round', async () => {
    const { id } = await given.file()
    const url = new URL(await link(id))
    const [expires, signature] = [url.searchParams.get('expires'), url.searchParams.get('signature')]
    expect((await get(`/download/${id}?token=${signature}&expires=${expires}`)).status).toBe(404)
    const nating = await given.app.request('GET', `/api/v1/downloads/${id}/link`, { token: given.ann.token })
    const other = new URL(nating.json.url)
    const query = `expires=${other.searchParams.get('expires')}&signature=${other.searchParams.get('token')}`
    expect((await get(`/storage/dl/${id}?${query}`)).status).toBe(403)
  })

  test('of a file in the trash or gone opens nothing', async () => {
    const [trashed, gone] = [await given.file(), await given.file()]
    const urls = [await link(trashed.id), await link(gone.id)]
    await given.app.core.files.trash(given.ann.account, trashed.id)
    await given.call('DELETE', `${FILES}/${gone.id}`)
    for (const url of urls) expectPage(await get(url), 404)
  })

  test('of an account that is suspended stays good until it ends: nothing but the file is behind it', async () => {
    const url = await link((await given.file()).id)
    await given.app.core.accounts.change('ann', { status: 'suspended' })
    expect((await get(url)).status).toBe(200)
  })

  test('begins with the address of the site', async () => {
    const { id } = await given.file()
    const answer = await given.call('GET', `http://files.example:8443${FILES}/${id}/download`)
    expect(answer.json.download_url).toStartWith('http://files.example:8443/storage/dl/')
  })
})

test('where no token is given the file manager of the site is, for who is signed in', async () => {
  for (const path of ['/files', '/files/', '/files/?x=1']) {
    const { status, headers } = await get(path)
    expect([status, headers.get('location')]).toEqual([303, `/sign-in?to=${encodeURIComponent(path)}`])
  }
})
