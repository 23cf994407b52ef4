/** Pictures that are small as files and enormous, endless or broken for whoever opens them. The same in every run. */
import { crc32, deflateSync, type ZlibOptions } from 'node:zlib'

const FAST: ZlibOptions = { level: 1 }
const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const big = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const little = (value: number, bytes = 2): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntLE(value, 0, bytes)
  return buffer
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([text(type), data])
  return Buffer.concat([big(data.length), body, big(crc32(body))])
}

interface PngForm {
  width: number
  height: number
  /** Bits of a sample. */
  depth: number
  /** 0 grey, 6 RGBA. */
  colour: 0 | 6
  interlaced?: boolean
}

/** A PNG of nothing but zeros. */
export function blankPng({ width, height, depth, colour, interlaced = false }: PngForm): Buffer {
  const header = Buffer.concat([
    big(width),
    big(height),
    Buffer.from([depth, colour, 0, 0, interlaced ? 1 : 0]),
  ])
  const row = Math.ceil((width * depth * (colour === 6 ? 4 : 1)) / 8) + 1
  // What the seven passes have more for their rows is not looked at when it is missing by a few bytes at the end.
  const raw = Buffer.alloc(row * height + (interlaced ? height * 8 : 0))
  return Buffer.concat([
    Buffer.from([0x89, ...text('PNG\r\n'), 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, FAST)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A GIF of `frames` frames of one pixel on a canvas of any size. */
export function framedGif(width: number, height: number, frames: number): Buffer {
  const start = Buffer.concat([
    text('GIF89a'),
    little(width),
    little(height),
    Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
    Buffer.from([0x21, 0xff, 11]),
    text('NETSCAPE2.0'),
    Buffer.from([3, 1, 0, 0, 0]),
  ])
  const frame = Buffer.concat([
    Buffer.from([0x21, 0xf9, 4, 8, 1, 0, 0, 0]),
    Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0]),
    Buffer.from([2, 2, 0x44, 1, 0]),
  ])
  return Buffer.concat([start, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])])
}

/** A TIFF of `pages` directories, all of which name the same few bytes as a picture of that size. */
export function pagedTiff(width: number, height: number, pages: number): Buffer {
  const strip = deflateSync(Buffer.alloc(Math.min(width * height, 2 ** 26)), FAST)
  const entries: Array<[tag: number, type: number, value: number]> = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 8],
    [259, 3, 8],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, strip.length],
  ]
  const size = 2 + entries.length * 12 + 4
  const first = 8 + strip.length + (strip.length % 2)
  const directory = (index: number): Buffer =>
    Buffer.concat([
      little(entries.length),
      ...entries.map(([tag, type, value]) =>
        Buffer.concat([little(tag), little(type), little(1, 4), little(value, 4)]),
      ),
      little(index + 1 < pages ? first + (index + 1) * size : 0, 4),
    ])
  const padding = Buffer.alloc(strip.length % 2)
  const header = Buffer.concat([text('II'), little(42), little(first, 4)])
  return Buffer.concat([
    header,
    strip,
    padding,
    ...Array.from({ length: pages }, (_, index) => directory(index)),
  ])
}

const svg = (content: string, size = 'width="400" height="300"'): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${content}</svg>`,
  )

/** Each level shows the one below ten times. */
export function laughingSvg(levels: number): Buffer {
  const uses = (level: number): string =>
    Array.from({ length: 10 }, (_, index) => `<use xlink:href="#l${level}" x="${index}"/>`).join('')
  const groups = Array.from({ length: levels }, (_, level) => `<g id="l${level + 1}">${uses(level)}</g>`)
  return svg(
    `<defs><rect id="l0" width="9" height="9"/>${groups.join('')}</defs><use xlink:href="#l${levels}"/>`,
  )
}

/** Entities that grow tenfold with each level. */
export function entitySvg(levels: number): Buffer {
  const entities = Array.from(
    { length: levels },
    (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
  )
  return Buffer.from(
    `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e0 "lol">${entities.join('')}]><svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><text>&e${levels};</text></svg>`,
  )
}

/** One within the other. */
export const nestedSvg = (depth: number): Buffer => svg('<g>'.repeat(depth) + '</g>'.repeat(depth))

/** Filters upon filters over a large area. */
export const filteredSvg = (): Buffer =>
  svg(
    `<filter id="f" x="0" y="0" width="1" height="1">${'<feTurbulence baseFrequency=".9" numOctaves="50"/><feGaussianBlur stdDeviation="400"/><feMorphology radius="300"/>'.repeat(40)}</filter><rect width="6000" height="6000" filter="url(#f)"/>`,
    'width="6000" height="6000"',
  )

/** A picture within, as text. */
export const embeddingSvg = (type: string, picture: Buffer): Buffer =>
  svg(`<image width="400" height="300" xlink:href="data:${type};base64,${picture.toString('base64')}"/>`)

/** Everything by which an SVG may name something outside of itself. */
export const referringSvg = (reference: string): Buffer =>
  svg(
    `<image width="400" height="300" xlink:href="${reference}"/><image width="400" height="300" href="${reference}"/><use xlink:href="${reference}#a"/><style>@import url("${reference}");@font-face{font-family:x;src:url("${reference}")}</style><rect width="9" height="9" fill="url(${reference}#p)" filter="url(${reference}#f)"/><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${reference}" parse="text"/>`,
  )
