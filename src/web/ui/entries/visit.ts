/** What the pages of files and folders do beside what HTML does. */
import '../visit.css'
import { offerCopies } from '../visit/copy.ts'
import { countDown } from '../visit/countdown.ts'
import { rememberLook } from '../visit/folder-look.ts'
import { offerPdf, offerPlay, watchMedia } from '../visit/media.ts'
import { insistOnAll } from '../visit/patience.ts'
import { viewPicture } from '../visit/picture.ts'

document.documentElement.classList.add('scripted')
rememberLook(document.querySelector<HTMLElement>('[data-folder]'))
countDown()
offerCopies()
watchMedia()
offerPlay()
insistOnAll()
offerPdf(document.querySelector<HTMLElement>('[data-stage=pdf]'))
viewPicture(document.querySelector<HTMLElement>('[data-stage=image]'))
