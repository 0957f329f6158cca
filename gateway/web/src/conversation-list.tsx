import type { Conversation } from './messages'
import { conversationPath } from './selection'

interface Props {
  readonly conversations: readonly (Conversation & { readonly $synced: boolean })[]
  readonly isReady: boolean
  readonly openId: string | undefined
}

const today = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const before = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })

const when = (date: Date): string =>
  (date.toDateString() === new Date().toDateString() ? today : before).format(date)

export function ConversationList({ conversations, isReady, openId }: Props) {
  return (
    <nav className="conversations" aria-label="Your conversations">
      {/* Rows come first: one that was just made is shown although the list itself is still loading. */}
      <ul>
        {conversations.map(({ id, title, created_at, $synced }) => (
          <li key={id}>
            <a
              href={conversationPath(id)}
              data-testid="conversation"
              data-conversation-id={id}
              data-synced={$synced}
              aria-current={id === openId ? 'page' : undefined}
            >
              <span className="conversation-title">{title}</span>
              <time dateTime={created_at.toISOString()}>{$synced ? when(created_at) : 'saving…'}</time>
            </a>
          </li>
        ))}
      </ul>
      {conversations.length === 0 && (
        <p className={isReady ? 'muted empty' : 'muted empty loading'}>{isReady ? 'No conversations yet.' : 'Loading…'}</p>
      )}
    </nav>
  )
}
