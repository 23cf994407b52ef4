/** Which language a file is written in, by its name. */

const LANGUAGES = [
  'bash',
  'c',
  'cpp',
  'csharp',
  'css',
  'dart',
  'diff',
  'dockerfile',
  'go',
  'graphql',
  'haskell',
  'ini',
  'java',
  'javascript',
  'json',
  'kotlin',
  'less',
  'lua',
  'makefile',
  'nginx',
  'objectivec',
  'perl',
  'php',
  'powershell',
  'properties',
  'python',
  'r',
  'ruby',
  'rust',
  'scala',
  'scss',
  'sql',
  'swift',
  'typescript',
  'xml',
  'yaml',
] as const

export type Language = (typeof LANGUAGES)[number]

const isLanguage = (name: string): name is Language => (LANGUAGES as readonly string[]).includes(name)

const EXTENSIONS: Record<string, Language> = {
  ...{ sh: 'bash', zsh: 'bash', h: 'c', cc: 'cpp', cxx: 'cpp', hpp: 'cpp', hh: 'cpp', cs: 'csharp' },
  ...{ patch: 'diff', gql: 'graphql', hs: 'haskell', cfg: 'ini', conf: 'ini', toml: 'ini', js: 'javascript' },
  ...{ mjs: 'javascript', cjs: 'javascript', jsx: 'javascript', jsonc: 'json', webmanifest: 'json' },
  ...{ kt: 'kotlin', kts: 'kotlin', mk: 'makefile', m: 'objectivec', pl: 'perl', pm: 'perl' },
  ...{ ps1: 'powershell', py: 'python', rb: 'ruby', rs: 'rust', ts: 'typescript', mts: 'typescript' },
  ...{ cts: 'typescript', tsx: 'typescript', html: 'xml', htm: 'xml', xhtml: 'xml', svg: 'xml', xsd: 'xml' },
  ...{ rss: 'xml', atom: 'xml', plist: 'xml', vue: 'xml', yml: 'yaml', service: 'ini' },
}

const NAMES: Record<string, Language> = {
  ...{ dockerfile: 'dockerfile', containerfile: 'dockerfile', makefile: 'makefile', gemfile: 'ruby' },
  ...{
    '.bashrc': 'bash',
    '.profile': 'bash',
    '.gitconfig': 'ini',
    '.editorconfig': 'ini',
    'nginx.conf': 'nginx',
  },
}

/** Null for plain text. */
export function languageOf(name: string): Language | null {
  const lower = name.toLowerCase()
  const extension = lower.slice(lower.lastIndexOf('.') + 1)
  const known = ownOf(NAMES, lower) ?? (lower.includes('.') ? ownOf(EXTENSIONS, extension) : null)
  return known ?? (isLanguage(extension) && lower.includes('.') ? extension : null)
}

const ownOf = (table: Record<string, Language>, key: string): Language | null =>
  Object.hasOwn(table, key) ? (table[key] ?? null) : null

export const isMarkdown = (name: string): boolean => /\.(md|markdown|mdown|mkd)$/i.test(name)
