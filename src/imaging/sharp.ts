/** The image library, loaded when it is first needed. */
import type Sharp from 'sharp'

export type SharpFactory = typeof Sharp

/** What reads pictures of the kinds we make previews of, by file or, for SVG, from memory. All other code is off. */
const READERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}File`)

let loading: Promise<SharpFactory> | null = null

/** Throws when this machine cannot load it. */
export function loadSharp(): Promise<SharpFactory> {
  loading ??= start()
  return loading
}

async function start(): Promise<SharpFactory> {
  const { default: sharp } = await import('sharp')
  // A picture is seen once, and the process that makes them is to take one core.
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: [...READERS, 'VipsForeignLoadSvgBuffer'] })
  return sharp
}

/** Version of libvips. Throws as `loadSharp`. */
export async function libvipsVersion(): Promise<string> {
  return (await loadSharp()).versions.vips
}
