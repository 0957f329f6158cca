import { z } from 'zod'
import { questionDeliveries, type Delivery } from './deliveries'
import type { Question } from './placeholders'
import { UNSENT_KEY } from './session'

const storedSchema = z.array(
  z.object({
    reason: z.string(),
    question: z.object({ conversationId: z.guid(), questionId: z.guid(), answerId: z.guid(), content: z.string() }),
  }),
)

/**
 * Keeps the questions of which nobody knows that they are saved through a reload of this tab: they come back as not
 * sent, with their ids, so that sending one again is safe even if it was saved after all. To be called once.
 */
export function rememberUnsent(): void {
  for (const { question, reason } of stored())
    questionDeliveries.set(question.questionId, { command: question, progress: { state: 'failed', reason } })
  questionDeliveries.subscribe(() => {
    const unsent = [...questionDeliveries.entries().values()].flatMap(toStored)
    try {
      if (unsent.length > 0) sessionStorage.setItem(UNSENT_KEY, JSON.stringify(unsent))
      else sessionStorage.removeItem(UNSENT_KEY)
    } catch {
      // The storage is full: what is on the page stays there, a reload then loses it as it would without this.
    }
  })
}

function toStored({ command, progress }: Delivery<Question>): z.infer<typeof storedSchema> {
  switch (progress.state) {
    case 'failed':
      return [{ question: command, reason: progress.reason }]
    case 'sending':
      return [{ question: command, reason: 'The page was left before the server had answered.' }]
    case 'saved':
    case 'confirmed':
      return []
  }
}

function stored(): z.infer<typeof storedSchema> {
  try {
    return storedSchema.parse(JSON.parse(sessionStorage.getItem(UNSENT_KEY) ?? '[]'))
  } catch {
    return []
  }
}
