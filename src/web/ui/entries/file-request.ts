/** Sends files one after the other, and shows how far each is. Without this script the form does it all at once. */
import '../file-request.css'

const form = document.getElementById('sending') as HTMLFormElement | null
const input = document.getElementById('file') as HTMLInputElement | null
const list = document.getElementById('sent')
const news = document.getElementById('news')

const MIB = 1024 * 1024
const sizeOf = (bytes: number): string =>
  bytes < MIB ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MIB).toFixed(1)} MB`

interface Row {
  say(text: string): void
  show(sent: number): void
  end(): void
}

function rowOf(file: File): Row {
  const item = document.createElement('li')
  const name = document.createElement('strong')
  const state = document.createElement('span')
  const bar = document.createElement('progress')
  name.textContent = file.name
  bar.max = file.size || 1
  bar.value = 0
  bar.setAttribute('aria-label', `Progress of ${file.name}`)
  state.textContent = 'Waiting'
  item.append(name, state, bar)
  list?.append(item)
  return {
    say: (text) => {
      state.textContent = text
    },
    show: (sent) => {
      bar.value = sent
      state.textContent = `${sizeOf(sent)} of ${sizeOf(file.size)}`
    },
    end: () => bar.remove(),
  }
}

function messageOf({ responseText, status }: XMLHttpRequest): string {
  try {
    const { message } = JSON.parse(responseText) as { message?: unknown }
    if (typeof message === 'string') return message
  } catch {
    // A proxy in between answers in words of its own.
  }
  return status === 0 ? 'The connection was lost.' : `The server answered ${status}.`
}

/** Resolves with whether it arrived. */
const send = (address: string, file: File, row: Row): Promise<boolean> =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const body = new FormData()
    body.append('file', file)
    request.open('POST', address)
    request.setRequestHeader('accept', 'application/json')
    request.upload.onprogress = ({ loaded }) => row.show(Math.min(loaded, file.size))
    request.onloadend = () => {
      const arrived = request.status === 200
      row.say(arrived ? 'Arrived' : messageOf(request))
      row.end()
      resolve(arrived)
    }
    request.send(body)
  })

function tell(text: string): void {
  if (!news) return
  news.hidden = false
  news.textContent = text
}

async function sendAll(files: File[]): Promise<void> {
  if (!form) return
  const rows = files.map((file) => ({ file, row: rowOf(file) }))
  const button = form.querySelector('button')
  if (button) button.disabled = true
  let arrived = 0
  for (const { file, row } of rows) if (await send(form.action, file, row)) arrived += 1
  if (button) button.disabled = false
  form.reset()
  tell(`${arrived} of ${files.length} ${files.length === 1 ? 'file' : 'files'} arrived.`)
}

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  void sendAll([...(input?.files ?? [])])
})
document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', (event) => {
  event.preventDefault()
  const files = [...(event.dataTransfer?.files ?? [])]
  if (files.length > 0) void sendAll(files)
})
