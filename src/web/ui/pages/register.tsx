/** Making an account. */
import { useState } from 'preact/hooks'
import { api, boot, messageOf } from '../app/session.ts'
import { Credentials } from './credentials.tsx'

export default function Register() {
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (form: FormData): Promise<void> => {
    try {
      await api('POST', '/web/register', {
        username: form.get('username'),
        password: form.get('password'),
        email: form.get('email') || undefined,
      })
      location.assign('/files')
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <div class="card">
      <h1>Make an account</h1>
      {boot.registration ? (
        <Credentials action="Make the account" problem={problem} fresh submit={submit}>
          <label for="email">E-mail, if you like</label>
          <input id="email" name="email" type="email" autocomplete="email" maxLength={254} />
        </Credentials>
      ) : (
        <p>Registration is closed on this site.</p>
      )}
      <p>
        Already have one? <a href="/sign-in">Sign in</a>
      </p>
    </div>
  )
}
