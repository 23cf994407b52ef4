/** Links with a password: asked for once, then a pass says that it was given. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, invalid } from './fault.ts'
import type { PasswordHasher } from './passwords.ts'
import { fingerprint, type Signer } from './signer.ts'

/** What a password protects. */
export interface LockedLink {
  token: string
  passwordHash: string | null
}

export interface LinkPasswords {
  /** Null for none. Faults: invalid (too long), unavailable. */
  hash(password: string | null): Promise<string | null>
  /** A pass of 24 hours. Faults: password_wrong, unavailable. */
  unlock(link: LockedLink, password: string): Promise<string>
  /** Fault: password_required, when the link has a password and this is no pass for it. */
  require(link: LockedLink, pass: string | null): void
}

const PASS_SECONDS = 86_400
const LONGEST = 200

export function createLinkPasswords({
  passwords,
  signer,
  clock,
}: {
  passwords: PasswordHasher
  signer: Signer
  clock: Clock
}): LinkPasswords {
  /** Another password needs another pass. */
  const claim = ({ token, passwordHash }: LockedLink, expires: number) =>
    ({ kind: 'link', token, lock: fingerprint(passwordHash ?? ''), expires }) as const
  return {
    async hash(password) {
      if (password === null || password === '') return null
      if (password.length > LONGEST)
        throw invalid('password', `A password has at most ${LONGEST} characters.`)
      return passwords.hash(password)
    },
    async unlock(link, password) {
      const { passwordHash } = link
      const matches =
        passwordHash === null ||
        (password.length <= LONGEST && (await passwords.verify(password, passwordHash)))
      if (!matches) throw new Fault('password_wrong', 'That is not the password of this link.')
      const expires = Math.floor(plusSeconds(clock.now(), PASS_SECONDS).getTime() / 1000)
      return `${expires}.${signer.sign(claim(link, expires))}`
    },
    require(link, pass) {
      if (link.passwordHash === null) return
      const [, expires = '', signature = ''] = /^(\d{1,12})\.([0-9a-f]{64})$/.exec(pass ?? '') ?? []
      try {
        signer.verify(claim(link, Number(expires)), signature)
      } catch (cause) {
        throw new Fault('password_required', 'This link needs a password.', { cause })
      }
    },
  }
}
