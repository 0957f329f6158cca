import { createConversationsCollection } from './collections'
import { conversationDeliveries, type NewConversation } from './deliveries'
import { writeOptimistically } from './optimistic-write'
import { postAgain } from './post-again'
import { currentSession } from './session'
import { nextCreatedAt } from './timestamps'

/** Puts a conversation on the list and has it made; see `sendQuestionAction`, which works the same way. */
export async function createConversationAction(conversation: NewConversation): Promise<void> {
  const known = conversationDeliveries.get(conversation.id)
  if (known && known.progress.state !== 'failed') return
  const collection = createConversationsCollection()
  if (collection.has(conversation.id)) {
    conversationDeliveries.delete(conversation.id)
    return
  }
  await writeOptimistically({
    collection,
    insert: () => {
      collection.insert({
        ...conversation,
        owner: currentSession()?.user ?? '',
        created_at: nextCreatedAt(collection.values()),
      })
    },
    post: () => postAgain('/conversations', conversation),
    report: (progress) => conversationDeliveries.set(conversation.id, { command: conversation, progress }),
  })
}
