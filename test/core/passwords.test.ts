import { afterEach, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { createPasswordHasher, type PasswordHasher, startPasswordWorker } from '../../src/core/passwords.ts'
import { errorOf, faultOf } from './core-under-test.ts'

const opened: PasswordHasher[] = []
afterEach(() => {
  for (const hasher of opened.splice(0)) hasher.close()
})

/** A hasher, and how many workers it has started. */
function hasherOf(start: () => Worker) {
  let started = 0
  const hasher = createPasswordHasher(() => {
    started++
    return start()
  })
  opened.push(hasher)
  return { ...hasher, started: () => started }
}

const scripted = (script: string) => (): Worker =>
  new Worker(URL.createObjectURL(new Blob([script], { type: 'application/javascript' })))

describe('a password', () => {
  test('is hashed with argon2id, 19 MiB and two passes, with a salt of its own', async () => {
    const hasher = hasherOf(startPasswordWorker)
    const [one, two] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')])
    expect(one).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(one).not.toBe(two)
    expect(await hasher.verify('correct horse', one ?? '')).toBe(true)
    expect(await hasher.verify('Correct horse', one ?? '')).toBe(false)
    expect(await hasher.verify('', one ?? '')).toBe(false)
    expect(hasher.started()).toBe(1)
  })

  test('of every script is compared byte by byte', async () => {
    const hasher = hasherOf(startPasswordWorker)
    const hash = await hasher.hash('пароль-密码-\u0000-😀')
    expect(await hasher.verify('пароль-密码-\u0000-😀', hash)).toBe(true)
    expect(await hasher.verify('пароль-密码-', hash)).toBe(false)
  })

  test('cannot be compared with what is no hash', async () => {
    const hasher = hasherOf(startPasswordWorker)
    expect(await hasher.verify('a', '')).toBe(false)
    for (const hash of ['plain', '$argon2id$v=19$m=1']) await faultOf(hasher.verify('a', hash), 'internal')
    expect(await hasher.verify('a', await hasher.hash('a'))).toBe(true)
  })
})

test('files are read while hashes are computed: they share no thread', async () => {
  const hasher = hasherOf(startPasswordWorker)
  await hasher.hash('warm')
  let hashed = 0
  const hashes = Array.from({ length: 20 }, () => hasher.hash('password').then(() => hashed++))
  for (let round = 0; round < 20; round++) await readFile(import.meta.path)
  expect(hashed).toBeLessThan(20)
  await Promise.all(hashes)
})

test('fifty at once are all answered, one after the other', async () => {
  const hasher = hasherOf(startPasswordWorker)
  const hash = await hasher.hash('right password')
  const order: number[] = []
  const answers = Array.from({ length: 50 }, async (_, index) => {
    const matches = await hasher.verify(index % 2 === 0 ? 'right password' : 'wrong', hash)
    order.push(index)
    return matches
  })
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, (_, index) => index % 2 === 0))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(hasher.started()).toBe(1)
})

test('the main thread goes on while passwords are hashed', async () => {
  const hasher = hasherOf(startPasswordWorker)
  await hasher.hash('warm up')
  let turns = 0
  const done = Promise.all(Array.from({ length: 8 }, () => hasher.hash('a password'))).then(() => true)
  while (!(await Promise.race([done, new Promise((resolve) => setImmediate(resolve, false))]))) turns++
  expect(turns).toBeGreaterThan(8)
})

describe('a queue', () => {
  test('of sixty-four is full: the next is told when to come again', async () => {
    const hasher = hasherOf(scripted('self.onmessage = () => {}'))
    const waiting = Array.from({ length: 64 }, () => errorOf(hasher.hash('a')))
    expect(await faultOf(hasher.hash('a'), 'unavailable')).toMatchObject({ retryAfter: 5 })
    expect(await faultOf(hasher.verify('a', 'b'), 'unavailable')).toMatchObject({ retryAfter: 5 })
    hasher.close()
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'unavailable' })
  })

  test('has room again when one is answered', async () => {
    const hasher = hasherOf(
      scripted(
        'let n = 0; self.onmessage = ({ data }) => { if (n++ === 0) self.postMessage({ id: data.id, result: "h" }) }',
      ),
    )
    const first = hasher.hash('a')
    const waiting = Array.from({ length: 63 }, () => errorOf(hasher.hash('a')))
    await faultOf(hasher.hash('a'), 'unavailable')
    expect(await first).toBe('h')
    waiting.push(errorOf(hasher.hash('a')))
    await faultOf(hasher.hash('a'), 'unavailable')
    hasher.close()
    expect(await Promise.all(waiting)).toHaveLength(64)
  })
})

describe('a worker', () => {
  const broken: Array<[what: string, script: string]> = [
    ['throws', 'self.onmessage = () => { throw new Error("broken") }'],
    ['cannot be loaded', 'this is no JavaScript'],
    ['stops', 'self.onmessage = () => { process.exit(0) }'],
  ]
  test.each(broken)(
    'that %s leaves nobody waiting, and the next job gets a new one',
    async (_what, script) => {
      let starts = 0
      const hasher = hasherOf(() => (starts++ === 0 ? scripted(script)() : startPasswordWorker()))
      const lost = [hasher.hash('a password'), hasher.hash('another one'), hasher.verify('a', 'b')]
      for (const job of lost.map((promise) => faultOf(promise, 'unavailable')))
        expect(await job).toMatchObject({ retryAfter: 5 })
      expect(await hasher.verify('a password', await hasher.hash('a password'))).toBe(true)
      expect(hasher.started()).toBe(2)
    },
  )

  test('is not started before the first job, nor after the end', async () => {
    const hasher = hasherOf(startPasswordWorker)
    expect(hasher.started()).toBe(0)
    const last = errorOf(hasher.hash('a password'))
    hasher.close()
    expect(await last).toMatchObject({ code: 'unavailable' })
    await faultOf(hasher.hash('a password'), 'unavailable')
    hasher.close()
    expect(hasher.started()).toBe(1)
  })
})
