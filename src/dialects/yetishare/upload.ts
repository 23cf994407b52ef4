/** Uploads by form. The order of its parts does not matter: a file that comes first is kept aside until it is known whose it is. */
import { Fault, invalid, isFault } from '../../core/fault.ts'
import { cleanFilename } from '../../core/filename.ts'
import type { NewContent, ReceivedFile, SpooledContent } from '../../core/ingest.ts'
import type { Account } from '../../core/model.ts'
import { queryFields, type TextFields, textFields } from '../../http/fields.ts'
import type { IncomingFile } from '../../http/form.ts'
import { receiveForm } from '../../http/form-upload.ts'
import type { OpenAction, OpenCall } from './action.ts'
import { type CallDeps, type Caller, folderOf, identify, textOf } from './call.ts'
import { REAUTHENTICATE } from './faults.ts'
import { toUploaded } from './wire.ts'

const NO_FILE = 'Did not receive uploaded file.'

/** What has arrived of an upload so far, and whose it is when that came first. */
interface Arrival {
  file: Pick<IncomingFile, 'name' | 'mimeType'>
  spooled: SpooledContent
  caller: Caller | null
}

/** A name of which nothing is left is none. */
function isNamed(name: string): boolean {
  try {
    return cleanFilename(name) !== ''
  } catch (error) {
    if (isFault(error, 'invalid')) return false
    throw error
  }
}

/** A pair of keys does too: programs that make one request only, such as ShareX, cannot sign in first. */
async function identifySender(deps: CallDeps, { ip }: OpenCall, parameters: TextFields): Promise<Caller> {
  const { key1, key2 } = parameters
  if (textOf(parameters, 'access_token') || !key1 || !key2) return identify(deps, { parameters, ip })
  const account = await deps.core.accessTokens.byKeys(key1, key2, ip)
  return { account, actingAs: account }
}

const isSigned = (parameters: TextFields): boolean =>
  Boolean(textOf(parameters, 'access_token') && textOf(parameters, 'account_id')) ||
  Boolean(parameters.key1 && parameters.key2)

/** Faults: invalid, bad_credentials, folder_not_found, and those of IngestService.accept. */
function receive(deps: CallDeps, call: OpenCall): Promise<ReceivedFile> {
  const { ingest } = deps.core
  const query = queryFields(call.request)
  return receiveForm<Arrival>(ingest, call, {
    fileField: 'upload_file',
    counts: isNamed,
    async spool({ name, mimeType, body }, expected, before) {
      const parameters = textFields(query, before)
      const caller = isSigned(parameters) ? await identifySender(deps, call, parameters) : null
      const announced = { name, ...expected, mimeType }
      const spooled = caller
        ? await ingest.spool(caller.actingAs, announced, body)
        : await ingest.spoolUnknown(announced, body)
      return { file: { name, mimeType }, spooled, caller }
    },
    async resolve(arrival, fields) {
      const parameters = textFields(query, fields)
      const { actingAs: owner } = arrival?.caller ?? (await identifySender(deps, call, parameters))
      if (!arrival) throw invalid('upload_file', NO_FILE)
      const content = await contentOf(deps, call, { parameters, owner, arrival })
      return { owner, content, spooled: arrival.spooled }
    },
  })
}

async function contentOf(
  { core }: CallDeps,
  { ip }: OpenCall,
  { parameters, owner, arrival }: { parameters: TextFields; owner: Account; arrival: Arrival },
): Promise<NewContent> {
  if (arrival.spooled.written.size === 0) throw new Fault('empty_file')
  const folderId = await folderOf({ core, account: owner }, textOf(parameters, 'folder_id'))
  const { name, mimeType } = arrival.file
  return {
    name,
    mimeType,
    leastSize: 0,
    folderId,
    source: 'api',
    uploadedIp: ip || null,
    visibility: 1,
    numbered: true,
  }
}

const LINK = 'https://your-site.example/4ynA8yjhsu'
const DELETE_HASH = '41efa710444abad11a8f4b5a90e4d746'
const EXAMPLE = {
  name: 'sample4_l.jpg',
  size: '149084',
  type: 'image/jpeg',
  error: null,
  url: LINK,
  delete_url: `${LINK}~d?${DELETE_HASH}`,
  info_url: `${LINK}~i?${DELETE_HASH}`,
  delete_type: 'DELETE',
  delete_hash: DELETE_HASH,
  hash: '2f4105bc2c626232544275c2d890168b',
  stats_url: `${LINK}~s`,
  short_url: '4ynA8yjhsu',
  file_id: '1253',
  unique_hash: '60b0be7e3b18de9a3f00d940a8e5a9834c6cdc0f49d40af64973be5ca504c4fd',
  url_html: `<a href="${LINK}" target="_blank" title="View image on Kist">view sample4_l.jpg on Kist</a>`,
  url_bbcode: `[url]${LINK}[/url]`,
}

export const uploadAction = (deps: CallDeps): OpenAction => ({
  path: 'file/upload',
  docs: {
    summary: 'Upload a file',
    description:
      'A form with the file in `upload_file`. A name that the folder has already becomes `name (1).ext`.',
    parameters: {
      access_token: 'From /authorize',
      account_id: 'From /authorize',
      upload_file: 'The file',
      folder_id: 'The folder it goes into; root when blank',
      key1: 'First API key, instead of access_token and account_id',
      key2: 'Second API key',
    },
    errors: [
      'Please provide the access_token param.',
      'Please provide the account_id param.',
      REAUTHENTICATE,
      NO_FILE,
      'Filesize received was zero.',
      'Could not find folder based on folder_id.',
      'File received is larger than permitted. (max 104857600)',
      'File could not be uploaded due to that file type being banned by the site admin',
      'Uploading is currently disabled on the site, please try again later.',
      'This upload would exceed your storage quota.',
    ],
    example: {
      response: 'File uploaded',
      data: [EXAMPLE],
    },
  },
  async runOpen(call) {
    const { file, md5 } = await receive(deps, call)
    return {
      response: 'File uploaded',
      data: [toUploaded(file, md5, { origin: call.origin, siteName: deps.siteName })],
    }
  },
})
