/** Makes one picture smaller. */
import { readFileSync, statSync } from 'node:fs'
import type { Metadata, Sharp } from 'sharp'
import type { MadePreview } from '../core/preview-maker.ts'
import type { PictureRequest } from './preview-wire.ts'
import { loadSharp, type SharpFactory } from './sharp.ts'

/** Text that is turned into a picture; the rest of what is called SVG are attacks. */
const LARGEST_SVG = 4 * 2 ** 20
/** At this many dots per inch a pixel of an SVG is a pixel. */
const SVG_DENSITY = 72
/** Frames of a moving picture; one with more stands still. */
const MOST_FRAMES = 500
/** Pixels of all frames together that a moving preview may have: writing them takes about a second. */
const MOVING_PIXELS = 16_000_000
/** A moving preview is smaller rather than still, but not smaller than this. */
const LEAST_MOVING_EDGE = 128

const COMMON = { failOn: 'error', sequentialRead: true } as const

/** A picture that was looked at, and the longest side its preview shall have. */
interface OpenedPicture {
  picture: Sharp
  edge: number
}

/** Throws when nothing can be made of it. */
export async function makePicture(request: PictureRequest): Promise<MadePreview> {
  const sharp = await loadSharp()
  const { picture, edge } = await (request.kind === 'svg' ? openSvg : openPicture)(sharp, request)
  const small = picture
    .autoOrient()
    .resize(edge, edge, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
  const encoded =
    request.format === 'avif'
      ? small.avif({ quality: 55, effort: 2 })
      : small.webp({ quality: 80, effort: 2 })
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true })
  return { bytes: data, width: info.width, height: info.pageHeight ?? info.height }
}

async function openPicture(sharp: SharpFactory, request: PictureRequest): Promise<OpenedPicture> {
  const { path, maxPixels, edge } = request
  const options = { ...COMMON, limitInputPixels: maxPixels }
  const facts = await sharp(path, options).metadata()
  if (facts.width * facts.height > maxPixels) throw new Error('it has too many pixels')
  const movingEdge = edgeOfMoving(facts, request)
  return movingEdge === null
    ? { picture: sharp(path, options), edge }
    : { picture: sharp(path, { ...options, animated: true }), edge: movingEdge }
}

/** Null for a picture that does not move, or of which all frames are too much. */
function edgeOfMoving(
  { width, height, pages: frames = 1 }: Metadata,
  { kind, format, edge, maxPixels }: PictureRequest,
): number | null {
  if (format !== 'webp' || (kind !== 'gif' && kind !== 'webp')) return null
  if (frames === 1 || frames > MOST_FRAMES || width * height * frames > maxPixels) return null
  const longest = Math.max(width, height)
  const wanted = Math.min(edge, longest)
  const pixels = width * height * frames * (wanted / longest) ** 2
  const affordable = Math.floor(wanted * Math.min(1, Math.sqrt(MOVING_PIXELS / pixels)))
  return affordable < Math.min(wanted, LEAST_MOVING_EDGE) ? null : affordable
}

/**
 * From memory, so that it has no place of its own and nothing beside it, and drawn in the size that is wanted.
 * What it refers to is not fetched from anywhere.
 */
async function openSvg(
  sharp: SharpFactory,
  { path, maxPixels, edge }: PictureRequest,
): Promise<OpenedPicture> {
  if (statSync(path).size > LARGEST_SVG) throw new Error('it is too large for an SVG')
  const text = readFileSync(path)
  const { width, height } = await sharp(text, { ...COMMON, limitInputPixels: false }).metadata()
  const density = Math.max(1, SVG_DENSITY * Math.min(1, edge / Math.max(width, height)))
  return { picture: sharp(text, { ...COMMON, limitInputPixels: maxPixels, density }), edge }
}
