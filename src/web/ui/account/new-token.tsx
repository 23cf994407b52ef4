/** Making a token: which API, what it may do, how long. */
import { useState } from 'preact/hooks'
import { type IssuedSecret, SCOPES, type TokenKind } from '../../wire/security.ts'
import { api } from '../app/session.ts'
import { Choice, Field, textOf } from '../parts/area.tsx'
import { FormDialog, openDialog } from '../parts/dialog.tsx'
import { showSecrets } from './secrets.tsx'

export const KIND_NAMES: Record<TokenKind, string> = {
  nating: 'nating',
  flamenet: 'Flamenet',
  yetishare: 'YetiShare',
}

const SCOPE_WORDS: Record<(typeof SCOPES)[number], string> = {
  'files.upload': 'Upload files',
  'files.read': 'Read files',
  'files.write': 'Change and delete files',
  '*': 'Everything',
}

const LIFETIMES: Array<[string, string]> = [
  ['0', 'It does not run out'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
]

export function showIssued(kind: TokenKind | 'uploader', secrets: string[]): void {
  const labels = kind === 'yetishare' ? ['key1', 'key2'] : ['Token']
  showSecrets(
    'The token is made',
    secrets.map((text, n) => ({ label: labels[n] ?? 'Token', text })),
    { about: 'Copy it now: it is not shown again.' },
  )
}

export const askForToken = (apis: TokenKind[], done: () => void): void =>
  openDialog((close) => <NewToken apis={apis} close={close} done={done} />)

interface NewTokenProps {
  apis: TokenKind[]
  close(): void
  done(): void
}

function NewToken({ apis, close, done }: NewTokenProps) {
  const [kind, setKind] = useState<TokenKind>(apis[0] ?? 'nating')
  const make = async (form: FormData): Promise<void> => {
    const { secrets } = await api<IssuedSecret>('POST', '/web/account/tokens', {
      kind,
      name: textOf(form, 'name'),
      ...(kind === 'nating' && { scopes: form.getAll('scope').map(String) }),
      expiresInDays: Number(form.get('days')),
    })
    done()
    showIssued(kind, secrets)
  }
  return (
    <FormDialog title="New token" action="Make the token" close={close} submit={make}>
      <Field
        label="Name"
        name="name"
        required
        max={100}
        first
        about="So that you know later what it is for."
      />
      <fieldset>
        <legend>For which API</legend>
        {apis.map((one) => (
          <div class="choice tight" key={one}>
            <label>
              <input
                type="radio"
                name="kind"
                value={one}
                checked={kind === one}
                onChange={() => setKind(one)}
              />
              {KIND_NAMES[one]}
            </label>
          </div>
        ))}
      </fieldset>
      {kind === 'nating' && <Scopes />}
      <Choice label="Lifetime" name="days" value="0" options={LIFETIMES} />
    </FormDialog>
  )
}

const Scopes = () => (
  <fieldset>
    <legend>It may</legend>
    {SCOPES.map((scope) => (
      <div class="choice tight" key={scope}>
        <label>
          <input type="checkbox" name="scope" value={scope} defaultChecked={/upload|read/.test(scope)} />
          {SCOPE_WORDS[scope]}
        </label>
      </div>
    ))}
  </fieldset>
)
