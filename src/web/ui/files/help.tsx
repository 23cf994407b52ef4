/** What the keyboard can do. */
import { useEffect } from 'preact/hooks'
import { Dialog, openDialog } from '../parts/dialog.tsx'
import { undoLast } from '../parts/toasts.tsx'

const KEYS: Array<[string, string]> = [
  ['↑ ↓ ← →', 'Go through the list'],
  ['Shift + arrows', 'Select more'],
  ['Space', 'Select or not'],
  ['Ctrl + A', 'Select all'],
  ['Escape', 'Select nothing'],
  ['Enter', 'Open'],
  ['Backspace', 'To the folder above'],
  ['F2', 'Rename'],
  ['i', 'Details and links'],
  ['Delete', 'Move to the trash'],
  ['Ctrl + Z', 'Take back what was moved last'],
  ['/', 'Search'],
  ['?', 'This help'],
]

export const helpDialog = (): void =>
  openDialog((close) => (
    <Dialog title="Keyboard" close={close}>
      <table class="keys">
        <tbody>
          {KEYS.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  ))

/** Keys that work wherever the focus is, but not while somebody types. */
export function useGlobalKeys(): void {
  useEffect(() => {
    const act = (event: KeyboardEvent): void => {
      const element = event.target as HTMLElement
      if (element.closest('input:not([type=checkbox]), textarea, select, dialog')) return
      const isCommand = event.ctrlKey || event.metaKey
      if (isCommand && (event.key !== 'z' || event.shiftKey)) return
      if (isCommand) {
        if (!undoLast()) return
      } else if (event.key === '?') helpDialog()
      else if (event.key === '/') document.getElementById('finder')?.focus()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', act)
    return () => document.removeEventListener('keydown', act)
  }, [])
}
