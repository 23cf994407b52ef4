/** What was done on the site that somebody may ask about. */
import { useState } from 'preact/hooks'
import { AUDIT_WORDS } from '../../wire/audit.ts'
import { Choice, Field, Panel, textOf } from '../parts/area.tsx'
import { AuditRows, auditPage } from '../parts/audit-rows.tsx'
import { PageEnd, usePages } from '../parts/pages.tsx'

const ACTIONS: Array<[string, string]> = [
  ['', 'Everything'],
  ...Object.entries(AUDIT_WORDS).sort(([, one], [, other]) => one.localeCompare(other)),
]

/** The beginning of a day where the reader is, some days later, as the server wants it. */
function startOf(day: string, later = 0): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).toISOString()
}

/** Both days are in the period. */
function queryOf(form: FormData): string {
  const [from, until] = [textOf(form, 'from'), textOf(form, 'until')]
  const wanted = {
    actor: textOf(form, 'actor').trim(),
    action: textOf(form, 'action'),
    from: from && startOf(from),
    until: until && startOf(until, 1),
  }
  return String(new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== '')))
}

function Filter({ show }: { show(query: string): void }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    show(queryOf(new FormData(event.currentTarget as HTMLFormElement)))
  }
  return (
    <form class="action filter" onSubmit={submit} onReset={() => show('')} aria-label="What to show">
      <div class="fields">
        <Field label="Account" name="actor" max={64} />
        <Choice label="What" name="action" value="" options={ACTIONS} />
        <Field label="From" name="from" type="date" />
        <Field label="To" name="until" type="date" />
      </div>
      <div class="ways">
        <button type="submit" class="small">
          Show
        </button>
        <button type="reset" class="second small">
          Show everything
        </button>
      </div>
    </form>
  )
}

export function AuditLog() {
  const [query, setQuery] = useState('')
  const path = query === '' ? '/web/admin/audit' : `/web/admin/audit?${query}`
  const paged = usePages((before) => auditPage(path, before), query)
  return (
    <Panel
      title="Audit log"
      about="What administrators and accounts did, the newest first. It goes back a year."
    >
      <Filter show={setQuery} />
      <AuditRows entries={paged.items ?? []} names />
      <PageEnd {...paged} empty={query === '' ? 'Nothing has happened yet.' : 'Nothing of that kind.'} />
    </Panel>
  )
}
