// Follows conversations with the unmodified npm client: prints each row it sees for the first time and as completed, and,
// when its input ends, what it holds. Lines of JSON: {"seen":id}, {"completed":id}, at the end {"rows":[…],"refetches":n,"errors":[…]}.
// Usage: node follow.mjs <origin> <user> <conversation id>…
import { createInterface } from 'node:readline'
import { ShapeStream, isChangeMessage, isControlMessage } from '@electric-sql/client'

const [origin, user, ...conversations] = process.argv.slice(2)

async function post(path, token, body) {
  for (;;) {
    try {
      const response = await fetch(origin + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      })
      if (response.ok) return response.json()
    } catch {
      // A gateway was killed under this request.
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const { token } = await post('/dev/login', undefined, { user })
const rows = new Map()
const errors = []
let refetches = 0

for (const conversationId of conversations) {
  const permission = () => post('/shapes/auth-token', token, { table: 'messages', params: { conversationId } })
  let shape = permission()
  const stream = new ShapeStream({
    url: `${origin}/shape`,
    headers: { Authorization: async () => `Bearer ${(await shape).token}` },
    onError: (error) => {
      errors.push(`${error.status ?? ''} ${error.message}`)
      if (error.status === 401 || error.status === 403) shape = permission()
      return {}
    },
  })
  const mine = new Map()
  stream.subscribe((messages) => {
    for (const message of messages) {
      if (isControlMessage(message) && message.headers.control === 'must-refetch') {
        refetches++
        for (const id of mine.keys()) rows.delete(id)
        mine.clear()
      } else if (isChangeMessage(message)) {
        const id = message.value.id
        if (message.headers.operation === 'insert' && mine.has(id)) errors.push(`${id} was inserted twice`)
        if (!mine.has(id)) console.log(JSON.stringify({ seen: id }))
        mine.set(id, true)
        rows.set(id, { ...rows.get(id), ...message.value })
        if (message.value.status === 'completed') console.log(JSON.stringify({ completed: id }))
      }
    }
  })
}

for await (const _ of createInterface({ input: process.stdin }));
const held = { rows: [...rows.values()].map(({ id, status, content }) => ({ id, status, content })), refetches, errors }
// An exit does not wait for what a pipe has not taken yet.
process.stdout.write(JSON.stringify(held) + '\n', () => process.exit(0))
