import { useMemo } from 'react'
import type { Message } from './messages'
import { MessageItem } from './message-item'
import { useStickToEnd } from './stick-to-end'
import { Unsent, useUnsent } from './unsent'

interface Props {
  readonly conversationId: string
  readonly messages: readonly (Message & { readonly $synced: boolean })[]
  readonly isReady: boolean
}

export function MessageList({ conversationId, messages, isReady }: Props) {
  const unsent = useUnsent(conversationId, messages)
  const scroller = useStickToEnd()
  const texts = useMemo(() => new Map(messages.map(({ id, content }) => [id, content])), [messages])
  return (
    <div className="scroller" ref={scroller} tabIndex={0} role="region" aria-label="Messages">
      {messages.length + unsent.length === 0 &&
        (isReady ? (
          <div className="blank">
            <h2>Ask the first question</h2>
            <p className="muted">The answer appears here as it is written.</p>
          </div>
        ) : (
          <p className="blank loading">Loading…</p>
        ))}
      <ol className="messages" role="log" aria-live="polite" aria-relevant="additions text">
        {messages.map((message) => (
          <MessageItem key={message.id} message={message} question={message.reply_to ? texts.get(message.reply_to) : undefined} />
        ))}
      </ol>
      {unsent.map((one) => (
        <Unsent key={one.question.questionId} {...one} />
      ))}
    </div>
  )
}
