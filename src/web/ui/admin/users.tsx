/** Everybody's accounts. */
import { useEffect, useState } from 'preact/hooks'
import type { AdminAccount, AdminAccounts } from '../../wire/admin.ts'
import { api } from '../app/session.ts'
import { Panel, useAnswer, Waiting } from '../parts/area.tsx'
import { Icon } from '../parts/icons.tsx'
import { Menu } from '../parts/menu.tsx'
import { counted, day, size } from '../parts/words.ts'
import { useFind } from './find.tsx'
import { actionsFor, askForNew } from './user-actions.tsx'

const PAGE = 50

export function Users() {
  const { asked, field } = useFind('Name or e-mail')
  const [offset, setOffset] = useState(0)
  useEffect(() => setOffset(0), [asked])
  const path = `/web/admin/accounts?q=${encodeURIComponent(asked)}&offset=${offset}&limit=${PAGE}`
  const answered = useAnswer(() => api<AdminAccounts>('GET', path), path)
  const { accounts = [], total = 0 } = answered.value ?? {}
  return (
    <Panel
      title="Users"
      tools={
        <button type="button" class="small" onClick={() => void askForNew(answered.again)}>
          New user…
        </button>
      }
    >
      {field}
      <Waiting {...answered} />
      {answered.value !== null && (
        <p class="facts" role="status">
          {counted(total, 'account')}
        </p>
      )}
      <ul class="rows">
        {accounts.map((account) => (
          <UserRow key={account.id} account={account} done={answered.again} />
        ))}
      </ul>
      <Steps offset={offset} shown={accounts.length} total={total} go={setOffset} />
    </Panel>
  )
}

function UserRow({ account, done }: { account: AdminAccount; done(): void }) {
  return (
    <li>
      <div class="row-words">
        <strong>
          <bdi>{account.name}</bdi>
        </strong>
        {account.isAdmin && <span class="badge">admin</span>}
        {account.status !== 'active' && <span class="badge bad">{account.status}</span>}
        {account.secondFactor && <span class="badge">second factor</span>}
        <p class="facts">
          {account.package} · {counted(account.files, 'file')} · {size(account.stored)}
          {account.reserved > 0 && ` and ${size(account.reserved)} under way`}
        </p>
        <p class="facts">
          {account.email !== null && <bdi>{account.email} · </bdi>}since {day(account.created)}
        </p>
      </div>
      <Menu label={`Actions for ${account.name}`} class="plain" items={actionsFor(account, done)}>
        <Icon name="more" />
      </Menu>
    </li>
  )
}

interface StepsProps {
  offset: number
  shown: number
  total: number
  go(offset: number): void
}

const Steps = ({ offset, shown, total, go }: StepsProps) =>
  total > PAGE ? (
    <nav class="ways" aria-label="Pages of the list">
      <button type="button" class="second small" disabled={offset === 0} onClick={() => go(offset - PAGE)}>
        Back
      </button>
      <span class="facts">
        {offset + 1} to {offset + shown}
      </span>
      <button
        type="button"
        class="second small"
        disabled={offset + shown >= total}
        onClick={() => go(offset + PAGE)}
      >
        Next
      </button>
    </nav>
  ) : null
