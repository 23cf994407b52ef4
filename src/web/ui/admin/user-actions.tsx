/** What an administrator can do with an account. */
import type { AdminAccount, AdminPackage, Status } from '../../wire/admin.ts'
import { api, currentMe, messageOf } from '../app/session.ts'
import { Choice, Field, textOf } from '../parts/area.tsx'
import { confirmDialog, FormDialog, openDialog } from '../parts/dialog.tsx'
import type { MenuItem } from '../parts/menu.tsx'
import { toast } from '../parts/toasts.tsx'

const pathOf = ({ id }: AdminAccount): string => `/web/admin/accounts/${id}`

async function packageNames(): Promise<Array<[string, string]>> {
  const { packages } = await api<{ packages: AdminPackage[] }>('GET', '/web/admin/packages')
  return packages.map(({ name }) => [name, name])
}

const STATUSES: Array<[Status, string]> = [
  ['active', 'Active'],
  ['suspended', 'Suspended: signed out, everything refused'],
  ['disabled', 'Disabled'],
  ['pending', 'Pending'],
]
const ROLES: Array<[string, string]> = [
  ['user', 'User'],
  ['admin', 'Administrator of this site'],
]

const report = (error: unknown): void => toast(messageOf(error), { bad: true })

/** Dialogs that first have to know the packages. */
const withPackages = (show: (names: Array<[string, string]>) => void): Promise<void> =>
  packageNames().then(show, report)

async function patch(account: AdminAccount, change: object, done: () => void): Promise<void> {
  await api('PATCH', pathOf(account), change)
  toast(`${account.name} is changed.`)
  done()
}

const askToChange = (account: AdminAccount, names: Array<[string, string]>, done: () => void): void =>
  openDialog((close) => (
    <FormDialog
      title={`Change ${account.name}`}
      action="Save"
      close={close}
      submit={(form) =>
        patch(
          account,
          {
            name: textOf(form, 'name'),
            email: textOf(form, 'email'),
            package: textOf(form, 'package'),
            status: textOf(form, 'status'),
            isAdmin: form.get('role') === 'admin',
          },
          done,
        )
      }
    >
      <Field label="User name" name="name" value={account.name} required max={64} first />
      <Field label="E-mail" name="email" type="email" value={account.email} max={254} />
      <Choice label="Package" name="package" value={account.package} options={names} />
      <Choice label="Status" name="status" value={account.status} options={STATUSES} />
      <Choice label="Role" name="role" value={account.isAdmin ? 'admin' : 'user'} options={ROLES} />
    </FormDialog>
  ))

const askPassword = (account: AdminAccount, done: () => void): void =>
  openDialog((close) => (
    <FormDialog
      title={`New password for ${account.name}`}
      action="Set the password"
      close={close}
      submit={(form) => patch(account, { password: textOf(form, 'newPassword') }, done)}
    >
      <p>All devices of the account, and programs that signed in with the password, are signed out.</p>
      <Field
        label="New password, 8 characters or more"
        name="newPassword"
        type="password"
        autocomplete="new-password"
        min={8}
        required
        first
      />
    </FormDialog>
  ))

const askReset = (account: AdminAccount, done: () => void): void =>
  confirmDialog({
    title: `Reset the second factor of ${account.name}`,
    text: 'Afterwards the password alone is enough. Make sure that it is really the owner who asks.',
    action: 'Reset it',
    act: async () => {
      await api('DELETE', `${pathOf(account)}/second-factor`)
      toast('The second factor is off.')
      done()
    },
  })

const askToDelete = (account: AdminAccount, done: () => void): void =>
  confirmDialog({
    title: `Delete ${account.name}`,
    text: 'All files, folders, links and tokens of the account go with it. This can not be taken back.',
    action: 'Delete for good',
    act: async () => {
      await api('DELETE', pathOf(account))
      toast(`${account.name} is deleted.`)
      done()
    },
  })

export function actionsFor(account: AdminAccount, done: () => void): MenuItem[] {
  const isMe = account.id === currentMe()?.account.id
  const turn: Status = account.status === 'active' ? 'suspended' : 'active'
  const setStatus = (): void => void patch(account, { status: turn }, done).catch(report)
  return [
    {
      text: 'Change…',
      icon: 'gear',
      act: () => void withPackages((names) => askToChange(account, names, done)),
    },
    { text: 'New password…', icon: 'lock', act: () => askPassword(account, done) },
    ...(account.secondFactor
      ? [{ text: 'Reset second factor…', icon: 'lock', act: () => askReset(account, done) } as const]
      : []),
    ...(isMe
      ? []
      : ([
          { text: turn === 'active' ? 'Make active' : 'Suspend', icon: 'pause', act: setStatus },
          { text: 'Delete…', icon: 'trash', bad: true, act: () => askToDelete(account, done) },
        ] as const)),
  ]
}

export const askForNew = (done: () => void): Promise<void> =>
  withPackages((names) =>
    openDialog((close) => (
      <FormDialog
        title="New user"
        action="Make the account"
        close={close}
        submit={async (form) => {
          await api('POST', '/web/admin/accounts', {
            name: textOf(form, 'name'),
            email: textOf(form, 'email'),
            password: textOf(form, 'newPassword'),
            package: textOf(form, 'package'),
            isAdmin: form.get('role') === 'admin',
          })
          toast('The account is made.')
          done()
        }}
      >
        <Field label="User name" name="name" required max={64} first />
        <Field label="E-mail, if known" name="email" type="email" max={254} />
        <Field
          label="Password, 8 characters or more"
          name="newPassword"
          type="password"
          autocomplete="new-password"
          min={8}
          required
        />
        <Choice label="Package" name="package" value="Free" options={names} />
        <Choice label="Role" name="role" value="user" options={ROLES} />
      </FormDialog>
    )),
  )
