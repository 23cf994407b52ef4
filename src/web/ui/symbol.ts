/** Drawings on buttons, in the colour of their text. */

const PATHS = {
  smaller: 'M5 12h14',
  larger: 'M5 12h14M12 5v14',
  fit: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
  full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  play: 'M8 5.5v13l11-6.5z',
} as const

const SVG = 'http://www.w3.org/2000/svg'

export function symbol(name: keyof typeof PATHS, size = 20): SVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  const drawn = { viewBox: '0 0 24 24', width: size, height: size, fill: 'none', stroke: 'currentColor' }
  const lines = {
    'stroke-width': 2,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': true,
  }
  for (const [key, value] of Object.entries({ ...drawn, ...lines })) svg.setAttribute(key, String(value))
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
