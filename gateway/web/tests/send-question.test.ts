import { describe, expect, test, vi } from 'vitest'
import { freshClient, givenConversation } from './setting'

const setting = freshClient()

/** An open conversation whose row ids are sampled at every change of what a reader would see. */
async function openConversation() {
  const { client, gateway } = setting
  const conversationId = givenConversation(gateway)
  const collection = client.createMessagesCollection(conversationId)
  const samples: string[][] = []
  const subscription = collection.subscribeChanges(() => samples.push(collection.toArray.map((row) => row.id)))
  await collection.preload()
  samples.length = 0
  const question = client.newQuestion(conversationId, 'What is a penstock?')
  const progress = () => client.questionDeliveries.get(question.questionId)?.progress
  return { client, gateway, conversationId, collection, samples, subscription, question, progress }
}

describe('sendQuestionAction', () => {
  test('shows both rows before the POST returns and confirms them with its txid', async () => {
    const { gateway, client, collection, question, progress, samples } = await openConversation()
    gateway.postDelayMillis = 200
    const sent = client.sendQuestionAction(question)
    expect(collection.toArray.map((row) => [row.role, row.status, row.content])).toEqual(
      expect.arrayContaining([['user', 'completed', 'What is a penstock?'], ['assistant', 'pending', '']]),
    )
    expect(progress()).toEqual({ state: 'sending' })
    await sent
    expect(progress()).toMatchObject({ state: 'confirmed', txid: 702 })
    expect(collection.get(question.questionId)).toMatchObject({ created_at: expect.any(Date) })
    for (const ids of samples) expect(ids).toEqual(expect.arrayContaining([question.questionId, question.answerId]))
  })

  test('no row vanishes between send and confirmation, whether the POST or the stream is first', async () => {
    const { gateway, client, collection, samples, conversationId } = await openConversation()
    for (const delay of [0, 5, 20, 60, 0, 5]) {
      gateway.postDelayMillis = delay
      const question = client.newQuestion(conversationId, `after ${delay} ms`)
      samples.length = 0
      await client.sendQuestionAction(question)
      await vi.waitFor(() => expect(samples.length).toBeGreaterThan(0))
      for (const ids of samples) {
        expect(ids).toContain(question.questionId)
        expect(ids).toContain(question.answerId)
        expect(new Set(ids).size).toBe(ids.length)
      }
    }
    expect(collection.size).toBe(12)
  })

  test('rows stay while the stream is behind the POST, and are confirmed only by the stream', async () => {
    const { gateway, client, collection, samples, question, progress } = await openConversation()
    gateway.shapes.hold()
    const sent = client.sendQuestionAction(question)
    await vi.waitFor(() => expect(progress()).toEqual({ state: 'saved', txid: 702, late: false }))
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(collection.has(question.questionId)).toBe(true)
    expect(progress()).toEqual({ state: 'saved', txid: 702, late: false })
    gateway.shapes.release()
    await sent
    expect(progress()?.state).toBe('confirmed')
    for (const ids of samples) expect(ids).toContain(question.questionId)
  })

  test('a refused POST rolls back its own two rows only and says why', async () => {
    const { gateway, client, collection, question, progress, conversationId } = await openConversation()
    await client.sendQuestionAction(client.newQuestion(conversationId, 'earlier'))
    gateway.refusals.push({ path: '/questions/send', how: 422 })
    await client.sendQuestionAction(question)
    expect(progress()).toEqual({ state: 'failed', reason: 'Refused with 422.' })
    expect(collection.size).toBe(2)
    expect(gateway.calls('/questions/send')).toHaveLength(2)
  })

  test('an answer that got lost is asked for again with the same ids and rolls nothing back', async () => {
    const { gateway, client, collection, question, progress, samples } = await openConversation()
    gateway.refusals.push({ path: '/questions/send', how: 'lost' }, { path: '/questions/send', how: 503 })
    await client.sendQuestionAction(question)
    expect(progress()).toMatchObject({ state: 'confirmed' })
    const bodies = gateway.calls('/questions/send').map((call) => call.body)
    expect(bodies).toHaveLength(3)
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1)
    expect(collection.size).toBe(2)
    for (const ids of samples) expect(ids).toContain(question.questionId)
  })

  test('a server that stays away fails the question after four attempts', async () => {
    const { gateway, client, collection, question, progress } = await openConversation()
    for (let n = 0; n < 9; n++) gateway.refusals.push({ path: '/questions/send', how: 'reset' })
    await client.sendQuestionAction(question)
    expect(progress()).toEqual({ state: 'failed', reason: 'The server could not be reached.' })
    expect(gateway.calls('/questions/send')).toHaveLength(4)
    expect(collection.size).toBe(0)
  })

  test('a txid that is no number is not waited for', async () => {
    const { gateway, client, question, progress } = await openConversation()
    gateway.shapes.commit = () => '705' as unknown as number
    await client.sendQuestionAction(question)
    expect(progress()).toEqual({ state: 'failed', reason: 'The server answered without a transaction number.' })
  })

  test('sending a failed question again keeps its ids', async () => {
    const { gateway, client, question, progress } = await openConversation()
    gateway.refusals.push({ path: '/questions/send', how: 500 })
    await client.sendQuestionAction(question)
    expect(progress()?.state).toBe('failed')
    const failed = client.questionDeliveries.get(question.questionId)!
    await client.sendQuestionAction(failed.command)
    expect(progress()?.state).toBe('confirmed')
    const ids = gateway.calls('/questions/send').map(({ body }) => [body['questionId'], body['answerId']])
    expect(ids).toEqual([[question.questionId, question.answerId], [question.questionId, question.answerId]])
  })

  test('sending twice at once is one send', async () => {
    const { gateway, client, question, progress } = await openConversation()
    await Promise.all([client.sendQuestionAction(question), client.sendQuestionAction(question)])
    expect(progress()?.state).toBe('confirmed')
    expect(gateway.calls('/questions/send')).toHaveLength(1)
  })

  test('a slow POST does not hold back the answer to an earlier question', async () => {
    const { gateway, client, collection, question, conversationId } = await openConversation()
    gateway.answerDelayMillis = 100
    const earlier = client.newQuestion(conversationId, 'earlier')
    await client.sendQuestionAction(earlier)
    gateway.answerDelayMillis = -1
    gateway.postDelayMillis = 1_500
    const slow = client.sendQuestionAction(question)
    await vi.waitFor(() => expect(collection.get(earlier.answerId)?.status).toBe('completed'), 1_000)
    expect(client.questionDeliveries.get(question.questionId)?.progress.state).toBe('sending')
    await slow
  })
})
