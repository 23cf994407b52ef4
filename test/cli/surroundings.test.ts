import { describe, expect, test } from 'bun:test'
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createPlace } from '../support/binary.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
/** Who runs the tests as root can be someone else; who does not is an ordinary user already. */
const asNobody = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : []
const canLeaveNetwork = isRoot && Bun.spawnSync(['unshare', '--net', 'true'], { stderr: 'ignore' }).success
const withoutNetwork = canLeaveNetwork ? ['unshare', '--net'] : []

describe('an ordinary user without network and with an empty environment', () => {
  test('can make accounts and tokens and check them', async () => {
    await using place = createPlace()
    if (isRoot) chownSync(place.dir, NOBODY, NOBODY)
    const through = [...withoutNetwork, ...asNobody, 'env', '-i']
    for (const args of [
      ['version'],
      ['config'],
      ['user', 'add', 'ann', '--admin'],
      ['token', 'add', '--user', 'ann', '--kind', 'nating'],
      ['check'],
    ]) {
      const { code, stderr } = await place.run(args, { through })
      expect({ args, code, stderr: stderr.replace(/^checked .*\n/, '') }).toEqual({
        args,
        code: 0,
        stderr: '',
      })
    }
    expect(statSync(join(place.dir, 'data')).uid).toBe(isRoot ? NOBODY : (process.getuid?.() ?? 0))
  })

  test('can serve', async () => {
    await using place = createPlace()
    if (isRoot) chownSync(place.dir, NOBODY, NOBODY)
    const served = await place.serve({ through: asNobody })
    expect((await fetch(`${served.url}/readyz`)).status).toBe(200)
  })

  test('is told when the data directory belongs to somebody else', async () => {
    await using place = createPlace()
    if (isRoot) chownSync(place.dir, NOBODY, NOBODY)
    mkdirSync(join(place.dir, 'data'))
    chmodSync(join(place.dir, 'data'), isRoot ? 0o755 : 0o555)
    for (const args of [['serve'], ['user', 'list'], ['check']]) {
      const { code, stderr } = await place.run(args, { through: asNobody })
      expect({ args, code }).toEqual({ args, code: 1 })
      expect(stderr).toMatch(/^kist: [^\n]*data[^\n]*permission denied\n$/)
    }
  })
})
