/**
 * Puts the image library into the executable. The system's loader cannot see what is inside, and the library that
 * the addon needs would not be found: our own loader takes the place of the addon's.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BunPlugin } from 'bun'

const ADDON = /^@img\/sharp-[a-z0-9-]+\/sharp\.node$/
const EMBEDDED = 'embedded-file:'

/** The one file of a package's lib folder whose name fits. */
function nativeFile(root: string, name: string, pattern: RegExp): string {
  const folder = join(root, 'node_modules/@img', name, 'lib')
  const found = readdirSync(folder).find((file) => pattern.test(file))
  if (!found) throw new Error(`${folder} has no ${pattern}`)
  return join(folder, found)
}

/** `platform` is `linux-x64` or `linux-arm64`; its packages have to be installed. */
export const sharpInBinary = (root: string, platform: string): BunPlugin => ({
  name: 'sharp-in-binary',
  setup(build) {
    // The other entry of the package finds its addon in a way that no bundler follows.
    build.onResolve({ filter: /^sharp$/ }, () => ({ path: join(root, 'node_modules/sharp/dist/index.cjs') }))
    build.onResolve({ filter: ADDON }, ({ path }) => ({
      path,
      namespace: path === `@img/sharp-${platform}/sharp.node` ? 'sharp-addon' : 'sharp-absent',
    }))
    build.onLoad({ filter: /.*/, namespace: 'sharp-absent' }, () => ({
      contents: "throw Object.assign(new Error('not in this build'), { code: 'MODULE_NOT_FOUND' })",
      loader: 'js',
    }))
    build.onLoad({ filter: /.*/, namespace: 'sharp-addon' }, () => ({
      contents: addonModule(root, platform),
      loader: 'js',
    }))
    build.onResolve({ filter: new RegExp(`^${EMBEDDED}`) }, ({ path }) => ({
      path: path.slice(EMBEDDED.length),
      namespace: 'embedded-file',
    }))
    build.onLoad({ filter: /.*/, namespace: 'embedded-file' }, async ({ path }) => ({
      contents: await Bun.file(path).bytes(),
      loader: 'file',
    }))
  },
})

/** What `require` of the addon gives inside the executable. */
function addonModule(root: string, platform: string): string {
  const embedded = (path: string): string => `require(${JSON.stringify(EMBEDDED + path)})`
  return `
    const { loadAddon, memoryFile } = require(${JSON.stringify(join(root, 'src/imaging/load-addon.ts'))})
    module.exports = loadAddon(
      {
        addon: ${embedded(nativeFile(root, `sharp-${platform}`, /\.node$/))},
        library: ${embedded(nativeFile(root, `sharp-libvips-${platform}`, /^libvips-cpp\.so/))},
        symbol: 'vips_version',
      },
      { memory: memoryFile, directories: [require('node:os').tmpdir(), process.cwd()] },
    )`
}
