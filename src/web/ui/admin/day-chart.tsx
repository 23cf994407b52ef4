/** Bytes of each day as bars, and the same as a table for who does not see them. */
import { grouped, size } from '../parts/words.ts'

interface Day {
  day: string
  downloads: number
  bytes: number
}

const WIDTH = 720
const HEIGHT = 160
const FLOOR = 132

export function DayChart({ days }: { days: Day[] }) {
  const most = Math.max(1, ...days.map(({ bytes }) => bytes))
  const step = WIDTH / days.length
  const heightOf = (bytes: number): number => (bytes === 0 ? 0 : Math.max(2, (bytes / most) * (FLOOR - 16)))
  const marks = [0, Math.floor(days.length / 2), days.length - 1]
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Delivered a day, at most ${size(most)}`}
      >
        <path class="axis" d={`M0 ${FLOOR}.5H${WIDTH}`} />
        {days.map(({ day, downloads, bytes }, n) => (
          <rect
            key={day}
            x={n * step + 2}
            y={FLOOR - heightOf(bytes)}
            width={step - 4}
            height={heightOf(bytes)}
            rx={2}
          >
            <title>{`${day}: ${size(bytes)}, ${grouped(downloads)} downloads`}</title>
          </rect>
        ))}
        {marks.map((n) => (
          <text
            key={n}
            x={n === 0 ? 0 : n === days.length - 1 ? WIDTH : (n + 0.5) * step}
            y={HEIGHT - 8}
            text-anchor={n === 0 ? 'start' : n === days.length - 1 ? 'end' : 'middle'}
          >
            {days[n]?.day.slice(5)}
          </text>
        ))}
      </svg>
      <details>
        <summary>As a table</summary>
        <DayTable days={days} />
      </details>
    </figure>
  )
}

const DayTable = ({ days }: { days: Day[] }) => (
  <div class="wide-table">
    <table>
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">Downloads</th>
          <th scope="col">Delivered</th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, downloads, bytes }) => (
          <tr key={day}>
            <th scope="row">{day}</th>
            <td>{grouped(downloads)}</td>
            <td>{size(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
