import { FetchError, type ShapeStreamOptions } from '@electric-sql/client'
import { ApiError, isAmbiguous, reasonOf } from './api'
import { shapeKey, shapeTokens, type ShapeDefinition } from './shape-tokens'
import { syncTrouble, watchedFetch } from './sync-health'
import { parseTimestamptz } from './timestamps'

/** With the client's own backoff (up to 32 s) about a quarter of an hour; it gives up at 50 by itself, in silence. */
const MOST_REPEATS = 40

/**
 * Options of one shape's stream. The gateway reads the shape from the token alone; `table` and `params` are in the
 * address only because Electric's client keeps what it knows of a shape by its address. The token is never there: a
 * renewed token would make it another shape, and addresses end up in logs.
 */
export function createShapeConfig(definition: ShapeDefinition) {
  const key = shapeKey(definition)
  const fetchClient = watchedFetch(key)
  let repeats = 0

  const stop = (error: unknown): void => {
    repeats = 0
    syncTrouble.set(key, { kind: 'stopped', reason: reasonOf(error), signedOut: isSignedOut(error) })
  }

  return {
    url: new URL('/shape', location.origin).href,
    params: { table: definition.table, ...definition.params },
    // Asked anew for every request, which is what lets a token be renewed before it expires.
    headers: { Authorization: async () => `Bearer ${await shapeTokens.get(definition)}` },
    parser: { timestamptz: parseTimestamptz },
    warnOnHttp: false,
    fetchClient: async (input, init) => {
      const response = await fetchClient(input, init)
      if (response.ok) repeats = 0
      return response
    },
    onError: (error) => {
      const refused = error instanceof FetchError && error.status === 401
      if (refused) shapeTokens.drop(definition)
      const away = !(error instanceof FetchError) && isTransient(error)
      if (away) syncTrouble.set(key, { kind: 'reconnecting' })
      // An object repeats the request from the same offset; nothing at all stops the stream for good.
      if ((refused || away) && ++repeats <= MOST_REPEATS) return {}
      stop(described(error))
      return
    },
  } satisfies ShapeStreamOptions<Date>
}

/** The call for a Shape Token failed in a way that may pass: no answer, overloaded, restarting. */
const isTransient = (error: unknown): boolean =>
  error instanceof ApiError
    ? isAmbiguous(error) || error.status === 429 || error.status >= 500
    : error instanceof TypeError || error instanceof DOMException

const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401

/** Electric's errors carry the whole address and body; the page shows the server's own sentence. */
function described(error: unknown): unknown {
  if (!(error instanceof FetchError)) return error
  const body = error.json as { message?: unknown; detail?: unknown } | undefined
  const text = body?.message ?? body?.detail
  return new Error(typeof text === 'string' ? text : `The server answered ${error.status} and sync has stopped.`)
}
