/** Credentials for programs, of all four APIs. */
import type { AccountPage, IssuedSecret, LoginTokenView, TokenKind, TokenView } from '../../wire/security.ts'
import { api, messageOf } from '../app/session.ts'
import { Panel, useAnswer, Waiting } from '../parts/area.tsx'
import { confirmDialog } from '../parts/dialog.tsx'
import { toast } from '../parts/toasts.tsx'
import { day, moment } from '../parts/words.ts'
import { askForToken, KIND_NAMES, showIssued } from './new-token.tsx'

interface Credentials {
  tokens: TokenView[]
  logins: LoginTokenView[]
  apis: TokenKind[]
}

async function load(): Promise<Credentials> {
  const [{ tokens }, { logins }, { apis }] = await Promise.all([
    api<{ tokens: TokenView[] }>('GET', '/web/account/tokens'),
    api<{ logins: LoginTokenView[] }>('GET', '/web/account/logins'),
    api<AccountPage>('GET', '/web/account'),
  ])
  return { tokens, logins, apis }
}

export function Tokens() {
  const answered = useAnswer(load)
  const { tokens = [], logins = [], apis = [] } = answered.value ?? {}
  const live = tokens.filter(({ status }) => status === 'active').reverse()
  const over = tokens.length - live.length
  return (
    <>
      <Panel
        title="API tokens"
        about="Programs use them in place of your password. Each is shown once, when it is made."
        tools={<NewTokenButtons apis={apis} done={answered.again} />}
      >
        <Waiting {...answered} />
        {answered.value !== null && live.length + logins.length === 0 && <p class="soft">You have none.</p>}
        <ul class="rows">
          {live.map((token) => (
            <TokenRow key={token.id} token={token} done={answered.again} />
          ))}
          {logins.map((login) => (
            <LoginRow key={login.id} login={login} done={answered.again} />
          ))}
        </ul>
        {over > 0 && <p class="facts">{over} that are revoked or have run out are not shown.</p>}
      </Panel>
      <ShareX apis={apis} done={answered.again} />
    </>
  )
}

async function makeLogin(done: () => void): Promise<void> {
  try {
    showIssued('uploader', (await api<IssuedSecret>('POST', '/web/account/logins')).secrets)
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
  done()
}

const NewTokenButtons = ({ apis, done }: { apis: TokenKind[]; done(): void }) => (
  <div class="ways">
    {apis.length > 0 && (
      <button type="button" class="small" onClick={() => askForToken(apis, done)}>
        New token…
      </button>
    )}
    <button type="button" class="second small" onClick={() => void makeLogin(done)}>
      New uploader token
    </button>
  </div>
)

const askToRevoke = (name: string, path: string, done: () => void): void =>
  confirmDialog({
    title: 'Revoke the token',
    text: `Programs that use “${name}” are refused from now on.`,
    action: 'Revoke it',
    act: async () => {
      await api('DELETE', path)
      toast('The token is revoked.')
      done()
    },
  })

function TokenRow({ token, done }: { token: TokenView; done(): void }) {
  return (
    <li>
      <div class="row-words">
        <strong>
          <bdi>{token.name}</bdi>
        </strong>
        <span class="badge">{KIND_NAMES[token.kind]}</span>
        <p class="facts">
          <code>
            {token.prefix}…{token.last4}
          </code>
          {token.scopes.length > 0 &&
            ` · ${token.scopes.map((one) => (one === '*' ? 'all scopes' : one)).join(', ')}`}
        </p>
        <p class="facts">
          Made {day(token.created)} ·{' '}
          {token.expires === null ? 'does not run out' : `until ${day(token.expires)}`} ·{' '}
          {token.lastUsed === null
            ? 'not used yet'
            : `last used ${moment(token.lastUsed)}${token.lastUsedIp === null ? '' : ` from ${token.lastUsedIp}`}`}
        </p>
      </div>
      <button
        type="button"
        class="second small"
        aria-label={`Revoke ${token.name}`}
        onClick={() => askToRevoke(token.name, `/web/account/tokens/${token.id}`, done)}
      >
        Revoke
      </button>
    </li>
  )
}

function LoginRow({ login, done }: { login: LoginTokenView; done(): void }) {
  const name = login.isBot ? 'Uploader token' : 'Sign-in of the uploader API'
  return (
    <li>
      <div class="row-words">
        <strong>{name}</strong>
        <span class="badge">File Uploader</span>
        <p class="facts">
          Made {moment(login.created)} · until {day(login.expires)}
        </p>
      </div>
      <button
        type="button"
        class="second small"
        aria-label={`Revoke ${name} of ${moment(login.created)}`}
        onClick={() => askToRevoke(name, `/web/account/logins/${login.id}`, done)}
      >
        Revoke
      </button>
    </li>
  )
}

/** The file makes a credential when it is fetched: asked for before, and the list shows it a moment later. */
async function fetchSettings(event: MouseEvent, done: () => void): Promise<void> {
  event.preventDefault()
  const { href } = event.currentTarget as HTMLAnchorElement
  try {
    await api('POST', '/web/account/proof')
    location.assign(href)
    setTimeout(done, 1500)
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
}

const ShareX = ({ apis, done }: { apis: TokenKind[]; done(): void }) => {
  const onClick = (event: MouseEvent) => void fetchSettings(event, done)
  return (
    <Panel
      title="ShareX"
      about="Settings files to be opened with ShareX on Windows. Each has a token of its own inside: keep it to yourself."
    >
      <div class="ways">
        <a class="button second" href="/web/sharex/uploader.sxcu" download onClick={onClick}>
          For the File Uploader API
        </a>
        {apis.includes('yetishare') && (
          <a class="button second" href="/web/sharex/yetishare.sxcu" download onClick={onClick}>
            For the YetiShare API
          </a>
        )}
      </div>
    </Panel>
  )
}
