/** Browsers that are signed in. */
import { deviceName } from '../../wire/devices.ts'
import type { DeviceView } from '../../wire/security.ts'
import { api, messageOf } from '../app/session.ts'
import { Panel, useAnswer, Waiting } from '../parts/area.tsx'
import { toast } from '../parts/toasts.tsx'
import { moment } from '../parts/words.ts'

export function Devices() {
  const answered = useAnswer(
    async () => (await api<{ devices: DeviceView[] }>('GET', '/web/account/devices')).devices,
  )
  const devices = answered.value ?? []
  const end = async (path: string, done: string): Promise<void> => {
    try {
      await api('DELETE', `/web/account/devices${path}`)
      toast(done)
    } catch (error) {
      toast(messageOf(error), { bad: true })
    }
    answered.again()
  }
  const others = (
    <button
      type="button"
      class="second small"
      onClick={() => void end('', 'All other devices are signed out.')}
    >
      Sign out all others
    </button>
  )
  return (
    <Panel
      title="Devices"
      about="Browsers that are signed in to this account."
      tools={devices.length > 1 && others}
    >
      <Waiting {...answered} />
      <ul class="rows">
        {devices.map((device) => (
          <li key={device.id}>
            <div class="row-words">
              <strong title={device.userAgent ?? undefined}>{deviceName(device.userAgent)}</strong>
              {device.isThis && <span class="badge">this one</span>}
              <p class="facts">
                Last seen {moment(device.lastSeen ?? device.created)}
                {device.ip !== null && ` from ${device.ip}`} · signed in {moment(device.created)}
              </p>
            </div>
            {!device.isThis && (
              <button
                type="button"
                class="second small"
                aria-label={`Sign out ${deviceName(device.userAgent)}`}
                onClick={() => void end(`/${device.id}`, 'The device is signed out.')}
              >
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
