/**
 * A folder as one ZIP archive: bun bench/folder-zip.ts [MiB, default 3072] [files, default 12]. Beside nginx that
 * sends the same archive as a file it has on its disk, in turns; before that cut at random, resumed, and tested by unzip.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openMetadata } from '../src/metadata/open.ts'
import { createContent } from '../test/support/content.ts'
import { runNginx } from '../test/support/nginx.ts'
import { watchMemory } from '../test/support/server-process.ts'
import { createClient, uploadContent } from '../test/support/upload-client.ts'
import { download, inPlace, processorTime, say } from './load.ts'

const MiB = 2 ** 20
const total = Number(process.argv[2] ?? 3072) * MiB
const files = Number(process.argv[3] ?? 12)
const ROUNDS = 3
const CUTS = 10

async function toFile(url: string, path: string): Promise<number> {
  const size = Number((await fetch(url, { method: 'HEAD' })).headers.get('content-length'))
  const etag = (await fetch(url, { method: 'HEAD' })).headers.get('etag') ?? ''
  const out = openSync(path, 'w')
  let at = 0
  let seed = 7
  for (let cut = 1; at < size; cut++) {
    seed = (seed * 48_271) % 0x7fff_ffff
    const until =
      cut > CUTS ? size : Math.min(size, at + Math.floor((seed / 0x7fff_ffff) * (size / CUTS) * 2))
    const answer = await fetch(url, { headers: { range: `bytes=${at}-`, 'if-range': etag } })
    if (answer.status !== 206 || !answer.body) throw new Error(`not resumed: ${answer.status}`)
    for await (const piece of answer.body) {
      writeSync(out, piece, 0, piece.length, at)
      at += piece.length
      if (at >= until && until < size) break
    }
  }
  closeSync(out)
  return size
}

const site = (root: string) => (port: number) =>
  `
server { listen 127.0.0.1:${port}; root ${root}; access_log off; sendfile on; tcp_nopush on;
location = /healthz { return 200; } }`

await inPlace('[limits]\nrate_limits = false\n[log]\nlevel = "warn"\n', async (place) => {
  const token = await place.token('ann')
  let server = await place.serve()
  const client = createClient(server.url, token)
  for (let number = 0; number < files; number++)
    await uploadContent(
      client,
      createContent(Math.floor(total / files), `zip ${number}`),
      `file ${number}.bin`,
    )
  await server.end('SIGTERM')
  const metadata = await openMetadata({ path: join(place.dataDir, 'kist.db') })
  const ann = (await metadata.accounts.findByName('ann'))?.id ?? 0
  const base = {
    accountId: ann,
    parentId: null,
    visibility: 1,
    passwordMd5: null,
    createdAt: new Date(1e12),
  } as const
  const folder = await metadata.folders.create({ ...base, name: 'Big' })
  const all = await metadata.files.listAll(ann)
  for (const { id } of all) await metadata.files.update(ann, id, { folderId: folder.id }, new Date(1e12))
  await metadata.close()
  server = await place.serve()
  const url = `${server.url}/folder/${folder.id}/~zip/Big.zip`
  const idle = server.memory().resident
  const root = join(place.dir, 'mirror')
  mkdirSync(root)
  const size = await toFile(url, join(root, 'Big.zip'))
  say(`cut ${CUTS} times and resumed`, `${(size / MiB).toFixed(0)} MiB in one piece`)
  const tested = Bun.spawnSync(['unzip', '-tq', join(root, 'Big.zip')])
  say('unzip -t', tested.stdout.toString().trim().replace(root, ''))
  const nginx = await runNginx({ dir: join(place.dir, 'nginx'), site: site(root), workers: 1 })
  const urls = { nginx: `${nginx.url}/Big.zip`, Kist: url }
  const memory = watchMemory(server.pid)
  const before = processorTime(server.pid)
  const best: Record<string, number> = { nginx: 0, Kist: 0 }
  for (let round = 0; round <= ROUNDS; round++)
    for (const [who, address] of Object.entries(urls)) {
      const { bytes, seconds } = await download(address)
      if (bytes !== size) throw new Error(`${who} sent ${bytes} of ${size}`)
      if (round > 0) best[who] = Math.max(best[who] ?? 0, bytes / seconds)
    }
  const after = processorTime(server.pid)
  for (const [who, rate] of Object.entries(best)) say(`one stream, ${who}`, `${(rate / 1e6).toFixed(0)} MB/s`)
  say('ratio', ((best.Kist ?? 0) / (best.nginx ?? 1)).toFixed(2))
  const seconds = (after.user + after.system - before.user - before.system) / (ROUNDS + 1)
  say('processor time for each', `${seconds.toFixed(2)} s`)
  say('memory above idle', `${(memory.stop().resident - idle).toFixed(0)} MiB (${idle.toFixed(0)} idle)`)
  await nginx.stop()
})
