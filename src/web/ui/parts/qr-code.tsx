/** A link as a QR code, for the phone beside the screen. What makes it is loaded when it is wanted. */
import { useState } from 'preact/hooks'
import type { QrShape } from '../../wire/qr.ts'
import { toast } from './toasts.tsx'

/** Dark on white in every theme: readers want it so. */
export const QrImage = ({ qr, of }: { qr: QrShape; of: string }) => (
  <svg
    class="qr"
    viewBox={`0 0 ${qr.size} ${qr.size}`}
    role="img"
    aria-label={`QR code ${of}`}
    shape-rendering="crispEdges"
  >
    <path class="qr-light" d={`M0 0h${qr.size}v${qr.size}H0z`} />
    <path class="qr-dark" d={qr.path} />
  </svg>
)

/** A button that shows and hides it. */
export function QrCode({ url }: { url: string }) {
  const [qr, setQr] = useState<QrShape | null>(null)
  const show = async (): Promise<void> => {
    try {
      const { qrPath } = await import('../../wire/qr.ts')
      setQr(qrPath(url))
    } catch {
      toast('The QR code could not be loaded. Check your connection.', { bad: true })
    }
  }
  return (
    <>
      <button
        type="button"
        class="small second"
        aria-expanded={qr !== null}
        onClick={() => (qr === null ? void show() : setQr(null))}
      >
        QR code
      </button>
      {qr !== null && <QrImage qr={qr} of={`of the link ${url}`} />}
    </>
  )
}
