/** Files whose name is taken where they go: who brings them says what becomes of both. */
import type { TakenNames, WantedName } from '../../wire/entries.ts'
import { LARGEST_BATCH } from '../../wire/entries.ts'
import { api } from '../app/session.ts'
import { askAboutTaken } from '../parts/taken.tsx'
import { counted } from '../parts/words.ts'
import type { ChosenFile } from './queue.ts'

/** Ids of what is there already. Throws CallError. */
async function taken(chosen: ChosenFile[]): Promise<Map<ChosenFile, number>> {
  const clashes = new Map<ChosenFile, number>()
  for (let start = 0; start < chosen.length; start += LARGEST_BATCH) {
    const some = chosen.slice(start, start + LARGEST_BATCH)
    const wanted = some.map(({ file, folderId }): WantedName => ({ type: 'file', folderId, name: file.name }))
    const { ids } = await api<TakenNames>('POST', '/web/entries/taken', { wanted })
    some.forEach((one, index) => {
      const id = ids[index]
      if (typeof id === 'number') clashes.set(one, id)
    })
  }
  return clashes
}

const textOf = (names: string[]): string =>
  names.length === 1
    ? `“${names[0]}” is here already.`
    : `${counted(names.length, 'file')} are here already, “${names[0]}” among them.`

/** What is to be uploaded, and in whose place; nothing when the question is closed. Throws CallError. */
export async function withoutClashes(chosen: ChosenFile[]): Promise<ChosenFile[]> {
  const clashes = await taken(chosen)
  if (clashes.size === 0) return chosen
  const answer = await askAboutTaken({
    text: textOf([...clashes.keys()].map(({ file }) => file.name)),
    replacing: 'What is replaced goes to the trash once the new file is here.',
  })
  if (answer === null) return []
  if (answer === 'both') return chosen
  if (answer === 'skip') return chosen.filter((one) => !clashes.has(one))
  return chosen.map((one) => ({ ...one, replaces: clashes.get(one) ?? null }))
}
