/** Every success of the published reference, field by field: names, their order, types; then the values. */
import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { sampleBytes } from '../../support/upload.ts'
import { filePart, textParts } from './forms.ts'
import {
  ACCOUNT,
  DONE,
  differences,
  FILE,
  FOLDER,
  LISTED_FILE,
  LISTED_FOLDER,
  PACKAGE,
  UPLOADED,
} from './samples.ts'
import { API, encode, scenario } from './scenario.ts'

const SITE = 'https://your-site.example'
const given = scenario({
  config: {
    server: { publicUrl: SITE },
    site: { name: 'File "Upload" <Script>' },
    remoteImport: { allowPrivateAddresses: true },
  },
})

const sent = async (action: string, parameters: Record<string, string> = {}) => {
  const answer = await given.app.request('POST', `${SITE}${API}/${action}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: encode({ ...given.ann.credentials, ...parameters }),
  })
  expect(answer.status).toBe(200)
  return answer.json
}

const upload = async (name: string, size: number, fields: Record<string, string> = {}) => {
  const answer = await given.send([
    ...textParts({ ...given.ann.credentials, ...fields }),
    filePart(name, sampleBytes(size), { type: 'image/jpeg' }),
  ])
  return answer.json
}
const makeFolder = async (folder_name: string, more: Record<string, string> = {}): Promise<string> =>
  (await sent('folder/create', { folder_name, ...more })).data.id

describe('signing in and out', () => {
  test('/authorize', async () => {
    const { json } = await given.post('authorize', given.ann.keys)
    expect(differences(json, { data: { access_token: 'lGoV', account_id: '158642' }, ...DONE })).toEqual([])
  })

  test('/disable_access_token', async () => {
    const json = await sent('disable_access_token')
    expect(differences(json, { response: 'Token removed or no longer available.', ...DONE })).toEqual([])
    expect(json.response).toBe('Token removed or no longer available.')
  })
})

describe('the account', () => {
  test('/account/info', async () => {
    const json = await sent('account/info')
    expect(differences(json, { data: ACCOUNT, ...DONE })).toEqual([])
    expect(json.data).toEqual({
      ...ACCOUNT,
      ...{
        id: given.ann.credentials.account_id,
        username: 'ann-lee',
        level_id: '2',
        email: 'ann-lee@example.com',
      },
      ...{ lastlogindate: '2030-01-01 00:00:00', lastloginip: '', datecreated: '2030-01-01 00:00:00' },
      ...{ title: null, firstname: null, lastname: null, lastPayment: null },
    })
  })

  test('/account/package', async () => {
    await given.app.core.packages.set('Gold', {
      max_upload_size: '1073741824',
      max_remote_download_urls: '50',
    })
    const json = await sent('account/package')
    expect(differences(json, { data: PACKAGE, ...DONE })).toEqual([])
    expect(json.data).toMatchObject({
      ...{ label: 'Gold', max_upload_size: '1073741824', can_upload: '1', max_remote_download_urls: '50' },
      ...{ max_storage_bytes: '6597069766656', level_type: 'paid user', on_upgrade_page: '1' },
    })
  })

  test('/package/listing', async () => {
    const { json } = await given.admin.call('package/listing')
    const shape = { data: { packages: [PACKAGE] }, ...DONE }
    expect(differences(json, shape)).toEqual([])
    expect(json.data.packages.map(({ label }: { label: string }) => label)).toEqual(
      'Guest Free Bronze Silver Gold Admin'.split(' '),
    )
  })
})

describe('files', () => {
  test('/file/upload', async () => {
    const json = await upload('sample4_l.jpg', 149_084)
    expect(differences(json, { response: 'File uploaded', data: [UPLOADED], ...DONE })).toEqual([])
    const [data] = json.data
    const url = `${SITE}/${data.short_url}`
    expect(data.short_url).toMatch(/^[0-9A-Za-z]{10}$/)
    expect(data.file_id).toMatch(/^[1-9]\d*$/)
    expect(data.delete_hash).toMatch(/^[0-9a-f]{32}$/)
    expect(data.unique_hash).toMatch(/^[0-9a-f]{64}$/)
    const site = 'File &quot;Upload&quot; &lt;Script&gt;'
    expect(data).toEqual({
      ...data,
      ...{
        name: 'sample4_l.jpg',
        size: '149084',
        type: 'image/jpeg',
        error: null,
        url,
        stats_url: `${url}~s`,
      },
      ...{ delete_url: `${url}~d?${data.delete_hash}`, info_url: `${url}~i?${data.delete_hash}` },
      ...{ delete_type: 'DELETE', hash: createHash('md5').update(sampleBytes(149_084)).digest('hex') },
      url_html: `<a href="${url}" target="_blank" title="View image on ${site}">view sample4_l.jpg on ${site}</a>`,
      url_bbcode: `[url]${url}[/url]`,
    })
    const again = (await upload('sample4_l.jpg', 149_084)).data[0]
    expect(again.hash).toBe(data.hash)
    expect(again.unique_hash).not.toBe(data.unique_hash)
    expect(again.delete_hash).not.toBe(data.delete_hash)
  })

  test('/file/upload escapes the name in its markup', async () => {
    const { data } = await upload(`a<b>&'.jpg`, 5)
    expect(data[0].name).toBe(`a<b>&'.jpg`)
    expect(data[0].url_html).toContain('>view a&lt;b&gt;&amp;')
    expect(data[0].url_html).not.toContain('<b>')
  })

  test('/file/info', async () => {
    const folder = await makeFolder('In')
    const { data } = await upload('Button_back over.GIF', 1116, { folder_id: folder })
    const { file_id, short_url, delete_hash } = data[0]
    const json = await sent('file/info', { file_id })
    expect(differences(json, { data: FILE, ...DONE })).toEqual([])
    const url = `${SITE}/${short_url}`
    expect(json.data).toEqual({
      ...{ id: file_id, filename: 'Button_back over.GIF', shortUrl: short_url, fileType: 'image/jpeg' },
      ...{
        extension: 'gif',
        fileSize: '1116',
        uploadedIP: json.data.uploadedIP,
        uploadedDate: '2030-01-01 00:00:00',
      },
      ...{ status: 'active', file_status: 'active', downloads: '0', lastAccessed: null, folderId: folder },
      ...{ keywords: 'Button,back,over,GIF', isPublic: '1', uploadSource: 'api', description: null },
      ...{ url_file: url, url_file_info: `${url}~i?${delete_hash}`, url_file_stats: `${url}~s` },
      url_file_delete: `${url}~d?${delete_hash}`,
    })
  })

  test.each([
    ['a', '', 'a'],
    ['.htaccess', '', 'htaccess'],
    ['archive.tar.gz', 'gz', 'archive,tar,gz'],
    ['Ünï cödé-名前.JPEG', 'jpeg', 'Ünï,cödé,名前,JPEG'],
    ['--.--', '--', ''],
    ['end.', '', 'end'],
  ])('%s has the extension %p and the keywords %p', async (name, extension, keywords) => {
    const { data } = await upload(name, 3)
    const found = (await sent('file/info', { file_id: data[0].file_id })).data
    expect([found.extension, found.keywords]).toEqual([extension, keywords])
  })

  test('/file/download', async () => {
    const { file_id, short_url } = (await upload('a.jpg', 9)).data[0]
    const sample = { file_id: '1253', filename: 'sample4_l.jpg', download_url: 'https://yoursite.com/2Vv' }
    const ways: Array<Record<string, string>> = [
      { file_id },
      { short_url },
      { file_id, short_url: 'ignored' },
    ]
    for (const which of ways) {
      const json = await sent('file/download', which)
      expect(differences(json, { data: sample, ...DONE })).toEqual([])
      expect(json.data).toMatchObject({ file_id, filename: 'a.jpg' })
      const pattern = `^${SITE}/${short_url}\\?download_token=[0-9a-f]{64}$`
      expect(json.data.download_url).toMatch(new RegExp(pattern))
    }
  })

  test('/file/edit', async () => {
    const { file_id } = (await upload('a.jpg', 9)).data[0]
    const json = await sent('file/edit', { file_id, filename: 'b c.png', fileType: 'image/png' })
    const sample = { response: 'File successfully updated.', data: FILE, ...DONE }
    expect(differences(json, sample)).toEqual([])
    expect(json.response).toBe(sample.response)
    expect(json.data).toMatchObject({
      filename: 'b c.png',
      fileType: 'image/png',
      extension: 'png',
      keywords: 'b,c,png',
    })
  })

  test('/file/delete', async () => {
    const folder_id = await makeFolder('In')
    const { file_id } = (await upload('a.jpg', 9, { folder_id })).data[0]
    const json = await sent('file/delete', { file_id })
    const sample = { response: 'File successfully set as deleted.', data: FILE, ...DONE }
    expect(differences(json, sample)).toEqual([])
    expect(json.response).toBe(sample.response)
    expect(json.data).toMatchObject({ status: 'trash', file_status: 'trash', folderId: null })
  })

  test('/file/move', async () => {
    const { file_id } = (await upload('a.jpg', 9)).data[0]
    const folder = await makeFolder('In')
    const json = await sent('file/move', { file_id, new_parent_folder_id: folder })
    const sample = { response: 'File successfully moved.', data: FILE, ...DONE }
    expect(differences(json, sample)).toEqual([])
    expect(json).toMatchObject({ response: sample.response, data: { folderId: folder } })
  })

  test('/file/copy', async () => {
    const { file_id } = (await upload('a.jpg', 9)).data[0]
    const json = await sent('file/copy', { file_id, copy_to_folder_id: await makeFolder('In') })
    const sample = {
      response: 'File successfully copyied.',
      original_file: { data: FILE },
      new_file: { data: FILE },
      ...DONE,
    }
    expect(differences(json, sample)).toEqual([])
    expect(json.response).toBe(sample.response)
    expect(json.original_file.data.id).toBe(file_id)
    expect(json.new_file.data.id).not.toBe(file_id)
  })
})

describe('fetching from a URL', () => {
  test('/file/url_upload_add and /file/url_upload_status', async () => {
    const source = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => new Response(sampleBytes(17_262)),
    })
    try {
      const url = `${source.url}img/file_upload%20logo.png`
      const added = await sent('file/url_upload_add', { file_url_base64: btoa(url) })
      const scheduled = { scheduled_item_id: 52, url: 'https://yetishare.com/logo.png' }
      expect(
        differences(added, { response: 'File download from URL scheduled', data: scheduled, ...DONE }),
      ).toEqual([])
      expect(added).toMatchObject({ response: 'File download from URL scheduled', data: { url } })
      const { scheduled_item_id } = added.data

      const waiting = await sent('file/url_upload_status', { scheduled_item_id })
      expect(waiting.data).toEqual({
        ...{
          scheduled_item_id,
          status: 'pending',
          created: '2030-01-01 00:00:00',
          started: null,
          finished: null,
        },
        ...{ total_size: 0, downloaded_file: null },
      })

      given.app.clock.advance(5)
      await given.app.core.imports.runNext(new AbortController().signal)
      const json = await sent('file/url_upload_status', { scheduled_item_id })
      const downloaded_file = {
        file_id: 11_456,
        name: 'logo.png',
        size: 17_262,
        url: 'https://yoursite.com/sZG/logo.png',
      }
      const data = {
        ...{ scheduled_item_id: 51, status: 'complete', created: '2024-01-25 19:34:52' },
        ...{
          started: '2024-01-25 20:24:53',
          finished: '2024-01-25 20:24:54',
          total_size: 17_262,
          downloaded_file,
        },
      }
      expect(differences(json, { response: 'Scheduled URL file download found', data, ...DONE })).toEqual([])
      expect(json.response).toBe('Scheduled URL file download found')
      const info = await sent('file/info', { file_id: json.data.downloaded_file.file_id })
      expect(json.data).toMatchObject({
        status: 'complete',
        started: '2030-01-01 00:00:05',
        total_size: 17_262,
      })
      expect(json.data.downloaded_file).toMatchObject({ name: 'file_upload logo.png', size: 17_262 })
      expect(json.data.downloaded_file.url).toBe(`${info.data.url_file}/file_upload%20logo.png`)
      expect(info.data).toMatchObject({ uploadSource: 'remote', fileSize: '17262', isPublic: '1' })
    } finally {
      await source.stop(true)
    }
  })
})

describe('folders', () => {
  const MD5 = 'd9729feb74992cc3482b350163a1a010'

  test('/folder/create', async () => {
    const json = await sent('folder/create', {
      folder_name: 'My New Folder',
      is_public: '2',
      access_password: MD5,
    })
    const sample = { response: 'Folder successfully created.', data: FOLDER, ...DONE }
    expect(differences(json, sample)).toEqual([])
    const url_folder = `${SITE}/folder/${json.data.id}/My_New_Folder`
    const added = '2030-01-01 00:00:00'
    expect(json).toMatchObject({
      response: sample.response,
      data: { ...FOLDER, id: json.data.id, date_added: added, url_folder },
    })
  })

  test('/folder/listing', async () => {
    const first = await makeFolder('My Folder 1', { is_public: '1' })
    const inner = await makeFolder('inner', { parent_id: first })
    await upload('deep.bin', 868_689, { folder_id: inner })
    await makeFolder('My Folder 2', { access_password: MD5 })
    await upload('button_back.gif', 1116)
    const json = await sent('folder/listing')
    expect(differences(json, { data: { folders: [LISTED_FOLDER], files: [LISTED_FILE] }, ...DONE })).toEqual(
      [],
    )
    const [one, two] = json.data.folders
    expect(one).toEqual({
      ...LISTED_FOLDER,
      ...{
        id: first,
        folderName: 'My Folder 1',
        totalSize: '868689',
        isPublic: '1',
        date_added: '2030-01-01 00:00:00',
      },
      ...{ url_folder: `${SITE}/folder/${first}/My_Folder_1`, child_folder_count: 1 },
    })
    expect(two).toMatchObject({ folderName: 'My Folder 2', isPublic: '0' })
    expect(json.data.files[0]).toMatchObject({
      filename: 'button_back.gif',
      keywords: 'button,back,gif',
      folderId: null,
    })
  })

  test('/folder/info', async () => {
    const id = await makeFolder('Ünï & <b>.x_y-z', { access_password: MD5 })
    const json = await sent('folder/info', { parent_folder_id: id })
    expect(differences(json, { data: FOLDER, ...DONE })).toEqual([])
    expect(json.data).toMatchObject({ id, accessPassword: MD5, folderName: 'Ünï & <b>.x_y-z' })
    expect(json.data.url_folder).toBe(`${SITE}/folder/${id}/_n_____b_.x_y-z`)
    expect((await sent('folder/info', { folder_id: id, parent_folder_id: '999' })).data.id).toBe(id)
  })

  test('/folder/edit', async () => {
    const [id, parentId] = [await makeFolder('a'), await makeFolder('b')]
    given.app.clock.advance(60)
    const change = { folder_name: 'My New Folder Name', parent_id: parentId, is_public: '1' }
    const json = await sent('folder/edit', { folder_id: id, ...change })
    expect(differences(json, { response: 'Folder successfully updated.', data: FOLDER, ...DONE })).toEqual([])
    expect(json.response).toBe('Folder successfully updated.')
    expect(json.data).toMatchObject({
      ...{ id, parentId, folderName: 'My New Folder Name', isPublic: '1', accessPassword: null },
      ...{ date_added: '2030-01-01 00:00:00', date_updated: '2030-01-01 00:01:00' },
      url_folder: `${SITE}/folder/${id}/My_New_Folder_Name`,
    })
  })

  test('/folder/delete', async () => {
    const json = await sent('folder/delete', { folder_id: await makeFolder('a') })
    expect(differences(json, { response: 'Folder successfully set as deleted.', ...DONE })).toEqual([])
    expect(json.response).toBe('Folder successfully set as deleted.')
  })

  test('/folder/move', async () => {
    const [folder_id, parentId] = [await makeFolder('layered_png_files'), await makeFolder('b')]
    const json = await sent('folder/move', { folder_id, new_parent_folder_id: parentId })
    expect(differences(json, { response: 'Folder successfully moved.', data: FOLDER, ...DONE })).toEqual([])
    expect(json).toMatchObject({ response: 'Folder successfully moved.', data: { id: folder_id, parentId } })
  })
})
