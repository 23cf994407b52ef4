/** Names that are taken where something goes: who brings it says whether both stay, or one, and which. */
import { Dialog, openDialog } from './dialog.tsx'

export type TakenAnswer = 'both' | 'replace' | 'skip'

interface Question {
  text: string
  /** What happens to what is replaced; null where nothing can be replaced. */
  replacing: string | null
}

/** Null when the question is closed. */
export const askAboutTaken = ({ text, replacing }: Question): Promise<TakenAnswer | null> =>
  new Promise((resolve) =>
    openDialog((close) => {
      const say = (answer: TakenAnswer | null) => () => {
        close()
        resolve(answer)
      }
      return (
        <Dialog title={replacing === null ? 'Keep both?' : 'Replace what is here?'} close={say(null)}>
          <p>{text}</p>
          {replacing !== null && <p class="soft">{replacing}</p>}
          <p class="soft">Where both are kept the new one gets a number.</p>
          <div class="buttons">
            <button type="button" class="second" onClick={say('skip')}>
              Skip
            </button>
            {replacing !== null && (
              <button type="button" class="second" onClick={say('replace')}>
                Replace
              </button>
            )}
            <button type="button" data-first onClick={say('both')}>
              Keep both
            </button>
          </div>
        </Dialog>
      )
    }),
  )
