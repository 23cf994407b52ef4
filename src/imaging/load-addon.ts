/**
 * Loads a native addon and the library it is linked against from inside the executable, where the system's loader
 * cannot see them. In memory where the kernel lets us; else from a private directory that is gone right after.
 */
import { dlopen, ptr } from 'bun:ffi'
import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface EmbeddedAddon {
  /** Paths inside the executable. */
  addon: string
  library: string
  /** Any function the library exports that takes a number and gives one: a library is opened for a function. */
  symbol: string
}

export interface AddonPlaces {
  /** Makes a file in memory that can be executed; returns its descriptor. Throws when refused. */
  memory(name: string): number
  /** Directories in which a private one may be made, the better ones first. */
  directories: readonly string[]
}

const MFD_CLOEXEC = 1
/** Where files in memory are kept from being run as programs; mapping code from them is not affected. */
const MFD_NOEXEC_SEAL = 8

/** Of Linux with glibc. Throws when the kernel refuses. */
export function memoryFile(name: string): number {
  const libc = dlopen('libc.so.6', { memfd_create: { args: ['ptr', 'u32'], returns: 'i32' } })
  const create = (flags: number): number => libc.symbols.memfd_create(ptr(Buffer.from(`${name}\0`)), flags)
  let fd = create(MFD_CLOEXEC | MFD_NOEXEC_SEAL)
  // Kernels before 6.3 do not know the second flag.
  if (fd < 0) fd = create(MFD_CLOEXEC)
  if (fd < 0) throw new Error('no file in memory can be made')
  return fd
}

/** Libraries stay loaded as long as their handles are kept. */
const loaded: unknown[] = []

/** What the addon exports. Throws an AggregateError with the reason of every place. */
export function loadAddon(embedded: EmbeddedAddon, places: AddonPlaces): unknown {
  const errors: unknown[] = []
  for (const attempt of [
    () => fromMemory(embedded, places.memory),
    ...places.directories.map((directory) => () => fromDirectory(embedded, directory)),
  ]) {
    try {
      return attempt()
    } catch (error) {
      errors.push(error)
    }
  }
  const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)))
  throw new AggregateError(errors, `the image library cannot be loaded: ${reasons.join('; ')}`)
}

function fromMemory({ addon, library, symbol }: EmbeddedAddon, memory: AddonPlaces['memory']): unknown {
  const opened: number[] = []
  const place = (path: string): string => {
    const fd = memory('kist')
    opened.push(fd)
    writeWhole(fd, readFileSync(path))
    return `/proc/self/fd/${fd}`
  }
  try {
    return open(place(library), place(addon), symbol)
  } finally {
    // Both stay open until both are loaded: the loader remembers libraries by path, and a number that came again
    // would be taken for the one before.
    for (const fd of opened) closeSync(fd)
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset)
}

function fromDirectory({ addon, library, symbol }: EmbeddedAddon, directory: string): unknown {
  const own = mkdtempSync(join(directory, '.kist-'))
  try {
    const [libraryPath, addonPath] = [join(own, 'library.so'), join(own, 'addon.node')]
    writeFileSync(libraryPath, readFileSync(library), { mode: 0o700 })
    writeFileSync(addonPath, readFileSync(addon), { mode: 0o700 })
    return open(libraryPath, addonPath, symbol)
  } finally {
    // What is mapped stays mapped.
    rmSync(own, { recursive: true, force: true })
  }
}

/** The loader finds what the addon needs among the libraries that are loaded already, by the name it has in itself. */
function open(libraryPath: string, addonPath: string, symbol: string): unknown {
  loaded.push(dlopen(libraryPath, { [symbol]: { args: ['i32'], returns: 'i32' } }))
  const module: { exports: unknown } = { exports: {} }
  process.dlopen(module as NodeJS.Module, addonPath)
  return module.exports
}
