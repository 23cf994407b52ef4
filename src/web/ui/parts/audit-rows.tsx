/** What was done, as people read it. */
import { AUDIT_WORDS } from '../../wire/audit.ts'
import type { AuditSlice, AuditView } from '../../wire/security.ts'
import { api } from '../app/session.ts'
import { type OnePage, pageAddress } from './pages.tsx'
import { moment } from './words.ts'

export async function auditPage(path: string, before: number | null): Promise<OnePage<AuditView>> {
  const slice = await api<AuditSlice>('GET', pageAddress(path, before))
  return { items: slice.entries, before: slice.before }
}

export const AuditRows = ({ entries, names = false }: { entries: AuditView[]; names?: boolean }) => (
  <ul class="rows">
    {entries.map((entry) => (
      <li key={entry.id}>
        <div class="row-words">
          <strong>{AUDIT_WORDS[entry.action] ?? entry.action}</strong>
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
