/** Files whose name is taken where they go: who brings them says whether both stay, or one, and which. */
import type { EntrySlice, FileEntry } from '../../wire/entries.ts'
import { LARGEST_SLICE } from '../../wire/entries.ts'
import { api } from '../app/session.ts'
import { Dialog, openDialog } from '../parts/dialog.tsx'
import { counted } from '../parts/words.ts'
import type { ChosenFile } from './queue.ts'

/** In larger folders, and for more of them, looking takes longer than anybody wants to wait: both stay. */
const MOST_FILES = 4 * LARGEST_SLICE
const MOST_FOLDERS = 30

/** Ids by name of the files in a folder; empty when there are too many. */
async function filesIn(folderId: number | null): Promise<Map<string, number>> {
  const files: FileEntry[] = []
  for (let offset = 0; ; offset += LARGEST_SLICE) {
    const path = `/web/folders/${folderId ?? 'top'}/entries?limit=${LARGEST_SLICE}&offset=${offset}`
    const slice = await api<EntrySlice>('GET', path)
    files.push(...slice.entries.filter((entry) => entry.type === 'file'))
    if (slice.fileCount > MOST_FILES) return new Map()
    if (offset + LARGEST_SLICE >= slice.folderCount + slice.fileCount) break
  }
  return new Map(files.map(({ name, id }) => [name, id]))
}

async function taken(chosen: ChosenFile[]): Promise<Map<ChosenFile, number>> {
  const clashes = new Map<ChosenFile, number>()
  const groups = Map.groupBy(chosen, ({ folderId }) => folderId)
  if (groups.size > MOST_FOLDERS) return clashes
  for (const [folderId, group] of groups) {
    const there = await filesIn(folderId)
    for (const one of group) {
      const id = there.get(one.file.name)
      if (id !== undefined) clashes.set(one, id)
    }
  }
  return clashes
}

type Answer = 'both' | 'replace' | 'skip'

const textOf = (names: string[]): string =>
  names.length === 1
    ? `“${names[0]}” is here already.`
    : `${counted(names.length, 'file')} are here already, “${names[0]}” among them.`

const question = (names: string[]): Promise<Answer | null> =>
  new Promise((resolve) =>
    openDialog((close) => {
      const say = (answer: Answer | null) => () => {
        close()
        resolve(answer)
      }
      return (
        <Dialog title="Replace what is here?" close={say(null)}>
          <p>{textOf(names)}</p>
          <p class="soft">What is replaced goes to the trash once the new file is here.</p>
          <div class="buttons">
            <button type="button" class="second" onClick={say('skip')}>
              Skip
            </button>
            <button type="button" class="second" onClick={say('replace')}>
              Replace
            </button>
            <button type="button" data-first onClick={say('both')}>
              Keep both
            </button>
          </div>
        </Dialog>
      )
    }),
  )

/** What is to be uploaded, and in whose place; nothing when the question is closed. Throws CallError. */
export async function withoutClashes(chosen: ChosenFile[]): Promise<ChosenFile[]> {
  const clashes = await taken(chosen)
  if (clashes.size === 0) return chosen
  const answer = await question([...clashes.keys()].map(({ file }) => file.name))
  if (answer === null) return []
  if (answer === 'both') return chosen
  if (answer === 'skip') return chosen.filter((one) => !clashes.has(one))
  return chosen.map((one) => ({ ...one, replaces: clashes.get(one) ?? null }))
}
