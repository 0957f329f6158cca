// The real, unmodified clients against a shape-server: node clients.mjs <base URL>
// Talks to its parent over stdio: prints a step's name, reads a line (a txid) when the parent has done it.
import { ShapeStream, Shape } from '@electric-sql/client'
import { createCollection } from '@tanstack/db'
import { electricCollectionOptions } from '@tanstack/electric-db-collection'
import readline from 'node:readline'
import assert from 'node:assert/strict'

const url = `${process.argv[2]}/v1/shape`
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const ask = async (step) => {
  console.log(step)
  return JSON.parse((await lines.next()).value)
}
const until = async (what, condition) => {
  for (let i = 0; i < 500; i++) {
    if (condition()) return
    await new Promise((done) => setTimeout(done, 10))
  }
  assert.fail(`never: ${what}`)
}

const params = { table: 'notes', where: 'owner = $1', params: { 1: 'alice' } }
const collection = (syncMode, id) =>
  createCollection(
    electricCollectionOptions({ id, syncMode, getKey: (row) => row.id, shapeOptions: { url, params } }),
  )

// ShapeStream by long poll and by events.
for (const liveSse of [false, true]) {
  const abort = new AbortController()
  const stream = new ShapeStream({ url, params, liveSse, signal: abort.signal })
  const shape = new Shape(stream)
  const before = (await shape.rows).length
  await ask('insert')
  await until('insert', () => shape.currentRows.length === before + 1)
  await ask('update')
  await until('update', () => shape.currentRows.some((row) => row.text === 'changed'))
  await ask('delete')
  await until('delete', () => shape.currentRows.length === before)
  abort.abort()
}

const eager = collection('eager', 'eager')
await eager.preload()
assert.equal(eager.size, 1)
for (const step of ['insert', 'update']) {
  const txid = await ask(step)
  assert.equal(await eager.utils.awaitTxId(txid, 5000), true)
}
assert.equal(eager.size, 2)
assert.ok([...eager.values()].some((row) => row.text === 'changed'))
assert.equal(await eager.utils.awaitTxId(await ask('delete'), 5000), true)
assert.equal(eager.size, 1)
await assert.rejects(eager.utils.awaitTxId(4294967295, 300), /Timeout|timed out/i)

for (const mode of ['on-demand', 'progressive']) {
  const { createLiveQueryCollection, eq } = await import('@tanstack/db')
  const source = collection(mode, mode)
  const query = createLiveQueryCollection((q) =>
    q.from({ n: source }).where(({ n }) => eq(n.owner, 'alice')),
  )
  await query.preload()
  await until(`${mode} first`, () => query.size === 1)
  assert.equal(await source.utils.awaitTxId(await ask('insert'), 5000), true)
  await until(`${mode} insert`, () => query.size === 2)
  assert.equal(await source.utils.awaitTxId(await ask('delete'), 5000), true)
  await until(`${mode} delete`, () => query.size === 1)
}
// Rotation under the real client.
await ask('truncate')
await until('truncate', () => eager.size === 0)
console.log('done')
process.exit(0)
