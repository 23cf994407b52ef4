/** Small real pictures of every kind, made once. */
import sharp from 'sharp'
import type { PictureKind } from '../../src/core/picture-kind.ts'

/** Left half red, right half blue. */
const halves = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#d02020' } }).composite([
    {
      input: { create: { width: width / 2, height, channels: 3, background: '#2020d0' } },
      left: width / 2,
      top: 0,
    },
  ])

export const SVG = (width: number, height: number): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?>\n<!-- a picture -->\n<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width / 2}" height="${height}" fill="#d02020"/><rect x="${width / 2}" width="${width / 2}" height="${height}" fill="#2020d0"/></svg>`,
  )

const solid = (width: number, height: number, isRed: boolean): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${isRed ? '#d02020' : '#2020d0'}"/></svg>`,
  )

/** Frames of two colours, one after the other. */
export const moving = (
  width: number,
  height: number,
  frames: number,
  format: 'gif' | 'webp',
): Promise<Buffer> => {
  const colours = Array.from({ length: frames }, (_, index) => solid(width, height, index % 2 === 0))
  return sharp(colours, { join: { animated: true } })
    [format]()
    .toBuffer()
}

/** A picture of that kind and size; those that can carry it say where and by whom they were taken. */
export async function pictureOf(kind: PictureKind, width = 640, height = 480): Promise<Buffer> {
  if (kind === 'svg') return SVG(width, height)
  const picture = halves(width, height)
  if (kind !== 'gif')
    picture.withExif({ IFD0: { Artist: 'Secret Photographer' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
  return picture.toFormat(kind).toBuffer()
}

/** A JPEG that is to be turned by a quarter when it is shown. */
export const turned = (width: number, height: number): Promise<Buffer> =>
  halves(width, height).withMetadata({ orientation: 6 }).jpeg().toBuffer()

/** Colours of single pixels, by their place as a share of width and height. */
export async function colourAt(picture: Uint8Array, x: number, y: number): Promise<'red' | 'blue' | 'other'> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
  const [red = 0, , blue = 0] = data.subarray(at, at + 3)
  if (red > blue + 100) return 'red'
  return blue > red + 100 ? 'blue' : 'other'
}
