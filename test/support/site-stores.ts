/** Where a site of the tests keeps its files: the local disk, or a bucket of the test server. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Place } from './binary.ts'
import { type Bucket, newBucket, storageToml } from './bucket.ts'
import { CEPH, type S3Server, s3Client, startS3 } from './s3.ts'

export interface SiteStore {
  /** As in "with files in …". */
  name: string
  /** Whether this machine has it. */
  isHere: boolean
  open(): Promise<OpenStore>
}

export interface OpenStore {
  /** Lines of kist.toml. */
  settings: string
  /** Whom browsers send parts to and get what they save from; null when that is Kist itself. */
  origin: string | null
  /** SHA-256 of every object of this size that is there. */
  hashes(place: Place, size: number): Promise<string[]>
}

export const ON_DISK: SiteStore = {
  name: 'a directory',
  isHere: true,
  open: async () => ({ settings: '', origin: null, hashes: ({ dataDir }, size) => filesOf(dataDir, size) }),
}

const IN_BUCKET: SiteStore = {
  name: 'a bucket',
  isHere: CEPH,
  async open() {
    const bucket = await newBucket((await startS3()) as S3Server)
    return {
      settings: `[downloads]\ndelivery = "signed_origin"\n${storageToml(bucket)}`,
      origin: new URL(bucket.access.endpoints[0] ?? '').origin,
      hashes: (_place, size) => objectsOf(bucket, size),
    }
  },
}

/** All that Kist can keep files in: what is tested on one is tested on each. */
export const STORES: readonly SiteStore[] = [ON_DISK, IN_BUCKET]

/** SHA-256 of every file of this size among the objects on the disk; none where no object ever was. */
async function filesOf(dataDir: string, size: number): Promise<string[]> {
  const objects = join(dataDir, 'objects')
  if (!existsSync(objects)) return []
  const paths = [...new Bun.Glob('**').scanSync({ cwd: objects, absolute: true, onlyFiles: true })]
  const alike = paths.filter((path) => Bun.file(path).size === size)
  return Promise.all(alike.map((path) => hashOf(createReadStream(path))))
}

async function objectsOf({ access, name }: Bucket, size: number): Promise<string[]> {
  const client = s3Client(access)
  try {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }))
    const hashes: string[] = []
    for (const { Key } of Contents.filter(({ Size }) => Size === size)) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key }))
      hashes.push(await hashOf(Body as unknown as AsyncIterable<Uint8Array>))
    }
    return hashes
  } finally {
    client.destroy()
  }
}

async function hashOf(pieces: AsyncIterable<string | Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}
