import { KeyedStore } from './keyed-store'

/** How a shape's stream is doing. No entry: well, or not open. */
export type SyncTrouble =
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'stopped'; readonly reason: string; readonly signedOut: boolean }

/** By shape key (shape-tokens.ts). */
export const syncTrouble = new KeyedStore<SyncTrouble>(64, () => true)

/**
 * `fetch` that tells the page when the server is away: Electric's client repeats network errors and 5xx silently and
 * without end, so without this a page that gets nothing any more would look like a page on which nothing happens.
 */
export function watchedFetch(key: string): typeof fetch {
  return async (input, init) => {
    try {
      const response = await fetch(input, init)
      if (response.status >= 500 || response.status === 429) syncTrouble.set(key, { kind: 'reconnecting' })
      else if (response.ok) syncTrouble.delete(key)
      return response
    } catch (error) {
      if (!init?.signal?.aborted) syncTrouble.set(key, { kind: 'reconnecting' })
      throw error
    }
  }
}
