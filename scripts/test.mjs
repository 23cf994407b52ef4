/**
 * npm test: builds the binary, checks format, lint and types, runs all tests. The last line says how many
 * passed and failed. `npm test -- ARGUMENTS` hands arguments to `bun test`. With CI=true a skipped test fails.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepareApache } from './apache.mjs'
import { prepareCeph } from './ceph.mjs'
import { prepareChromium } from './chromium.mjs'
import { prepareTools } from './debian-tools.mjs'
import { prepareNginx } from './nginx.mjs'
import { prepare, ROOT, run } from './toolchain.mjs'

const REPORT = join(ROOT, 'dist/tests.xml')

const bun = prepare()
prepareChromium()
prepareTools()
prepareNginx()
prepareCeph()
prepareApache()
let failed = 0
for (const script of ['scripts/build.ts', 'scripts/check.ts']) {
  if (run(bun, [script]) !== 0) failed += 1
}
const tests = runTests()
failed += tests.failed
const refused = process.env.CI === 'true' ? tests.skipped : 0
if (refused > 0) console.log(`${refused} tests were skipped, which CI does not accept`)

const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''
console.log(`${tests.passed} passed, ${failed} failed${skipped}`)
process.exit(failed + refused === 0 ? 0 : 1)

function runTests() {
  mkdirSync(join(ROOT, 'dist'), { recursive: true })
  rmSync(REPORT, { force: true })
  const args = ['test', '--reporter=junit', `--reporter-outfile=${REPORT}`, ...process.argv.slice(2)]
  const code = run(bun, args)
  const counts = readReport()
  // A file that cannot be loaded, or a crash, fails without a failing test.
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

function readReport() {
  const root = existsSync(REPORT) ? /<testsuites[^>]*>/.exec(readFileSync(REPORT, 'utf8'))?.[0] : undefined
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root ?? '')?.[1] ?? 0)
  const [all, bad, skipped] = [count('tests'), count('failures') + count('errors'), count('skipped')]
  return { passed: all - bad - skipped, failed: bad, skipped }
}
