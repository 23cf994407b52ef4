/** Every place of the application, and where its code is: loaded when somebody goes there. */
import type { ComponentType } from 'preact'

export interface Route {
  /** Of the path; what it holds is given to the page in this order. */
  pattern: RegExp
  title: string
  load(): Promise<{ default: ComponentType<{ params: string[] }> }>
  /** For visitors who are not signed in, without the frame of the application. */
  bare?: boolean
}

const ROUTES: Route[] = [
  {
    pattern: /^\/files\/?$|^\/files\/folder\/(\d+)$|^\/files\/(search)$/,
    title: 'Files',
    load: () => import('../files/files-page.tsx'),
  },
  { pattern: /^\/trash$/, title: 'Trash', load: () => import('../pages/trash.tsx') },
  { pattern: /^\/shares$/, title: 'Shared links', load: () => import('../pages/shares.tsx') },
  { pattern: /^\/downloads$/, title: 'Downloads', load: () => import('../pages/downloads.tsx') },
  { pattern: /^\/requests$/, title: 'File requests', load: () => import('../pages/requests.tsx') },
  { pattern: /^\/imports$/, title: 'Imports', load: () => import('../pages/imports.tsx') },
  {
    pattern: /^\/account(?:\/(security|devices|tokens|activity))?$/,
    title: 'Account',
    load: () => import('../account/account-page.tsx'),
  },
  {
    pattern: /^\/admin(?:\/(users|packages|files|reports|downloads|settings|audit))?$/,
    title: 'Administration',
    load: () => import('../admin/admin-page.tsx'),
  },
  { pattern: /^\/sign-in$/, title: 'Sign in', load: () => import('../pages/sign-in.tsx'), bare: true },
  { pattern: /^\/register$/, title: 'Register', load: () => import('../pages/register.tsx'), bare: true },
]

export interface Matched {
  route: Route
  params: string[]
}

export function match(path: string): Matched | null {
  for (const route of ROUTES) {
    const found = route.pattern.exec(path)
    if (found) return { route, params: found.slice(1).filter((part) => part !== undefined) }
  }
  return null
}
