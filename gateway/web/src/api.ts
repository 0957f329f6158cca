import { currentSession } from './session'
import { newTraceParent } from './trace-parent'

/** An answer that is not 2xx, with the reason that the server gave (RFC 9457). */
export class ApiError extends Error {
  readonly status: number
  readonly retryAfterMillis: number

  constructor(status: number, message: string, retryAfterMillis = 0) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.retryAfterMillis = retryAfterMillis
  }
}

/** Longer than any transaction of ours takes, shorter than a reader's patience. */
const REQUEST_TIMEOUT_MILLIS = 15_000

/** Posts JSON as the signed-in user. Throws {@link ApiError}, or what `fetch` throws when no answer came. */
export function postJson(path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json', traceparent: newTraceParent() }
  return request(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Gets JSON as the signed-in user. Throws as {@link postJson} does. */
export function getJson(path: string, signal?: AbortSignal): Promise<unknown> {
  return request(path, { headers: {} }, signal)
}

async function request(
  path: string,
  init: { method?: string; headers: Record<string, string>; body?: string },
  ended?: AbortSignal,
): Promise<unknown> {
  const session = currentSession()
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MILLIS)
  const response = await fetch(new URL(path, location.origin), {
    ...init,
    headers: { ...init.headers, ...(session ? { authorization: `Bearer ${session.token}` } : {}) },
    signal: ended ? AbortSignal.any([ended, timeout]) : timeout,
  })
  if (!response.ok) throw await problemOf(response)
  return (await response.json()) as unknown
}

/** True if the request may have been carried out although no answer says so. Only what is idempotent may be repeated. */
export function isAmbiguous(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 502 || error.status === 503 || error.status === 504
}

async function problemOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as { title?: unknown; detail?: unknown }
  const reason = [problem.detail, problem.title].find((text) => typeof text === 'string' && text !== '')
  const seconds = Number(response.headers.get('retry-after'))
  return new ApiError(
    response.status,
    typeof reason === 'string' ? reason : fallback(response.status),
    Number.isFinite(seconds) ? seconds * 1000 : 0,
  )
}

function fallback(status: number): string {
  if (status === 401) return 'Your session has ended. Sign in again.'
  if (status === 403) return 'You may not do that here.'
  if (status === 404) return 'It is not there.'
  return `The server answered ${status}.`
}

/** What to tell the reader. Browsers word a failed fetch for developers, so that one is worded here. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError) return error.message
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'The server took too long to answer.'
  if (error instanceof TypeError) return 'The server could not be reached.'
  return error instanceof Error ? error.message : String(error)
}
