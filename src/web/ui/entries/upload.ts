/** The front page: files that are dropped, pasted or chosen are uploaded, several at a time. */
import '../upload.css'
import { takeFiles } from '../guest/drop.ts'
import { createQueue } from '../guest/queue.ts'
import { rowFor } from '../guest/row.ts'
import { createServer } from '../guest/server.ts'

const form = document.querySelector<HTMLFormElement>('[data-upload]')
const list = document.querySelector<HTMLElement>('.uploads')
if (form && list) {
  document.documentElement.classList.add('scripted')
  const server = createServer(form.dataset.csrf ?? null)
  const most = Number(form.dataset.most ?? 0)
  const queue = createQueue(server)
  takeFiles(form, (file) => {
    const row = rowFor(file, list)
    if (most > 0 && file.size > most) row.fail('This file is larger than you may upload.')
    else if (file.size === 0) row.fail('This file is empty.')
    else queue.add(file, row)
  })
  addEventListener('beforeunload', (event) => {
    if (queue.isBusy()) event.preventDefault()
  })
}
