/** kist config */
import { loadConfig, report } from '../config.ts'
import { CONFIG_OPTION, type Command } from './command.ts'

export const command: Command = {
  action: {
    about: 'Shows every setting as it is in effect and where it comes from; secrets are masked.',
    options: CONFIG_OPTION,
    async run(given) {
      process.stdout.write(report(loadConfig({ file: given.text('config') }).origins))
      return 0
    },
  },
}
