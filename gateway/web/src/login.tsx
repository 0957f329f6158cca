import { useId, useState, type FormEvent } from 'react'
import { ApiError, postJson, reasonOf } from './api'
import { subjectOf, type Session } from './session'

type Way = 'name' | 'token'

/** What a gateway without `/dev/login` says: it denies what it does not know. */
const ABSENT: ReadonlySet<number> = new Set([401, 403, 404, 405])

/** Signs in by name where the server offers that (the local launcher does), else with an Auth Token that was issued elsewhere. */
export function Login({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [way, setWay] = useState<Way>('name')
  const [value, setValue] = useState('')
  const [notice, setNotice] = useState<string>()
  const [busy, setBusy] = useState(false)
  const field = useId()
  const hint = useId()

  const change = (to: Way, why?: string) => {
    setWay(to)
    setValue('')
    setNotice(why)
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const given = value.trim()
    if (given === '') return
    if (way === 'token') return onSignedIn({ token: given, user: subjectOf(given) ?? 'you' })
    setBusy(true)
    try {
      const { token } = (await postJson('/dev/login', { user: given })) as { token: string }
      onSignedIn({ token, user: given })
    } catch (error) {
      if (error instanceof ApiError && ABSENT.has(error.status)) {
        change('token', 'This server does not sign in by name. Paste an Auth Token instead.')
      } else setNotice(reasonOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <main className="login">
      <form className="login-card" onSubmit={(event) => void submit(event)}>
        <img src="/favicon.svg" alt="" width="48" height="48" />
        <h1>Penstock</h1>
        <p className="muted">Ask, and watch the answer arrive. Every message is synced live.</p>
        <label htmlFor={field}>{way === 'name' ? 'Your name' : 'Auth Token'}</label>
        <input
          key={way}
          id={field}
          data-testid={way === 'name' ? 'login-name' : 'login-token'}
          type={way === 'name' ? 'text' : 'password'}
          value={value}
          onChange={(event) => setValue(event.target.value)}
          placeholder={way === 'name' ? 'alice' : 'eyJ…'}
          autoComplete={way === 'name' ? 'username' : 'off'}
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby={notice ? hint : undefined}
          autoFocus
          required
        />
        <button className="primary" data-testid="login" disabled={busy || value.trim() === ''}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
        <p className={way === 'token' ? 'notice muted' : 'notice'} id={hint} role="status">
          {notice}
        </p>
        <button type="button" className="link" onClick={() => change(way === 'name' ? 'token' : 'name')}>
          {way === 'name' ? 'Use an Auth Token' : 'Sign in by name'}
        </button>
      </form>
    </main>
  )
}
