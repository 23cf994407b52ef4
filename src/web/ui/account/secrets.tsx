/** What is shown once and never again. */
import { useElementId } from '../parts/area.tsx'
import { Dialog, openDialog } from '../parts/dialog.tsx'
import { toast } from '../parts/toasts.tsx'

export interface Secret {
  label: string
  text: string
}

export interface SecretWords {
  about: string
  /** Under which all of it can be saved. */
  fileName?: string
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast('Copied.')
  } catch {
    // Browsers refuse without TLS: the text stands there to be selected.
    toast('The browser does not let this page copy. Select the text instead.', { bad: true })
  }
}

/** Secrets have no blanks to break at: some forty characters fit beside each other. */
const rowsOf = (text: string): number =>
  text.split('\n').reduce((rows, line) => rows + Math.ceil(line.length / 40), 0)

function SecretField({ label, text }: Secret) {
  const id = useElementId()
  return (
    <div>
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class="secret"
        readOnly
        rows={rowsOf(text)}
        value={text}
        spellcheck={false}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button
        type="button"
        class="second small"
        aria-label={`Copy: ${label}`}
        onClick={() => void copy(text)}
      >
        Copy
      </button>
    </div>
  )
}

const fileOf = (secrets: Secret[]): string =>
  URL.createObjectURL(new Blob([`${secrets.map(({ text }) => text).join('\n')}\n`], { type: 'text/plain' }))

export const showSecrets = (title: string, secrets: Secret[], { about, fileName }: SecretWords): void =>
  openDialog((close) => (
    <Dialog title={title} close={close}>
      <p role="status">{about}</p>
      {secrets.map((secret) => (
        <SecretField key={secret.label} {...secret} />
      ))}
      <div class="buttons">
        {fileName !== undefined && (
          <a class="button second" href={fileOf(secrets)} download={fileName}>
            Save as a file
          </a>
        )}
        <button type="button" data-first onClick={close}>
          I have kept it
        </button>
      </div>
    </Dialog>
  ))
