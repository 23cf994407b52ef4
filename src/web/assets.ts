/** Scripts and styles of our pages, bundled beforehand: `/assets/{name}`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Elysia } from 'elysia'
import { Fault } from '../core/fault.ts'

/** Inside the executable, or where the build leaves it. */
const FOLDER = Bun.isStandaloneExecutable
  ? join(import.meta.dir, 'web')
  : join(import.meta.dir, '../../dist/web')

/** Of one entry: what a page has to name. */
interface Entry {
  script: string
  preload: string[]
  styles: string[]
}

let manifest: Record<string, Entry> | null = null

/** Read at the first page that needs it. Throws when nothing has been bundled: a mistake of the build. */
const entries = (): Record<string, Entry> => {
  manifest ??= JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')) as Record<string, Entry>
  return manifest
}

/** What the head of a page says to have an entry of src/web/ui/entries: its styles, its script and what that needs. */
export function assetTags(name: string): string {
  const entry = entries()[name]
  if (!entry) throw new Error(`there is no bundled script ${name}`)
  const styles = entry.styles.map((file) => `<link rel="stylesheet" href="/assets/${file}">`)
  const preload = entry.preload.map((file) => `<link rel="modulepreload" href="/assets/${file}">`)
  return [...styles, ...preload, `<script type="module" src="/assets/${entry.script}"></script>`, ''].join(
    '\n',
  )
}

/** What the head of a page says to have a part early that its script will ask for: by the name of its file. */
export function preloadTags(name: string): string {
  const entry = entries()[name]
  if (!entry) throw new Error(`there is no bundled script ${name}`)
  return [entry.script, ...entry.preload]
    .map((file) => `<link rel="modulepreload" href="/assets/${file}">\n`)
    .join('')
}

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}
const NAME = /^[\w.-]{1,100}-[a-z0-9]{8,32}\.(js|css|svg)$/
const TWINS = { br: /\bbr\b/, gzip: /\bgzip\b/ } as const

/** Kept for ever by browsers: another content has another name. Fault: route_not_found. */
async function serve(name: string, request: Request): Promise<Response> {
  const type = TYPES[NAME.exec(name)?.[1] ?? '']
  // Other names may be none that a file can have.
  if (type === undefined) throw new Fault('route_not_found')
  const plain = Bun.file(join(FOLDER, name))
  if (!(await plain.exists())) throw new Fault('route_not_found')
  const headers: Record<string, string> = {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    vary: 'Accept-Encoding',
  }
  const accepted = request.headers.get('accept-encoding') ?? ''
  for (const [coding, pattern] of Object.entries(TWINS)) {
    if (!pattern.test(accepted)) continue
    const twin = await Bun.file(join(FOLDER, `${name}.${coding === 'gzip' ? 'gz' : coding}`)).bytes()
    return new Response(twin, { headers: { ...headers, 'content-encoding': coding } })
  }
  return new Response(await plain.bytes(), { headers })
}

export const assetRoutes = () =>
  new Elysia().get('/assets/:name', ({ params, request }) => serve(params.name, request), {
    detail: { hide: true },
  })
