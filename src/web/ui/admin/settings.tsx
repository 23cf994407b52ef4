/** What can be changed while the server runs. */
import type { Settings, SettingsView } from '../../wire/admin.ts'
import { api, messageOf } from '../app/session.ts'
import { ActionForm, Panel, textOf, useAnswer, useElementId, Waiting } from '../parts/area.tsx'
import { toast } from '../parts/toasts.tsx'

type Switch = Exclude<keyof Settings, 'notice'>

const SWITCHES: Array<[Switch, string, string]> = [
  ['registration', 'Registration', 'Visitors may make accounts for themselves.'],
  ['uploads', 'Uploads', 'Files can be uploaded at all.'],
  [
    'guestUploads',
    'Uploads without an account',
    'Visitors may upload, too, as far as the Guest package goes.',
  ],
  ['imports', 'Imports', 'Accounts may have files fetched from elsewhere.'],
]

export function SettingsPage() {
  const answered = useAnswer(() => api<SettingsView>('GET', '/web/admin/settings'))
  const settings = answered.value
  if (settings === null) return <Waiting {...answered} />
  const change = async (changes: object): Promise<void> => {
    await api('PATCH', '/web/admin/settings', changes)
    toast('Saved. It holds from now on.')
    answered.again()
  }
  const flip = (changes: object): void =>
    void change(changes).catch((error) => {
      toast(messageOf(error), { bad: true })
      answered.again()
    })
  return (
    <>
      <Panel
        title="Switches"
        about="They hold at once, also after a restart. Everything else is in the configuration file."
      >
        <ul class="rows">
          {SWITCHES.map(([name, label, about]) => (
            <SwitchRow key={name} {...{ name, label, about, settings, flip }} />
          ))}
        </ul>
      </Panel>
      <Notice text={settings.now.notice} change={change} />
    </>
  )
}

interface SwitchRowProps {
  name: Switch
  label: string
  about: string
  settings: SettingsView
  flip(changes: object): void
}

function SwitchRow({ name, label, about, settings, flip }: SwitchRowProps) {
  const id = useElementId()
  const configured = settings.configured[name] ? 'on' : 'off'
  return (
    <li>
      <div class="row-words">
        <label for={id}>{label}</label>
        <p class="facts">
          {about} {settings.changed.includes(name) && `The configuration says ${configured}.`}
        </p>
      </div>
      {settings.changed.includes(name) && (
        <button
          type="button"
          class="second small"
          aria-label={`${label} as configured`}
          onClick={() => flip({ [name]: null })}
        >
          As configured
        </button>
      )}
      <input
        id={id}
        type="checkbox"
        class="switch"
        checked={settings.now[name]}
        onChange={(event) => flip({ [name]: event.currentTarget.checked })}
      />
    </li>
  )
}

function Notice({ text, change }: { text: string; change(changes: object): Promise<void> }) {
  const id = useElementId()
  const save = (form: FormData): Promise<void> => change({ notice: textOf(form, 'notice') })
  return (
    <Panel title="Notice" about="A line at the top of every page, for visitors as well. Empty: none.">
      <ActionForm action="Save" submit={save}>
        <label for={id}>Text</label>
        <textarea id={id} name="notice" rows={2} maxLength={500} defaultValue={text} />
      </ActionForm>
    </Panel>
  )
}
