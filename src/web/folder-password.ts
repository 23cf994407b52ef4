/** The question for the password of a folder. */
import { escapeHtml } from './page.ts'

/** Goes back to the address it is shown at. */
export const passwordForm = (problem: string | null): string => `
${problem === null ? '' : `<p role="alert" id="problem">${escapeHtml(problem)}</p>`}
<p>This folder is protected. Who shared it with you knows the password.</p>
<form method="post" action="">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="off" required autofocus${problem === null ? '' : ' aria-invalid="true" aria-describedby="problem"'}>
<button>Open the folder</button>
</form>`

/** The cookie that keeps the pass of one folder. */
const passCookie = (folderId: number): string => `kist_folder_${folderId}`

const PASS_SECONDS = 86_400

/** A Set-Cookie header; the browser sends it back below the folder's own path only. */
export function setPass(folderId: number, pass: string, origin: string): string {
  const secure = origin.startsWith('https:') ? '; Secure' : ''
  const attributes = `Path=/folder/${folderId}; HttpOnly; SameSite=Lax; Max-Age=${PASS_SECONDS}${secure}`
  return `${passCookie(folderId)}=${pass}; ${attributes}`
}

/** The pass a visitor brings, or null. */
export function readPass(headers: Headers, folderId: number): string | null {
  const start = `${passCookie(folderId)}=`
  const pairs = headers.get('cookie')?.split(';') ?? []
  return (
    pairs
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(start))
      ?.slice(start.length) ?? null
  )
}
