/**
 * What an administrator may change while the server runs. The configuration says how things are at first; what was
 * changed is kept with the records, and holds from then on, also after a restart.
 */
import { Fault, invalid } from './fault.ts'
import { printable } from './filename.ts'
import type { MetadataStore } from './metadata.ts'

export interface LiveValues {
  /** Whether visitors may make accounts for themselves. */
  registration: boolean
  uploads: boolean
  /** Whether files can be uploaded without an account. */
  guestUploads: boolean
  imports: boolean
  /** A line that every page shows; none when empty. */
  notice: string
}

export type LiveName = keyof LiveValues

export interface LiveSettings {
  /** As they are now. */
  readonly now: Readonly<LiveValues>
  /** How they would be without any change. */
  readonly configured: Readonly<LiveValues>
  /** Those that differ from the configuration by an administrator's will. */
  changed(): LiveName[]
  /** A null gives a setting back to the configuration. Fault: invalid (the field is the setting). */
  change(changes: { [Name in LiveName]?: LiveValues[Name] | null }): Promise<void>
}

const LONGEST_NOTICE = 500
const keyOf = (name: LiveName): string => `live.${name}`

/** Reads what was changed earlier. */
export async function openLiveSettings(
  { settings }: Pick<MetadataStore, 'settings'>,
  configured: LiveValues,
): Promise<LiveSettings> {
  const names = Object.keys(configured) as LiveName[]
  const overrides: Partial<LiveValues> = {}
  for (const name of names) {
    const stored = await settings.find(keyOf(name))
    if (stored !== null) Object.assign(overrides, { [name]: JSON.parse(stored) })
  }
  return {
    configured,
    get now() {
      return { ...configured, ...overrides }
    },
    changed: () => names.filter((name) => name in overrides),
    async change(changes) {
      const read = Object.entries(changes).map(([name, value]) => [toName(name, names), value] as const)
      const wanted = read.map(
        ([name, value]) => [name, value === null ? null : readValue(name, value)] as const,
      )
      for (const [name, value] of wanted) {
        await (value === null
          ? settings.remove(keyOf(name))
          : settings.put(keyOf(name), JSON.stringify(value)))
        if (value === null) delete overrides[name]
        else Object.assign(overrides, { [name]: value })
      }
    },
  }
}

function toName(name: string, names: LiveName[]): LiveName {
  const known = names.find((one) => one === name)
  if (known === undefined) throw invalid(name, `There is no setting ${name}.`)
  return known
}

function readValue(name: LiveName, value: unknown): boolean | string {
  if (name !== 'notice') {
    if (typeof value !== 'boolean') throw invalid(name, 'The value is true or false.')
    return value
  }
  if (typeof value !== 'string') throw invalid(name, 'The notice is a text.')
  const text = printable(value.replace(/\s+/g, ' ')).trim()
  if (text.length > LONGEST_NOTICE)
    throw new Fault('invalid', `A notice has at most ${LONGEST_NOTICE} characters.`, { field: name })
  return text
}
