/**
 * Bundles what browsers run, src/web/ui, into dist/web: each entry in src/web/ui/entries is a page's script with
 * its style. Names carry a hash of what is inside, so browsers may keep the files for ever; each has a twin
 * compressed by gzip and one by brotli. manifest.json says which files an entry needs.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const ROOT = join(import.meta.dir, '..')
const FOLDER = join(ROOT, 'dist/web')
const ENTRIES = join(ROOT, 'src/web/ui/entries')

interface Entry {
  script: string
  /** Chunks the script asks for at once. */
  preload: string[]
  styles: string[]
}

/** Throws what the bundler says when it fails; dist/web is replaced only when all went well. */
export async function buildWeb(): Promise<void> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'dist/.web-'))
  try {
    const result = await bundle(folder)
    await Bun.write(join(folder, 'manifest.json'), JSON.stringify(manifestOf(result, folder), null, 2))
    for (const { path } of result.outputs) await compress(path)
    rmSync(FOLDER, { recursive: true, force: true })
    renameSync(folder, FOLDER)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const bundle = (outdir: string) =>
  Bun.build({
    entrypoints: [...new Bun.Glob('*.{ts,tsx}').scanSync({ cwd: ENTRIES, absolute: true })].sort(),
    outdir,
    root: ENTRIES,
    target: 'browser',
    format: 'esm',
    minify: true,
    splitting: true,
    metafile: true,
    publicPath: '/assets/',
    naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
    define: { 'process.env.NODE_ENV': '"production"' },
  })

function manifestOf({ outputs, metafile }: Bun.BuildOutput, folder: string): Record<string, Entry> {
  const made = Object.entries(metafile?.outputs ?? {}).map(([path, output]) => ({
    name: basename(path),
    ...output,
  }))
  const styles = outputs.filter(({ path }) => path.endsWith('.css')).map(({ path }) => relative(folder, path))
  const entries = made.filter(({ name, entryPoint }) => entryPoint !== undefined && name.endsWith('.js'))
  return Object.fromEntries(
    entries.map(({ name, entryPoint, imports, cssBundle }) => {
      const title = basename(entryPoint as string).replace(/\.tsx?$/, '')
      const preload = imports
        .filter(({ kind }) => kind === 'import-statement')
        .map(({ path }) => basename(path))
      const style =
        cssBundle === undefined
          ? styles.filter((file) => file.startsWith(`${title}-`))
          : [basename(cssBundle)]
      return [title, { script: name, preload, styles: style }]
    }),
  )
}

async function compress(path: string): Promise<void> {
  const bytes = await Bun.file(path).bytes()
  await Bun.write(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  await Bun.write(`${path}.br`, brotliCompressSync(bytes))
}

if (import.meta.main) await buildWeb()
