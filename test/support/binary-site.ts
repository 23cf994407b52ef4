/** People, files and folders of a compiled binary that runs, made through its APIs. */
import { createHash } from 'node:crypto'
import type { Place } from './binary.ts'
import type { RunningServer } from './server-process.ts'

const PASSWORD = 'correct horse battery'

export interface NewSiteFile {
  name: string
  bytes: Uint8Array
  type?: string
  folderId?: string
}

export interface BinarySite {
  /** Slug of an unlisted file of ann. */
  file(file: NewSiteFile): Promise<string>
  /** Slug of a private one. */
  privateFile(file: NewSiteFile): Promise<string>
  /** Id of an unlisted folder of ann. */
  folder(name: string, password?: string): Promise<string>
  /** The value of a Cookie header. */
  signIn(name: string): Promise<string>
}

type Fields = Record<string, string | Blob>

/** `ann` and `bob` are made with one password. */
export async function binarySite(place: Place, { url }: RunningServer): Promise<BinarySite> {
  for (const name of ['ann', 'bob'])
    await place.lines(['user', 'add', name, '--package', 'Admin', '--password-stdin'], { input: PASSWORD })
  const keyOf = async (kind: string): Promise<string> =>
    (await place.lines(['token', 'add', '--user', 'ann', '--kind', kind]))[0] ?? ''
  const [token, key] = [await keyOf('nating'), await keyOf('flamenet')]

  const yetishare = async (action: string, fields: Fields) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields))
      if (value instanceof File) form.append(name, value, value.name)
      else form.append(name, value as string)
    const answer = await fetch(`${url}/api/v2/${action}`, { method: 'POST', body: form })
    const body = (await answer.json()) as { _status: string; data: never; response: string }
    if (body._status !== 'success') throw new Error(`${action}: ${body.response}`)
    return body.data
  }
  const { access_token, account_id } = (await yetishare('authorize', {
    username: 'ann',
    password: PASSWORD,
  })) as {
    access_token: string
    account_id: string
  }
  const signed = { access_token, account_id }
  const asFile = ({ name, bytes, type = '' }: NewSiteFile): File =>
    new File([Buffer.from(bytes)], name, { type: type || 'application/octet-stream' })
  return {
    async file(file) {
      const fields = {
        ...signed,
        upload_file: asFile(file),
        ...(file.folderId && { folder_id: file.folderId }),
      }
      const [made] = (await yetishare('file/upload', fields)) as Array<{ short_url: string }>
      return made?.short_url ?? ''
    },
    async privateFile(file) {
      const form = new FormData()
      form.append('file', asFile(file), file.name)
      const sent = await fetch(`${url}/api/flamenet/v1/files`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: form,
      })
      const { id } = (await sent.json()) as { id: number }
      const headers = { authorization: `Bearer ${token}` }
      const found = await fetch(`${url}/api/v1/files/${id}`, { headers })
      return ((await found.json()) as { file: { short_id: string } }).file.short_id
    },
    async folder(name, password) {
      const locked: Fields =
        password === undefined ? {} : { access_password: createHash('md5').update(password).digest('hex') }
      const made = await yetishare('folder/create', {
        ...signed,
        folder_name: name,
        is_public: '1',
        ...locked,
      })
      return (made as { id: string }).id
    },
    async signIn(username) {
      const answer = await fetch(`${url}/web/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password: PASSWORD }),
      })
      if (!answer.ok) throw new Error(`${username} could not sign in: ${answer.status}`)
      return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    },
  }
}
