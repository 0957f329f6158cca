import { useLiveQuery } from '@tanstack/react-db'
import { createConversationsCollection } from './collections'
import { ConversationList } from './conversation-list'
import { ConversationView } from './conversation-view'
import { conversationDeliveries } from './deliveries'
import { useEntry } from './keyed-store'
import { NewConversationForm } from './new-conversation-form'
import { openConversation, useOpenConversation } from './selection'
import { endSession } from './session'
import { SyncNotice } from './sync-notice'

/** The signed-in page: the conversations beside the one that is open; on a narrow screen one or the other. */
export function Shell({ user }: { user: string }) {
  const conversations = createConversationsCollection()
  const { data, isReady } = useLiveQuery({
    queryKey: ['conversations'],
    query: (q) =>
      q
        .from({ c: conversations })
        .orderBy(({ c }) => c.created_at, 'desc')
        .orderBy(({ c }) => c.id),
  })
  const openId = useOpenConversation()
  const open = data.find((conversation) => conversation.id === openId)
  const delivery = useEntry(conversationDeliveries, openId ?? '')
  // Before it is saved its messages cannot be asked for: nobody may see a conversation that is not there.
  const saved = open !== undefined && (open.$synced || delivery?.progress.state === 'saved')

  return (
    <div className="shell" data-showing={openId ? 'conversation' : 'list'}>
      <aside className="sidebar" aria-label="Conversations">
        <header className="brand">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          <span>Penstock</span>
        </header>
        <NewConversationForm />
        <ConversationList conversations={data} isReady={isReady} openId={openId} />
        <SyncNotice shape={{ table: 'conversations', params: {} }} />
        <footer className="account">
          <span className="avatar" aria-hidden="true">
            {user.slice(0, 1).toUpperCase()}
          </span>
          <span className="account-name">{user}</span>
          <button type="button" className="quiet" data-testid="sign-out" onClick={endSession}>
            Sign out
          </button>
        </footer>
      </aside>
      <main className="stage">
        {open ? (
          <ConversationView key={open.id} id={open.id} title={open.title} saved={saved} />
        ) : (
          <NothingOpen missing={openId !== undefined && isReady} waiting={openId !== undefined && !isReady} />
        )}
      </main>
    </div>
  )
}

function NothingOpen({ missing, waiting }: { missing: boolean; waiting: boolean }) {
  if (waiting) return <p className="blank loading">Loading…</p>
  return (
    <div className="blank">
      <h2>{missing ? 'This conversation is not here' : 'Nothing open'}</h2>
      <p className="muted">
        {missing ? 'It may belong to somebody else, or its address is wrong.' : 'Choose a conversation, or start a new one.'}
      </p>
      {missing && (
        <button type="button" className="quiet" onClick={() => openConversation(undefined)}>
          To the list
        </button>
      )}
    </div>
  )
}
