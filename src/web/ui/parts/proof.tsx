/** Asks for the password again where the server wants to know that it is still the owner. */
import { api } from '../app/session.ts'
import { PasswordField, textOf } from './area.tsx'
import { FormDialog, openDialog } from './dialog.tsx'

/** Whether it was given; false when the dialog was closed without it. */
export const askForProof = (): Promise<boolean> =>
  new Promise((resolve) => {
    let isProven = false
    openDialog((close) => (
      <FormDialog
        title="Is it still you?"
        action="Go on"
        close={() => {
          close()
          resolve(isProven)
        }}
        submit={async (form) => {
          await api('POST', '/web/account/proof', { password: textOf(form, 'password') })
          isProven = true
        }}
      >
        <p>Give your password again before this is done. Nothing is asked for a quarter of an hour then.</p>
        <PasswordField first />
      </FormDialog>
    ))
  })
