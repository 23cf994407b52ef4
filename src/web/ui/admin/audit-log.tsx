/** What was done on the site that somebody may ask about. */
import { Panel } from '../parts/area.tsx'
import { AuditRows, auditPage } from '../parts/audit-rows.tsx'
import { PageEnd, usePages } from '../parts/pages.tsx'

export function AuditLog() {
  const paged = usePages((before) => auditPage('/web/admin/audit', before))
  return (
    <Panel title="Audit log" about="What administrators and accounts did, the newest first.">
      <AuditRows entries={paged.items ?? []} names />
      <PageEnd {...paged} empty="Nothing has happened yet." />
    </Panel>
  )
}
