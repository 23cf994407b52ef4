/** What kind of thing a file is, for those who look at it. */
import { extensionOf } from '../core/filename.ts'
import type { FileRecord } from '../core/model.ts'

export type Kind = 'image' | 'video' | 'audio' | 'pdf' | 'text' | 'code' | 'archive' | 'other'

const ARCHIVES = new Set('zip tar gz tgz 7z rar xz bz2 zst jar iso'.split(' '))
const CODE = new Set(
  'c cc cpp cs css diff dockerfile go h hpp htm html ini java js json jsx kt lua patch php pl py rb rs sh sql svelte swift toml ts tsx vue xml yaml yml'.split(
    ' ',
  ),
)
const TEXT = new Set('txt md markdown csv tsv log srt vtt tex rst adoc'.split(' '))

type Named = Pick<FileRecord, 'name' | 'mimeType'>

/** By type and name; nobody has to trust either, it only decides how the file is shown. */
export function kindOf({ name, mimeType }: Named): Kind {
  const type = mimeType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const extension = extensionOf(name)
  const family = type.split('/', 1)[0]
  if (family === 'image' || family === 'video' || family === 'audio') return family
  if (type === 'application/pdf') return 'pdf'
  if (ARCHIVES.has(extension) || /zip|x-tar|x-7z|vnd\.rar/.test(type)) return 'archive'
  if (CODE.has(extension) || /json|xml|javascript|yaml/.test(type)) return 'code'
  return TEXT.has(extension) || family === 'text' ? 'text' : 'other'
}

/** Pictures that every browser shows by itself. */
const SHOWN_BY_BROWSERS = /^image\/(png|jpeg|gif|webp|avif|svg\+xml|bmp|x-icon)$/

export const isShownByBrowsers = ({ mimeType }: Pick<FileRecord, 'mimeType'>): boolean =>
  SHOWN_BY_BROWSERS.test(mimeType)

const WORDS: Record<Kind, string> = {
  image: 'Image',
  video: 'Video',
  audio: 'Audio',
  pdf: 'PDF document',
  text: 'Text',
  code: 'Source text',
  archive: 'Archive',
  other: 'File',
}

/** `PNG image`, `Archive`. */
export function kindWords(file: Named): string {
  const kind = kindOf(file)
  const extension = extensionOf(file.name)
  return (kind === 'image' || kind === 'video' || kind === 'audio') && /^[a-z0-9]{2,5}$/.test(extension)
    ? `${extension.toUpperCase()} ${WORDS[kind].toLowerCase()}`
    : WORDS[kind]
}
