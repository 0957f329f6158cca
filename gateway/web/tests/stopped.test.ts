import { expect, test, vi } from 'vitest'
import { newId } from '../src/new-id'
import { freshClient, givenConversation } from './setting'

const setting = freshClient()
const STOPPED = { state: 'failed', reason: 'Sync has stopped here.' }

test('a question to messages that stopped while loading is kept as failed, with its text', async () => {
  const { client, gateway } = setting
  gateway.refusals.push({ path: '/shapes/auth-token', how: 403 })
  const id = givenConversation(gateway)
  const collection = client.createMessagesCollection(id)
  collection.subscribeChanges(() => undefined)
  await vi.waitFor(() => expect(collection.status).toBe('error'))
  const question = client.newQuestion(id, 'What is a penstock?')
  await client.sendQuestionAction(question)
  expect(client.questionDeliveries.get(question.questionId)).toEqual({ command: question, progress: STOPPED })
  expect(collection.size).toBe(0)
  expect(gateway.calls('/questions/send')).toEqual([])
})

test('a failed question is sent, with its ids, once its messages are loaded', async () => {
  const { client, gateway } = setting
  gateway.refusals.push({ path: '/shape', how: 400 })
  const id = givenConversation(gateway)
  const collection = client.createMessagesCollection(id)
  const subscription = collection.subscribeChanges(() => undefined)
  await vi.waitFor(() => expect(collection.status).toBe('error'))
  const question = client.newQuestion(id, 'What is a penstock?')
  await client.sendQuestionAction(question)
  subscription.unsubscribe()
  await vi.waitFor(() => expect(collection.status).toBe('cleaned-up'))
  collection.subscribeChanges(() => undefined)
  await collection.preload()
  await client.sendQuestionAction(question)
  expect(client.questionDeliveries.get(question.questionId)?.progress.state).toBe('confirmed')
  expect(collection.has(question.questionId)).toBe(true)
  expect(gateway.calls('/questions/send').map(({ body }) => body)).toEqual([question])
})

test('a question whose place among the rows cannot be told is kept as failed', async () => {
  const { client, gateway } = setting
  const id = givenConversation(gateway)
  const collection = client.createMessagesCollection(id)
  collection.subscribeChanges(() => undefined)
  await collection.preload()
  const unreadable = vi.spyOn(collection, 'values').mockImplementation(() => {
    throw new TypeError('no date')
  })
  const question = client.newQuestion(id, 'q')
  await client.sendQuestionAction(question)
  expect(client.questionDeliveries.get(question.questionId)).toEqual({
    command: question,
    progress: { state: 'failed', reason: 'It could not be put on the page: no date' },
  })
  unreadable.mockRestore()
  await client.sendQuestionAction(question)
  expect(client.questionDeliveries.get(question.questionId)?.progress.state).toBe('confirmed')
})

test('a conversation on a list that stopped while loading is kept as failed, with its title', async () => {
  const { client, gateway } = setting
  gateway.refusals.push({ path: '/shape', how: 400 })
  const collection = client.createConversationsCollection()
  collection.subscribeChanges(() => undefined)
  await vi.waitFor(() => expect(collection.status).toBe('error'))
  const conversation = { id: newId(), title: 'Turbines' }
  await client.createConversationAction(conversation)
  expect(client.conversationDeliveries.get(conversation.id)).toEqual({ command: conversation, progress: STOPPED })
  expect(collection.size).toBe(0)
  expect(gateway.calls('/conversations')).toEqual([])
})
