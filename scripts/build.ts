/**
 * Builds dist/kist, unless it is there and made of the same inputs: their hash is kept beside it. `--force` builds
 * anyway. Two builds of one commit are equal, byte by byte.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { buildWeb } from './build-web.ts'
import { sharpInBinary } from './sharp-in-binary.ts'

const ROOT = join(import.meta.dir, '..')
const BINARY = join(ROOT, 'dist/kist')
const WEB = join(ROOT, 'dist/web/manifest.json')
const STAMP = join(ROOT, 'dist/kist.inputs')
const LIMIT_BYTES = 150_000_000

process.chdir(ROOT)
const commit = currentCommit()
const inputs = fingerprint(commit)
if (!process.argv.includes('--force') && existsSync(BINARY) && existsSync(WEB) && readStamp() === inputs) {
  console.log('dist/kist is up to date')
} else {
  await build(commit)
  writeFileSync(STAMP, inputs)
}

async function build(commit: string): Promise<void> {
  const begun = performance.now()
  mkdirSync('dist', { recursive: true })
  await buildWeb()
  const folder = mkdtempSync('dist/.build-')
  const outfile = `${folder}/kist`
  try {
    const result = await Bun.build({
      entrypoints: ['src/main.ts', ...workers()],
      root: 'src',
      target: 'bun',
      format: 'esm',
      minify: true,
      splitting: true,
      bytecode: true,
      sourcemap: 'linked',
      plugins: [sharpInBinary(ROOT, `linux-${process.arch}`)],
      define: { 'process.env.NODE_ENV': '"production"', KIST_COMMIT: JSON.stringify(commit) },
      compile: {
        outfile,
        // Beside the program, in the folder `web`.
        assets: ['dist/web'],
        // Nothing beside the binary may change what it does.
        autoloadBunfig: false,
        autoloadDotenv: false,
        autoloadTsconfig: false,
        autoloadPackageJson: false,
      },
    })
    for (const message of result.logs) console.warn(String(message))
    const { size } = statSync(outfile)
    if (size > LIMIT_BYTES) throw new Error(`the binary has ${size} bytes, more than ${LIMIT_BYTES}`)
    renameSync(outfile, BINARY)
    console.log(
      `dist/kist: ${(size / 1e6).toFixed(1)} MB in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Threads are started by the path of their own file, so each is an entry of its own. */
function workers(): string[] {
  return [...new Bun.Glob('src/**/*-worker.ts').scanSync()].sort()
}

function currentCommit(): string {
  const git = Bun.spawnSync(['git', 'rev-parse', '--short=12', 'HEAD'], { stderr: 'ignore' })
  return git.success ? git.stdout.toString().trim() : 'unknown'
}

function fingerprint(commit: string): string {
  const hash = createHash('sha256').update(`${Bun.version} ${process.platform} ${process.arch} ${commit}`)
  const files = [...new Bun.Glob('{src,drizzle}/**/*').scanSync()].sort()
  for (const file of [
    ...files,
    'package.json',
    'bun.lock',
    'tsconfig.json',
    relative(ROOT, import.meta.path),
    'scripts/build-web.ts',
    'scripts/sharp-in-binary.ts',
  ]) {
    hash.update(`\0${file}\0`).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function readStamp(): string | undefined {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined
}
