/** Downloads under way, as they go. */
import { useEffect } from 'preact/hooks'
import type { LiveDownload } from '../../wire/admin.ts'
import { api } from '../app/session.ts'
import { Panel, useAnswer, Waiting } from '../parts/area.tsx'
import { size } from '../parts/words.ts'

const EVERY_MS = 2000

export function Downloads() {
  const answered = useAnswer(
    async () => (await api<{ downloads: LiveDownload[] }>('GET', '/web/admin/downloads')).downloads,
  )
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && answered.again(), EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <Panel title="Downloads under way" about="Anew every two seconds.">
      <Waiting {...answered} />
      {answered.value?.length === 0 && <p class="soft">Nothing is downloaded at this moment.</p>}
      <ul class="rows">
        {answered.value?.map((one) => (
          <li key={`${one.file}/${one.ip}/${one.offset}/${one.started}`}>
            <div class="row-words">
              <a href={`/${one.slug}`} target="_blank" rel="noreferrer">
                <bdi>{one.name}</bdi>
              </a>
              <p class="facts">
                {one.downloader === null ? 'a guest' : <bdi>{one.downloader}</bdi>} from {one.ip}
              </p>
              <progress
                max={Math.max(1, one.size)}
                value={one.bytes}
                aria-label={`Delivered of ${one.name}`}
              />
              <p class="facts">
                {size(one.bytes)} of {size(one.size)} · {size(one.speed)}/s
                {one.speed_limit > 0 && ` of ${size(one.speed_limit)}/s`}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
