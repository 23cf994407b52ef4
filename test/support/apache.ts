/** A real Apache with the configuration that is in deploy/, in front of a server of a test. */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { adapted, type FrontOptions, freePort, ROOT, type WebServer, whenAnswering } from './web-server.ts'

interface Program {
  path: string
  modules: string
  /** Where its libraries are when it is unpacked, not installed. */
  libraries: string
}

const UNPACKED = join(ROOT, 'dist/apache')
const PLACES = [process.env.APACHE ?? '', '/usr/sbin/apache2', join(UNPACKED, 'usr/sbin/apache2')]

/** The modules and the libraries lie beside the program, as in the package. */
function programAt(path: string): Program | null {
  const modules = join(dirname(path), '../lib/apache2/modules')
  if (path === '' || !existsSync(path) || !existsSync(join(modules, 'mod_xsendfile.so'))) return null
  const folders = existsSync(join(UNPACKED, 'usr/lib')) ? readdirSync(join(UNPACKED, 'usr/lib')) : []
  const libraries = folders
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(UNPACKED, 'usr/lib', name))
  return { path, modules, libraries: libraries.join(':') }
}

/** The program with all it needs, or null. */
export const APACHE: Program | null = PLACES.map(programAt).find((found) => found !== null) ?? null

const MODULES = [
  ...['mpm_event', 'authz_core', 'env', 'headers', 'deflate', 'reqtimeout'],
  ...['proxy', 'proxy_http', 'xsendfile'],
]

/** deploy/apache.conf with the addresses and places of a test. */
const siteOf = (port: number, { dir, upstream, dataDir }: FrontOptions): string =>
  adapted('apache.conf', {
    'VirtualHost *:80': `VirtualHost 127.0.0.1:${port}`,
    'http://127.0.0.1:8080/': `${new URL(upstream).origin}/`,
    '/var/log/apache2/kist.log': join(dir, 'access.log'),
    '/var/lib/kist/data/objects': join(dataDir, 'objects'),
  })

const NOBODY = 65534
const isRoot = process.getuid?.() === 0

function mainOf({ modules }: Program, port: number, options: FrontOptions): string {
  const { dir, from = '127.0.0.1' } = options
  return `ServerName localhost
ServerRoot "${dir}"
PidFile "${join(dir, 'pid')}"
DefaultRuntimeDir "${dir}"
ErrorLog "${join(dir, 'error.log')}"
LogLevel warn
Listen 127.0.0.1:${port}
${MODULES.map((name) => `LoadModule ${name}_module "${join(modules, `mod_${name}.so`)}"`).join('\n')}
${isRoot ? `User "#${NOBODY}"\nGroup "#${NOBODY}"` : ''}
ProxySourceAddress ${from}
${siteOf(port, options)}`
}

/** Lets the processes of Apache, which never run as root, read what Kist has stored so far. */
export function openToApache(placeDir: string, dataDir: string): void {
  if (!isRoot) return
  const objects = join(dataDir, 'objects')
  const below = readdirSync(objects, { recursive: true, withFileTypes: true })
  for (const path of [placeDir, dataDir, objects]) chmodSync(path, 0o755)
  for (const entry of below) chmodSync(join(entry.parentPath, entry.name), entry.isFile() ? 0o644 : 0o755)
}

/** Starts it; resolves when Kist answers through it. */
export async function startApache(options: FrontOptions): Promise<WebServer> {
  if (APACHE === null) throw new Error('there is no Apache with mod_xsendfile on this machine')
  const { dir } = options
  mkdirSync(dir, { recursive: true })
  const port = freePort()
  writeFileSync(join(dir, 'apache.conf'), mainOf(APACHE, port, options))
  const child = Bun.spawn([APACHE.path, '-D', 'FOREGROUND', '-f', join(dir, 'apache.conf')], {
    env: { LD_LIBRARY_PATH: APACHE.libraries, PATH: '/usr/bin:/bin' },
    stderr: 'pipe',
  })
  const server = await whenAnswering(child, `http://127.0.0.1:${port}`, dir)
  const isTrouble = (line: string): boolean => !line.includes(':notice]')
  return { ...server, errors: () => server.errors().split('\n').filter(isTrouble).join('\n') }
}
