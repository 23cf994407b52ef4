/** The application: files, links, requests, and whatever else belongs to an account. */
import '../app.css'
import '../areas.css'
import { render } from 'preact'
import { Shell } from '../app/shell.tsx'

const root = document.getElementById('app')
if (root) render(<Shell />, root)
