import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CEPH, type S3Access, s3Client } from '../support/s3.ts'

/** Milliseconds; a second or two where nobody else works. */
const SLOW = 120_000
const SCRIPTS = join(import.meta.dir, '../../scripts')

interface Ended {
  code: number
  stdout: string
  stderr: string
}

async function call(script: 's3-up' | 's3-down', ...args: string[]): Promise<Ended> {
  const child = Bun.spawn([join(SCRIPTS, script), ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { code, stdout, stderr }
}

/** Of all processes that were told of this folder. */
const processesIn = (dir: string): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => commandLine(pid).includes(`${dir}/`))

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // It has just ended.
  }
}

interface Facts extends S3Access {
  dir: string
  daemons: string[]
}

const lastLine = (text: string): Facts => JSON.parse(text.trim().split('\n').at(-1) ?? '') as Facts

describe.skipIf(!CEPH)('scripts/s3-up', () => {
  const parent = mkdtempSync(join(tmpdir(), 'kist-s3-up-'))
  const dir = join(parent, 'made/by it')
  afterAll(async () => {
    await call('s3-down', '--remove', '--dir', dir)
    rmSync(parent, { recursive: true })
  })

  test(
    'starts a server that keeps what is put into it',
    async () => {
      const { code, stdout } = await call('s3-up', '--dir', dir)
      expect(code).toBe(0)
      const facts = lastLine(stdout)
      expect(facts).toEqual(JSON.parse(readFileSync(join(dir, 's3.json'), 'utf8')) as Facts)
      expect(facts.daemons).toEqual(['mon.a', 'osd.0', 'rgw.a'])
      expect(new URL(facts.endpoints[0] ?? '').hostname).toBe('127.0.0.1')
      expect(processesIn(dir)).toHaveLength(3)
      const client = s3Client(facts)
      await client.send(new CreateBucketCommand({ Bucket: 'kept' }))
      await client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'key', Body: 'content' }))
      client.destroy()
    },
    SLOW,
  )

  test(
    'asks for the key that it has printed',
    async () => {
      const facts = lastLine(readFileSync(join(dir, 's3.json'), 'utf8').replaceAll('\n', ''))
      const stranger = s3Client({ ...facts, secretAccessKey: 'guessed' })
      const reading = stranger.send(new GetObjectCommand({ Bucket: 'kept', Key: 'key' }))
      await expect(reading).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
      stranger.destroy()
    },
    SLOW,
  )

  test(
    'starts nothing twice',
    async () => {
      const before = processesIn(dir)
      const { stdout } = await call('s3-up', '--dir', dir)
      expect(lastLine(stdout).endpoints).toEqual(
        lastLine((await call('s3-up', '--dir', dir)).stdout).endpoints,
      )
      expect(processesIn(dir)).toEqual(before)
    },
    SLOW,
  )

  test(
    'says when something else is in the folder than was asked for',
    async () => {
      const cluster = await call('s3-up', '--cluster', '--dir', dir)
      expect(cluster).toMatchObject({ code: 1, stdout: '' })
      expect(cluster.stderr).toContain('is a single, not a cluster')
      const daemon = await call('s3-up', '--only', 'osd.7', '--dir', dir)
      expect(daemon).toMatchObject({ code: 1, stdout: '' })
      expect(daemon.stderr).toContain('there is no osd.7')
    },
    SLOW,
  )

  test(
    'is ended by s3-down, and starts again with everything in it',
    async () => {
      expect((await call('s3-down', '--dir', dir)).code).toBe(0)
      expect(processesIn(dir)).toEqual([])
      const client = s3Client(lastLine((await call('s3-up', '--dir', dir)).stdout))
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'kept', Key: 'key' }))
      expect(await Body?.transformToString()).toBe('content')
      client.destroy()
    },
    SLOW,
  )

  test(
    'leaves nothing behind when s3-down removes it',
    async () => {
      expect((await call('s3-down', '--remove', '--dir', dir)).code).toBe(0)
      expect(processesIn(dir)).toEqual([])
      expect(existsSync(dir)).toBe(false)
      expect((await call('s3-down', '--remove', '--dir', dir)).code).toBe(0)
    },
    SLOW,
  )

  test(
    'leaves a folder alone that is somebody else’s',
    async () => {
      const foreign = join(parent, 'foreign')
      mkdirSync(join(foreign, 'log'), { recursive: true })
      writeFileSync(join(foreign, 'log/letter'), 'dear')
      const { code, stderr } = await call('s3-up', '--dir', foreign)
      expect(code).toBe(1)
      expect(stderr).toContain('holds something else: log')
      await call('s3-down', '--remove', '--dir', foreign)
      expect(readdirSync(foreign)).toEqual(['log'])
      expect(readFileSync(join(foreign, 'log/letter'), 'utf8')).toBe('dear')
    },
    SLOW,
  )

  test(
    'lets nobody else work on the folder at the same time',
    async () => {
      const both = await Promise.all([call('s3-up', '--dir', dir), call('s3-up', '--dir', dir)])
      expect(both.map(({ code }) => code).sort()).toEqual([0, 1])
      expect(both.find(({ code }) => code === 1)?.stderr).toContain('is starting a cluster')
      expect(processesIn(dir)).toHaveLength(3)
    },
    SLOW,
  )

  test(
    'is ended while it starts',
    async () => {
      await call('s3-down', '--remove', '--dir', dir)
      const starting = call('s3-up', '--dir', dir)
      while (!existsSync(join(dir, 'ceph.conf'))) await Bun.sleep(5)
      expect((await call('s3-down', '--remove', '--dir', dir)).code).toBe(0)
      expect((await starting).code).not.toBe(0)
      expect(processesIn(dir)).toEqual([])
      expect(existsSync(dir)).toBe(false)
    },
    SLOW,
  )

  test(
    'takes the ports it is given',
    async () => {
      const taken = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
      const { code, stderr } = await call('s3-up', '--dir', dir, '--port', String(taken.port))
      taken.stop(true)
      expect(code).toBe(1)
      expect(stderr).toBe(`port ${taken.port} of 127.0.0.1 is taken\n`)
      expect(processesIn(dir)).toEqual([])
      const again = await call('s3-up', '--dir', dir, '--port', String(taken.port))
      expect(lastLine(again.stdout).endpoints).toEqual([`http://127.0.0.1:${taken.port}`])
    },
    SLOW,
  )

  test(
    'says which daemon does not start, and the last it has said',
    async () => {
      await call('s3-down', '--dir', dir)
      rmSync(join(dir, 'osd/0'), { recursive: true })
      const { code, stdout, stderr } = await call('s3-up', '--dir', dir)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`ceph-osd -c ${dir}/ceph.conf -i 0 did not start`)
      expect(stderr).toContain('osd.0.log: ')
    },
    SLOW,
  )

  test(
    'explains itself',
    async () => {
      expect((await call('s3-up', '--help')).stdout).toContain('--cluster')
      for (const wrong of [['--port', '0'], ['--port', 'x'], ['--osd-gib', '-1'], ['--wrong'], ['word']]) {
        const { code, stdout, stderr } = await call('s3-up', '--dir', dir, ...wrong)
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
        expect(stderr).toContain('scripts/s3-down')
      }
    },
    SLOW,
  )
})
