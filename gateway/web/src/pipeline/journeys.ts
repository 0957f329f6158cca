import { questionDeliveries } from '../deliveries'
import { KeyedStore } from '../keyed-store'
import type { Trail } from './trail'

/** A question that was sent in this tab, on its way; times are milliseconds since 1970 by the browser's clock. */
export interface Journey {
  readonly questionId: string
  readonly content: string
  readonly sent: number
  /** When the POST was answered. */
  readonly answered?: number
  readonly txid?: number
  /** When its row was back through the shape. */
  readonly seen?: number
  readonly trail?: Trail
  /** Nothing more will be asked about it. */
  readonly looked?: boolean
}

export const REMEMBERED = 100

/** The last hundred by question id, the oldest first. */
export const journeys = new KeyedStore<Journey>(REMEMBERED, () => true)

/** Finer than `Date.now()`, and of the same clock as long as the tab lives. */
const now = (): number => performance.timeOrigin + performance.now()

/** Notes when what becomes known of the questions sent in this tab; until the returned function is called. */
export function followDeliveries(): () => void {
  const note = (): void => {
    for (const [questionId, { command, progress }] of questionDeliveries.entries()) {
      const known = journeys.get(questionId)
      if (progress.state === 'sending') {
        if (!known) journeys.set(questionId, { questionId, content: command.content, sent: now() })
      } else if (!known) {
        continue
      } else if (progress.state === 'failed') {
        journeys.delete(questionId)
      } else if (known.txid === undefined) {
        journeys.set(questionId, { ...known, txid: progress.txid, answered: now() })
      } else if (progress.state === 'confirmed' && known.seen === undefined) {
        journeys.set(questionId, { ...known, seen: now() })
      }
    }
  }
  note()
  return questionDeliveries.subscribe(note)
}
