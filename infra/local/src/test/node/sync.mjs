// Follows one conversation with the unmodified npm clients, each as its name says: a bare stream, or a collection in one
// of its sync modes; by long polls or by an event stream; of POST subsets where the name ends so.
// Usage: node sync.mjs <origin> <user> <conversation id> <clients> [again] [document]
//   clients: such as stream-poll,eager-sse,on-demand-poll-post; again: logs in again when logged out;
//   document: a page's, which `hide` and `show` on the input hide and show.
// Prints lines of JSON: {"warning":…}, {"stopped":client,"reason":…}, and for each line `state` of its input
// {"clients":{<client>:{"rows":[…],"inserted":n,"twice":[…],"refetches":n,"errors":n}}}.
import { createInterface } from 'node:readline'
import { FetchError, ShapeStream, isChangeMessage, isControlMessage } from '@electric-sql/client'
import { createCollection, createLiveQueryCollection, eq } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'

const [origin, user, conversationId, names, ...options] = process.argv.slice(2)
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')
const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

for (const level of ['warn', 'error'])
  console[level] = (...texts) => say({ warning: texts.map((text) => text?.message ?? String(text)).join(' ') })
process.on('unhandledRejection', (reason) => say({ warning: `unhandled: ${reason?.stack ?? reason}` }))

if (options.includes('document')) globalThis.document = Object.assign(new EventTarget(), { hidden: false })

/** The answer's body; else an error with its status, 0 without an answer. */
async function post(path, token, body) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) }).catch((cause) =>
    Promise.reject(Object.assign(new Error(`${path}: no answer`, { cause }), { status: 0 })),
  )
  if (!response.ok) throw Object.assign(new Error(`${path}: ${response.status}`), { status: response.status })
  return response.json()
}

const passes = ({ status }) => status === 0 || status === 429 || status >= 500

async function postAgain(path, token, body) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await post(path, token, body)
    } catch (error) {
      if (attempt === 3 || !passes(error)) throw error
      await sleep(300 * 3 ** attempt)
    }
  }
}

// Shape Tokens as the page has them (gateway/web/src/shape-tokens.ts).
let login = postAgain('/dev/login', undefined, { user })
let grant
let underway

async function renew() {
  const asked = login
  try {
    const { token, expiresAt } = await postAgain('/shapes/auth-token', (await asked).token, {
      table: 'messages',
      params: { conversationId },
    })
    const lifetime = expiresAt * 1000 - Date.now()
    grant = { token, renewAt: Date.now() + lifetime - Math.min(30_000, lifetime / 5) }
    return token
  } catch (error) {
    if (error.status === 401 && options.includes('again')) {
      // The next try has it: as when a person logs in again.
      await sleep(300)
      login = postAgain('/dev/login', undefined, { user })
      error.status = 0
    }
    throw error
  } finally {
    underway = undefined
  }
}

const shapeToken = () =>
  grant && Date.now() < grant.renewAt ? grant.token : (underway ??= renew())

// As gateway/web/src/shape-config.ts.
function shapeOptions(client, seen) {
  let repeats = 0
  return {
    url: `${origin}/shape`,
    // The gateway takes no notice of these: they keep apart what the clients of this process know of their shapes.
    params: { table: 'messages', conversationId, client },
    headers: { Authorization: async () => `Bearer ${await shapeToken()}` },
    liveSse: client.includes('-sse'),
    ...(client.endsWith('-post') && { subsetMethod: 'POST' }),
    warnOnHttp: false,
    fetchClient: async (input, init) => {
      let response = await fetch(input, init)
      if (response.status === 401 && (init?.method === 'POST' || String(input).includes('subset__'))) {
        // The client repeats a refused subset with the token that it had, and asks nobody about a 401.
        grant = undefined
        response = await fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${await shapeToken()}` } })
      }
      if (response.ok) repeats = 0
      return response
    },
    onError: (error) => {
      seen.errors++
      const refused = error instanceof FetchError && error.status === 401
      if (refused) grant = undefined
      const away = !(error instanceof FetchError) && (error instanceof TypeError || error instanceof DOMException || passes(error))
      if ((refused || away) && ++repeats <= 40) return {}
      say({ stopped: client, reason: `${error.status ?? ''} ${error.message}` })
      return
    },
  }
}

const text = ({ id, role, status, content }) => `${id} ${role} ${status} ${content}`

function stream(client, seen) {
  const rows = new Map()
  new ShapeStream(shapeOptions(client, seen)).subscribe(
    (messages) => {
      for (const message of messages) {
        if (isControlMessage(message) && message.headers.control === 'must-refetch') {
          seen.refetches++
          rows.clear()
        } else if (isChangeMessage(message)) {
          const { key, value, headers } = message
          if (headers.operation === 'insert') {
            seen.inserted++
            if (rows.has(key)) seen.twice.push(value.id)
          }
          if (headers.operation === 'delete') rows.delete(key)
          else rows.set(key, { ...rows.get(key), ...value })
        }
      }
    },
    () => {},
  )
  return () => [...rows.values()].map(text)
}

function collection(client, seen) {
  const syncMode = /^(eager|on-demand|progressive)/.exec(client)[0]
  const messages = createCollection(
    electricCollectionOptions({
      id: client,
      syncMode,
      getKey: (message) => message.id,
      shapeOptions: shapeOptions(client, seen),
    }),
  )
  messages.subscribeChanges((changes) => {
    for (const { type } of changes) if (type === 'insert') seen.inserted++
  })
  if (syncMode === 'eager') {
    messages.preload()
    return () => messages.toArray.map(text)
  }
  // On demand there is what queries ask for: the two halves of the conversation.
  const halves = ['user', 'assistant'].map((role) =>
    createLiveQueryCollection({
      id: `${client} ${role}`,
      startSync: true,
      query: (q) => q.from({ message: messages }).where(({ message }) => eq(message.role, role)),
    }),
  )
  // Without a subscriber they would be cleaned up after 5 s.
  halves.forEach((half) => half.subscribeChanges(() => {}))
  return () => halves.flatMap((half) => half.toArray.map(text))
}

const clients = Object.fromEntries(
  names.split(',').map((client) => {
    const seen = { inserted: 0, twice: [], refetches: 0, errors: 0 }
    const rows = (client.startsWith('stream') ? stream : collection)(client, seen)
    return [client, () => ({ rows: rows().sort(), ...seen })]
  }),
)

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'state')
    say({ clients: Object.fromEntries(Object.entries(clients).map(([client, state]) => [client, state()])) })
  else {
    document.hidden = line === 'hide'
    document.dispatchEvent(new Event('visibilitychange'))
  }
}
process.exit(0)
