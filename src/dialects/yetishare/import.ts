/** Files fetched from a URL in the background. */
import { Fault } from '../../core/fault.ts'
import { readImportUrl } from '../../core/import-url.ts'
import type { Action } from './action.ts'
import { folderOf, toId } from './call.ts'
import { toImport } from './wire.ts'

const add: Action = {
  path: 'file/url_upload_add',
  docs: {
    summary: 'Fetch a file from a URL',
    parameters: {
      file_url_base64: 'The http or https URL in base64',
      folder_id: 'The folder the file goes into; root when blank',
    },
    errors: [
      'Please provide the file_url_base64 param.',
      "Could not parse the file_url_base64 parameter. Ensure it's base64 encoded.",
      'Could not find folder based on folder_id.',
      'Remote URL downloading is disabled.',
    ],
    example: {
      response: 'File download from URL scheduled',
      data: { scheduled_item_id: 52, url: 'https://example.com/logo.png' },
    },
  },
  async run(call) {
    const urlBase64 = call.required('file_url_base64')
    readImportUrl(urlBase64) // The URL is judged before the folder.
    const folderId = await folderOf(call, call.text('folder_id'))
    const item = await call.core.imports.add(call.account, { urlBase64, folderId })
    return {
      response: 'File download from URL scheduled',
      data: { scheduled_item_id: item.id, url: item.url },
    }
  },
}

const status: Action = {
  path: 'file/url_upload_status',
  docs: {
    summary: 'How far a fetch is',
    parameters: { scheduled_item_id: 'From /file/url_upload_add' },
    errors: [
      'Please provide the scheduled_item_id param.',
      'Could not find the scheduled item based on scheduled_item_id.',
    ],
    example: {
      response: 'Scheduled URL file download found',
      data: {
        scheduled_item_id: 51,
        status: 'complete',
        created: '2026-11-22 01:30:00',
        started: '2026-11-22 01:30:01',
        finished: '2026-11-22 01:30:02',
        total_size: 17262,
        downloaded_file: {
          file_id: 11456,
          name: 'logo.png',
          size: 17262,
          url: 'https://your-site.example/4ynA8yjhsu/logo.png',
        },
      },
    },
  },
  async run({ core, account, required, origin }) {
    const id = toId(required('scheduled_item_id'))
    if (id === null) throw new Fault('import_not_found')
    const { item, file } = await core.imports.status(account, id)
    return { response: 'Scheduled URL file download found', data: toImport(item, file, origin) }
  },
}

export const importActions: Action[] = [add, status]
