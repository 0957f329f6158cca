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

let asked = {}
messages.subscribeChanges((changes) => {
  for (const { value } of changes) {
    if (value.id !== asked.answerId) continue
    if (value.content !== '') asked.firstText ??= performance.now()
    if (value.status === 'completed') asked.completed(performance.now())
  }
})
await messages.preload()

const times = { postedMillis: [], confirmedMillis: [], firstTextMillis: [], completedMillis: [] }
let cpu, began
for (let i = 0; i < Number(warm) + Number(questions); i++) {
  if (i === Number(warm)) [cpu, began] = [process.cpuUsage(), performance.now()]
  asked = { answerId: randomUUID() }
  const completed = new Promise((resolve) => (asked.completed = resolve))
  const { answerId } = asked
  const start = performance.now()
  const { txid } = await post('/questions/send', token, {
    conversationId,
    questionId: randomUUID(),
    answerId,
    content: `Question ${i}`,
  })
  const posted = performance.now()
  await messages.utils.awaitTxId(txid, 20_000)
  const confirmed = performance.now()
  const late = setTimeout(() => { throw new Error('no answer within 60 s') }, 60_000)
  const end = await completed
  clearTimeout(late)
  if (i < Number(warm)) continue
  times.postedMillis.push(posted - start)
  times.confirmedMillis.push(confirmed - start)
  times.firstTextMillis.push(asked.firstText - start)
  times.completedMillis.push(end - start)
}
const { user: inUser, system } = process.cpuUsage(cpu)
const all = { ...times, cores: (inUser + system) / 1000 / (performance.now() - began) }
// An exit does not wait for what a pipe has not taken yet.
process.stdout.write(JSON.stringify(all) + '\n', () => process.exit(0))
