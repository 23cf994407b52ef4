/** A client in a process of its own: bun round-trip.ts URL TOKEN SIZE SEED. Prints the SHA-256 of what came back. */
import { createContent } from './content.ts'
import { createClient, downloadHash, downloadLink, uploadContent } from './upload-client.ts'

const [url = '', token = '', size = '', seed = ''] = process.argv.slice(2)
const content = createContent(Number(size), seed)
const client = createClient(url, token)
const link = await downloadLink(client, await uploadContent(client, content))
process.stdout.write(`${await downloadHash(link, content.size, 1_000_001)}\n`)
