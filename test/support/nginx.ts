/** A real nginx with the configuration that is in deploy/, in front of a server of a test. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { adapted, type FrontOptions, freePort, ROOT, type WebServer, whenAnswering } from './web-server.ts'

const PLACES = [process.env.NGINX ?? '', '/usr/sbin/nginx', join(ROOT, 'dist/nginx/usr/sbin/nginx')]

/** Path of the program, or null. */
export const NGINX: string | null = PLACES.find((path) => path !== '' && existsSync(path)) ?? null

export type Nginx = WebServer

/** deploy/nginx.conf with the addresses and places of a test. */
function siteOf(port: number, { dir, upstream, dataDir, from = '127.0.0.1' }: FrontOptions): string {
  return adapted('nginx.conf', {
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
export const startNginx = (options: FrontOptions): Promise<Nginx> =>
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
  return whenAnswering(child, `http://127.0.0.1:${port}`, dir)
}
