/** Who tried to sign in and did not: what of it is noted, and that strangers cannot fill the log. */
import { describe, expect, test } from 'bun:test'
import type { AuditAction } from '../../src/core/audit.ts'
import { codeAt, stepOf } from '../../src/core/one-time-code.ts'
import { coresUnderTest, failOnce, faultOf, outage } from './core-under-test.ts'

const open = coresUnderTest()
const PASSWORD = 'correct horse'
const IP = '192.0.2.7'

async function site() {
  const product = await open()
  const ann = await product.account('ann')
  const { core } = product
  const browser = (name: string, password = 'guess', ip = IP) =>
    faultOf(core.webSessions.signIn(name, password, { ip }), 'bad_credentials')
  const rows = async () =>
    (await core.audit.list(null)).entries.map(({ action, subject, detail }) => [action, subject, detail])
  return { ...product, ann, browser, rows }
}

const failed: AuditAction = 'sign_in.failed'

describe('a try that fails', () => {
  test('is part of the activity of the account, with door and address, without anybody’s name as the one who did it', async () => {
    const { core, ann, browser } = await site()
    await browser(' ANN ')
    const { entries } = await core.audit.list(null, { actorId: ann.id })
    expect(entries).toMatchObject([
      { action: failed, actorName: '', subject: 'ann', detail: 'Browser: wrong password', ip: IP },
    ])
  })

  test('at the doors of the APIs is told with the reason, which the answer does not give', async () => {
    const { core, clock, ann, rows } = await site()
    const yetishare = (password: string) =>
      core.accessTokens.authorise({ kind: 'password', name: 'ann', password }, IP)
    await faultOf(yetishare('guess'), 'bad_credentials')
    await faultOf(core.loginTokens.login('ann', 'guess', false, IP), 'wrong_password')
    const { secret } = await core.secondFactors.begin(ann, 'Kist')
    await core.secondFactors.confirm(ann, codeAt(secret, stepOf(clock.now())))
    await faultOf(core.loginTokens.login('ann', PASSWORD, false, IP), 'wrong_password')
    await faultOf(core.webSessions.signIn('ann', PASSWORD, { ip: IP, code: '000000' }), 'second_factor_wrong')
    for (let n = 0; n < 4; n++) await faultOf(yetishare('guess'), 'bad_credentials')
    await faultOf(yetishare('guess'), 'bad_credentials')
    await rows()
    await core.accounts.change('ann', { status: 'suspended' })
    await faultOf(core.loginTokens.login('ann', PASSWORD, false, IP), 'wrong_password')
    const details = (await rows()).map(([, , detail]) => detail).reverse()
    expect([...details.slice(0, 4), ...details.slice(-2)]).toEqual([
      'YetiShare API: wrong password',
      'File Uploader API: wrong password',
      'File Uploader API: right password, but a second factor is on',
      'Browser: wrong code of the second factor',
      'YetiShare API: locked out after too many tries',
      'File Uploader API: the account is suspended',
    ])
  })

  test('of a name that nobody has keeps neither the name nor the password', async () => {
    const { core, browser } = await site()
    for (const name of ['my secret password', 'x'.repeat(5000), '', "'; drop table audit_log; --"])
      await browser(name, 'another secret')
    const { entries } = await core.audit.list(null)
    expect(entries).toHaveLength(4)
    for (const { actorId, actorName, subject, detail } of entries)
      expect([actorId, actorName, subject, detail]).toEqual([null, '', '', 'Browser: unknown name'])
  })

  test('of the longest name there may be is noted for its owner, in whatever script', async () => {
    const { account, core, browser } = await site()
    const name = '𐌰'.repeat(64)
    const { id } = await account(name)
    await browser(name)
    expect((await core.audit.list(null, { actorId: id })).entries).toMatchObject([{ subject: name }])
  })

  test('comes before what was noted after it', async () => {
    const { core, ann, browser, rows } = await site()
    await browser('ann')
    await core.audit.note({ actor: ann, action: 'signed_in', subject: 'ann' })
    await browser('ann')
    expect((await rows()).map(([action]) => action)).toEqual([failed, 'signed_in', failed])
  })

  test('because the server was busy is no try', async () => {
    const { core, metadata, rows } = await site()
    failOnce(metadata.accounts, 'findByName', outage())
    await core.webSessions.signIn('ann', 'guess').catch(() => undefined)
    expect(await rows()).toEqual([])
  })

  test('does not wait for the records, known name or not: nothing is written before the answer', async () => {
    const { metadata, browser } = await site()
    for (const name of ['ann', 'nobody']) await browser(name)
    expect(await metadata.audit.page({ limit: 9, beforeId: null })).toEqual([])
  })
})

describe('a sign-in at an API that went well', () => {
  test('is noted once a day for each door and network', async () => {
    const { core, clock, rows } = await site()
    const both = async (ip: string) => {
      await core.accessTokens.authorise({ kind: 'password', name: 'ann', password: PASSWORD }, ip)
      await core.loginTokens.login('ann', PASSWORD, true, ip)
    }
    for (const ip of [IP, IP, '2001:db8::1', '2001:db8::2']) await both(ip)
    expect(await rows()).toEqual([
      ['signed_in', 'ann', 'File Uploader API'],
      ['signed_in', 'ann', 'YetiShare API'],
      ['signed_in', 'ann', 'File Uploader API'],
      ['signed_in', 'ann', 'YetiShare API'],
    ])
    clock.advance(86_400)
    await both(IP)
    expect(await rows()).toHaveLength(6)
  })
})

describe('strangers cannot fill the log', () => {
  /** All that is noted of `count` tries, in turn from each of the addresses. */
  const flood = async (count: number, of: (n: number) => [name: string, ip: string]) => {
    const given = await site()
    for (let n = 0; n < count; n++) {
      const [name, ip] = of(n)
      await given.browser(name, 'guess', ip)
      if (n % 500 === 499) await given.core.audit.list(null)
    }
    await given.core.audit.list(null)
    return { ...given, all: () => given.metadata.audit.page({ limit: 10_000, beforeId: null }) }
  }
  const address = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`

  test('30 of one account a day, however many networks try it; the last one says so', async () => {
    const { all, browser, clock } = await flood(200, (n) => ['ann', address(n)])
    const entries = await all()
    expect([entries.length, entries[0]?.detail, entries[1]?.detail]).toEqual([
      30,
      'Browser: wrong password; no more are noted today',
      'Browser: wrong password',
    ])
    clock.advance(86_400)
    await browser('ann')
    expect(await all()).toHaveLength(30)
  })

  test('nor hide by it what is guessed at a browser that is signed in, of which 30 are noted, too', async () => {
    const { all, core, ann } = await flood(60, (n) => ['ann', address(n)])
    const principal = { account: ann, actor: `user:${ann.id}`, tokenId: null, scopes: null, ip: IP }
    const begin = async () => {
      const { cookie } = await core.webSessions.begin(ann)
      const browser = await core.webSessions.authenticate(cookie, IP)
      return { principal, session: browser?.session ?? expect.unreachable() }
    }
    for (let session = 0; session < 8; session++) {
      const browser = await begin()
      for (let n = 0; n < 5; n++) await faultOf(core.proofs.prove(browser, 'guess'), 'wrong_password')
    }
    await core.audit.list(null)
    const proofs = (await all()).filter(({ action }) => action === 'proof.failed')
    expect([proofs.length, proofs.at(-1)?.detail, proofs[0]?.detail]).toEqual([
      30,
      'Browser: wrong password',
      'Browser: wrong password; no more are noted today',
    ])
  })

  test('200 of names that nobody has, which does not keep those of accounts out', async () => {
    const { all, browser, core } = await flood(400, (n) => [`nobody ${n}`, address(n)])
    await browser('ann')
    await core.audit.list(null)
    const entries = await all()
    expect([entries.length, entries[0]?.subject]).toEqual([201, 'ann'])
  })

  test('100 of one network, also of one of IPv6', async () => {
    const { all } = await flood(300, (n) => [`nobody ${n}`, `2001:db8:0:1::${n.toString(16)}`])
    expect(await all()).toHaveLength(100)
  })

  test('what comes faster than it can be written is counted only', async () => {
    const { core, log, metadata, browser } = await site()
    for (let n = 0; n < 1010; n++) await browser('nobody', 'guess', address(n))
    await core.audit.list(null)
    expect(log.events).toEqual(['warn sign_in_tries_not_noted'])
    expect(await metadata.audit.page({ limit: 10_000, beforeId: null })).toHaveLength(200)
  })
})

test('what cannot be written goes to the log, and the next try is noted', async () => {
  const { metadata, log, browser, rows } = await site()
  await browser('ann')
  failOnce(metadata.audit, 'add')
  expect(await rows()).toEqual([])
  expect(log.events).toEqual(['error sign_in_tries_not_noted'])
  await browser('ann')
  expect(await rows()).toHaveLength(1)
})

test('a server that stops writes down what waits', async () => {
  const { core, metadata, browser } = await site()
  await browser('ann')
  await core.audit.close()
  await browser('ann')
  await core.audit.list(null)
  expect(await metadata.audit.page({ limit: 9, beforeId: null })).toHaveLength(1)
})
