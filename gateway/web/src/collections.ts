import { electricCollectionOptions } from '@tanstack/electric-db-collection'
import { createCollection } from '@tanstack/react-db'
import { conversationSchema, messageSchema } from './messages'
import { createShapeConfig } from './shape-config'

/**
 * Over HTTP/1.1 a browser keeps six connections per origin, for all tabs together, and every live shape holds one: at
 * the sixth even a POST waits for a poll to end. So a conversation that is left stops its poll at once, however fast a
 * reader walks down the list; the pause only covers React mounting twice. The library's default is five minutes.
 */
const LEFT_SHAPE_STAYS_MILLIS = 50

const openMessages = (conversationId: string) =>
  createCollection(
    electricCollectionOptions({
      id: `messages-${conversationId}`,
      schema: messageSchema,
      getKey: (message) => message.id,
      gcTime: LEFT_SHAPE_STAYS_MILLIS,
      shapeOptions: createShapeConfig({ table: 'messages', params: { conversationId } }),
    }),
  )

const openConversations = () =>
  createCollection(
    electricCollectionOptions({
      id: 'conversations',
      schema: conversationSchema,
      getKey: (conversation) => conversation.id,
      gcTime: LEFT_SHAPE_STAYS_MILLIS,
      shapeOptions: createShapeConfig({ table: 'conversations', params: {} }),
    }),
  )

export type MessagesCollection = ReturnType<typeof openMessages>
export type ConversationsCollection = ReturnType<typeof openConversations>

const messages = new Map<string, MessagesCollection>()
let conversations: ConversationsCollection | undefined

/**
 * The messages of one conversation, the same object every time: a live query knows a collection by its id, so a second
 * object of the same id would never be shown. Nothing is fetched before somebody subscribes. One that was left holds no
 * rows, so what the map keeps of it is small; an unconfirmed question in it is still there on return.
 */
export function createMessagesCollection(conversationId: string): MessagesCollection {
  const known = messages.get(conversationId)
  if (known) return known
  const opened = openMessages(conversationId)
  messages.set(conversationId, opened)
  return opened
}

export function createConversationsCollection(): ConversationsCollection {
  conversations ??= openConversations()
  return conversations
}
