/** Files that visitors want looked at. */
import type { ReportView } from '../../wire/admin.ts'
import { api, messageOf } from '../app/session.ts'
import { Panel, useAnswer, Waiting } from '../parts/area.tsx'
import { toast } from '../parts/toasts.tsx'
import { moment } from '../parts/words.ts'

const REASONS: Record<string, string> = {
  illegal: 'Illegal content',
  copyright: 'Copyright',
  malware: 'Malware',
  personal: 'Personal data',
  other: 'Something else',
}

interface Queue {
  reports: ReportView[]
  total: number
}

export function Reports() {
  const answered = useAnswer(() => api<Queue>('GET', '/web/admin/reports'))
  const { reports = [], total = 0 } = answered.value ?? {}
  const settle = async (report: ReportView, action: 'dismiss' | 'trash'): Promise<void> => {
    try {
      await api('POST', `/web/admin/reports/${report.id}`, { action })
      toast(action === 'trash' ? 'The file is in the trash of its owner.' : 'The report is dismissed.')
    } catch (error) {
      toast(messageOf(error), { bad: true })
    }
    answered.again()
  }
  return (
    <Panel title="Reports" about={total > 0 ? `${total} waiting, the oldest first.` : 'The oldest first.'}>
      <Waiting {...answered} />
      {answered.value !== null && reports.length === 0 && <p class="soft">Nothing waits.</p>}
      <ul class="rows">
        {reports.map((report) => (
          <li key={report.id}>
            <ReportWords report={report} />
            <div class="ways">
              <button
                type="button"
                class="second small"
                aria-label={`Dismiss the report of ${report.file.name}`}
                onClick={() => void settle(report, 'dismiss')}
              >
                Dismiss
              </button>
              {report.file.status === 'active' && (
                <button
                  type="button"
                  class="danger small"
                  aria-label={`Trash the file ${report.file.name}`}
                  onClick={() => void settle(report, 'trash')}
                >
                  Trash the file
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

const ReportWords = ({ report }: { report: ReportView }) => (
  <div class="row-words">
    <a href={`/${report.file.slug}`} target="_blank" rel="noreferrer">
      <bdi>{report.file.name}</bdi>
    </a>
    <span class="badge bad">{REASONS[report.reason] ?? report.reason}</span>
    {report.file.status !== 'active' && <span class="badge">{report.file.status}</span>}
    {report.message !== '' && <p class="said">{report.message}</p>}
    <p class="facts">
      {moment(`${report.created.replace(' ', 'T')}Z`)} ·{' '}
      {report.account_id === null ? 'a guest' : `account ${report.account_id}`}
      {report.ip && ` from ${report.ip}`}
    </p>
  </div>
)
