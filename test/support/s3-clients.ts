/** Programs of others that speak S3, where the machine has them: to see a bucket as they see it. */
import { existsSync } from 'node:fs'
import type { S3Access } from './s3.ts'

const path = (place: string): string | null => (existsSync(place) ? place : null)

/** Paths of the programs, or null: for test.skipIf. */
export const RCLONE: string | null = path('/usr/bin/rclone')
export const S3CMD: string | null = path('/usr/bin/s3cmd')
export const CURL: string | null = path('/usr/bin/curl')

/** Runs `rclone`, where `ceph:` is the server: `rclone(access, 'lsjson', 'ceph:bucket')`. */
export function rclone(access: S3Access, ...args: string[]): Promise<Buffer> {
  const remote = {
    TYPE: 's3',
    PROVIDER: 'Ceph',
    ACCESS_KEY_ID: access.accessKeyId,
    SECRET_ACCESS_KEY: access.secretAccessKey,
    ENDPOINT: access.endpoints[0] as string,
  }
  const settings = Object.entries(remote).map(([key, value]) => [`RCLONE_CONFIG_CEPH_${key}`, value])
  return run([RCLONE, '--config', '', ...args], Object.fromEntries(settings))
}

/** Runs `s3cmd`: `s3cmd(access, 'info', 's3://bucket/key')`. */
export function s3cmd(access: S3Access, ...args: string[]): Promise<Buffer> {
  const { host } = new URL(access.endpoints[0] as string)
  const keys = [`--access_key=${access.accessKeyId}`, `--secret_key=${access.secretAccessKey}`]
  const place = ['--no-ssl', `--host=${host}`, `--host-bucket=${host}`, `--region=${access.region}`]
  return run([S3CMD, '--config=/dev/null', ...keys, ...place, ...args])
}

/** Runs `curl`, which signs: `curl(access, '-sI', '/bucket/key')`. The last one is the path. */
export function curl(access: S3Access, ...args: string[]): Promise<Buffer> {
  // It does not say this by itself, and the server asks for it.
  const body = ['-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD']
  const signed = ['--aws-sigv4', `aws:amz:${access.region}:s3`, ...body]
  const keys = ['--user', `${access.accessKeyId}:${access.secretAccessKey}`]
  return run([CURL, ...signed, ...keys, ...args.slice(0, -1), `${access.endpoints[0]}${args.at(-1)}`])
}

/** What it prints. Rejects with what it says when it fails. */
async function run(command: Array<string | null>, env: Record<string, string> = {}): Promise<Buffer> {
  const [program = null, ...args] = command as [string | null, ...string[]]
  if (program === null) throw new Error('this program is not on this machine')
  const child = Bun.spawn([program, ...args], {
    // Without a home there is nobody's configuration either.
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [code, out, said] = await Promise.all([child.exited, child.stdout.bytes(), child.stderr.text()])
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`)
  return Buffer.from(out)
}
