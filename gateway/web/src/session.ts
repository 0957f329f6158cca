/** Who is signed in, for this tab only: sessionStorage survives a reload and ends with the tab. */
export interface Session {
  readonly user: string
  readonly token: string
}

const KEY = 'penstock.session'

/** Where unsent-memory.ts keeps what this user could not send: nobody else's to see. */
export const UNSENT_KEY = 'penstock.unsent'

export function currentSession(): Session | undefined {
  const stored = sessionStorage.getItem(KEY)
  return stored ? (JSON.parse(stored) as Session) : undefined
}

export function startSession(session: Session): void {
  sessionStorage.setItem(KEY, JSON.stringify(session))
}

/** A full reload is the one way to be sure that no collection, token or open request of this user is left in memory. */
export function endSession(): void {
  sessionStorage.removeItem(KEY)
  sessionStorage.removeItem(UNSENT_KEY)
  // What Electric's client remembers of shapes is kept by address, and the next user's shapes have the same addresses.
  for (const key of Object.keys(localStorage)) if (key.startsWith('electric_')) localStorage.removeItem(key)
  history.replaceState(null, '', location.pathname)
  location.reload()
}

/** The `sub` of a token, for showing only: the server verifies it, the page cannot. */
export function subjectOf(token: string): string | undefined {
  try {
    const payload = token.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/') ?? ''
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown }
    return typeof claims.sub === 'string' ? claims.sub : undefined
  } catch {
    return undefined
  }
}
