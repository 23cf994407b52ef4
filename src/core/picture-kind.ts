/** Which pictures previews are made of, told by their first bytes. Pure. */

export type PictureKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff' | 'svg'

/** So many first bytes are enough. */
export const HEAD_BYTES = 1024

const ANY = -1
const text = (characters: string): number[] => [...characters].map((character) => character.charCodeAt(0))
const SIGNATURES: Array<{ kind: PictureKind; bytes: number[] }> = [
  { kind: 'jpeg', bytes: [0xff, 0xd8, 0xff] },
  { kind: 'png', bytes: [0x89, ...text('PNG\r\n'), 0x1a, 0x0a] },
  { kind: 'gif', bytes: text('GIF87a') },
  { kind: 'gif', bytes: text('GIF89a') },
  { kind: 'webp', bytes: [...text('RIFF'), ANY, ANY, ANY, ANY, ...text('WEBP')] },
  { kind: 'avif', bytes: [ANY, ANY, ANY, ANY, ...text('ftypavif')] },
  { kind: 'avif', bytes: [ANY, ANY, ANY, ANY, ...text('ftypavis')] },
  { kind: 'tiff', bytes: [...text('II'), 42, 0] },
  { kind: 'tiff', bytes: [...text('MM'), 0, 42] },
]

/** Null for everything else, whatever its name says. */
export function pictureKind(head: Uint8Array): PictureKind | null {
  const found = SIGNATURES.find(({ bytes }) =>
    bytes.every((byte, index) => byte === ANY || head[index] === byte),
  )
  if (found) return found.kind
  if (isAvifBrand(head)) return 'avif'
  return isSvg(head) ? 'svg' : null
}

/** `mif1` is any kind of picture in that container; AVIF ones say so among the compatible brands. */
function isAvifBrand(head: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(head.subarray(0, 64))
  return /^[\s\S]{4}ftyp(mif1|msf1)/.test(start) && start.slice(16).includes('avif')
}

/** The root element, behind what may stand before it: a byte order mark, the XML declaration, comments, a doctype. */
function isSvg(head: Uint8Array): boolean {
  const start = new TextDecoder().decode(head.subarray(0, HEAD_BYTES))
  return /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE\s+svg[^>[]*>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/i.test(
    start,
  )
}

const EXTENSIONS = new Set(['jpg', 'jpeg', 'png', 'webp', 'gif', 'avif', 'tif', 'tiff', 'svg'])
const TYPES = new Set(
  ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff', 'svg+xml'].map((type) => `image/${type}`),
)

/** Whether name or type promise a picture: only what is worth looking at, the bytes decide. */
export const looksLikePicture = ({ name, mimeType }: { name: string; mimeType: string }): boolean =>
  TYPES.has(mimeType) || EXTENSIONS.has(name.slice(name.lastIndexOf('.') + 1).toLowerCase())
