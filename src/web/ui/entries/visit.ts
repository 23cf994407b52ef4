/** What the pages of files and folders do beside what HTML does. */
import '../visit.css'

document.documentElement.classList.add('scripted')
