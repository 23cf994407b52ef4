/** Copying of what stands in a field. */

/** The clipboard is there on secure pages only; elsewhere the selected text is copied the old way. */
export async function copyField(field: HTMLInputElement): Promise<boolean> {
  field.focus()
  field.select()
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    return document.execCommand('copy')
  }
}
