import { useState, type KeyboardEvent } from 'react'

interface Props {
  readonly disabled: boolean
  readonly onSend: (content: string) => void
}

export function Composer({ disabled, onSend }: Props) {
  const [text, setText] = useState('')
  const empty = text.trim() === ''

  const send = () => {
    if (disabled || empty) return
    onSend(text.trim())
    setText('')
  }

  const key = (event: KeyboardEvent) => {
    // Enter also ends the choice of a word in Japanese or Chinese input; that one must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        data-testid="composer"
        aria-label="Your question"
        aria-keyshortcuts="Enter"
        placeholder="Ask a question"
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={key}
        // On a touch screen the keyboard would cover what the reader came to see.
        autoFocus={matchMedia('(hover: hover)').matches}
      />
      <button className="primary" data-testid="send" disabled={disabled || empty}>
        Send
      </button>
      <p className="hint">Enter sends, Shift + Enter makes a new line</p>
    </form>
  )
}
