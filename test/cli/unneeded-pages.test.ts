import { describe, expect, test } from 'bun:test'
import { readFileSync, readlinkSync } from 'node:fs'
import { releaseProgramPages, unchangedPartsOf } from '../../src/cli/unneeded-pages.ts'

/** Mappings as the kernel words them, shortened. */
const SMAPS = [
  '00200000-01a39000 r--p 00000000 fe:00 42                         /opt/kist',
  'Anonymous:             0 kB',
  'Swap:                  0 kB',
  '01a40000-0684a000 r-xp 01838000 fe:00 42                         /opt/kist',
  'Anonymous:             0 kB',
  'Swap:                  0 kB',
  '0684a000-0685f000 r--p 06641000 fe:00 42                         /opt/kist',
  'Anonymous:            12 kB',
  'Swap:                  0 kB',
  '0685f000-06867000 r--p 06656000 fe:00 42                         /opt/kist',
  'Anonymous:             0 kB',
  'Swap:                  8 kB',
  '06867000-08d26000 rw-p 0665e000 fe:00 42                         /opt/kist',
  'Anonymous:             0 kB',
  'Swap:                  0 kB',
  '7f0000000000-7f0000100000 r-xp 00000000 fe:00 43                 /usr/lib/libc.so.6',
  'Anonymous:             0 kB',
  'Swap:                  0 kB',
  '7f0000200000-7f0000300000 r--p 00000000 00:00 0 ',
  'Anonymous:             0 kB',
  'Swap:                  0 kB',
  '',
].join('\n')

describe('pages of the program', () => {
  test('are those of its own file that nobody may write to and nobody has changed', () => {
    expect(unchangedPartsOf('/opt/kist', SMAPS)).toEqual([
      { start: 0x200000n, end: 0x1a39000n },
      { start: 0x1a40000n, end: 0x684a000n },
    ])
  })

  test('of a program that was replaced are known by the name the system has for it now', () => {
    const replaced = SMAPS.replaceAll('/opt/kist', '/opt/kist (deleted)')
    expect(unchangedPartsOf('/opt/kist (deleted)', replaced)).toHaveLength(2)
    expect(unchangedPartsOf('/opt/kist', replaced)).toEqual([])
  })

  test('are let go, and what runs goes on', () => {
    const before = unchangedPartsOf(readlinkSync('/proc/self/exe'), readFileSync('/proc/self/smaps', 'utf8'))
    expect(before.length).toBeGreaterThan(0)
    expect(releaseProgramPages()).toBeGreaterThan(2 ** 20)
    expect(JSON.parse(JSON.stringify({ all: ['is', 'well'] }))).toEqual({ all: ['is', 'well'] })
  })
})
