/** The account about itself: `/account`. */
import { Area } from '../parts/area.tsx'
import { Activity } from './activity.tsx'
import { Devices } from './devices.tsx'
import { Overview } from './overview.tsx'
import { Security } from './security.tsx'
import { Tokens } from './tokens.tsx'

const SECTIONS = [
  { to: '/account', text: 'Profile' },
  { to: '/account/security', text: 'Security' },
  { to: '/account/devices', text: 'Devices' },
  { to: '/account/tokens', text: 'API tokens' },
  { to: '/account/activity', text: 'Activity' },
]

const VIEWS = { '': Overview, security: Security, devices: Devices, tokens: Tokens, activity: Activity }

export default function AccountPage({ params: [name = ''] }: { params: string[] }) {
  const View = VIEWS[name as keyof typeof VIEWS]
  return (
    <Area title="Account" sections={SECTIONS}>
      <View />
    </Area>
  )
}
