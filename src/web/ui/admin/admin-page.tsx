/** Running the site: `/admin`. */
import { currentMe } from '../app/session.ts'
import { Area } from '../parts/area.tsx'
import { AuditLog } from './audit-log.tsx'
import { Dashboard } from './dashboard.tsx'
import { Downloads } from './downloads.tsx'
import { Files } from './files.tsx'
import { Packages } from './packages.tsx'
import { Reports } from './reports.tsx'
import { SettingsPage } from './settings.tsx'
import { Users } from './users.tsx'

const SECTIONS = [
  { to: '/admin', text: 'Dashboard' },
  { to: '/admin/users', text: 'Users' },
  { to: '/admin/packages', text: 'Packages' },
  { to: '/admin/files', text: 'Files' },
  { to: '/admin/reports', text: 'Reports' },
  { to: '/admin/downloads', text: 'Downloads' },
  { to: '/admin/settings', text: 'Settings' },
  { to: '/admin/audit', text: 'Audit log' },
]

const VIEWS = {
  '': Dashboard,
  users: Users,
  packages: Packages,
  files: Files,
  reports: Reports,
  downloads: Downloads,
  settings: SettingsPage,
  audit: AuditLog,
}

export default function AdminPage({ params: [name = ''] }: { params: string[] }) {
  const View = VIEWS[name as keyof typeof VIEWS]
  if (!currentMe()?.account.isAdmin)
    return (
      <div class="notice">
        <h1>Not allowed</h1>
        <p>This part of the site is for its administrators.</p>
      </div>
    )
  return (
    <Area title="Administration" sections={SECTIONS}>
      <View />
    </Area>
  )
}
