import { useState, type FormEvent } from 'react'
import { createConversationAction } from './create-conversation'
import { conversationDeliveries, type NewConversation } from './deliveries'
import { useEntries } from './keyed-store'
import { newId } from './new-id'
import { isOpen, openConversation } from './selection'

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function NewConversationForm() {
  const [title, setTitle] = useState('')
  const failed = [...useEntries(conversationDeliveries).values()].filter(({ progress }) => progress.state === 'failed')

  const create = (conversation: NewConversation) => {
    void createConversationAction(conversation).then(() => {
      // The reason is on the list, which a narrow screen shows instead of the conversation.
      const failed = conversationDeliveries.get(conversation.id)?.progress.state === 'failed'
      if (failed && isOpen(conversation.id)) openConversation(undefined)
    })
    openConversation(conversation.id)
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    create({ id: newId(), title: title.trim() || moment.format(new Date()) })
    setTitle('')
  }

  return (
    <>
      <form className="new-conversation" onSubmit={submit}>
        <input
          data-testid="conversation-title"
          aria-label="Title of the new conversation (optional)"
          placeholder="New conversation"
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
        />
        <button className="primary" data-testid="new-conversation" aria-label="Start the conversation" title="Start the conversation">
          +
        </button>
      </form>
      {failed.map(({ command, progress }) => (
        <div className="failure" role="alert" key={command.id}>
          <p data-testid="create-error">
            “{command.title}” could not be made. {progress.state === 'failed' && progress.reason}
          </p>
          <button type="button" className="quiet" onClick={() => create(command)}>
            Try again
          </button>
          <button type="button" className="quiet" onClick={() => conversationDeliveries.delete(command.id)}>
            Discard
          </button>
        </div>
      ))}
    </>
  )
}
