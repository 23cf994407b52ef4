/** kist version */
import { COMMIT, VERSION } from '../version.ts'
import { type Command, table } from './command.ts'

export const command: Command = {
  action: {
    about: 'Shows the version of Kist and of what it is built on.',
    async run() {
      const rows = [
        ['commit', COMMIT],
        ['Bun', Bun.version],
        ['SQLite', process.versions.sqlite ?? 'unknown'],
        ['libvips', 'not included'],
      ]
      process.stdout.write(`kist ${VERSION}\n${table(rows)}`)
      return 0
    },
  },
}
