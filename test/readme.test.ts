import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPlace } from './support/binary.ts'

const README = readFileSync(join(import.meta.dir, '../README.md'), 'utf8')

test('the first upload of the README works as it is printed', async () => {
  await using place = createPlace()
  const script = /A test runs these lines\. -->\n```sh\n([\s\S]*?)```/.exec(README)?.[1] ?? ''
  expect(script).toContain('localhost:8080')
  const served = await place.serve()
  await place.lines(['user', 'add', 'ann'])
  const [token = ''] = await place.lines(['token', 'add', '--user', 'ann', '--kind', 'nating'])
  await Bun.write(join(place.dir, 'hello.txt'), 'Hello, Kist!\n')
  const shell = Bun.spawn(['sh', '-eu', '-c', script.replace('http://localhost:8080', served.url)], {
    cwd: place.dir,
    env: { PATH: '/usr/bin:/bin', TOKEN: token },
  })
  const output = await shell.stdout.text()
  expect(await shell.exited).toBe(0)
  const id = /"file_id":(\d+)/.exec(output)?.[1]
  const headers = { authorization: `Bearer ${token}` }
  const link = await (await fetch(`${served.url}/api/v1/downloads/${id}/link`, { headers })).text()
  const url = /"(?:url|download_url|link)":"([^"]+)"/.exec(link)?.[1] ?? ''
  expect(await (await fetch(new URL(url, served.url))).text()).toBe('Hello, Kist!\n')
  expect((await place.run(['check'])).code).toBe(0)
})

test('the README names every section of the house that exists', () => {
  for (const room of ['core', 'metadata', 'storage', 'http', 'dialects', 'web', 'cli']) {
    expect(README).toContain(`${room}/`)
  }
})
