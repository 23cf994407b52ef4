/** Sites whose operator alone makes accounts. */
import { describe, expect, test } from 'bun:test'
import { uploaderScenario } from './scenario.ts'

describe('where visitors may not make accounts', () => {
  const given = uploaderScenario({ config: { registration: { enabled: false, package: 'Free' } } })
  const PASSWORD = 'correct horse battery'

  test('registering is refused and makes none; what is missing is told first', async () => {
    const refused = await given.post('/api/register', { username: 'cid', password: PASSWORD })
    expect([refused.status, refused.json]).toEqual([
      403,
      { status: 'error', message: 'Registration is closed on this site.' },
    ])
    expect((await given.post('/api/register', { username: 'cid' })).status).toBe(400)
    expect((await given.app.metadata.accounts.list()).map(({ name }) => name)).not.toContain('cid')
  })

  test('a name that exists is not told from one that does not', async () => {
    const names = ['ann', 'cid']
    const answers = await Promise.all(
      names.map((username) => given.post('/api/register', { username, password: PASSWORD })),
    )
    expect(answers[0]?.json).toEqual(answers[1]?.json)
  })

  test('accounts that are there sign in as ever', async () => {
    expect(await given.signIn('ann')).toBeString()
  })
})
