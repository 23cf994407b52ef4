/** A real S3 server, Ceph's gateway, where the machine has Ceph: see scripts/s3-up. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

const ROOT = join(import.meta.dir, '../..')
const PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool']
const MISSING = PROGRAMS.filter((name) => !existsSync(`/usr/bin/${name}`))

/** Whether there is one to be started: for describe.skipIf(!CEPH). */
export const CEPH: boolean = process.platform === 'linux' && MISSING.length === 0

/** Monitors, disks and gateways: `mon.a`, `osd.0`, `rgw.a`; in a cluster also b and c, 1 and 2, `rgw.b`. */
export type Daemon = `mon.${'a' | 'b' | 'c'}` | `osd.${0 | 1 | 2}` | `rgw.${'a' | 'b'}`

/** What whoever speaks with the server needs. */
export interface S3Access {
  /** Without slash at the end. All serve the same buckets; addresses are path-style. */
  endpoints: string[]
  accessKeyId: string
  secretAccessKey: string
  region: string
}

export interface S3Server extends S3Access {
  /** Where it keeps everything; logs are in `log/`. */
  dir: string
  /** Makes an empty bucket; its name. */
  newBucket(): Promise<string>
  /** SIGKILL; resolves when it is gone. */
  kill(daemon: Daemon): Promise<void>
  /** Starts what was killed; resolves when it does its work again. */
  restart(daemon: Daemon): Promise<void>
  pid(daemon: Daemon): number
  /** Ends a cluster and takes its files away. The single node goes on for the other tests until the run ends. */
  stop(): Promise<void>
}

/** Every test file has modules of its own; the server is the whole run's. */
const RUN = globalThis as { [SHARED]?: Promise<S3Server> }
const SHARED = Symbol.for('kist.test.s3')

/**
 * The single node that all tests of a run share, or a `cluster` (three monitors, three disks, two gateways) of one's
 * own. Null where there is no Ceph, said on stderr: the tests are then to be skipped. Whatever way the run ends, the
 * servers end with it.
 */
export async function startS3({ cluster = false } = {}): Promise<S3Server | null> {
  if (!CEPH) {
    process.stderr.write(`No S3 server: ${MISSING.join(', ')} missing. Tests on S3 are SKIPPED.\n`)
    return null
  }
  if (cluster) return start('cluster')
  RUN[SHARED] ??= start('single')
  return RUN[SHARED]
}

async function start(shape: 'single' | 'cluster'): Promise<S3Server> {
  const dir = mkdtempSync(join(tmpdir(), 'kist-s3-'))
  endWithUs(dir)
  const end = async (): Promise<void> => {
    await script('down', removal(dir))
  }
  const flags = shape === 'cluster' ? ['--cluster'] : []
  const printed = await script('up', ['--dir', dir, ...flags]).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const facts = JSON.parse(printed) as S3Access & { dir: string }
  let buckets = 0
  return {
    ...facts,
    async newBucket() {
      buckets += 1
      const name = `bucket-${process.pid}-${buckets}`
      await createBucket(facts, name)
      return name
    },
    ...controls(dir),
    stop: shape === 'single' ? async () => {} : end,
  }
}

function controls(dir: string): Pick<S3Server, 'pid' | 'kill' | 'restart'> {
  return {
    pid: (daemon) => readPid(dir, daemon),
    async kill(daemon) {
      const pid = readPid(dir, daemon)
      process.kill(pid, 'SIGKILL')
      while (isAlive(pid)) await Bun.sleep(5)
    },
    async restart(daemon) {
      await script('up', ['--dir', dir, '--only', daemon])
    },
  }
}

/**
 * Ends the server when this process is gone, however it goes. Nobody's child: a test that takes too long would end
 * its children, and Ctrl-C all that are in its group.
 */
function endWithUs(dir: string): void {
  const lifeline = `tail --pid=${process.pid} -s 0.2 -f /dev/null; exec "$@"`
  const apart = 'setsid "$@" < /dev/null > /dev/null 2>&1 &'
  Bun.spawnSync([
    'sh',
    '-c',
    apart,
    'sh',
    'sh',
    '-c',
    lifeline,
    'lifeline',
    ...command('down'),
    ...removal(dir),
  ])
}

const removal = (dir: string): string[] => ['--remove', '--dir', dir]

const command = (name: 'up' | 'down'): string[] => [process.execPath, join(ROOT, 'scripts/s3.mjs'), name]

async function script(name: 'up' | 'down', args: string[]): Promise<string> {
  const child = Bun.spawn([...command(name), ...args], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [code, out, said] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  if (code !== 0) throw new Error(`scripts/s3-${name} ended with ${code}: ${said}`)
  return out
}

const readPid = (dir: string, daemon: Daemon): number => {
  const name = daemon.startsWith('rgw.') ? `client.${daemon}` : daemon
  return Number(readFileSync(join(dir, 'run', `${name}.pid`), 'utf8'))
}

/** What nobody has waited for yet, a zombie, is dead. */
function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`
  try {
    return !readFileSync(path, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

/** A plain SDK client, as tests use it to look behind Kist's back. Its caller destroys it. */
export function s3Client(
  access: S3Access,
  endpoint = access.endpoints[0],
  options: S3ClientConfig = {},
): S3Client {
  return new S3Client({
    endpoint,
    region: access.region,
    credentials: { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey },
    forcePathStyle: true,
    // What the SDK adds by default is an aws-chunked body, which Ceph before 18 refuses.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...options,
  })
}

async function createBucket(access: S3Access, name: string): Promise<void> {
  const client = s3Client(access)
  await client.send(new CreateBucketCommand({ Bucket: name })).finally(() => client.destroy())
}
