/** How much one sender can put into an account by a file request, whatever the quota of its owner. */
import { expect, test } from 'bun:test'
import { formOf } from '../../support/form.ts'
import { site } from '../site.ts'
import { callerOf } from './calls.ts'

const given = site({ config: { limits: { rateLimits: true } } })

test('a file request takes 600 files a minute of one sender, however many come in one form', async () => {
  const ann = await callerOf(given)
  const { json } = await ann.post('/web/requests', { title: 'Photos' })
  const send = (count: number) => {
    const form = formOf(Array.from({ length: count }, (_, n) => ({ filename: `${n}.txt`, body: 'x' })))
    return given.send('POST', `${new URL(json.url).pathname}/files`, form)
  }
  const refused = await send(605)
  expect([refused.status, (await ann.get('/web/folders/top/entries')).json.fileCount]).toEqual([429, 600])
  expect((await send(1)).status).toBe(429)
  given.app.clock.advance(60)
  expect((await send(1)).status).toBe(200)
}, 20_000)
