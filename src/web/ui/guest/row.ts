/** What the page shows of one upload: how far it is and how fast, and in the end its links. */
import type { UploadedFile } from '../../wire/uploaded.ts'
import { copyField } from '../clipboard.ts'
import { createMeter } from './meter.ts'
import { humanSize, humanTime } from './words.ts'

export interface Row {
  onCancel(cancel: () => void): void
  progress(sent: number): void
  done(file: UploadedFile): void
  fail(message: string): void
  cancelled(): void
}

function make<Name extends keyof HTMLElementTagNameMap>(name: Name, text = ''): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  element.textContent = text
  return element
}

export function rowFor(file: File, list: HTMLElement): Row {
  const item = make('li')
  const name = make('strong', file.name)
  name.title = file.name
  const button = make('button', 'Cancel')
  button.type = 'button'
  button.className = 'quiet'
  button.setAttribute('aria-label', `Cancel ${file.name}`)
  const bar = make('progress')
  bar.max = Math.max(1, file.size)
  bar.value = 0
  bar.setAttribute('aria-label', file.name)
  const words = make('p', `${humanSize(file.size)}, waiting`)
  item.append(name, button, bar, words)
  list.append(item)
  const meter = createMeter()
  const end = (text: string, role: 'status' | 'alert'): void => {
    bar.remove()
    button.remove()
    words.setAttribute('role', role)
    words.textContent = text
  }
  return {
    onCancel: (cancel) => button.addEventListener('click', cancel),
    progress(sent) {
      bar.value = sent
      const speed = meter(sent, performance.now())
      const left = speed > 0 ? `, ${humanSize(speed)}/s, ${humanTime((file.size - sent) / speed)} left` : ''
      words.textContent =
        sent >= file.size
          ? `${humanSize(file.size)}, finishing`
          : `${humanSize(sent)} of ${humanSize(file.size)}${left}`
    },
    done(uploaded) {
      end(`${humanSize(uploaded.size)}, uploaded`, 'status')
      item.append(linksOf(uploaded))
    },
    fail: (message) => end(message, 'alert'),
    cancelled: () => end('Cancelled', 'status'),
  }
}

function linksOf({ slug, name, url, delete_url }: UploadedFile): HTMLElement {
  const links = make('div')
  links.className = 'links'
  links.append(
    ...linkField(`link-${slug}`, 'Link', url, name),
    ...linkField(`delete-${slug}`, 'Link to delete it, for you alone', delete_url, name),
  )
  const open = make('a', 'Open its page')
  open.href = url
  links.append(open)
  return links
}

function linkField(id: string, text: string, url: string, name: string): HTMLElement[] {
  const label = make('label', text)
  label.htmlFor = id
  const field = make('input')
  Object.assign(field, { id, value: url, readOnly: true })
  field.addEventListener('focus', () => field.select())
  const button = make('button', 'Copy')
  button.type = 'button'
  button.className = 'quiet'
  button.setAttribute('aria-label', `Copy: ${text}, ${name}`)
  button.addEventListener('click', () => void copy(field, button))
  const box = make('div')
  box.className = 'copy'
  box.append(field, button)
  return [label, box]
}

async function copy(field: HTMLInputElement, button: HTMLButtonElement): Promise<void> {
  button.textContent = (await copyField(field)) ? 'Copied' : 'Press Ctrl+C'
}
