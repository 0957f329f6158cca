import { ApiError, getJson } from '../api'
import { journeys, type Journey } from './journeys'
import { trailSchema } from './trail'

/** A question is through in some ten milliseconds; what takes longer is worth fewer requests. */
const PAUSES_MILLIS = [60, 150, 300, 600, 1_200, 2_500, 5_000, 10_000]
const AT_ONCE = 2

/** Asks where the questions of this tab are, the newest first, until the returned function is called. */
export function lookForJourneys(): () => void {
  const ended = new AbortController()
  const busy = new Set<string>()
  const next = (): void => {
    const open = [...journeys.entries().values()].filter(
      ({ questionId, txid, looked }) => txid !== undefined && !looked && !busy.has(questionId),
    )
    while (busy.size < AT_ONCE) {
      const journey = open.pop()
      if (!journey) return
      busy.add(journey.questionId)
      void look(journey, ended.signal).finally(() => {
        busy.delete(journey.questionId)
        if (!ended.signal.aborted) next()
      })
    }
  }
  const forget = journeys.subscribe(next)
  next()
  return () => {
    forget()
    ended.abort()
  }
}

async function look({ questionId, txid }: Journey, ended: AbortSignal): Promise<void> {
  for (const pause of PAUSES_MILLIS) {
    await sleep(pause, ended)
    if (ended.aborted) return
    try {
      const trail = trailSchema.parse(await getJson(`/txids/${txid}`, ended))
      const over = trail.state !== 'on-its-way'
      update(questionId, over ? { trail, looked: true } : { trail })
      if (over) return
    } catch (error) {
      if (ended.aborted) return
      // Not there, not allowed, or not to be read: asking again will not help.
      const passing = error instanceof ApiError ? error.status === 503 || error.status === 429 : error instanceof TypeError
      if (!passing) break
    }
  }
  update(questionId, { looked: true })
}

function update(questionId: string, change: Partial<Journey>): void {
  const known = journeys.get(questionId)
  if (known) journeys.set(questionId, { ...known, ...change })
}

const sleep = (millis: number, ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, millis)
    ended.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
