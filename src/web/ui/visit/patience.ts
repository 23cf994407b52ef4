/** Pictures that a busy server has not made yet are asked for again. */

const WAITS = [1500, 4000, 9000]

/** Calls back when the picture does not come, however often it is asked for. */
export function insist(image: HTMLImageElement, giveUp: () => void): void {
  const source = image.getAttribute('src') ?? ''
  const mayComeLater = source.startsWith('/~preview/')
  let tries = 0
  const again = (): void => {
    const wait = mayComeLater ? WAITS[tries] : undefined
    tries += 1
    const isThatOne = image.getAttribute('src')?.startsWith(source) === true
    if (wait === undefined || !isThatOne) giveUp()
    else
      setTimeout(() => {
        image.src = `${source}${source.includes('?') ? '&' : '?'}again=${tries}`
      }, wait)
  }
  image.addEventListener('error', again)
  // It may have failed before anybody listened.
  if (image.complete && image.naturalWidth === 0 && image.loading !== 'lazy') again()
}

/** Small ones in lists: where nothing comes, nothing is shown. */
export function insistOnAll(): void {
  for (const image of document.querySelectorAll<HTMLImageElement>('.entries img')) {
    insist(image, () => {
      image.hidden = true
    })
  }
}
