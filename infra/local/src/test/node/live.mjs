// Asks and follows with the unmodified npm clients, and repeats nothing: what fails here, a person at a page would see.
// Usage: node live.mjs <origin> <user> <millis between questions> <conversation id>…; every other one by an event stream.
// Prints lines of JSON: {"confirmed":millis} for each question, from the POST to awaitTxId; and when its input ends and
// all answers are there {"asked":[answer ids],"rows":[…],"twice":[ids],"refetches":n,"failures":[…]}.
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { createCollection } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'

const [origin, user, pause, ...conversations] = process.argv.slice(2)
const failures = []
const twice = []
let refetches = 0
let over = false

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis))
const fail = (what, error) =>
  failures.push(`${new Date().toISOString()} ${what} ${error?.cause ?? ''} ${error?.message ?? error}`)

for (const level of ['warn', 'error']) console[level] = (...texts) => fail('console', texts.join(' '))
process.on('unhandledRejection', (reason) => fail('unhandled', reason))

/** As fetch; what the client would hide by asking again is written down. */
async function watched(what, input, init) {
  try {
    const response = await fetch(input, init)
    if (!response.ok) fail(`${what} ${response.status}`, await response.clone().text())
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response
    return new Response(await response.text(), response)
  } catch (error) {
    if (!init?.signal?.aborted) fail(what, error)
    throw error
  }
}

async function post(path, token, body) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  return (await watched(path, origin + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

const { token } = await post('/dev/login', undefined, { user })
const asked = []

async function converse(conversationId, liveSse) {
  let grant
  let begun = 0
  const inserted = new Set()
  const messages = createCollection(
    electricCollectionOptions({
      id: conversationId,
      getKey: (message) => message.id,
      shapeOptions: {
        url: `${origin}/shape`,
        liveSse,
        warnOnHttp: false,
        headers: {
          Authorization: async () => {
            if (!grant || Date.now() > grant.renewAt) {
              const { token: shape } = await post('/shapes/auth-token', token, { table: 'messages', params: { conversationId } })
              grant = { shape, renewAt: Date.now() + 120_000 }
            }
            return `Bearer ${grant.shape}`
          },
        },
        fetchClient: async (input, init) => {
          if (new URL(input).searchParams.get('offset') === '-1' && begun++ > 0) refetches++
          const response = await watched('/shape', input, init)
          if (response.status === 409) refetches++
          return response
        },
        onError: (error) => fail('onError', error),
      },
    }),
  )
  messages.subscribeChanges((changes) => {
    for (const { type, key } of changes) {
      if (type !== 'insert') continue
      if (inserted.has(key)) twice.push(key)
      inserted.add(key)
    }
  })
  await messages.preload()
  while (!over) {
    const question = { conversationId, questionId: randomUUID(), answerId: randomUUID(), content: 'What goes on?' }
    const start = performance.now()
    try {
      const { txid } = await post('/questions/send', token, question)
      asked.push(question.answerId)
      await messages.utils.awaitTxId(txid, 30_000)
      console.log(JSON.stringify({ confirmed: performance.now() - start }))
      if (!messages.has(question.answerId)) fail('lost', `${question.answerId} was confirmed and is not there`)
    } catch (error) {
      fail('question', error)
    }
    await sleep(pause)
  }
  const deadline = performance.now() + 60_000
  while (messages.toArray.some(({ status }) => status !== 'completed') && performance.now() < deadline) await sleep(50)
  return messages.toArray.map(({ id, status, content }) => ({ id, status, content }))
}

const followed = conversations.map((id, i) => converse(id, i % 2 === 1))
for await (const _ of createInterface({ input: process.stdin }));
over = true
const rows = (await Promise.all(followed)).flat()
// An exit does not wait for what a pipe has not taken yet.
process.stdout.write(JSON.stringify({ asked, rows, twice, refetches, failures }) + '\n', () => process.exit(0))
