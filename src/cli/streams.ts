/** What commands read and write. */
import { OperatorError } from './command.ts'

export const writeLine = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

type Cell = string | number | Date | null

/** Cells separated by tabs: times as ISO 8601, nothing as `-`, and no cell can pose as two. */
export const tabbed = (cells: readonly Cell[]): string =>
  cells
    .map((cell) =>
      cell === null || cell === '' ? '-' : cell instanceof Date ? cell.toISOString() : String(cell),
    )
    .map((cell) => cell.replace(/[\u0000-\u001f\u007f]/g, ' '))
    .join('\t')

/** Standard input without its last line break. Throws OperatorError when there is nothing. */
export async function readPassword(): Promise<string> {
  const password = (await Bun.stdin.text()).replace(/\r?\n$/, '')
  if (password === '') throw new OperatorError('no password came on standard input')
  return password
}
