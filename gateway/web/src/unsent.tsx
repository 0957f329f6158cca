import { questionDeliveries, type Delivery } from './deliveries'
import { useEntries } from './keyed-store'
import type { Question } from './placeholders'
import { sendQuestionAction } from './send-question'

interface UnsentQuestion {
  readonly question: Question
  readonly reason: string
}

/** The questions of a conversation that could not be sent. One that arrived through the sync after all is not among them. */
export function useUnsent(conversationId: string, arrived: readonly { readonly id: string }[]): UnsentQuestion[] {
  return [...useEntries(questionDeliveries).values()].flatMap(({ command, progress }: Delivery<Question>) =>
    progress.state === 'failed' &&
    command.conversationId === conversationId &&
    !arrived.some(({ id }) => id === command.questionId)
      ? [{ question: command, reason: progress.reason }]
      : [],
  )
}

/** Their text is kept: what was typed is the reader's, whatever became of the request. */
export function Unsent({ question, reason }: UnsentQuestion) {
  return (
    <section className="unsent" data-testid="unsent" data-question-id={question.questionId}>
      <p className="text">{question.content}</p>
      <p className="failed" role="alert" data-testid="send-error">
        Not sent. {reason}
      </p>
      <button type="button" className="quiet" data-testid="send-again" onClick={() => void sendQuestionAction(question)}>
        Send again
      </button>
      <button type="button" className="quiet" data-testid="discard" onClick={() => questionDeliveries.delete(question.questionId)}>
        Discard
      </button>
    </section>
  )
}
