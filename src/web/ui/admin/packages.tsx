/** What accounts may do. */
import type { AdminPackage } from '../../wire/admin.ts'
import { api } from '../app/session.ts'
import { Field, Panel, textOf, useAnswer, Waiting } from '../parts/area.tsx'
import { FormDialog, openDialog } from '../parts/dialog.tsx'
import { toast } from '../parts/toasts.tsx'
import { size } from '../parts/words.ts'
import { AMOUNT_PATTERN, readAmount, writeAmount } from './amounts.ts'

type Columns = AdminPackage['columns']

interface Column {
  name: string
  label: string
  unit?: 'bytes' | 'bytes/s' | 'seconds' | 'days'
}

const NUMBERS: Column[] = [
  { name: 'max_storage_bytes', label: 'Storage', unit: 'bytes' },
  { name: 'max_upload_size', label: 'Size of a file', unit: 'bytes' },
  { name: 'concurrent_uploads', label: 'Uploads at once' },
  { name: 'max_remote_download_urls', label: 'Imports at once' },
  { name: 'concurrent_downloads', label: 'Downloads at once' },
  { name: 'downloads_per_24_hours', label: 'Downloads within 24 hours' },
  { name: 'download_size_per_24_hours', label: 'Downloaded within 24 hours', unit: 'bytes' },
  { name: 'max_download_filesize_allowed', label: 'Largest download', unit: 'bytes' },
  { name: 'download_speed', label: 'Download speed', unit: 'bytes/s' },
  { name: 'wait_before_download', label: 'Wait before a download', unit: 'seconds' },
  { name: 'wait_between_downloads', label: 'Pause between downloads', unit: 'seconds' },
  { name: 'days_to_keep_inactive_files', label: 'Unused files are kept', unit: 'days' },
]
const SWITCHES: Column[] = [
  { name: 'can_upload', label: 'May upload' },
  { name: 'api_access', label: 'May use the nating and YetiShare APIs' },
  { name: 'flamenet_api', label: 'May use the Flamenet API' },
  { name: 'on_upgrade_page', label: 'Offered as an upgrade' },
  { name: 'show_site_adverts', label: 'Adverts are shown' },
  { name: 'show_upgrade_screen', label: 'Upgrades are offered' },
]

function shown({ name, unit }: Column, columns: Columns): string {
  const value = Number(columns[name])
  if (value === 0) return 'no limit'
  if (unit === 'bytes') return size(value)
  if (unit === 'bytes/s') return `${size(value)}/s`
  return unit === undefined ? String(value) : `${value} ${unit}`
}

export function Packages() {
  const answered = useAnswer(
    async () => (await api<{ packages: AdminPackage[] }>('GET', '/web/admin/packages')).packages,
  )
  return (
    <Panel
      title="Packages"
      about="What accounts may do. Guest is for visitors without an account; changes hold at once."
      tools={
        <button type="button" class="small" onClick={() => ask(null, answered.again)}>
          New package…
        </button>
      }
    >
      <Waiting {...answered} />
      <ul class="rows">
        {answered.value?.map((pkg) => (
          <PackageRow key={pkg.id} pkg={pkg} done={answered.again} />
        ))}
      </ul>
    </Panel>
  )
}

function PackageRow({ pkg, done }: { pkg: AdminPackage; done(): void }) {
  const limits = NUMBERS.filter(({ name }) => pkg.columns[name] !== 0)
  return (
    <li>
      <div class="row-words">
        <strong>{pkg.name}</strong>
        <span class="badge">{String(pkg.columns.level_type)}</span>
        <p class="facts">
          {limits.length === 0
            ? 'No limits'
            : limits.map((column) => `${column.label}: ${shown(column, pkg.columns)}`).join(' · ')}
        </p>
        <p class="facts">
          {SWITCHES.slice(0, 3)
            .filter(({ name }) => pkg.columns[name] === true)
            .map(({ label }) => label)
            .join(' · ')}
        </p>
      </div>
      <button
        type="button"
        class="second small"
        aria-label={`Change ${pkg.name}`}
        onClick={() => ask(pkg, done)}
      >
        Change…
      </button>
    </li>
  )
}

const EMPTY: Columns = { can_upload: true, api_access: true, level_type: 'paid user' }

const isSize = ({ unit }: Column): boolean => unit === 'bytes' || unit === 'bytes/s'

/** What is no number goes as it is: the server says what it should be. */
function readNumber(column: Column, text: string): string {
  if (text.trim() === '') return '0'
  return isSize(column) ? String(readAmount(text) ?? text) : text.trim()
}

const readColumns = (form: FormData): Record<string, string> => ({
  ...Object.fromEntries(
    NUMBERS.map((column) => [column.name, readNumber(column, textOf(form, column.name))]),
  ),
  ...Object.fromEntries(SWITCHES.map(({ name }) => [name, form.get(name) === 'on' ? '1' : '0'])),
  level_type: textOf(form, 'level_type'),
})

/** Null: a new one. */
const ask = (pkg: AdminPackage | null, done: () => void): void =>
  openDialog((close) => (
    <FormDialog
      title={pkg === null ? 'New package' : `Package ${pkg.name}`}
      action="Save"
      close={close}
      submit={async (form) => {
        const body = { name: textOf(form, 'name'), columns: readColumns(form) }
        await (pkg === null
          ? api('POST', '/web/admin/packages', body)
          : api('PATCH', `/web/admin/packages/${pkg.id}`, body))
        toast('Saved.')
        done()
      }}
    >
      {pkg === null && <Field label="Name" name="name" required max={50} first />}
      <p class="facts">0 is no limit. Sizes are bytes, or such as 500 MB or 5 GB.</p>
      <PackageFields columns={pkg?.columns ?? EMPTY} />
    </FormDialog>
  ))

const NumberField = ({ column, value }: { column: Column; value: number }) =>
  isSize(column) ? (
    <Field
      label={column.unit === 'bytes/s' ? `${column.label}, a second` : column.label}
      name={column.name}
      value={writeAmount(value)}
      pattern={AMOUNT_PATTERN}
    />
  ) : (
    <Field
      label={column.unit === undefined ? column.label : `${column.label} (${column.unit})`}
      name={column.name}
      value={String(value)}
      pattern="\d*"
    />
  )

const PackageFields = ({ columns }: { columns: Columns }) => (
  <>
    <div class="fields">
      {NUMBERS.map((column) => (
        <NumberField key={column.name} column={column} value={Number(columns[column.name] ?? 0)} />
      ))}
      <Field label="Kind of level" name="level_type" value={String(columns.level_type)} required max={50} />
    </div>
    {SWITCHES.map(({ name, label }) => (
      <div class="choice tight" key={name}>
        <label>
          <input type="checkbox" name={name} defaultChecked={columns[name] === true} />
          {label}
        </label>
      </div>
    ))}
  </>
)
