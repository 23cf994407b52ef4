/** Format, lint and types of everything. `--write` puts right what can be put right by itself. */
const write = process.argv.includes('--write') ? ['--write'] : []
const steps = [
  ['biome', 'check', '--error-on-warnings', ...write],
  ['tsc', '-p', '.'],
  ['tsc', '-p', 'src/web/ui'],
]
let failed = false
for (const [tool, ...args] of steps) {
  const { success } = Bun.spawnSync([process.execPath, '--bun', `node_modules/.bin/${tool}`, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (!success) console.error(`${tool} found something to put right`)
  failed ||= !success
}
process.exit(failed ? 1 : 0)
