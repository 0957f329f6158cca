import { expect, test, vi } from 'vitest'
import { freshClient, givenConversation } from './setting'

const setting = freshClient()

/** What a reload does: the modules are loaded again, the tab's storage stays. */
async function reloaded() {
  vi.resetModules()
  const { rememberUnsent } = await import('../src/unsent-memory')
  const { questionDeliveries } = await import('../src/deliveries')
  rememberUnsent()
  return [...questionDeliveries.entries().values()]
}

test('a question that failed comes back after a reload with its ids and its reason', async () => {
  const { client, gateway } = setting
  client.rememberUnsent()
  const id = givenConversation(gateway)
  const collection = client.createMessagesCollection(id)
  await collection.preload()
  gateway.refusals.push({ path: '/questions/send', how: 422 })
  const question = client.newQuestion(id, 'Refused at first')
  await client.sendQuestionAction(question)
  expect(await reloaded()).toEqual([{ command: question, progress: { state: 'failed', reason: 'Refused with 422.' } }])
})

test('a question whose answer never came is not lost by a reload', async () => {
  const { client, gateway } = setting
  client.rememberUnsent()
  const id = givenConversation(gateway)
  await client.createMessagesCollection(id).preload()
  gateway.commitDelayMillis = 1_000
  const question = client.newQuestion(id, 'On its way')
  void client.sendQuestionAction(question)
  expect(await reloaded()).toEqual([
    { command: question, progress: { state: 'failed', reason: 'The page was left before the server had answered.' } },
  ])
})

test('what is saved is not remembered', async () => {
  const { client, gateway } = setting
  client.rememberUnsent()
  const id = givenConversation(gateway)
  await client.createMessagesCollection(id).preload()
  await client.sendQuestionAction(client.newQuestion(id, 'Saved'))
  expect(await reloaded()).toEqual([])
})

test('a memory that nobody can read is passed over', async () => {
  sessionStorage.setItem('penstock.unsent', '[{"reason":1}')
  expect(await reloaded()).toEqual([])
})
