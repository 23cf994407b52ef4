/** kist check: are the records, the files on disk and the counters of one mind? */
import type { CheckService, Problem } from '../core/check.ts'
import { CONFIG_OPTION, type Command } from './command.ts'
import { tabbed, writeLine } from './streams.ts'
import { withCore } from './workplace.ts'

export const command: Command = {
  action: {
    about:
      'Reads every stored file and compares it with its record, looks for files without record, and adds up the\ncounters. Prints what is wrong, one a line: kind, subject, detail. Exits 1 when something is.',
    options: {
      repair: { about: 'remove what has no record and set counters right; lost bytes stay lost' },
      ...CONFIG_OPTION,
    },
    run: (given) => withCore(given, ({ check }) => report(check, given.has('repair')), { mustExist: true }),
  },
}

async function report(check: CheckService, repair: boolean): Promise<number> {
  const round = check.run({ repair })
  let unrepaired = 0
  let next = await round.next()
  for (; !next.done; next = await round.next()) {
    writeLine(row(next.value))
    if (!next.value.repaired) unrepaired += 1
  }
  process.stderr.write(`checked ${next.value.objects} objects, ${next.value.bytes} bytes\n`)
  return unrepaired === 0 ? 0 : 1
}

const row = ({ kind, subject, detail, repaired }: Problem): string =>
  tabbed([kind, subject, repaired ? `${detail} (repaired)` : detail])
