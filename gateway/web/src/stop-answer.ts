import { reasonOf } from './api'
import { KeyedStore } from './keyed-store'
import { postAgain } from './post-again'

export type Stop =
  /** Asked for; the row's own state says when it has stopped. */
  | { readonly state: 'asked' }
  | { readonly state: 'failed'; readonly reason: string }

/** By answer id. */
export const stops = new KeyedStore<Stop>(200, () => true)

/**
 * Ends the writing of an answer for good, from any device. Idempotent. Nothing is changed on the page before the row
 * comes back `cancelled`: an optimistic row would hold back the text that is still on its way and is kept.
 */
export async function stopAnswer(answerId: string): Promise<void> {
  if (stops.get(answerId)?.state === 'asked') return
  stops.set(answerId, { state: 'asked' })
  try {
    await postAgain(`/answers/${answerId}/stop`, {})
  } catch (error) {
    stops.set(answerId, { state: 'failed', reason: reasonOf(error) })
  }
}
