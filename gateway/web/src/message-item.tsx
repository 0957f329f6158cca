import { Answer } from './answer'
import { questionDeliveries, type Progress } from './deliveries'
import { useEntry } from './keyed-store'
import type { Message } from './messages'

interface Props {
  readonly message: Message & { readonly $synced: boolean }
  /** Of an answer: the text of its question, if that is here. */
  readonly question: string | undefined
}

export function MessageItem({ message, question }: Props) {
  const progress = useEntry(questionDeliveries, message.id)?.progress
  const unfinished = message.status === 'pending' || message.status === 'generating'
  return (
    <li
      className={`message ${message.role}`}
      data-message-id={message.id}
      data-role={message.role}
      data-status={message.status}
      data-synced={message.$synced}
      {...deliveryAttributes(progress)}
      // What is still being written is read out once it stands.
      aria-busy={message.role === 'assistant' && unfinished}
    >
      <span className="visually-hidden">{message.role === 'user' ? 'You asked:' : 'Answer:'}</span>
      {message.role === 'user' ? <p className="text">{message.content}</p> : <Answer message={message} question={question} />}
      {message.role === 'user' && progress && <DeliveryLine progress={progress} />}
    </li>
  )
}

function deliveryAttributes(progress: Progress | undefined) {
  switch (progress?.state) {
    case undefined:
      return {}
    case 'sending':
    case 'failed':
      return { 'data-delivery': progress.state }
    case 'saved':
      return { 'data-delivery': progress.late ? 'late' : 'saved', 'data-txid': progress.txid }
    case 'confirmed':
      return { 'data-delivery': progress.state, 'data-txid': progress.txid, 'data-confirmed-millis': progress.millis }
  }
}

function DeliveryLine({ progress }: { progress: Progress }) {
  switch (progress.state) {
    case 'sending':
      return <p className="delivery">Sending…</p>
    case 'saved':
      return <p className="delivery">{progress.late ? 'Saved, not yet synced' : 'Saved…'}</p>
    case 'confirmed':
      return (
        <p className="delivery" title={`Saved in transaction ${progress.txid} and back through the sync`}>
          ✓ txid {progress.txid} · {progress.millis} ms
        </p>
      )
    case 'failed':
      return null
  }
}
