/** kist version */
import { libvipsVersion } from '../imaging/sharp.ts'
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
        ['libvips', await libvips()],
      ]
      process.stdout.write(`kist ${VERSION}\n${table(rows)}`)
      return 0
    },
  },
}

/** Whether it can be loaded here is what an operator wants to know. */
async function libvips(): Promise<string> {
  try {
    return await libvipsVersion()
  } catch (error) {
    return `cannot be loaded: ${firstLine(error)}`
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split('\n', 1)[0] ?? ''
