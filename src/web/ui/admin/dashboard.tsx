/** The site at a glance. */
import type { DashboardView } from '../../wire/admin.ts'
import { Link } from '../app/router.tsx'
import { api } from '../app/session.ts'
import { Panel, useAnswer, Waiting } from '../parts/area.tsx'
import { counted, grouped, size } from '../parts/words.ts'
import { DayChart } from './day-chart.tsx'

interface Figure {
  name: string
  value: string
  more?: string
  to?: string
}

const figuresOf = (site: DashboardView): Figure[] => [
  {
    name: 'Stored',
    value: size(site.objectBytes),
    more: site.freeBytes === null ? 'free space unknown or endless' : `${size(site.freeBytes)} free`,
  },
  { name: 'Files', value: grouped(site.files), more: size(site.fileBytes), to: '/admin/files' },
  { name: 'In the trash', value: grouped(site.trashedFiles), more: size(site.trashedBytes) },
  { name: 'Users', value: grouped(site.accounts), to: '/admin/users' },
  { name: 'Downloads now', value: grouped(site.liveDownloads), to: '/admin/downloads' },
  { name: 'Uploads under way', value: grouped(site.openUploads) },
  { name: 'Imports waiting or under way', value: grouped(site.openImports) },
  { name: 'Open reports', value: grouped(site.openReports), to: '/admin/reports' },
]

export function Dashboard() {
  const answered = useAnswer(() => api<DashboardView>('GET', '/web/admin/dashboard'))
  const site = answered.value
  if (site === null) return <Waiting {...answered} />
  const downloads = site.days.reduce((sum, one) => sum + one.downloads, 0)
  const bytes = site.days.reduce((sum, one) => sum + one.bytes, 0)
  return (
    <>
      <Panel
        title="The site now"
        tools={
          <button type="button" class="second small" onClick={answered.again}>
            Refresh
          </button>
        }
      >
        <Waiting {...answered} />
        <ul class="tiles-of-figures">
          {figuresOf(site).map(({ name, value, more, to }) => (
            <li key={name}>
              <span class="figure-name">{to === undefined ? name : <Link to={to}>{name}</Link>}</span>
              <strong>{value}</strong>
              <span class="facts">{more}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="Last 30 days" about={`${counted(downloads, 'download')}, ${size(bytes)} delivered.`}>
        <DayChart days={site.days} />
      </Panel>
    </>
  )
}
