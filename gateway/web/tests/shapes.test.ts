import { expect, test, vi } from 'vitest'
import { freshClient, givenConversation } from './setting'

const setting = freshClient()
const open = (id: string) => {
  const collection = setting.client.createMessagesCollection(id)
  return { collection, subscription: collection.subscribeChanges(() => undefined) }
}

test('a conversation has one collection, however often it is asked for', () => {
  const { client, gateway } = setting
  const id = givenConversation(gateway)
  expect(client.createMessagesCollection(id)).toBe(client.createMessagesCollection(id))
  expect(client.createConversationsCollection()).toBe(client.createConversationsCollection())
})

test('synced rows carry dates', async () => {
  const { client, gateway } = setting
  const id = givenConversation(gateway)
  const conversations = client.createConversationsCollection()
  await conversations.preload()
  expect(conversations.get(id)?.created_at.toISOString()).toBe('2026-11-22T10:00:13.601Z')
})

test('no token is ever in an address', async () => {
  const { client, gateway } = setting
  const id = givenConversation(gateway)
  const { collection } = open(id)
  await collection.preload()
  await client.sendQuestionAction(client.newQuestion(id, 'q'))
  expect(gateway.calls('/shape').length).toBeGreaterThan(1)
  for (const { query, authorization } of gateway.calls('/shape')) {
    expect(query).not.toMatch(/shape-\d|token|secret/)
    expect(authorization).toMatch(/^Bearer shape-\d+$/)
  }
})

test('a refused token is replaced and the stream goes on where it was', async () => {
  const { client, gateway } = setting
  const id = givenConversation(gateway)
  const { collection } = open(id)
  await collection.preload()
  gateway.refusals.push({ path: '/shape', how: 401 })
  await client.sendQuestionAction(client.newQuestion(id, 'first'))
  await client.sendQuestionAction(client.newQuestion(id, 'second'))
  expect(collection.size).toBe(4)
  expect(gateway.calls('/shapes/auth-token')).toHaveLength(2)
  expect(gateway.calls('/shape').filter(({ query }) => query.includes('offset=-1'))).toHaveLength(1)
})

test('a token refused at the very first request does not leave the collection in error', async () => {
  const { gateway } = setting
  gateway.refusals.push({ path: '/shape', how: 401 })
  const { collection } = open(givenConversation(gateway))
  await vi.waitFor(() => expect(collection.status).toBe('ready'), 5_000)
})

test('a short-lived token is renewed before a request is refused', async () => {
  const { client, gateway } = setting
  gateway.tokenSeconds = 1
  const id = givenConversation(gateway)
  const { collection } = open(id)
  await collection.preload()
  await new Promise((resolve) => setTimeout(resolve, 900))
  await client.sendQuestionAction(client.newQuestion(id, 'after'))
  await vi.waitFor(() => expect(gateway.calls('/shapes/auth-token').length).toBeGreaterThan(1))
  expect(collection.size).toBe(2)
})

test('another refusal is shown and not repeated', async () => {
  const { client, gateway } = setting
  gateway.refusals.push({ path: '/shapes/auth-token', how: 403 })
  open(givenConversation(gateway))
  await vi.waitFor(() => expect([...client.syncTrouble.entries().values()]).toEqual([
    { kind: 'stopped', reason: 'Refused with 403.', signedOut: false },
  ]))
  expect(gateway.calls('/shapes/auth-token')).toHaveLength(1)
})

test('a server that is away is shown until it is back', async () => {
  const { client, gateway } = setting
  gateway.refusals.push({ path: '/shape', how: 'reset' })
  const { collection } = open(givenConversation(gateway))
  await vi.waitFor(() => expect([...client.syncTrouble.entries().values()]).toEqual([{ kind: 'reconnecting' }]))
  await vi.waitFor(() => expect(collection.status).toBe('ready'), 5_000)
  expect(client.syncTrouble.entries().size).toBe(0)
})

test('a shape that is rotated while a question is under way loses no row', async () => {
  const { client, gateway } = setting
  const id = givenConversation(gateway)
  const { collection } = open(id)
  await collection.preload()
  const missing: string[] = []
  const question = client.newQuestion(id, 'q')
  const sent = client.sendQuestionAction(question)
  collection.subscribeChanges(() => void (collection.has(question.questionId) || missing.push('question')))
  gateway.shapes.rotate()
  await sent
  expect(missing).toEqual([])
  expect(collection.size).toBe(2)
})

test('eight conversations one after the other leave two live requests, and the next send is as quick as the first', async () => {
  const { client, gateway } = setting
  const ids = Array.from({ length: 8 }, (_, n) => givenConversation(gateway, `conversation ${n}`))
  const list = client.createConversationsCollection()
  list.subscribeChanges(() => undefined)
  await list.preload()
  const millis: number[] = []
  for (const id of ids) {
    const { collection, subscription } = open(id)
    await collection.preload()
    const question = client.newQuestion(id, 'q')
    await client.sendQuestionAction(question)
    const progress = client.questionDeliveries.get(question.questionId)?.progress
    millis.push(progress?.state === 'confirmed' ? progress.millis : Infinity)
    if (id !== ids.at(-1)) subscription.unsubscribe()
    // The pace of somebody who walks down the list with a key held down.
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await vi.waitFor(() => expect(gateway.shapes.live).toBe(2), 3_000)
  expect(client.syncTrouble.entries().size).toBe(0)
  expect(gateway.shapes.mostLive).toBeLessThan(6)
  expect(millis.at(-1)).toBeLessThan(Math.max(250, 3 * millis[0]!))
})
