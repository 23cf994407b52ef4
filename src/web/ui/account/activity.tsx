/** What the account did that matters for its security. */
import { Panel } from '../parts/area.tsx'
import { AuditRows, auditPage } from '../parts/audit-rows.tsx'
import { PageEnd, usePages } from '../parts/pages.tsx'

export function Activity() {
  const paged = usePages((before) => auditPage('/web/account/activity', before))
  return (
    <Panel
      title="Security activity"
      about="Is there something you did not do? Change your password and sign out all other devices."
    >
      <AuditRows entries={paged.items ?? []} />
      <PageEnd {...paged} empty="Nothing has happened yet." />
    </Panel>
  )
}
