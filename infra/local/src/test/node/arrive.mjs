// Follows one conversation as the page does, with a TanStack DB collection, and prints when each row was in it: first READY,
// then for each row the number that its content begins with and the time of the machine's monotonic clock in nanoseconds,
// which is Java's System.nanoTime() too. Ends with its input. Usage: node arrive.mjs <origin> <shape token>
import { createCollection } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'

const [origin, token] = process.argv.slice(2)
const messages = createCollection(
  electricCollectionOptions({
    id: 'messages',
    getKey: (message) => message.id,
    shapeOptions: { url: `${origin}/shape`, headers: { Authorization: `Bearer ${token}` } },
  }),
)
await messages.preload()
messages.subscribeChanges((changes) => {
  const now = process.hrtime.bigint()
  for (const { value } of changes) process.stdout.write(`${parseInt(value.content, 10)} ${now}\n`)
})
process.stdout.write('READY\n')
process.stdin.resume()
// An exit does not wait for what a pipe has not taken yet.
process.stdin.on('end', () => process.stdout.write('', () => process.exit(0)))
