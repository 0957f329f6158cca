// Asks questions with the unmodified npm clients, as a browser would, and prints what happened as one line of JSON.
// Usage: node ask.mjs <origin> <user> <questions> [<conversation id>]
import { randomUUID } from 'node:crypto'
import { createCollection } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'

const [origin, user, questions, given] = process.argv.slice(2)

async function post(path, token, body) {
  const response = await fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

const { token } = await post('/dev/login', undefined, { user })
const conversationId = given ?? randomUUID()
if (!given) await post('/conversations', token, { id: conversationId, title: 'Asked from Node' })
const shape = await post('/shapes/auth-token', token, { table: 'messages', params: { conversationId } })

const messages = createCollection(
  electricCollectionOptions({
    id: `messages-${conversationId}`,
    getKey: (message) => message.id,
    shapeOptions: { url: `${origin}/shape`, headers: { Authorization: `Bearer ${shape.token}` } },
  }),
)
const finals = new Map()
messages.subscribeChanges((changes) => {
  for (const { value, type } of changes)
    if (value.role === 'assistant' && value.status === 'completed' && type !== 'delete')
      finals.set(value.id, (finals.get(value.id) ?? 0) + 1)
})
await messages.preload()
const before = messages.size

const confirmedMillis = []
const asked = []
for (let i = 0; i < Number(questions); i++) {
  const question = { conversationId, questionId: randomUUID(), answerId: randomUUID(), content: `Question ${i}` }
  const start = performance.now()
  const { txid } = await post('/questions/send', token, question)
  await messages.utils.awaitTxId(txid, 20_000)
  confirmedMillis.push(performance.now() - start)
  if (!messages.has(question.questionId) || !messages.has(question.answerId))
    throw new Error(`txid ${txid} was confirmed and its rows are not there`)
  asked.push({ ...question, txid })
}

const deadline = performance.now() + 60_000
const unanswered = () => asked.filter(({ answerId }) => messages.get(answerId)?.status !== 'completed')
while (unanswered().length > 0 && performance.now() < deadline)
  await new Promise((resolve) => setTimeout(resolve, 50))

console.log(
  JSON.stringify({
    conversationId,
    before,
    rows: messages.size,
    asked: asked.map(({ questionId, answerId, txid }) => ({ questionId, answerId, txid })),
    unanswered: unanswered().length,
    answeredTwice: asked.filter(({ answerId }) => finals.get(answerId) > 1).length,
    confirmedMillis,
  }),
)
process.exit(0)
