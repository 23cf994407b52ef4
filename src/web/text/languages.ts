/** Which language a file is written in, by its name, and where its grammar is. */
import type { Grammar } from './highlight-js.ts'

/** Loaded one by one: each is small, all of them are not. */
export const GRAMMARS = {
  bash: () => require('highlight.js/lib/languages/bash'),
  c: () => require('highlight.js/lib/languages/c'),
  cpp: () => require('highlight.js/lib/languages/cpp'),
  csharp: () => require('highlight.js/lib/languages/csharp'),
  css: () => require('highlight.js/lib/languages/css'),
  dart: () => require('highlight.js/lib/languages/dart'),
  diff: () => require('highlight.js/lib/languages/diff'),
  dockerfile: () => require('highlight.js/lib/languages/dockerfile'),
  go: () => require('highlight.js/lib/languages/go'),
  graphql: () => require('highlight.js/lib/languages/graphql'),
  haskell: () => require('highlight.js/lib/languages/haskell'),
  ini: () => require('highlight.js/lib/languages/ini'),
  java: () => require('highlight.js/lib/languages/java'),
  javascript: () => require('highlight.js/lib/languages/javascript'),
  json: () => require('highlight.js/lib/languages/json'),
  kotlin: () => require('highlight.js/lib/languages/kotlin'),
  less: () => require('highlight.js/lib/languages/less'),
  lua: () => require('highlight.js/lib/languages/lua'),
  makefile: () => require('highlight.js/lib/languages/makefile'),
  nginx: () => require('highlight.js/lib/languages/nginx'),
  objectivec: () => require('highlight.js/lib/languages/objectivec'),
  perl: () => require('highlight.js/lib/languages/perl'),
  php: () => require('highlight.js/lib/languages/php'),
  powershell: () => require('highlight.js/lib/languages/powershell'),
  properties: () => require('highlight.js/lib/languages/properties'),
  python: () => require('highlight.js/lib/languages/python'),
  r: () => require('highlight.js/lib/languages/r'),
  ruby: () => require('highlight.js/lib/languages/ruby'),
  rust: () => require('highlight.js/lib/languages/rust'),
  scala: () => require('highlight.js/lib/languages/scala'),
  scss: () => require('highlight.js/lib/languages/scss'),
  sql: () => require('highlight.js/lib/languages/sql'),
  swift: () => require('highlight.js/lib/languages/swift'),
  typescript: () => require('highlight.js/lib/languages/typescript'),
  xml: () => require('highlight.js/lib/languages/xml'),
  yaml: () => require('highlight.js/lib/languages/yaml'),
} satisfies Record<string, () => Grammar>

export type Language = keyof typeof GRAMMARS

export const isLanguage = (name: string): name is Language => Object.hasOwn(GRAMMARS, name)

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
