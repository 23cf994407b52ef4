/** The addon that is loaded here is the one of the image library, from files instead of from inside the executable. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AddonPlaces, loadAddon, memoryFile } from '../../src/imaging/load-addon.ts'

const PACKAGES = join(import.meta.dir, '../../node_modules/@img')
const lib = (name: string, pattern: RegExp): string => {
  const folder = join(PACKAGES, `${name}-linux-${process.arch}`, 'lib')
  return join(folder, readdirSync(folder).find((file) => pattern.test(file)) ?? '')
}
const EMBEDDED = {
  addon: lib('sharp', /\.node$/),
  library: lib('sharp-libvips', /^libvips-cpp/),
  symbol: 'vips_version',
}
const refused = (): number => {
  throw new Error('not allowed here')
}

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kist-addon-'))
  writeFileSync(join(dir, 'file'), '')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const load = (places: AddonPlaces) => loadAddon(EMBEDDED, places) as { libvipsVersion(): { semver: string } }

describe('the addon', () => {
  test('is loaded from memory, and no directory is touched', () => {
    const addon = load({ memory: memoryFile, directories: [dir] })
    expect(addon.libvipsVersion().semver).toMatch(/^8\./)
    expect(readdirSync(dir)).toEqual(['file'])
  })

  test('is loaded from a private directory where memory is refused, and nothing stays there', () => {
    const addon = load({ memory: refused, directories: [join(dir, 'file'), join(dir, 'none'), dir] })
    expect(addon.libvipsVersion().semver).toMatch(/^8\./)
    expect(readdirSync(dir)).toEqual(['file'])
  })

  test('is not loaded where there is no place at all, and every reason is told', () => {
    expect(() => load({ memory: refused, directories: [join(dir, 'none')] })).toThrow(
      /^the image library cannot be loaded: not allowed here; ENOENT/,
    )
  })

  test('that is none leaves nothing behind', () => {
    const broken = { ...EMBEDDED, addon: join(dir, 'file') }
    expect(() => loadAddon(broken, { memory: refused, directories: [dir] })).toThrow()
    expect(readdirSync(dir)).toEqual(['file'])
  })
})
