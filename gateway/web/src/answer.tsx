import { useEntry } from './keyed-store'
import type { Message } from './messages'
import { newQuestion, sendQuestionAction } from './send-question'
import { stopAnswer, stops } from './stop-answer'

interface Props {
  readonly message: Message
  /** The text of the question that it answers, if that is here. */
  readonly question: string | undefined
}

/** An answer in any of its states. Its last line always has the same height, so that no change of state moves the text. */
export function Answer({ message, question }: Props) {
  return (
    <>
      {message.content !== '' && <p className="text">{message.content}</p>}
      <AnswerState message={message} question={question} />
    </>
  )
}

function AnswerState({ message, question }: Props) {
  switch (message.status) {
    case 'pending':
    case 'generating':
      return <Unfinished answerId={message.id} begun={message.content !== ''} />
    case 'completed':
      return <p className="answer-state">Answered in {duration(message)}</p>
    case 'cancelled':
      return (
        <p className="answer-state">
          Stopped. <AskAgain message={message} question={question} />
        </p>
      )
    case 'failed':
      return (
        <div className="failure">
          <p>The answer failed. {message.error}</p>
          <AskAgain message={message} question={question} />
        </div>
      )
  }
}

function Unfinished({ answerId, begun }: { answerId: string; begun: boolean }) {
  const stop = useEntry(stops, answerId)
  return (
    <p className="answer-state working">
      {stop?.state === 'asked' ? 'Stopping…' : begun ? 'Writing…' : 'Generating answer…'}
      {stop?.state !== 'asked' && (
        <button type="button" className="quiet" data-testid="stop" onClick={() => void stopAnswer(answerId)}>
          Stop
        </button>
      )}
      {stop?.state === 'failed' && (
        <span className="failed" role="alert" data-testid="stop-error">
          Not stopped. {stop.reason}
        </span>
      )}
    </p>
  )
}

/** Asks the same under new ids; the old answer stays as it is. */
function AskAgain({ message, question }: Props) {
  if (question === undefined) return null
  return (
    <button
      type="button"
      className="quiet"
      data-testid="ask-again"
      onClick={() => void sendQuestionAction(newQuestion(message.conversation_id, question))}
    >
      Ask again
    </button>
  )
}

const duration = ({ created_at, updated_at }: Message): string => {
  const millis = Math.max(0, updated_at.getTime() - created_at.getTime())
  return millis < 1_000 ? `${millis} ms` : `${(millis / 1_000).toFixed(1)} s`
}
