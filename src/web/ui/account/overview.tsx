/** Who the account is, what it uses, and its end. */
import type { AccountPage, Profile, Usage } from '../../wire/security.ts'
import { api } from '../app/session.ts'
import {
  ActionForm,
  Choice,
  CodeField,
  Field,
  Panel,
  PasswordField,
  textOf,
  useAnswer,
  Waiting,
} from '../parts/area.tsx'
import { FormDialog, openDialog } from '../parts/dialog.tsx'
import { toast } from '../parts/toasts.tsx'
import { counted, day, grouped, size } from '../parts/words.ts'

export function Overview() {
  const answered = useAnswer(() => api<AccountPage>('GET', '/web/account'))
  if (answered.value === null || answered.problem !== null) return <Waiting {...answered} />
  const { profile, usage, secondFactor } = answered.value
  return (
    <>
      <UsagePanel usage={usage} />
      <ProfilePanel profile={profile} changed={answered.again} />
      <Panel
        title="Delete the account"
        about="All files, folders, links and tokens of the account go with it. This can not be taken back."
      >
        <button type="button" class="danger" onClick={() => askToDelete(secondFactor.isOn)}>
          Delete my account…
        </button>
      </Panel>
    </>
  )
}

const askToDelete = (needsCode: boolean): void =>
  openDialog((close) => (
    <FormDialog
      title="Delete the account"
      action="Delete it for good"
      bad
      close={close}
      submit={async (form) => {
        const body = { password: textOf(form, 'password'), code: textOf(form, 'code') }
        await api('DELETE', '/web/account', body)
        location.assign('/')
      }}
    >
      <p>Everything that belongs to the account is deleted at once.</p>
      <PasswordField first />
      {needsCode && <CodeField />}
    </FormDialog>
  ))

const limit = (value: number, text: (value: number) => string): string =>
  value === 0 ? 'no limit' : text(value)

function UsagePanel({ usage }: { usage: Usage }) {
  const used = usage.stored + usage.reserved
  const facts: Array<[string, string]> = [
    ['Package', usage.package],
    ['Size of a file', limit(usage.maxUploadSize, size)],
    ['Uploads at once', limit(usage.concurrentUploads, grouped)],
    ['Imports at once', limit(usage.maxImports, grouped)],
    ['Downloads at once', limit(usage.concurrentDownloads, grouped)],
    ['Downloads a day', limit(usage.downloadsPerDay, grouped)],
    ['Downloaded a day', limit(usage.downloadSizePerDay, size)],
    ['Speed', limit(usage.downloadSpeed, (speed) => `${size(speed)}/s`)],
    ['Unused files are kept', limit(usage.keepsInactiveDays, (days) => counted(days, 'day'))],
  ]
  return (
    <Panel title="Usage">
      <p>
        <strong>{size(used)}</strong> of{' '}
        {usage.maxStorage === 0 ? 'unlimited storage' : size(usage.maxStorage)}
        {usage.reserved > 0 && (
          <span class="soft"> · {size(usage.reserved)} of it for uploads under way</span>
        )}
      </p>
      {usage.maxStorage > 0 && (
        <meter min={0} max={usage.maxStorage} value={used} aria-label="Storage that is used" />
      )}
      <dl class="figures">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}

const TITLES: Array<[string, string]> = ['', 'Mr', 'Ms', 'Mrs', 'Miss', 'Dr'].map((title) => [
  title,
  title === '' ? 'None' : title,
])
const VISIBILITIES: Array<[string, string]> = [
  ['0', 'Private: only you, and links you share'],
  ['1', 'Unlisted: whoever has the link'],
  ['2', 'Public: also found by the site search'],
]

function ProfilePanel({ profile, changed }: { profile: Profile; changed(): void }) {
  const save = async (form: FormData): Promise<void> => {
    await api('PATCH', '/web/account', {
      title: textOf(form, 'title'),
      firstName: textOf(form, 'firstName'),
      lastName: textOf(form, 'lastName'),
      defaultVisibility: Number(form.get('visibility')),
    })
    toast('Saved.')
    changed()
  }
  return (
    <Panel
      title="Profile"
      about={`${profile.name} · since ${day(profile.created)}${profile.paidUntil === null ? '' : ` · paid until ${day(profile.paidUntil)}`}`}
    >
      <ActionForm action="Save" submit={save}>
        <div class="fields">
          <Choice label="Title" name="title" value={profile.title ?? ''} options={TITLES} />
          <Field
            label="First name"
            name="firstName"
            value={profile.firstName}
            max={100}
            autocomplete="given-name"
          />
          <Field
            label="Last name"
            name="lastName"
            value={profile.lastName}
            max={100}
            autocomplete="family-name"
          />
        </div>
        <Choice
          label="New files are"
          name="visibility"
          value={String(profile.defaultVisibility)}
          options={VISIBILITIES}
        />
      </ActionForm>
      <h3>E-mail</h3>
      <div class="line">
        <span>{profile.email ?? 'None'}</span>
        <button type="button" class="second small" onClick={() => askEmail(profile.email, changed)}>
          Change…
        </button>
      </div>
    </Panel>
  )
}

const askEmail = (email: string | null, changed: () => void): void =>
  openDialog((close) => (
    <FormDialog
      title="E-mail address"
      action="Change"
      close={close}
      submit={async (form) => {
        await api('PATCH', '/web/account', { email: textOf(form, 'email') })
        toast('The address is changed.')
        changed()
      }}
    >
      <Field label="New address, empty for none" name="email" type="email" value={email} max={254} first />
    </FormDialog>
  ))
