/** What was done, as people read it. */
import type { AuditSlice, AuditView } from '../../wire/security.ts'
import { api } from '../app/session.ts'
import type { OnePage } from './pages.tsx'
import { moment } from './words.ts'

const WORDS: Record<string, string> = {
  signed_in: 'Signed in',
  registered: 'Registered',
  'profile.changed': 'Profile changed',
  'password.changed': 'Password changed',
  'second_factor.on': 'Second factor turned on',
  'second_factor.off': 'Second factor turned off',
  'second_factor.codes_renewed': 'Recovery codes renewed',
  'device.signed_out': 'Device signed out',
  'devices.signed_out': 'Other devices signed out',
  'token.made': 'Token made',
  'token.revoked': 'Token revoked',
  'account.added': 'Account added',
  'account.changed': 'Account changed',
  'account.deleted': 'Account deleted',
  'account.second_factor_reset': 'Second factor reset',
  'file.trashed': 'File moved to the trash',
  'package.changed': 'Package changed',
  'package.added': 'Package added',
  'setting.changed': 'Setting changed',
  'report.dismissed': 'Report dismissed',
  'report.trashed': 'Reported file moved to the trash',
}

export async function auditPage(path: string, before: number | null): Promise<OnePage<AuditView>> {
  const slice = await api<AuditSlice>('GET', before === null ? path : `${path}?before=${before}`)
  return { items: slice.entries, before: slice.before }
}

export const AuditRows = ({ entries, names = false }: { entries: AuditView[]; names?: boolean }) => (
  <ul class="rows">
    {entries.map((entry) => (
      <li key={entry.id}>
        <div class="row-words">
          <strong>{WORDS[entry.action] ?? entry.action}</strong>
          {entry.subject !== entry.actor && <bdi> {entry.subject}</bdi>}
          {entry.detail !== '' && <p class="facts detail">{entry.detail}</p>}
          <p class="facts">
            <time dateTime={entry.at}>{moment(entry.at)}</time>
            {names && <bdi> · by {entry.actor === '' ? 'nobody known' : entry.actor}</bdi>}
            {entry.ip !== null && ` · ${entry.ip}`}
          </p>
        </div>
      </li>
    ))}
  </ul>
)
