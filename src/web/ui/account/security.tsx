/** Password and second factor. */
import type { AccountPage, NewFactor, SecondFactorView } from '../../wire/security.ts'
import { api, messageOf } from '../app/session.ts'
import { ActionForm, CodeField, Field, Panel, textOf, useAnswer, Waiting } from '../parts/area.tsx'
import { FormDialog, openDialog } from '../parts/dialog.tsx'
import { QrImage } from '../parts/qr-code.tsx'
import { toast } from '../parts/toasts.tsx'
import { counted } from '../parts/words.ts'
import { showSecrets } from './secrets.tsx'

export function Security() {
  const answered = useAnswer(() => api<AccountPage>('GET', '/web/account'))
  return (
    <>
      <PasswordPanel />
      {answered.value === null ? (
        <Waiting {...answered} />
      ) : (
        <FactorPanel state={answered.value.secondFactor} changed={answered.again} />
      )}
    </>
  )
}

function PasswordPanel() {
  const change = async (form: FormData): Promise<void> => {
    await api('POST', '/web/account/password', { newPassword: textOf(form, 'newPassword') })
    toast('The password is changed. All other devices are signed out.')
    for (const input of document.querySelectorAll<HTMLInputElement>('form.action input[type=password]'))
      input.value = ''
  }
  return (
    <Panel
      title="Password"
      about="A new password signs out all other devices, and programs that signed in with it."
    >
      <ActionForm action="Change the password" submit={change}>
        <div class="fields">
          <Field
            label="New password, 8 characters or more"
            name="newPassword"
            type="password"
            autocomplete="new-password"
            min={8}
            required
          />
        </div>
      </ActionForm>
    </Panel>
  )
}

const FACTOR = '/web/account/second-factor'

function FactorPanel({ state, changed }: { state: SecondFactorView; changed(): void }) {
  if (!state.isOn)
    return (
      <Panel
        title="Second factor"
        about="Off. With it, whoever signs in needs a code of an authenticator app beside the password."
      >
        <button type="button" onClick={() => void begin(changed)}>
          Set up…
        </button>
      </Panel>
    )
  return (
    <Panel
      title="Second factor"
      about={`On. ${counted(state.recoveryCodesLeft, 'recovery code')} left. Programs that know nothing but the password can not sign in; they need a token.`}
    >
      <div class="ways">
        <button type="button" class="second" onClick={() => askToRenew(changed)}>
          New recovery codes…
        </button>
        <button type="button" class="danger" onClick={() => askToTurnOff(changed)}>
          Turn off…
        </button>
      </div>
    </Panel>
  )
}

async function begin(changed: () => void): Promise<void> {
  try {
    askToConfirm(await api<NewFactor>('POST', FACTOR), changed)
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
}

const askToConfirm = ({ secret, uri, qr }: NewFactor, changed: () => void): void =>
  openDialog((close) => (
    <FormDialog
      title="Scan the code"
      action="Turn it on"
      close={close}
      submit={async (form) => {
        const { codes } = await api<{ codes: string[] }>('POST', `${FACTOR}/confirm`, {
          code: textOf(form, 'code'),
        })
        changed()
        showCodes(codes)
      }}
    >
      <p>
        Scan this with your authenticator app, <a href={uri}>open it there</a>, or type the key.
      </p>
      <QrImage qr={qr} of="for the authenticator" />
      <p>
        <span class="soft">Key: </span>
        <code class="secret">{secret}</code>
      </p>
      <Field label="The code it shows now" name="code" autocomplete="one-time-code" required first max={10} />
    </FormDialog>
  ))

const showCodes = (codes: string[]): void =>
  showSecrets('Recovery codes', [{ label: 'Recovery codes', text: codes.join('\n') }], {
    about:
      'Each lets you in once when the authenticator is not at hand. Keep them where nobody else looks; they are not shown again.',
    fileName: 'recovery-codes.txt',
  })

const askToRenew = (changed: () => void): void =>
  openDialog((close) => (
    <FormDialog
      title="New recovery codes"
      action="Make new ones"
      close={close}
      submit={async (form) => {
        const body = { code: textOf(form, 'code') }
        const { codes } = await api<{ codes: string[] }>('POST', `${FACTOR}/codes`, body)
        changed()
        showCodes(codes)
      }}
    >
      <p>The old ones are then worth nothing.</p>
      <CodeField first />
    </FormDialog>
  ))

const askToTurnOff = (changed: () => void): void =>
  openDialog((close) => (
    <FormDialog
      title="Turn off the second factor"
      action="Turn it off"
      bad
      close={close}
      submit={async (form) => {
        await api('DELETE', FACTOR, { code: textOf(form, 'code') })
        toast('The second factor is off.')
        changed()
      }}
    >
      <CodeField first />
    </FormDialog>
  ))
