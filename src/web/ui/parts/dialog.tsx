/** Windows in the page: they hold the focus, Escape closes them, and the focus goes back to where it was. */
import { type ComponentChildren, render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { CallError, messageOf } from '../app/session.ts'
import { useElementId } from './area.tsx'
import { Icon } from './icons.tsx'

export interface DialogProps {
  title: string
  wide?: boolean
  close(): void
  children: ComponentChildren
}

export function Dialog({ title, wide = false, close, children }: DialogProps) {
  const titleId = useElementId()
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    const element = box.current
    element?.showModal()
    element?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => {
      // While it is open nothing else can have the focus.
      element?.close()
      if (before?.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={box}
      class={wide ? 'wide' : undefined}
      aria-labelledby={titleId}
      onClose={close}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="plain" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  )
}

/** Shows a dialog until it closes itself. */
export function openDialog(view: (close: () => void) => ComponentChildren): void {
  const place = document.createElement('div')
  document.body.append(place)
  const close = (): void => {
    render(null, place)
    place.remove()
  }
  render(view(close), place)
}

export interface FormDialogProps {
  title: string
  action: string
  bad?: boolean
  close(): void
  /** A failure is shown in the dialog, which stays. */
  submit(form: FormData): Promise<void>
  children: ComponentChildren
}

/** The field that is wrong has the focus, and says why to those who do not see. */
function markWrong(form: HTMLFormElement, name: string | null, problemId: string): void {
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue
    const isWrong = name !== null && field.name === name
    if (isWrong) {
      field.setAttribute('aria-invalid', 'true')
      field.setAttribute('aria-describedby', problemId)
      field.focus()
    } else if (field.ariaInvalid !== null) {
      field.removeAttribute('aria-invalid')
      field.removeAttribute('aria-describedby')
    }
  }
}

/** A dialog that asks something and does something with the answer. */
export function FormDialog({ title, action, bad = false, close, submit, children }: FormDialogProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const problemId = useElementId()
  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    setBusy(true)
    setProblem(null)
    markWrong(form, null, problemId)
    try {
      await submit(new FormData(form))
      close()
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
      markWrong(form, error instanceof CallError ? error.field : null, problemId)
    }
  }
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={onSubmit}>
        {problem !== null && (
          <p role="alert" id={problemId}>
            {problem}
          </p>
        )}
        {children}
        <div class="buttons">
          <button type="button" class="second" onClick={close}>
            Cancel
          </button>
          <button type="submit" class={bad ? 'danger' : undefined} disabled={busy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** Asks before something that can not be taken back. */
export const confirmDialog = (question: {
  title: string
  text: string
  action: string
  act(): Promise<void>
}): void =>
  openDialog((close) => (
    <FormDialog title={question.title} action={question.action} bad close={close} submit={question.act}>
      <p>{question.text}</p>
    </FormDialog>
  ))
