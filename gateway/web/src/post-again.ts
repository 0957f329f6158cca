import { ApiError, isAmbiguous, postJson } from './api'

const PAUSES_MILLIS = [300, 1_000, 3_000]
const LONGEST_PAUSE_MILLIS = 10_000

/**
 * Posts an idempotent command and repeats it, unchanged, when nobody can tell whether it was carried out: a lost answer
 * is no failure, and rolling back would take a saved question off the page. Gives up after four attempts.
 */
export async function postAgain(path: string, body: unknown): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await postJson(path, body)
    } catch (error) {
      const pause = PAUSES_MILLIS[attempt]
      if (pause === undefined || !isAmbiguous(error)) throw error
      const asked = error instanceof ApiError ? error.retryAfterMillis : 0
      const jittered = pause * (0.75 + Math.random() / 2)
      await sleep(Math.min(Math.max(jittered, asked), LONGEST_PAUSE_MILLIS))
    }
  }
}

export const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))
