/**
 * The least of Electric's shape protocol that the real client packages need: one snapshot, a log behind it, long polls.
 * Held in memory; every row is in its table's text form.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

export type Row = Record<string, string | null>
export interface Change {
  readonly table: string
  readonly operation: 'insert' | 'update'
  readonly row: Row
}
interface Entry {
  readonly lsn: number
  readonly txid: number
  readonly changes: readonly Change[]
}

const POLL_MILLIS = 20_000
const SCHEMAS: Record<string, string[]> = {
  conversations: ['id', 'owner', 'title', 'created_at'],
  messages: ['id', 'conversation_id', 'role', 'status', 'content', 'error', 'reply_to', 'created_at', 'updated_at'],
}

export class FakeShapes {
  readonly #tables = new Map<string, Map<string, Row>>()
  readonly #log: Entry[] = []
  readonly #waiting = new Set<() => void>()
  readonly #startOf = new Map<string, number>()
  #handles = 0
  #xid = 700
  #held = false
  live = 0
  mostLive = 0

  /** Applies a transaction and returns its txid; live requests learn of it now, or when the stream is let go. */
  commit(changes: readonly Change[]): number {
    const txid = ++this.#xid
    for (const { table, row } of changes) {
      const rows = this.#tables.get(table) ?? new Map<string, Row>()
      this.#tables.set(table, rows.set(row['id']!, row))
    }
    this.#log.push({ lsn: this.#log.length + 1, txid, changes })
    if (!this.#held) this.#wake()
    return txid
  }

  /** Stops delivery to shapes that are already open, as a stalled replication would. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    this.#wake()
  }

  rows(table: string): Row[] {
    return [...(this.#tables.get(table)?.values() ?? [])]
  }

  /** Every handle that was given out is refused from now on. */
  rotate(): void {
    this.#startOf.clear()
    this.#wake()
  }

  async serve(request: IncomingMessage, response: ServerResponse, table: string, holds: (row: Row) => boolean) {
    const query = new URL(request.url!, 'http://fake').searchParams
    const handle = query.get('handle') ?? ''
    if (query.get('offset') === '-1') return this.#snapshot(response, table, holds)
    if (!this.#startOf.has(handle)) return this.#refetch(response)
    const after = Math.max(Number(query.get('offset')!.split('_')[0]), this.#startOf.get(handle)!)
    const live = query.get('live') === 'true'
    if (live) await this.#somethingNew(request, after, table, holds)
    if (response.destroyed || request.destroyed) return
    if (!this.#startOf.has(handle)) return this.#refetch(response)
    const fresh = this.#held ? [] : this.#log.filter((entry) => entry.lsn > after)
    const body = fresh.flatMap(({ lsn, txid, changes }) =>
      changes
        .filter((change) => change.table === table && holds(change.row))
        .map(({ operation, row }, op) => message(table, row, { operation, txids: [txid], lsn: String(lsn), op_position: op })),
    )
    const last = fresh.at(-1)?.lsn ?? after
    send(response, table, handle, `${last}_0`, [...body, upToDate(last)], {
      'electric-up-to-date': '',
      ...(live ? { 'electric-cursor': String(Date.now()) } : {}),
    })
  }

  #snapshot(response: ServerResponse, table: string, holds: (row: Row) => boolean) {
    const handle = `h${Date.now()}-${++this.#handles}`
    this.#startOf.set(handle, this.#log.length)
    const next = String(this.#xid + 1)
    const rows = this.rows(table).filter(holds)
    const body = rows.map((row) => message(table, row, { operation: 'insert' }))
    const end = { headers: { control: 'snapshot-end', xmin: next, xmax: next, xip_list: [] } }
    send(response, table, handle, '0_0', [...body, end], {})
  }

  #refetch(response: ServerResponse) {
    response.writeHead(409, { 'electric-handle': `h${Date.now()}-${++this.#handles}`, 'content-type': 'application/json' })
    response.end('[{"headers":{"control":"must-refetch"}}]')
  }

  async #somethingNew(request: IncomingMessage, after: number, table: string, holds: (row: Row) => boolean) {
    const matches = () =>
      this.#startOf.size === 0 ||
      this.#log.some((entry) => entry.lsn > after && entry.changes.some((c) => c.table === table && holds(c.row)))
    if (!this.#held && matches()) return
    this.mostLive = Math.max(this.mostLive, ++this.live)
    await new Promise<void>((resolve) => {
      const woken = () => {
        if (matches()) finish()
      }
      const finish = () => {
        clearTimeout(timer)
        this.#waiting.delete(woken)
        request.socket.off('close', finish)
        resolve()
      }
      const timer = setTimeout(finish, POLL_MILLIS)
      this.#waiting.add(woken)
      request.socket.once('close', finish)
    })
    this.live--
  }

  #wake() {
    for (const woken of [...this.#waiting]) woken()
  }
}

const message = (table: string, value: Row, headers: object) => ({
  key: `"public"."${table}"/"${value['id']}"`,
  value,
  headers: { relation: ['public', table], ...headers },
})

const upToDate = (lsn: number) => ({ headers: { control: 'up-to-date', global_last_seen_lsn: String(lsn) } })

function send(response: ServerResponse, table: string, handle: string, offset: string, body: unknown, headers: object) {
  const types = SCHEMAS[table]!.map((name) => [name, { type: name.endsWith('_at') ? 'timestamptz' : 'text' }])
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'private, no-store',
    'electric-handle': handle,
    'electric-offset': offset,
    'electric-schema': JSON.stringify(Object.fromEntries(types)),
    ...headers,
  })
  response.end(JSON.stringify(body))
}
