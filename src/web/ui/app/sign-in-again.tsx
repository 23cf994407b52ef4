/** Signing in again on top of what is being done, when the session has ended. */
import { useEffect, useState } from 'preact/hooks'
import { CodeOfFactor, signIn } from '../pages/sign-in.tsx'
import { Dialog, openDialog } from '../parts/dialog.tsx'
import { isSignedIn } from './session.ts'

interface AgainProps {
  name: string
  answer(isBack: boolean): void
}

/** Somebody may sign in in another tab meanwhile. */
function useOtherTabs(answer: AgainProps['answer']): void {
  useEffect(() => {
    const look = async (): Promise<void> => {
      if (await isSignedIn().catch(() => false)) answer(true)
    }
    const onFocus = (): void => void look()
    addEventListener('focus', onFocus)
    return () => removeEventListener('focus', onFocus)
  }, [])
}

function Again({ name, answer }: AgainProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const [needsCode, setNeedsCode] = useState(false)
  const [busy, setBusy] = useState(false)
  useOtherTabs(answer)
  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const refusal = await signIn({ username: name, ...Object.fromEntries(form) })
    setBusy(false)
    if (refusal === null) return answer(true)
    setNeedsCode(refusal.needsCode)
    setProblem(refusal.message)
  }
  return (
    <Dialog title="Sign in again" close={() => answer(false)}>
      <p>Your session has ended. What you have begun goes on when you are back.</p>
      <form onSubmit={onSubmit}>
        {problem !== null && <p role="alert">{problem}</p>}
        <input type="hidden" autocomplete="username" value={name} />
        <label for="again-password">Password of {name}</label>
        <input
          id="again-password"
          name="password"
          type="password"
          autocomplete="current-password"
          data-first
          required
        />
        {needsCode && <CodeOfFactor />}
        <div class="buttons">
          <button type="button" class="second" onClick={() => answer(false)}>
            Leave
          </button>
          <button type="submit" disabled={busy}>
            Sign in
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** True when the account is signed in again, false when somebody leaves. */
export const signInAgain = (name: string): Promise<boolean> =>
  new Promise((resolve) =>
    openDialog((close) => (
      <Again
        name={name}
        answer={(isBack) => {
          close()
          resolve(isBack)
        }}
      />
    )),
  )
