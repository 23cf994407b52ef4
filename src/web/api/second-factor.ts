/** The second factor of an account: `/web/account/second-factor`. */
import { Elysia } from 'elysia'
import type { WebDeps } from '../session.ts'
import { qrPath } from '../wire/qr.ts'
import type { NewFactor } from '../wire/security.ts'
import { noteOwn } from './account.ts'
import { calls, changing } from './calls.ts'
import { codeChecked, freshProof } from './proof.ts'
import { textField } from './read.ts'

export function secondFactorRoutes(deps: WebDeps) {
  const call = calls(deps)
  const prove = freshProof(deps)
  return new Elysia()
    .post(
      '/web/account/second-factor',
      call(async (given): Promise<NewFactor> => {
        await prove(given)
        const { secret, uri } = await given.core.secondFactors.begin(given.account, deps.siteName)
        return { secret, uri, qr: qrPath(uri) }
      }),
      changing,
    )
    .post(
      '/web/account/second-factor/confirm',
      call(async (given) => {
        const { core, account, body } = given
        // A factor nobody has finished setting up must not be guessed from an open browser: it locks its owner out.
        deps.limiter.take([{ key: `web/confirm/${account.id}`, limit: deps.signInPerMinute }])
        const codes = await codeChecked(() => core.secondFactors.confirm(account, textField(body, 'code')))
        await noteOwn(given, 'second_factor.on')
        return { codes }
      }),
      changing,
    )
    .post(
      '/web/account/second-factor/codes',
      call(async (given) => {
        const { core, account, body } = given
        await prove(given)
        const code = textField(body, 'code')
        const codes = await codeChecked(() => core.secondFactors.renewRecoveryCodes(account, code))
        await noteOwn(given, 'second_factor.codes_renewed')
        return { codes }
      }),
      changing,
    )
    .delete(
      '/web/account/second-factor',
      call(async (given) => {
        const { core, account, body } = given
        await prove(given)
        await codeChecked(() => core.secondFactors.turnOff(account, textField(body, 'code')))
        await noteOwn(given, 'second_factor.off')
        return { status: 'ok' }
      }),
      changing,
    )
}
