/** Successes as the published reference prints them, hosts replaced, and how an answer is compared with them. */

export const DONE = { _status: 'success', _datetime: '2024-12-04 21:41:14' }
export const FILE = {
  id: '1253',
  filename: 'sample4_l.jpg',
  shortUrl: '2Vv',
  fileType: 'image/jpeg',
  extension: 'jpg',
  fileSize: '149084',
  uploadedIP: '192.168.33.1',
  uploadedDate: '2017-02-18 12:26:06',
  status: 'active',
  file_status: 'active',
  downloads: '0',
  lastAccessed: null,
  folderId: null,
  keywords: 'sample4,l,jpg',
  isPublic: '1',
  uploadSource: 'api',
  description: null,
  url_file: 'https://yoursite.com/2Vv',
  url_file_info: 'https://yoursite.com/2Vv~i?41efa710444abad11a8f4b5a90e4d746',
  url_file_stats: 'https://yoursite.com/2Vv~s',
  url_file_delete: 'https://yoursite.com/2Vv~d?41efa710444abad11a8f4b5a90e4d746',
}
export const FOLDER = {
  id: '125',
  parentId: null,
  folderName: 'My New Folder',
  totalSize: '0',
  isPublic: '2',
  accessPassword: 'd9729feb74992cc3482b350163a1a010',
  date_added: '2017-02-18 12:26:06',
  date_updated: null,
  url_folder: 'https://yoursite.com/folder/125/My_New_Folder',
  total_downloads: 0,
  child_folder_count: 0,
  file_count: 0,
}
const { accessPassword: _hidden, ...listedFolder } = FOLDER
export const LISTED_FOLDER = listedFolder
export const LISTED_FILE = {
  id: '1161',
  filename: 'button_back.gif',
  shortUrl: '2U1',
  fileType: 'image/gif',
  extension: 'gif',
  fileSize: '1116',
  status: 'active',
  downloads: '5865',
  folderId: null,
  keywords: 'button,back,gif',
  url_file: 'https://yoursite.com/2U1',
}
export const UPLOADED = {
  name: 'sample4_l.jpg',
  size: '149084',
  type: 'application/octet-stream',
  error: null,
  url: 'https://yoursite.com/2Vv',
  delete_url: 'https://yoursite.com/2Vv~d?41efa710444abad11a8f4b5a90e4d746',
  info_url: 'https://yoursite.com/2Vv~i?41efa710444abad11a8f4b5a90e4d746',
  delete_type: 'DELETE',
  delete_hash: '41efa710444abad11a8f4b5a90e4d746',
  hash: '2f4105bc2c626232544275c2d890168b',
  stats_url: 'https://yoursite.com/2Vv~s',
  short_url: '2Vv',
  file_id: '1253',
  unique_hash: '60b0be7e3b18de9a3f00d940a8e5a9834c6cdc0f49d40af64973be5ca504c4fd',
  url_html: '<a href="https://yoursite.com/2Vv" target="_blank" title="View image">view it</a>',
  url_bbcode: '[url]https://yoursite.com/2Vv[/url]',
}
export const ACCOUNT = {
  id: '158642',
  username: 'admin',
  level_id: '20',
  email: 'admin@example.com',
  lastlogindate: '2017-02-18 11:43:39',
  lastloginip: '192.168.33.1',
  status: 'active',
  title: 'Mr',
  firstname: 'Admin',
  lastname: 'User',
  languageId: '1',
  datecreated: null,
  lastPayment: '2011-12-27 13:45:22',
  paidExpiryDate: null,
  storageLimitOverride: null,
}
export const PACKAGE = {
  id: '20',
  label: 'Premium Account',
  max_upload_size: '1073741824',
  can_upload: '1',
  wait_between_downloads: '0',
  download_speed: '0',
  max_storage_bytes: '0',
  show_site_adverts: '0',
  show_upgrade_screen: '1',
  days_to_keep_inactive_files: '0',
  concurrent_uploads: '100',
  concurrent_downloads: '0',
  downloads_per_24_hours: '0',
  download_size_per_24_hours: '0',
  max_download_filesize_allowed: '0',
  max_remote_download_urls: '50',
  level_type: 'paid user',
  on_upgrade_page: '0',
}

type Json = Record<string, unknown>

/** Text or nothing, whatever the sample happens to show. */
const NULLABLE = new Set(
  'email lastlogindate lastloginip title firstname lastname datecreated lastPayment paidExpiryDate storageLimitOverride parentId accessPassword date_added date_updated folderId uploadedIP lastAccessed description started finished'.split(
    ' ',
  ),
)

/** Differences in names, order and types of what is sent from what the reference shows. */
export function differences(sent: unknown, sample: unknown, path = ''): string[] {
  const name = path.split('.').at(-1) ?? ''
  if (NULLABLE.has(name) && [sent, sample].every((value) => value === null || typeof value === 'string'))
    return []
  if (Array.isArray(sample) && Array.isArray(sent))
    return sent.flatMap((entry, index) =>
      differences(entry, sample[Math.min(index, sample.length - 1)], `${path}[]`),
    )
  if (typeof sample !== 'object' || sample === null || typeof sent !== 'object' || sent === null)
    return typeof sent === typeof sample && (sent === null) === (sample === null)
      ? []
      : [`${path}: ${JSON.stringify(sent)} for ${JSON.stringify(sample)}`]
  const [names, wanted] = [Object.keys(sent), Object.keys(sample)]
  if (names.join() !== wanted.join()) return [`${path}: ${names.join()} for ${wanted.join()}`]
  return wanted.flatMap((key) => differences((sent as Json)[key], (sample as Json)[key], `${path}.${key}`))
}
