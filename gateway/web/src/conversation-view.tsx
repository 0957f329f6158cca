import { useLiveQuery } from '@tanstack/react-db'
import { createMessagesCollection } from './collections'
import { Composer } from './composer'
import { MessageList } from './message-list'
import { PipelineToggle } from './pipeline/pipeline-toggle'
import { PipelineView } from './pipeline/pipeline-view'
import { openConversation } from './selection'
import { newQuestion, sendQuestionAction } from './send-question'
import { SyncNotice } from './sync-notice'

interface Props {
  readonly id: string
  readonly title: string
  /** False until the server knows the conversation. */
  readonly saved: boolean
}

export function ConversationView({ id, title, saved }: Props) {
  return (
    <>
      <header className="stage-header">
        <button type="button" className="back" onClick={() => openConversation(undefined)} aria-label="Back to the list">
          ‹
        </button>
        <h1>{title}</h1>
        <PipelineToggle />
      </header>
      <PipelineView />
      {saved ? <Messages conversationId={id} /> : <p className="blank loading">Making the conversation…</p>}
      <Composer disabled={!saved} onSend={(content) => void sendQuestionAction(newQuestion(id, content))} />
    </>
  )
}

function Messages({ conversationId }: { conversationId: string }) {
  const messages = createMessagesCollection(conversationId)
  const { data, isReady } = useLiveQuery({
    // Known by a name, so that not every streamed word has the query taken apart to recognise it.
    queryKey: ['messages', conversationId],
    query: (q) =>
      q
        .from({ m: messages })
        .orderBy(({ m }) => m.created_at, 'asc')
        .orderBy(({ m }) => m.id),
  })
  return (
    <>
      <MessageList conversationId={conversationId} messages={data} isReady={isReady} />
      <SyncNotice shape={{ table: 'messages', params: { conversationId } }} />
    </>
  )
}
