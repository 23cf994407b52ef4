/**
 * Speed limits with figures: bun bench/paced.ts [clients, default 200] [seconds, default 30]. Every client is a guest
 * of its own, with 100 KB/s; then one guest with 1 MB/s, by four connections of which two end half way.
 */
import { watchMemory } from '../test/support/server-process.ts'
import { download, inPlace, processorTime, say, serveFile } from './load.ts'

const KB = 1000
const SPEED = 100 * KB
/** The loopback interface sends 64 KiB at once, which would be seconds of four slow connections. */
const FASTER = 1000 * KB
const clients = Number(process.argv[2] ?? 200)
const seconds = Number(process.argv[3] ?? 30)
/** More than is downloaded in that time. */
const SIZE = Math.ceil(SPEED * seconds * 1.5)

const addressOf = (index: number): string => `10.1.${index >> 8}.${index & 255}`
const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })
const rate = (bytes: number, time: number): string => `${(bytes / time / KB).toFixed(1)} KB/s`

async function manyClients(url: string, pid: number): Promise<void> {
  const memory = watchMemory(pid)
  const before = processorTime(pid)
  const got = await Promise.all(
    Array.from({ length: clients }, (_, index) =>
      download(url, { headers: from(addressOf(index)), most: seconds }),
    ),
  )
  const after = processorTime(pid)
  const highest = memory.stop()
  const rates = got.map(({ bytes, seconds: time }) => bytes / time).sort((a, b) => a - b)
  const [least = 0, median = 0, most = 0] = [rates[0], rates[rates.length >> 1], rates.at(-1)]
  const off = Math.max(1 - least / SPEED, most / SPEED - 1) * 100
  say(
    `${clients} clients, ${SPEED / KB} KB/s, ${seconds} s`,
    `least ${rate(least, 1)}, median ${rate(median, 1)}, most ${rate(most, 1)}: at most ${off.toFixed(1)} % off`,
  )
  say(
    'processor time of the server',
    `${(after.user - before.user).toFixed(2)} s user, ${(after.system - before.system).toFixed(2)} s system`,
  )
  say(
    'memory of the server',
    `${highest.resident.toFixed(0)} MiB (${highest.anonymous.toFixed(0)} anonymous) at most`,
  )
}

/** Parts of one file, as a download manager asks for them: two long ones and two short ones. */
async function oneClient(url: string): Promise<void> {
  const long = { headers: { ...from('10.2.0.1'), range: 'bytes=0-' }, most: seconds }
  const short = { headers: { ...from('10.2.0.1'), range: 'bytes=0-' }, most: seconds / 2 }
  const got = await Promise.all([
    download(url, long),
    download(url, long),
    download(url, short),
    download(url, short),
  ])
  const total = got.reduce((sum, { bytes }) => sum + bytes, 0)
  say(
    'one client, 4 connections, then 2',
    `${rate(total, seconds)} in total; each ${got.map(({ bytes, seconds: time }) => rate(bytes, time)).join(', ')}`,
  )
}

await inPlace('[server]\ntrusted_proxies = ["127.0.0.1"]\n[limits]\nrate_limits = false\n', async (place) => {
  const unlimited = [
    'wait_before_download',
    'wait_between_downloads',
    'concurrent_downloads',
    'downloads_per_24_hours',
    'download_size_per_24_hours',
    'max_download_filesize_allowed',
  ]
  await place.lines([
    'package',
    'set',
    'Guest',
    `download_speed=${SPEED}`,
    ...unlimited.map((key) => `${key}=0`),
  ])
  const token = await place.token('ann')
  const server = await place.serve()
  const { path } = await serveFile(server.url, token, Math.max(SIZE, FASTER * seconds))
  say('memory before', `${server.memory().resident.toFixed(0)} MiB`)
  await manyClients(server.url + path, server.pid)
  await place.lines(['package', 'set', 'Guest', `download_speed=${FASTER}`])
  await oneClient(server.url + path)
})
