/** A Ceph cluster with S3 gateways in one folder: made, started, started again, ended. */
import { randomBytes, randomUUID } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { configOf, daemonsOf, keyringOf, longName, MARK, monAddress, monsOf, SHAPES } from './ceph-config.mjs'
import { choosePorts } from './ceph-ports.mjs'
import { argumentsOf, endProcesses, launch, processesOf, run, until } from './ceph-processes.mjs'

const REGION = 'us-east-1'
/** All that is made in the folder, and the name of who is making it. */
const OWN = ['keyring', 'monmap', 's3.json', 'mon', 'osd', 'run', 'log', 'rgw', 'crash', 'ceph.conf']
const MAKING = 'making'
const SECONDS = 60

const configPath = (dir) => join(dir, 'ceph.conf')
const factsPath = (dir) => join(dir, 's3.json')

/** What is in s3.json, or null while there is no cluster that was made whole. */
const readFacts = (dir) =>
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
    return await make({ dir, shape, port, monPort, osdGib, say }).catch(async (error) => {
      await endProcesses(configPath(dir), { atOnce: true })
      throw error
    })
  } catch (error) {
    throw new Error(`${error.message}${isOwn(dir) ? lastWords(dir) : ''}`)
  } finally {
    release()
  }
}

/** Ends its daemons. `remove` takes the folder's contents away, and then nothing needs a clean end. */
export async function stopCluster(dir, { remove = false } = {}) {
  const maker = makerOf(dir)
  if (maker !== null) process.kill(maker, 'SIGTERM')
  await endProcesses(configPath(dir), { atOnce: remove })
  if (!remove || !isOwn(dir)) return
  empty(dir)
  rmSync(join(dir, MAKING), { force: true })
  if (readdirSync(dir).length === 0) rmSync(dir, { recursive: true })
}

/** Only one at a time may work on a folder. A link appears whole or not at all, so its text is always there. */
function claim(dir) {
  const path = join(dir, MAKING)
  const own = `${path}.${process.pid}`
  writeFileSync(own, `${process.pid}\n`)
  try {
    // A name that a dead process left is in the way of nobody.
    if (!linked(own, path) && makerOf(dir) === null) rmSync(path, { force: true })
    if (!isSame(own, path) && !linked(own, path))
      throw new Error(`process ${makerOf(dir) ?? 'unknown'} is starting a cluster in ${dir} at this moment`)
  } finally {
    rmSync(own)
  }
  return () => rmSync(path, { force: true })
}

/** False when the name is taken. */
function linked(own, path) {
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  }
}

const isSame = (own, path) => existsSync(path) && statSync(own).ino === statSync(path).ino

/** Id of the process that works on the folder, or null. */
function makerOf(dir) {
  const path = join(dir, MAKING)
  if (!existsSync(path)) return null
  const pid = Number(readFileSync(path, 'utf8'))
  return pid !== process.pid && argumentsOf(pid).some((text) => text.endsWith('s3.mjs')) ? pid : null
}

/** What a start that failed has left is taken away; what is somebody else's is not. */
async function makeRoom(dir) {
  const there = readdirSync(dir).filter((name) => !name.startsWith(MAKING))
  if (there.length > 0 && !isOwn(dir))
    throw new Error(`${dir} holds something else: ${there.slice(0, 3).join(', ')}`)
  await endProcesses(configPath(dir), { atOnce: true })
  empty(dir)
}

const isOwn = (dir) => existsSync(configPath(dir)) && readFileSync(configPath(dir), 'utf8').startsWith(MARK)

/** ceph.conf goes last: it says that the rest is ours. */
function empty(dir) {
  for (const name of OWN) rmSync(join(dir, name), { recursive: true, force: true })
}

async function make({ dir, shape: shapeName, port, monPort, osdGib, say }) {
  const shape = SHAPES[shapeName]
  const ports = await choosePorts(shape, { port, monPort })
  const fsid = randomUUID()
  writeFileSync(configPath(dir), configOf({ dir, fsid, shape, ports, osdGib }))
  writeFileSync(join(dir, 'keyring'), keyringOf(shape), { mode: 0o600 })
  for (const name of ['mon', 'osd', 'run', 'log', 'rgw', 'crash']) mkdirSync(join(dir, name))
  const uuids = Array.from({ length: shape.osds }, () => randomUUID())
  // Monitors and disks know nothing of each other yet: both at once.
  await Promise.all([makeMons({ dir, fsid, shape, ports }), makeDisks(dir, uuids)])
  say('monitors agree, disks are made')
  await admit(dir, uuids)
  const daemons = daemonsOf(shape)
  await startEach(dir, daemons, 'osd.')
  await startEach(dir, daemons, 'rgw.')
  const endpoints = ports.gateways.map((port) => `http://127.0.0.1:${port}`)
  const gateways = daemons.filter((name) => name.startsWith('rgw.'))
  await Promise.all(gateways.map((name) => becomesReady(dir, endpoints, name)))
  say('gateways answer')
  const facts = {
    endpoints,
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
  const names = monsOf(shape)
  const monmap = join(dir, 'monmap')
  const members = names.flatMap((name, index) => ['--addv', name, monAddress(ports, index)])
  await run('monmaptool', ['--create', '--clobber', ...members, '--fsid', fsid, monmap])
  const made = ['--mkfs', '--monmap', monmap, '--keyring', join(dir, 'keyring')]
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
function runningDaemons(dir) {
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
  await Promise.all(down.map((name) => becomesReady(dir, facts.endpoints, name)))
  say(down.length === 0 ? 'runs already' : `started ${down.join(', ')}`)
  return facts
}

/** A monitor is in the quorum, an OSD is up, a gateway answers. Rejects at once when it has ended instead. */
function becomesReady(dir, endpoints, daemon) {
  const [kind, id] = daemon.split('.')
  const isReady = {
    mon: async () => (await ask(dir, ['quorum_status'])).quorum_names.includes(id),
    osd: async () => {
      const { osds } = await ask(dir, ['osd', 'dump'])
      return osds.some(({ osd, up }) => osd === Number(id) && up === 1)
    },
    rgw: () => answers(endpoints['abc'.indexOf(id)]),
  }
  return until(`${daemon} is ready`, SECONDS, () => {
    if (!runningDaemons(dir).includes(daemon)) throw new Error(`${daemon} has ended`)
    return isReady[kind]()
  })
}

const answers = (endpoint) =>
  fetch(endpoint, { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  )

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
