/** The gateway's HTTP contract in memory, with knobs for what goes wrong; it can also serve the built page. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { FakeShapes, type Row } from './fake-shapes'

interface Granted {
  readonly table: string
  readonly params: Record<string, string>
  readonly user: string
  readonly expiresAt: number
}
type Post = (user: string, body: Record<string, string>) => [number, unknown]

const STOP = /^\/answers\/([^/]+)\/stop$/
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

export class FakeGateway {
  readonly shapes = new FakeShapes()
  readonly tokens = new Map<string, Granted>()
  /** Everything asked of the server, in order; `body` where there was one. */
  readonly requests: { path: string; query: string; authorization: string | undefined; body: Record<string, string> }[] = []
  /** Answers to give instead, first come first served: a status, or `lost` after the write, or `reset` before it. */
  readonly refusals: { path: string; how: number | 'lost' | 'reset' }[] = []
  /** From the arrival of a POST to its commit, and from there to its answer. */
  commitDelayMillis = 0
  postDelayMillis = 0
  answerDelayMillis = -1
  tokenSeconds = 300
  hasDevLogin = true
  readonly #committed = new Map<string, number>()
  readonly #server = createServer((request, response) => void this.#route(request, response))

  constructor(private readonly page?: string) {}

  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  calls(path: string) {
    return this.requests.filter((request) => request.path === path)
  }

  readonly #posts: Record<string, Post> = {
    '/dev/login': (_, { user }) => (this.hasDevLogin ? [200, { token: tokenOf(user!) }] : [401, { title: 'Unauthorized' }]),
    '/conversations': (owner, { id, title }) => {
      const row = { id: id!, owner, title: title!, created_at: pgTime(Date.now()) }
      return [201, { txid: this.#once(id!, [['conversations', row]]) }]
    },
    '/questions/send': (_, { conversationId, questionId, answerId, content }) => {
      const at = Date.now()
      const question = message(questionId!, conversationId!, 'user', 'completed', content!, null, at)
      const answer = message(answerId!, conversationId!, 'assistant', 'pending', '', questionId!, at + 1)
      if (!this.#committed.has(questionId!)) this.#answerLater(answer)
      return [200, { success: true, txid: this.#once(questionId!, [['messages', question], ['messages', answer]]) }]
    },
    '/shapes/auth-token': (user, body) => {
      const token = `shape-${this.tokens.size + 1}`
      const { table, params } = body as unknown as Granted
      if (table === 'messages' && !this.#owns(user, params['conversationId']!)) return [403, { detail: 'Not your conversation.' }]
      const expiresAt = Date.now() / 1000 + this.tokenSeconds
      this.tokens.set(token, { table, params, user, expiresAt })
      return [200, { token, expiresAt }]
    },
  }

  #stop(path: string): Post {
    const row = this.shapes.rows('messages').find(({ id }) => id === STOP.exec(path)![1])
    if (!row) return () => [404, { detail: 'No such answer.' }]
    return () => [200, { txid: this.write({ ...row, status: 'cancelled' }) }]
  }

  /** Writes a message as a worker would. */
  write(row: Row): number {
    return this.shapes.commit([{ table: 'messages', operation: 'update', row: { ...row, updated_at: pgTime(Date.now()) } }])
  }

  #owns(user: string, id: string): boolean {
    return this.shapes.rows('conversations').some((row) => row['id'] === id && row['owner'] === user)
  }

  #once(id: string, rows: [string, Row][]): number {
    const txid =
      this.#committed.get(id) ?? this.shapes.commit(rows.map(([table, row]) => ({ table, operation: 'insert', row })))
    this.#committed.set(id, txid)
    return txid
  }

  #answerLater(answer: Row) {
    if (this.answerDelayMillis < 0) return
    const write = (status: string, content: string) =>
      this.shapes.commit([{ table: 'messages', operation: 'update', row: { ...answer, status, content } }])
    setTimeout(() => write('generating', 'A penstock carries water'), this.answerDelayMillis)
    setTimeout(
      () => write('completed', 'A penstock carries water from a gate to a turbine, under pressure.\n\nIt feeds what does the work.'),
      this.answerDelayMillis * 2,
    )
  }

  async #route(request: IncomingMessage, response: ServerResponse) {
    const { pathname: path, search: query } = new URL(request.url!, 'http://fake')
    const body = request.method === 'POST' ? await read(request) : {}
    this.requests.push({ path, query, authorization: request.headers.authorization, body })
    const refusal = this.refusals.findIndex((candidate) => candidate.path === path)
    const how = refusal < 0 ? undefined : this.refusals.splice(refusal, 1)[0]!.how
    if (how === 'reset') return void request.socket.destroy()
    if (typeof how === 'number') return problem(response, how)
    const post = STOP.test(path) ? this.#stop(path) : this.#posts[path]
    if (request.method === 'POST' && post) {
      const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, path === '/shapes/auth-token' ? 0 : millis))
      await pause(this.commitDelayMillis)
      const [status, answer] = post(userOf(request), body)
      await pause(this.postDelayMillis)
      if (how === 'lost') return void request.socket.destroy()
      response.writeHead(status, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify(answer))
    }
    if (path === '/shape') return this.#shape(request, response)
    this.#file(path, response)
  }

  async #shape(request: IncomingMessage, response: ServerResponse) {
    const granted = this.tokens.get(bearer(request))
    if (!granted || granted.expiresAt * 1000 < Date.now()) return problem(response, 401)
    const { table, params, user } = granted
    const holds = (row: Row) =>
      table === 'conversations'
        ? row['owner'] === user
        : row['conversation_id'] === params['conversationId'] && this.#owns(user, row['conversation_id']!)
    await this.shapes.serve(request, response, table, holds)
  }

  #file(path: string, response: ServerResponse) {
    const named = join(this.page ?? '/nowhere', path === '/' ? 'index.html' : path)
    if (!existsSync(named) || !statSync(named).isFile()) return problem(response, 404)
    response.writeHead(200, { 'content-type': TYPES[extname(named)] ?? 'text/plain', 'content-security-policy': CSP })
    createReadStream(named).pipe(response)
  }
}

const bearer = (request: IncomingMessage) => (request.headers.authorization ?? '').replace('Bearer ', '')
export const tokenOf = (user: string) => `h.${Buffer.from(JSON.stringify({ sub: user })).toString('base64url')}.s`
const userOf = (request: IncomingMessage): string => {
  const payload = bearer(request).split('.')[1]
  return payload ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub : ''
}
export const pgTime = (millis: number) => new Date(millis).toISOString().replace('T', ' ').replace('Z', '+00')

export const message = (
  id: string, conversationId: string, role: string, status: string, content: string, replyTo: string | null, at: number,
): Row => ({
  id, conversation_id: conversationId, role, status, content, error: null, reply_to: replyTo,
  created_at: pgTime(at), updated_at: pgTime(at),
})

async function read(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, string>
}

function problem(response: ServerResponse, status: number) {
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ title: `Refused with ${status}`, status, detail: `Refused with ${status}.` }))
}
