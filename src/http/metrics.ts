/** Counters of the process, as Prometheus text. */
import type { Clock } from '../core/clock.ts'

export interface Metrics {
  /** A request has begun; call what it returns when the answer begins. */
  begin(): (outcome: { dialect: string; status: number; bytesIn: number; bytesOut: number | null }) => void
  /** An error nobody handled, or a fault that is our own failure. */
  countUnhandled(): void
  unhandledErrors(): number
  inFlight(): number
  render(): string
}

/** Counts live as long as the process. */
export function createMetrics(clock: Clock): Metrics {
  const startedAt = clock.now().getTime()
  const requests = new Map<string, number>()
  const bytes = { in: 0, out: 0 }
  let inFlight = 0
  let unhandled = 0
  return {
    begin() {
      inFlight += 1
      return ({ dialect, status, bytesIn, bytesOut }) => {
        inFlight -= 1
        const labels = `dialect="${dialect || 'none'}",class="${Math.floor(status / 100)}xx"`
        requests.set(labels, (requests.get(labels) ?? 0) + 1)
        bytes.in += bytesIn
        bytes.out += bytesOut ?? 0
      }
    },
    countUnhandled() {
      unhandled += 1
    },
    unhandledErrors: () => unhandled,
    inFlight: () => inFlight,
    render() {
      const perClass = [...requests]
        .sort()
        .map(([labels, count]) => `kist_requests_total{${labels}} ${count}`)
      return [
        ...family('kist_requests_total', 'counter', 'Requests answered.', ...perClass),
        ...single('kist_requests_in_flight', 'gauge', 'Requests being handled.', inFlight),
        ...single('kist_received_bytes_total', 'counter', 'Bytes of request bodies read.', bytes.in),
        ...single('kist_sent_bytes_total', 'counter', 'Bytes of answers of known size.', bytes.out),
        ...single('kist_unhandled_errors_total', 'counter', 'Errors nobody expected.', unhandled),
        ...single('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
        ...single('process_uptime_seconds', 'gauge', 'Uptime.', (clock.now().getTime() - startedAt) / 1000),
        '',
      ].join('\n')
    },
  }
}

const family = (name: string, type: string, help: string, ...lines: string[]): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...lines,
]

const single = (name: string, type: string, help: string, value: number): string[] =>
  family(name, type, help, `${name} ${value}`)
