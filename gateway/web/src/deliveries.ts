import type { Question } from './placeholders'
import { KeyedStore } from './keyed-store'

/** What became of something that was written in this tab. */
export type Progress =
  | { readonly state: 'sending' }
  /** In Postgres, not yet seen in the shape; `late` after half a minute of that. */
  | { readonly state: 'saved'; readonly txid: number; readonly late: boolean }
  /** `millis` from the click to the row's return through the shape. */
  | { readonly state: 'confirmed'; readonly txid: number; readonly millis: number }
  | { readonly state: 'failed'; readonly reason: string }

export interface Delivery<Command> {
  readonly command: Command
  readonly progress: Progress
}

export interface NewConversation {
  readonly id: string
  readonly title: string
}

const isOver = ({ progress }: Delivery<unknown>): boolean => progress.state === 'confirmed'

/** By question id. A failed one stays, with its text, until it is sent again or discarded. */
export const questionDeliveries = new KeyedStore<Delivery<Question>>(200, isOver)

/** By conversation id. */
export const conversationDeliveries = new KeyedStore<Delivery<NewConversation>>(200, isOver)
