/** ceph.conf of a cluster that lives in one folder, on loopback, and starts in seconds. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

/**
 * How many daemons of each kind. The single node keeps one copy of everything; the cluster keeps three and goes on
 * with two.
 */
export const SHAPES = {
  single: { mons: 1, osds: 1, gateways: 1, copies: 1, least: 1, placementGroups: 1 },
  cluster: { mons: 3, osds: 3, gateways: 2, copies: 3, least: 2, placementGroups: 4 },
}

/** How a ceph.conf begins that was made here. */
export const MARK = '# Made by scripts/s3-up.\n'

const LETTERS = 'abc'
const letters = (count) => [...LETTERS].slice(0, count)

/** Daemons in the order in which they are started: `mon.a`, `osd.0`, `rgw.a`. */
export function daemonsOf({ mons, osds, gateways }) {
  return [
    ...letters(mons).map((letter) => `mon.${letter}`),
    ...Array.from({ length: osds }, (_, number) => `osd.${number}`),
    ...letters(gateways).map((letter) => `rgw.${letter}`),
  ]
}

/** Where monitor `index` listens, as Ceph writes it. */
export const monAddress = (ports, index) => `[v1:127.0.0.1:${ports.mons[index]}]`

/** What a daemon calls itself in names of files. */
export const longName = (daemon) => (daemon.startsWith('rgw.') ? `client.${daemon}` : daemon)

/** Names of the monitors. */
export const monsOf = ({ mons }) => letters(mons)

/** The whole file. `osdGib` is the size of an OSD's disk: a sparse file. */
export function configOf({ dir, fsid, shape, ports, osdGib }) {
  const gateways = letters(shape.gateways).map(
    (letter, index) => `[client.rgw.${letter}]
rgw frontends = beast endpoint=127.0.0.1:${ports.gateways[index]} tcp_nodelay=1
`,
  )
  return [MARK, globals({ dir, fsid, shape, ports }), daemons({ dir, osdGib }), ...gateways].join('')
}

const globals = ({ dir, fsid, shape, ports }) => `[global]
fsid = ${fsid}
mon host = ${ports.mons.map((_, index) => monAddress(ports, index)).join(',')}
mon initial members = ${monsOf(shape).join(',')}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr2 = false
# Without it a command may come before the map of the monitors, and is refused.
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = ${join(dir, 'keyring')}
run dir = ${join(dir, 'run')}
pid file = ${join(dir, 'run/$type.$id.pid')}
# A socket's path may have 107 bytes; the folder is anybody's choice.
admin socket =
log file = ${join(dir, 'log/$type.$id.log')}
mon cluster log file = ${join(dir, 'log/cluster.log')}
crash dir = ${join(dir, 'crash')}
osd pool default size = ${shape.copies}
osd pool default min size = ${shape.least}
osd pool default pg num = ${shape.placementGroups}
osd pool default pg autoscale mode = off
# Copies on different OSDs are enough: there is one host only.
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 1
mon data avail crit = 1
mon max pg per osd = 2000
# With the defaults every new pool waits a second, and the gateway makes seven.
paxos propose interval = 0.05
paxos min wait = 0.01
# A killed daemon is noticed after seconds.
mon lease = 2
mon election timeout = 1
osd heartbeat interval = 1
osd heartbeat grace = 3
mon osd min down reporters = 1
mon osd adjust heartbeat grace = false
mon osd down out interval = 600
`

// memstore starts faster but keeps twice the bytes written in memory, for long.
const daemons = ({ dir, osdGib }) => `[mon]
mon data = ${join(dir, 'mon/$id')}
[osd]
osd data = ${join(dir, 'osd/$id')}
osd objectstore = bluestore
bluestore block size = ${osdGib * 2 ** 30}
osd memory target = 939524096
bluestore cache autotune = false
bluestore cache size = 67108864
bluestore fsck on mkfs = false
# Closing a disk waits this long, and a start opens and closes it a dozen times.
bdev aio poll ms = 20
osd op num shards = 2
osd op num threads per shard = 1
osd crush update on start = false
osd class update on start = false
osd scrub begin hour = 3
osd scrub end hour = 4
[client]
rgw data = ${join(dir, 'rgw')}
rgw thread pool size = 64
# Deleted objects give their space back while a test still runs.
rgw gc obj min wait = 5
rgw gc processor period = 10
rgw gc processor max time = 10
`

/** What each may do, by the kind of it. */
const CAPABILITIES = {
  mon: { mon: 'allow *' },
  osd: { mon: 'allow profile osd', osd: 'allow *' },
  client: { mon: 'allow *', osd: 'allow *' },
}

/** Keys of all daemons and of whoever administers: the monitors take them over when they are made. */
export function keyringOf(shape) {
  const daemons = daemonsOf(shape).filter((name) => !name.startsWith('mon.'))
  return ['mon.', 'client.admin', ...daemons.map(longName)].map(keyOf).join('')
}

function keyOf(name) {
  const allowed = Object.entries(CAPABILITIES[name.split('.')[0]])
  const lines = allowed.map(([service, what]) => `caps ${service} = "${what}"\n`)
  return `[${name}]\nkey = ${newKey()}\n${lines.join('')}`
}

/** An AES key as Ceph writes it: kind, time, length, key. */
function newKey() {
  const header = Buffer.alloc(12)
  header.writeUInt16LE(1, 0)
  header.writeUInt32LE(Math.floor(Date.now() / 1000), 2)
  header.writeUInt16LE(16, 10)
  return Buffer.concat([header, randomBytes(16)]).toString('base64')
}
