import { describe, expect, test } from 'bun:test'
import { commonBeginning, networkOf } from '../../src/core/network.ts'
import { normalAddress } from '../../src/http/client-address.ts'

describe('an address stands for', () => {
  const rows: Array<[address: string, network: string]> = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:DB8:0000:0001:0:0:0:9', '2001:db8:0:1::/64'],
    ['2001:db8:0:2::1', '2001:db8:0:2::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['2001:db8:0:0:1::', '2001:db8::/64'],
    ['2001::1:a:b:c:d', '2001:0:0:1::/64'],
    ['fe80::1', 'fe80::/64'],
    ['::1', '::/64'],
    ['2001:db8:0:1::/64', '2001:db8:0:1::/64'],
    ['', ''],
    ['no:address', 'no:address'],
  ]
  test.each(rows)('%p: %p', (address, network) => {
    expect(networkOf(address)).toBe(network)
    expect(networkOf(networkOf(address))).toBe(network)
  })

  test('a network whose addresses all begin as it says', () => {
    const some = ['0', '1', 'db8', 'ffff']
    const groups = (count: number): string[][] =>
      count === 0 ? [[]] : groups(count - 1).flatMap((left) => some.map((group) => [...left, group]))
    const ends = [
      ['0', '0', '0', '1'],
      ['0', '0', '0', '0'],
      ['1', '0', '0', '0'],
      ['a', 'b', 'c', 'd'],
    ]
    for (const start of groups(4)) {
      const all = ends.map((end) => normalAddress([...start, ...end].join(':')) ?? '')
      const networks = new Set(all.map(networkOf))
      expect(networks.size).toBe(1)
      for (const address of all) expect(address).toStartWith(commonBeginning([...networks][0] ?? ''))
    }
    expect(commonBeginning('2001:db8:1:2::/64')).toBe('2001:db8:1:2:')
  })
})
