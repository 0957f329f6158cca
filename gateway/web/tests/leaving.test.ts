import { expect, test, vi } from 'vitest'
import { freshClient, givenConversation } from './setting'

const setting = freshClient()

/** A question that is saved but whose row does not come back, in a conversation that has since been left. */
async function leftUnconfirmed() {
  const { client, gateway } = setting
  const id = givenConversation(gateway)
  const collection = client.createMessagesCollection(id)
  const subscription = collection.subscribeChanges(() => undefined)
  await collection.preload()
  gateway.shapes.hold()
  const question = client.newQuestion(id, 'left behind')
  void client.sendQuestionAction(question)
  const progress = () => client.questionDeliveries.get(question.questionId)?.progress
  await vi.waitFor(() => expect(progress()?.state).toBe('saved'))
  subscription.unsubscribe()
  await vi.waitFor(() => expect(collection.status).toBe('cleaned-up'), 3_000)
  return { client, gateway, collection, question, progress }
}

test('a question whose conversation was left is not taken for failed', async () => {
  const { progress } = await leftUnconfirmed()
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(progress()).toMatchObject({ state: 'saved' })
})

test('on return it is there at once and is confirmed', async () => {
  const { gateway, collection, question, progress } = await leftUnconfirmed()
  const samples: boolean[] = []
  collection.subscribeChanges(() => samples.push(collection.has(question.questionId)))
  expect(collection.has(question.questionId)).toBe(true)
  gateway.shapes.release()
  await vi.waitFor(() => expect(progress()?.state).toBe('confirmed'), 3_000)
  expect(collection.size).toBe(2)
  expect(samples).not.toContain(false)
})
