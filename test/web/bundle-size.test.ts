/** What a browser loads before anything can be seen stays small; the uploader comes when it is needed. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { buildWeb } from '../../scripts/build-web.ts'

const FOLDER = join(import.meta.dir, '../../dist/web')
const MOST = 150_000

interface Entry {
  script: string
  preload: string[]
  styles: string[]
}

if (!(await Bun.file(join(FOLDER, 'manifest.json')).exists())) await buildWeb()
const manifest = (await Bun.file(join(FOLDER, 'manifest.json')).json()) as Record<string, Entry>

const filesOf = (names: string[]): string[] => [
  ...new Set(
    names.flatMap((name) => {
      const { script, preload, styles } = manifest[name] ?? { script: name, preload: [], styles: [] }
      return [script, ...preload, ...styles]
    }),
  ),
]

test('the file manager is there with at most 150 KB, compressed the older way', async () => {
  const files = filesOf(['app', 'files-page'])
  const sizes = files.map((file) => Bun.file(join(FOLDER, `${file}.gz`)).size)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST)
  expect(files).not.toContain(manifest.engine?.script ?? '')
  for (const file of files)
    expect([file, (await Bun.file(join(FOLDER, file)).text()).includes('s3-multipart')]).toEqual([
      file,
      false,
    ])
})
