/** A bucket of the test server as Kist is told of it: lines of kist.toml, or changes of the configuration. */
import type { ConfigChanges } from './app.ts'
import type { S3Access, S3Server } from './s3.ts'

export interface Bucket {
  name: string
  access: S3Access
  /** As the section `storage` of the configuration, with new files in it. */
  storage: NonNullable<ConfigChanges['storage']>
}

/** A new empty bucket, at another endpoint than the server's when `endpoint` is given. */
export async function newBucket(server: S3Server, endpoint = server.endpoints[0] ?? ''): Promise<Bucket> {
  const bucket = await server.newBucket()
  const { region, accessKeyId, secretAccessKey } = server
  return {
    name: bucket,
    access: server,
    storage: { driver: 's3', s3: { endpoint, region, bucket, accessKeyId, secretAccessKey } },
  }
}

/** Lines of kist.toml with this section. */
export function storageToml({ storage }: Bucket, driver: 'local' | 's3' = 's3'): string {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey, publicCdnUrl = '' } = storage.s3 ?? {}
  const keys = {
    ...{ endpoint, region, bucket, access_key_id: accessKeyId, secret_access_key: secretAccessKey },
    public_cdn_url: publicCdnUrl,
  }
  const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
  return `[storage]\ndriver = "${driver}"\n[storage.s3]\n${lines.join('\n')}\n`
}
