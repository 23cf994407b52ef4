/** The house keeps its order by itself: who may import whom, and what may be called only in its home. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const ROOT = join(import.meta.dir, '..')
const files = (pattern: string): string[] => [...new Bun.Glob(pattern).scanSync({ cwd: ROOT })].sort()
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

const SOURCES = files('src/**/*.{ts,tsx}').map((file) => ({ file, text: read(file) }))

/** Specifiers of import, export … from and import(). Text in comments does not count. */
function imports(text: string): string[] {
  const code = withoutComments(text)
  return [...code.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^']+)'/g)].map(
    (match) => match[1] as string,
  )
}

/** Keeps strings, so that `//` inside a URL does not start a comment. */
function withoutComments(text: string): string {
  return text.replace(
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (found) => (found.startsWith('/') ? '' : found),
  )
}

/** Neither comments nor what quotes hold. */
const codeOnly = (text: string): string => withoutComments(text).replace(/'(?:\\.|[^'\\\n])*'/g, "''")

/** Rooms in a room: what browsers run, and the shapes of what they and the server tell each other. */
const INNER = ['web/ui', 'web/wire']

/** Where in the house a file or specifier lives: `core`, `dialects/nating`, `main.ts`; a package by its name. */
function room(path: string): string {
  const inner = INNER.find((name) => path.startsWith(`src/${name}/`))
  if (inner) return inner
  const [top = '', second = ''] = path.replace(/^src\//, '').split('/')
  return top === 'dialects' && second !== '' && !second.endsWith('.ts') ? `${top}/${second}` : top
}

interface Rule {
  /** Rooms of ours. */
  ours: string[]
  /** Packages; node: modules and web standards are for everyone unless said otherwise. */
  packages: RegExp
}

const NODE = 'node:[a-z_/]+'
const rule = (ours: string[], packages = ''): Rule => ({
  ours,
  packages: new RegExp(`^(${[NODE, packages].filter(Boolean).join('|')})$`),
})

/** Every room and what it may import beside itself. */
const RULES: Record<string, Rule> = {
  core: { ours: [], packages: /^(node:crypto|nanoid)$/ },
  metadata: rule(['core'], 'drizzle-orm(/.*)?|bun:sqlite'),
  storage: rule(['core'], 'bun:ffi|bun|@aws-sdk/client-s3'),
  remote: rule(['core']),
  imaging: rule(['core'], 'sharp|bun:ffi'),
  // bun:ffi: the kernel paces downloads and counts what has arrived, and Bun has no way to ask it.
  http: rule(['core'], 'elysia|@elysiajs/openapi|swagger-ui-dist/.*|@fastify/busboy|bun:ffi'),
  web: rule(['core', 'http', 'web/wire'], 'elysia|markdown-it'),
  'web/wire': rule([], 'qr'),
  // Runs in browsers: no module of the server, nor of node.
  'web/ui': { ours: ['web/wire'], packages: /^(preact(\/.*)?|@preact\/.*|@uppy\/.*|@noble\/hashes\/.*)$/ },
  // bun:ffi: a server gives memory back to the kernel, and Bun has no way to ask it to.
  cli: rule(
    [
      'core',
      'config.ts',
      'log.ts',
      'version.ts',
      'app.ts',
      'jobs.ts',
      'metadata',
      'storage',
      'http',
      'imaging',
    ],
    'bun:ffi',
  ),
  config: rule([]),
  'config.ts': rule(['config']),
  'log.ts': rule(['core']),
  'jobs.ts': rule(['core']),
  'documentation.ts': rule(['core', 'http', 'version.ts'], 'elysia|@elysiajs/openapi'),
  'version.ts': rule([]),
  'production.ts': rule([]),
  'main.ts': rule(['production.ts', 'cli']),
  'dialects.ts': { ours: ['*'], packages: /^$/ },
  'app.ts': { ours: ['*'], packages: /^(node:[a-z_/]+|elysia|bun)$/ },
}
const DIALECT = rule(['core', 'http'], 'elysia|jose')

const ruleOf = (home: string): Rule | undefined => (home.startsWith('dialects/') ? DIALECT : RULES[home])

/** Why an import that the rules forbid is right all the same. */
const IMPORT_EXCEPTIONS: Record<string, string> = {
  'src/version.ts ../package.json': 'the version is written there',
}

describe('imports', () => {
  test('every room of src has a rule', () => {
    expect(SOURCES.map(({ file }) => room(file)).filter((home) => !ruleOf(home))).toEqual([])
  })

  test('point down only', () => {
    const broken = SOURCES.flatMap(({ file, text }) =>
      imports(text)
        .filter((specifier) => !isAllowed(file, specifier))
        .map((specifier) => `${file} imports ${specifier}`),
    )
    expect(broken).toEqual([])
  })

  test('name their file with its ending', () => {
    const bare = SOURCES.flatMap(({ file, text }) =>
      imports(text)
        .filter(
          (specifier) => specifier.startsWith('.') && !/\.(tsx?|json|sql|css|html|svg)$/.test(specifier),
        )
        .map((specifier) => `${file} imports ${specifier}`),
    )
    expect(bare).toEqual([])
  })

  test('of the exceptions are all needed', () => {
    const used = new Set(SOURCES.flatMap(({ file, text }) => imports(text).map((name) => `${file} ${name}`)))
    expect(Object.keys(IMPORT_EXCEPTIONS).filter((exception) => !used.has(exception))).toEqual([])
  })
})

function isAllowed(file: string, specifier: string): boolean {
  if (`${file} ${specifier}` in IMPORT_EXCEPTIONS) return true
  const home = room(file)
  const allowed = ruleOf(home)
  if (!allowed) return false
  if (!specifier.startsWith('.')) return allowed.packages.test(specifier)
  const target = normalize(join(dirname(file), specifier))
  if (home === 'metadata' && target.startsWith('drizzle/')) return true
  if (!target.startsWith('src/')) return false
  const there = room(target)
  return there === home || allowed.ours.includes('*') || allowed.ours.includes(there)
}

interface Ban {
  what: string
  pattern: RegExp
  homes: string[]
  /** What of the text is looked at; without it everything but comments. */
  look?: (text: string) => string
}

const BANS: Ban[] = [
  {
    what: 'the environment is read by the configuration only',
    pattern: /\b(process|Bun)\.env\b|import\.meta\.env\b/,
    // production.ts has to set NODE_ENV before any library reads it.
    homes: ['src/config.ts', 'src/production.ts'],
  },
  {
    what: 'the time comes from the clock',
    pattern: /\bDate\.now\s*\(|\bnew Date\s*\(\s*\)|\bnew Date\b(?!\s*\()/,
    homes: ['src/core/clock.ts', 'src/web/ui/'],
  },
  {
    what: 'randomness comes from ids and signer',
    pattern: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|\brandomBytes\b|\bnanoid\b/,
    homes: ['src/core/ids.ts', 'src/core/signer.ts', 'src/web/ui/'],
  },
  { what: 'only the log writes to the console', pattern: /\bconsole\s*\./, homes: ['src/log.ts'] },
  {
    what: 'standard output is for commands, standard error for commands and the log',
    pattern: /\bprocess\.(stdout|stderr)\b|\bBun\.(stdout|stderr)\b/,
    homes: ['src/log.ts', 'src/main.ts', 'src/cli/'],
  },
  {
    what: 'errors are turned into answers in one place',
    pattern: /\.onError\s*\(/,
    homes: ['src/http/faults.ts'],
  },
  {
    what: 'transactions are the metadata store’s',
    pattern: /\.transaction\s*\(|'BEGIN\b/,
    // The browser has a store of its own.
    homes: ['src/metadata/', 'src/web/ui/upload/memory.ts'],
  },
  {
    what: 'the process ends in one place',
    pattern: /\bprocess\.exit\s*\(/,
    homes: ['src/main.ts', 'src/cli/'],
  },
  {
    what: 'a type is possible instead of any',
    pattern: /(:|<|\bas|,)\s*any\b(?!\w)|@ts-ignore|@ts-nocheck/,
    homes: [],
    look: codeOnly,
  },
  {
    what: 'nothing is left for later',
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    homes: [],
    look: (text) => text,
  },
]

describe('only at home', () => {
  for (const { what, pattern, homes, look = withoutComments } of BANS) {
    test(what, () => {
      const found = SOURCES.filter(({ file }) => !homes.some((home) => file.startsWith(home))).flatMap(
        ({ file, text }) =>
          look(text)
            .split('\n')
            .filter((line) => pattern.test(line))
            .map((line) => `${file}: ${line.trim()}`),
      )
      expect(found).toEqual([])
    })
  }
})

describe('size and names', () => {
  const LOOK_AGAIN = 250
  const SPLIT = 400
  /** Files that may be longer, with the reason. */
  const LONGER: Record<string, string> = {}
  const own = [
    ...SOURCES,
    ...files('{scripts,test,bench}/**/*.{ts,mjs,js}').map((file) => ({ file, text: read(file) })),
  ]

  test(`no source file has more than ${SPLIT} lines`, () => {
    const sizes = SOURCES.map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
    for (const { file, lines } of sizes) {
      if (lines > LOOK_AGAIN && lines <= SPLIT) console.warn(`look again: ${file} has ${lines} lines`)
    }
    expect(sizes.filter(({ file, lines }) => lines > SPLIT && !(file in LONGER))).toEqual([])
  })

  test('no source file has a function of more than 60 lines', () => {
    const long = SOURCES.flatMap(({ file, text }) =>
      functionLengths(text)
        .filter(({ lines }) => lines > 60)
        .map(({ name, lines }) => `${file}: ${name} has ${lines} lines`),
    )
    expect(long).toEqual([])
  })

  test('no file is named after nothing', () => {
    const vague = /(^|[/-])(utils?|helpers?|common|managers?|misc|types|shared|lib)(\.|\/|-)/
    expect(own.map(({ file }) => file).filter((file) => vague.test(file))).toEqual([])
  })

  test('files are named in kebab-case', () => {
    const odd = own
      .map(({ file }) => file)
      .filter((file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.[a-z]+)+$/.test(file))
    expect(odd).toEqual([])
  })
})

interface Measured {
  name: string
  lines: number
}

/** Top-level functions. One that returns an object of methods is measured by what is inside it. */
function functionLengths(text: string): Measured[] {
  return spans(text.split('\n'), '').flatMap((own) => {
    if (!/^(export )?(default )?(async )?function\b|^(export )?const \w+ = .*=>/.test(own.first)) return []
    if (!own.body.some((line) => line === '  return {')) return [own]
    const members = [...spans(own.body, '  '), ...spans(own.body, '    ')]
    return members
      .filter(({ first }) => first.trim() !== 'return {')
      .map((inner) => ({ ...inner, name: `${own.name}, ${inner.name}` }))
  })
}

/** What begins and ends at one depth of indentation: from `… {` to `}`. */
function spans(lines: string[], indent: string): Array<Measured & { first: string; body: string[] }> {
  const begins = new RegExp(`^${indent}\\S.*[{(]$`)
  const ends = new RegExp(`^${indent}[})\\]][^{]*$`)
  return lines.flatMap((first, start) => {
    if (!begins.test(first) || /^\s*[})\]]/.test(first)) return []
    const length = lines.slice(start + 1).findIndex((line) => ends.test(line)) + 2
    const name = /(?:function\*?|const|async) (\w+)/.exec(first)?.[1] ?? first.trim()
    return length < 2
      ? []
      : [{ name, first, lines: length, body: lines.slice(start + 1, start + length - 1) }]
  })
}

test('nothing of the project speaks of the machine it was written on', () => {
  const everything = [
    ...SOURCES.map(({ file }) => file),
    ...files('{scripts,bench,drizzle,deploy}/**/*'),
    ...files('test/**/*.{ts,md,json}'),
    ...files('*.{md,json,toml}'),
  ]
  const machine = new RegExp(
    ['/work' + '/', '\\.\\./sha' + 'red', '/ro' + 'ot/', 'bun-pit' + 'falls', 'single-bin' + 'ary\\.md'].join(
      '|',
    ),
  )
  const speaking = everything.filter((file) =>
    machine.test(read(file).replaceAll(/\$bunfs\/root\/|folders\/root\//g, '')),
  )
  expect(speaking).toEqual([])
})

test('a registry is named nowhere, also not in the lockfile', () => {
  expect(read('bun.lock')).not.toMatch(/https?:\/\//)
})
