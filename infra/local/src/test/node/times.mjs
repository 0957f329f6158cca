// Asks questions one after the other with the unmodified npm clients, and prints as one line of JSON how long each step
// took from the POST on, in milliseconds. Usage: node times.mjs <origin> <user> <warm-up questions> <questions>
import { randomUUID } from 'node:crypto'
import { createCollection } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'

const [origin, user, warm, questions] = process.argv.slice(2)

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
const conversationId = randomUUID()
await post('/conversations', token, { id: conversationId, title: 'Timed' })
const shape = await post('/shapes/auth-token', token, { table: 'messages', params: { conversationId } })
const messages = createCollection(
  electricCollectionOptions({
    id: `messages-${conversationId}`,
    getKey: (message) => message.id,
    shapeOptions: { url: `${origin}/shape`, headers: { Authorization: `Bearer ${shape.token}` } },
  }),
)

const asked = new Map()
messages.subscribeChanges((changes) => {
  for (const { value } of changes) {
    const answer = asked.get(value.id)
    if (!answer) continue
    if (value.content !== '') answer.firstText ??= performance.now()
    if (!['pending', 'generating'].includes(value.status)) answer.complete(performance.now())
  }
})
await messages.preload()

/** Asks, and returns when the question is confirmed; its answer goes on. */
async function ask(content) {
  const answerId = randomUUID()
  const answer = { id: answerId }
  answer.completed = new Promise((resolve) => (answer.complete = resolve))
  asked.set(answerId, answer)
  answer.started = performance.now()
  const { txid } = await post('/questions/send', token, { conversationId, questionId: randomUUID(), answerId, content })
  answer.posted = performance.now()
  await messages.utils.awaitTxId(txid, 20_000)
  answer.confirmed = performance.now()
  return answer
}

async function inTime(answer) {
  const late = setTimeout(() => {
    throw new Error(`no answer within 60 s: ${JSON.stringify(messages.get(answer.id))}`)
  }, 60_000)
  const end = await answer.completed
  clearTimeout(late)
  return end
}

// Stopped, since a conversation's answers are given one after the other.
for (let i = 0; i < Number(warm); i++) {
  const answer = await ask(`Warm-up ${i}`)
  await post(`/answers/${answer.id}/stop`, token, {})
  await inTime(answer)
}

const times = { postedMillis: [], confirmedMillis: [], firstTextMillis: [], completedMillis: [] }
const [cpu, began] = [process.cpuUsage(), performance.now()]
for (let i = 0; i < Number(questions); i++) {
  const answer = await ask(`Question ${i}`)
  const end = await inTime(answer)
  times.postedMillis.push(answer.posted - answer.started)
  times.confirmedMillis.push(answer.confirmed - answer.started)
  times.firstTextMillis.push(answer.firstText - answer.started)
  times.completedMillis.push(end - answer.started)
}
const { user: inUser, system } = process.cpuUsage(cpu)
const all = { ...times, cores: (inUser + system) / 1000 / (performance.now() - began) }
// An exit does not wait for what a pipe has not taken yet.
process.stdout.write(JSON.stringify(all) + '\n', () => process.exit(0))
