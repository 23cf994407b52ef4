/**
 * scripts/s3-up and scripts/s3-down: an S3 server for tests and development, Ceph's gateway on loopback.
 * On stdout is one line of JSON: what is in DIR/s3.json.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startCluster, stopCluster } from './ceph-cluster.mjs'
import { ROOT } from './toolchain.mjs'

const DEFAULT_DIR = join(ROOT, 'dist/s3')

const USAGE = `scripts/s3-up [--cluster] [--dir DIR] [--port PORT] [--mon-port PORT] [--osd-gib N] [--only DAEMON]
scripts/s3-down [--dir DIR] [--remove]

s3-up starts Ceph with an S3 gateway on 127.0.0.1, or what does not run of the one that is in DIR, and prints where it
answers and its keys as JSON, which are in DIR/s3.json too. It needs the Debian packages radosgw, ceph-mon, ceph-osd.
  --cluster    three monitors, three OSDs, two gateways, every byte three times; else one of each
  --dir        where it keeps everything (${DEFAULT_DIR})
  --port       of the first gateway, the second has the next; default: free ones
  --mon-port   of the first monitor, the others have the next; default: free ones
  --osd-gib    size of an OSD's disk, a sparse file (32)
  --only       start just this daemon of what is in DIR: mon.a, osd.0, rgw.a …
s3-down ends it.
  --remove     and takes away what is in DIR
`

const OPTIONS = {
  up: {
    cluster: { type: 'boolean' },
    dir: { type: 'string' },
    port: { type: 'string' },
    'mon-port': { type: 'string' },
    'osd-gib': { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
  down: { dir: { type: 'string' }, remove: { type: 'boolean' }, help: { type: 'boolean' } },
}

const PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool']

async function up(values) {
  const missing = PROGRAMS.filter((name) => !existsSync(`/usr/bin/${name}`))
  if (missing.length > 0)
    throw new Error(`not here: ${missing.join(', ')}. apt-get install radosgw ceph-mon ceph-osd brings them`)
  const began = performance.now()
  const facts = await startCluster({
    dir: dirOf(values),
    shape: values.cluster ? 'cluster' : 'single',
    port: wholeNumber(values, 'port', 65_534),
    monPort: wholeNumber(values, 'mon-port', 65_533),
    osdGib: wholeNumber(values, 'osd-gib', 65_536),
    only: values.only,
    say: (text) => process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1)} s: ${text}\n`),
  })
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}

const dirOf = ({ dir = DEFAULT_DIR }) => resolve(dir)

function wholeNumber(values, name, most) {
  const text = values[name]
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > most) throw new Usage(`--${name} takes 1 to ${most}`)
  return Number(text)
}

class Usage extends Error {}

function read(command, args) {
  try {
    return parseArgs({ args, options: OPTIONS[command] }).values
  } catch (error) {
    throw new Usage(error.message)
  }
}

async function main([command, ...args]) {
  if (!(command in OPTIONS)) throw new Usage('up or down')
  const values = read(command, args)
  if (values.help) process.stdout.write(USAGE)
  else if (command === 'up') await up(values)
  else await stopCluster(dirOf(values), { remove: values.remove })
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error.message}\n${error instanceof Usage ? USAGE : ''}`)
  process.exitCode = error instanceof Usage ? 2 : 1
}
