/** A real nginx with the configuration that is in deploy/, in front of a server of a test. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dir, '../..')
const PLACES = [process.env.NGINX ?? '', '/usr/sbin/nginx', join(ROOT, 'dist/nginx/usr/sbin/nginx')]

/** Path of the program, or null. */
export const NGINX: string | null = PLACES.find((path) => path !== '' && existsSync(path)) ?? null

export interface Nginx {
  url: string
  pid: number
  /** What it has logged, warnings and worse. */
  errors(): string
  accessLog(): string
  stop(): Promise<void>
}

export interface NginxOptions {
  /** Made, for its logs and temporary files. */
  dir: string
  /** Where Kist listens. */
  upstream: string
  dataDir: string
  /** The address from which it calls Kist. */
  from?: string
}

const freePort = (): number => {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}

/** The text with each of the lines replaced; all of them have to be there. */
function adapted(text: string, changes: Record<string, string>): string {
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`deploy/nginx.conf has no "${from}"`)
    text = text.replace(from, to)
  }
  return text
}

/** deploy/nginx.conf with the addresses and places of a test. */
function siteOf(port: number, { dir, upstream, dataDir, from = '127.0.0.1' }: NginxOptions): string {
  return adapted(readFileSync(join(ROOT, 'deploy/nginx.conf'), 'utf8'), {
    'server 127.0.0.1:8080;': `server ${new URL(upstream).host};`,
    'listen 80;': `listen 127.0.0.1:${port};`,
    'listen [::]:80;': '',
    'proxy_pass http://kist;': `proxy_pass http://kist; proxy_bind ${from};`,
    '/var/log/nginx/kist.log': join(dir, 'access.log'),
    '/var/lib/kist/data/objects/': `${dataDir}/objects/`,
  })
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

function mainOf(dir: string, workers: number): string {
  const places = TEMPORARY.map((name) => `${name}_temp_path ${join(dir, name)};`).join('\n')
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `daemon off; ${user} worker_processes ${workers}; pid ${join(dir, 'pid')};
error_log ${join(dir, 'error.log')} warn;
events { worker_connections 1024; }
http { default_type application/octet-stream;
${places}
include ${join(dir, 'site.conf')};
}`
}

/** Starts it with the configuration of deploy/; resolves when Kist answers through it. */
export const startNginx = (options: NginxOptions): Promise<Nginx> =>
  runNginx({ dir: options.dir, site: (port) => siteOf(port, options) })

export interface RunOptions {
  dir: string
  /** What is in its http block; it answers /healthz. */
  site(port: number): string
  workers?: number
}

/** Starts it; resolves when it answers. */
export async function runNginx({ dir, site, workers = 1 }: RunOptions): Promise<Nginx> {
  if (NGINX === null) throw new Error('there is no nginx on this machine')
  mkdirSync(dir, { recursive: true })
  const port = freePort()
  writeFileSync(join(dir, 'site.conf'), site(port))
  writeFileSync(join(dir, 'nginx.conf'), mainOf(dir, workers))
  const log = join(dir, 'error.log')
  const child = Bun.spawn([NGINX, '-p', dir, '-e', log, '-c', join(dir, 'nginx.conf')], { stderr: 'pipe' })
  const url = `http://127.0.0.1:${port}`
  await answers(`${url}/healthz`, child)
  const read = (name: string): string => {
    const path = join(dir, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  return {
    url,
    pid: child.pid,
    errors: () => read('error.log'),
    accessLog: () => read('access.log'),
    async stop() {
      child.kill('SIGTERM')
      await child.exited
    },
  }
}

async function answers(url: string, child: Bun.ReadableSubprocess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`nginx has ended: ${await child.stderr.text()}`)
    const response = await fetch(url).catch(() => null)
    if (response?.status === 200) return
    await Bun.sleep(25)
  }
  throw new Error(`${url} never answered through nginx`)
}
