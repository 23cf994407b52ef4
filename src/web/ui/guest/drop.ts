/** The ways in which files come to a page. */

/** Calls back for each file that is dropped anywhere on the page, pasted, or chosen. */
export function takeFiles(form: HTMLFormElement, take: (file: File) => void): void {
  const takeAll = (files: FileList | null | undefined): void => {
    for (const file of files ?? []) take(file)
  }
  const input = form.querySelector<HTMLInputElement>('input[type=file]')
  input?.addEventListener('change', () => {
    takeAll(input.files)
    input.value = ''
  })
  form.addEventListener('submit', (event) => event.preventDefault())
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    form.classList.add('over')
  })
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) form.classList.remove('over')
  })
  addEventListener('drop', (event) => {
    form.classList.remove('over')
    if (!hasFiles(event)) return
    event.preventDefault()
    takeAll(event.dataTransfer?.files)
  })
  addEventListener('paste', (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type !== 'file') return
    takeAll(event.clipboardData?.files)
  })
}
