import { questionDeliveries } from './deliveries'
import { useEntries } from './keyed-store'
import { sendQuestionAction } from './send-question'

interface Props {
  readonly conversationId: string
  readonly arrived: readonly { readonly id: string }[]
}

/** Questions that could not be sent, with their text kept. One that arrived through the sync after all is not among them. */
export function Unsent({ conversationId, arrived }: Props) {
  const unsent = [...useEntries(questionDeliveries).values()].filter(
    ({ command, progress }) =>
      progress.state === 'failed' &&
      command.conversationId === conversationId &&
      !arrived.some(({ id }) => id === command.questionId),
  )
  return unsent.map(({ command, progress }) => (
    <section className="unsent" data-testid="unsent" data-question-id={command.questionId} key={command.questionId}>
      <p className="text">{command.content}</p>
      <p className="failed" role="alert" data-testid="send-error">
        Not sent. {progress.state === 'failed' && progress.reason}
      </p>
      <button type="button" className="quiet" data-testid="send-again" onClick={() => void sendQuestionAction(command)}>
        Send again
      </button>
      <button type="button" className="quiet" data-testid="discard" onClick={() => questionDeliveries.delete(command.questionId)}>
        Discard
      </button>
    </section>
  ))
}
