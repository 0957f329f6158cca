/**
 * What end-to-end tests may rely on (`data-testid` unless it says otherwise):
 * - `login-name`, `login-token` (fields), `login` (button), `sign-out`
 * - `conversation-title` (field), `new-conversation` (button), `create-error`
 * - `conversation`: an item of the list, with `data-conversation-id`, `data-synced`
 * - `composer` (textarea), `send` (button)
 * - messages: `li[data-message-id]` with `data-role`, `data-status`, `data-synced="true|false"`; a question that was
 *   sent from this tab also has `data-delivery="sending|saved|late|confirmed"`, and once it is saved `data-txid`,
 *   and once it is confirmed `data-confirmed-millis`
 * - in an answer: `stop` while it is unfinished, `stop-error`, `ask-again` where it failed or was stopped
 * - `unsent`: a question that could not be sent, with `data-question-id`; in it `send-error`, `send-again`, `discard`
 * - `pipeline-toggle`; `pipeline`, in it `pipeline-state` with `data-state` of the latest question's trail, and
 *   `li[data-station]` with `data-status`
 * - `sync-trouble`, with `data-kind="reconnecting|stopped"`
 */
import { useState } from 'react'
import { Login } from './login'
import { Shell } from './shell'
import { currentSession, startSession } from './session'

export function App() {
  const [session, setSession] = useState(currentSession)
  if (session) return <Shell user={session.user} />
  return (
    <Login
      onSignedIn={(signedIn) => {
        startSession(signedIn)
        setSession(signedIn)
      }}
    />
  )
}
