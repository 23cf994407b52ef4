/** Who is signed in, how much is stored, and the way out. */
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { toast } from '../parts/toasts.tsx'
import { size } from '../parts/words.ts'
import { navigate } from './router.tsx'
import { api, currentMe, messageOf, onMe, setMe } from './session.ts'

async function signOut(): Promise<void> {
  try {
    await api('DELETE', '/web/session')
    setMe(null)
    location.assign('/sign-in')
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
}

function useMe() {
  const [me, change] = useState(currentMe())
  useEffect(() => onMe(change), [])
  return me
}

export function AccountMenu() {
  const me = useMe()
  if (!me) return null
  const { stored, reserved } = me.usage
  const { maxStorage } = me.package
  const used =
    maxStorage > 0 ? `${size(stored + reserved)} of ${size(maxStorage)}` : `${size(stored + reserved)} used`
  const items: MenuItem[] = [
    { text: 'Account', icon: 'person', act: () => navigate('/account') },
    ...(me.account.isAdmin
      ? [{ text: 'Administration', icon: 'gear', act: () => navigate('/admin') } as const]
      : []),
    { text: 'Sign out', icon: 'exit', act: signOut },
  ]
  return (
    <div class="who">
      <span class="usage">
        {used}
        {maxStorage > 0 && (
          <meter min={0} max={maxStorage} value={stored + reserved} aria-label="Storage that is used" />
        )}
      </span>
      <Menu
        label={`Account of ${me.account.name}`}
        class="round"
        items={items}
        head={`${me.account.name} · ${used}`}
      >
        <Icon name="person" />
      </Menu>
    </div>
  )
}
