/** A Ceph cluster with S3 gateways in one folder: made, started, started again, ended. */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { configOf, daemonsOf, longName, monAddress, monsOf, SHAPES } from './ceph-config.mjs'
import { endProcesses, launch, processesOf, run, until } from './ceph-processes.mjs'

const REGION = 'us-east-1'
/** All that is made in the folder. */
const OWN = [
  'ceph.conf',
  'keyring',
  'monmap',
  's3.json',
  'mon',
  'osd',
  'run',
  'log',
  'rgw',
  'crash',
  'making',
]
const SECONDS = 60

const configPath = (dir) => join(dir, 'ceph.conf')
const factsPath = (dir) => join(dir, 's3.json')

/** What is in s3.json, or null while there is no cluster that was made whole. */
export const readFacts = (dir) =>
  existsSync(factsPath(dir)) ? JSON.parse(readFileSync(factsPath(dir), 'utf8')) : null

/**
 * Makes the cluster, or starts those of its daemons that do not run (`only`: just this one). Resolves with what is in
 * s3.json when every started daemon does its work. Rejects, with what was waited for, when one does not within a minute.
 */
export async function startCluster({
  dir,
  shape = 'single',
  port,
  monPort,
  osdGib = 32,
  only,
  say = () => {},
}) {
  mkdirSync(dir, { recursive: true })
  const release = claim(dir)
  try {
    const facts = readFacts(dir)
    if (facts) return await startAgain(dir, facts, { shape, only, say })
    await makeRoom(dir)
    return await make({ dir, shape, port, monPort, osdGib, say })
  } catch (error) {
    throw new Error(`${error.message}${lastWords(dir)}`)
  } finally {
    release()
  }
}

/** Ends its daemons. `remove` takes the folder's contents away, and then nothing needs a clean end. */
export async function stopCluster(dir, { remove = false } = {}) {
  const maker = makerOf(dir)
  if (maker !== null) process.kill(maker, 'SIGTERM')
  await endProcesses(configPath(dir), { atOnce: remove })
  if (!remove) return
  for (const name of OWN) rmSync(join(dir, name), { recursive: true, force: true })
  if (existsSync(dir) && readdirSync(dir).length === 0) rmSync(dir, { recursive: true })
}

/** Only one at a time may work on a folder. */
function claim(dir) {
  const path = join(dir, 'making')
  const maker = makerOf(dir)
  if (maker !== null) throw new Error(`process ${maker} is starting a cluster in ${dir} at this moment`)
  writeFileSync(path, `${process.pid}\n`)
  return () => rmSync(path, { force: true })
}

/** Id of the process that works on the folder, or null. */
function makerOf(dir) {
  const path = join(dir, 'making')
  if (!existsSync(path)) return null
  const pid = readFileSync(path, 'utf8').trim()
  const commandLine = `/proc/${pid}/cmdline`
  const lives = existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes('s3.mjs')
  return lives && Number(pid) !== process.pid ? Number(pid) : null
}

/** What a start that failed has left is taken away; what is somebody else's is not. */
async function makeRoom(dir) {
  const foreign = readdirSync(dir).filter((name) => !OWN.includes(name))
  if (foreign.length > 0) throw new Error(`${dir} holds something else: ${foreign.slice(0, 3).join(', ')}`)
  await endProcesses(configPath(dir), { atOnce: true })
  for (const name of OWN.filter((name) => name !== 'making'))
    rmSync(join(dir, name), { recursive: true, force: true })
}

async function make({ dir, shape: shapeName, port, monPort, osdGib, say }) {
  const shape = SHAPES[shapeName]
  const ports = await choosePorts(shape, { port, monPort })
  for (const name of ['mon', 'osd', 'run', 'log', 'rgw', 'crash']) mkdirSync(join(dir, name))
  const fsid = randomUUID()
  writeFileSync(configPath(dir), configOf({ dir, fsid, shape, ports, osdGib }))
  const uuids = Array.from({ length: shape.osds }, () => randomUUID())
  // Monitors and disks know nothing of each other yet: both at once.
  await Promise.all([makeMons({ dir, fsid, shape, ports }), makeDisks(dir, uuids)])
  say('monitors agree, disks are made')
  await admit(dir, uuids)
  const daemons = daemonsOf(shape)
  await startEach(dir, daemons, 'osd.')
  await startEach(dir, daemons, 'rgw.')
  await Promise.all(ports.gateways.map(gatewayAnswers))
  say('gateways answer')
  const facts = {
    endpoints: ports.gateways.map(endpointOf),
    ...(await createUser(dir)),
    region: REGION,
    dir,
    shape: shapeName,
    daemons,
  }
  writeFileSync(factsPath(dir), `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 })
  return facts
}

async function makeMons({ dir, fsid, shape, ports }) {
  const keyring = join(dir, 'keyring')
  await run('ceph-authtool', [
    '--create-keyring',
    keyring,
    '--gen-key',
    '-n',
    'mon.',
    '--cap',
    'mon',
    'allow *',
  ])
  const names = monsOf(shape)
  const monmap = join(dir, 'monmap')
  const members = names.flatMap((name, index) => ['--addv', name, monAddress(ports, index)])
  await run('monmaptool', ['--create', '--clobber', ...members, '--fsid', fsid, monmap])
  const made = ['--mkfs', '--monmap', monmap, '--keyring', keyring]
  await Promise.all(names.map((name) => run('ceph-mon', ['-c', configPath(dir), '-i', name, ...made])))
  await Promise.all(names.map((name) => startDaemon(dir, `mon.${name}`)))
  // One that has yet to join answers an OSD with a map that it refuses.
  await until('all monitors agree', SECONDS, async () => {
    const { quorum_names: members } = await ask(dir, ['quorum_status'])
    return members.length === names.length
  })
}

const makeDisks = (dir, uuids) =>
  Promise.all(
    uuids.map((uuid, number) => {
      mkdirSync(join(dir, 'osd', `${number}`))
      const args = ['-i', `${number}`, '--mkfs', '--osd-uuid', uuid, '--no-mon-config']
      return run('ceph-osd', ['-c', configPath(dir), ...args])
    }),
  )

/** Tells the monitors about the disks: one interpreter reads all commands. */
async function admit(dir, uuids) {
  const commands = uuids.flatMap((uuid, number) => [
    `osd new ${uuid} ${number}`,
    `osd crush add osd.${number} 1.0 root=default host=h${number}`,
  ])
  await run('ceph', ['-c', configPath(dir), '--connect-timeout', '30'], { input: `${commands.join('\n')}\n` })
}

const ask = async (dir, command) =>
  JSON.parse(await run('ceph', ['-c', configPath(dir), '--connect-timeout', '30', ...command, '-f', 'json']))

const startEach = (dir, daemons, kind) =>
  Promise.all(daemons.filter((name) => name.startsWith(kind)).map((name) => startDaemon(dir, name)))

/** Resolves when it is in the background, which is before it does its work. */
function startDaemon(dir, daemon) {
  const [kind, id] = daemon.split('.')
  const program = { mon: 'ceph-mon', osd: 'ceph-osd', rgw: 'radosgw' }[kind]
  const name = kind === 'rgw' ? ['-n', longName(daemon)] : ['-i', id]
  return launch(program, ['-c', configPath(dir), ...name], { seconds: SECONDS })
}

async function createUser(dir) {
  const accessKeyId = randomBytes(10).toString('hex').toUpperCase()
  const secretAccessKey = randomBytes(20).toString('hex')
  const names = ['--uid=kist', '--display-name=Kist', '--max-buckets=0']
  const keys = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`]
  await run('radosgw-admin', ['-c', configPath(dir), 'user', 'create', ...names, ...keys])
  return { accessKeyId, secretAccessKey }
}

/** Names of the daemons that run. */
export function runningDaemons(dir) {
  return processesOf(configPath(dir)).flatMap(({ args }) => {
    const id = args[args.indexOf('-i') + 1]
    const name = { 'ceph-mon': `mon.${id}`, 'ceph-osd': `osd.${id}` }[args[0]]
    if (name) return [name]
    return args[0] === 'radosgw' ? [args[args.indexOf('-n') + 1].replace('client.', '')] : []
  })
}

async function startAgain(dir, facts, { shape, only, say }) {
  if (facts.shape !== shape && only === undefined)
    throw new Error(
      `in ${dir} is a ${facts.shape}, not a ${shape}: end it with scripts/s3-down --remove first`,
    )
  if (only !== undefined && !facts.daemons.includes(only))
    throw new Error(`there is no ${only} in ${dir}: ${facts.daemons.join(', ')}`)
  const running = runningDaemons(dir)
  const down = facts.daemons.filter((name) => !running.includes(name) && (only ?? name) === name)
  for (const kind of ['mon.', 'osd.', 'rgw.']) await startEach(dir, down, kind)
  await Promise.all(down.map((name) => becomesReady(dir, facts, name)))
  say(down.length === 0 ? 'runs already' : `started ${down.join(', ')}`)
  return facts
}

/** A monitor is back in the quorum, an OSD is up, a gateway answers. */
function becomesReady(dir, facts, daemon) {
  const [kind, id] = daemon.split('.')
  if (kind === 'rgw') return gatewayAnswers(new URL(facts.endpoints['abc'.indexOf(id)]).port)
  return until(`${daemon} is ready`, SECONDS, async () => {
    if (kind === 'mon') return (await ask(dir, ['quorum_status'])).quorum_names.includes(id)
    const { osds } = await ask(dir, ['osd', 'dump'])
    return osds.some(({ osd, up }) => osd === Number(id) && up === 1)
  })
}

const endpointOf = (port) => `http://127.0.0.1:${port}`

const gatewayAnswers = (port) =>
  until(`the gateway on port ${port} answers`, SECONDS, () =>
    fetch(endpointOf(port), { signal: AbortSignal.timeout(5000) }).then(
      ({ ok }) => ok,
      () => false,
    ),
  )

async function choosePorts({ mons, gateways }, { port, monPort }) {
  const taken = new Set()
  const choose = async (count, first) => {
    const ports = []
    for (let n = 0; n < count; n++) ports.push(first === undefined ? await freePort(taken) : first + n)
    return ports
  }
  return { gateways: await choose(gateways, port), mons: await choose(mons, monPort) }
}

/** Below the range from which the kernel serves clients, so that none of them takes it before the daemon does. */
async function freePort(taken) {
  for (let tries = 0; tries < 1000; tries++) {
    const port = 10_000 + (randomBytes(4).readUInt32BE() % 22_000)
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port)
      return port
    }
  }
  throw new Error('no port is free on 127.0.0.1')
}

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })

/** The ends of the logs, for whoever has to find out why it did not start. */
function lastWords(dir) {
  const folder = join(dir, 'log')
  if (!existsSync(folder)) return ''
  const words = readdirSync(folder).flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n').slice(-3)
    return lines.map((line) => `  ${name}: ${line.slice(0, 300)}`)
  })
  return `\n${words.join('\n')}`
}
