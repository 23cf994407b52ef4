/** npm start: builds Kist if need be and serves. `npm start -- ARGUMENTS` hands arguments to `kist serve`. */
import { join } from 'node:path'
import { become, must, prepare, ROOT } from './toolchain.mjs'

must(prepare(), ['scripts/build.ts'])
become(join(ROOT, 'dist/kist'), ['serve', ...process.argv.slice(2)])
