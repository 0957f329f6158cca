import { expect, test } from 'vitest'
import { messageSchema } from '../src/messages'
import { newQuestion } from '../src/send-question'
import { createAnswerPlaceholder, createQuestionPlaceholder } from '../src/placeholders'
import { nextCreatedAt, parseTimestamptz } from '../src/timestamps'

const question = newQuestion(crypto.randomUUID(), 'What is a penstock?')

test('placeholders are rows that the schema accepts', () => {
  const at = new Date()
  expect(messageSchema.safeParse(createQuestionPlaceholder(question, at)).success).toBe(true)
  expect(messageSchema.safeParse(createAnswerPlaceholder(question, at)).success).toBe(true)
})

test('the answer is a pending, empty reply one millisecond after its question', () => {
  const at = new Date(1_800_000_000_000)
  expect(createAnswerPlaceholder(question, at)).toMatchObject({
    id: question.answerId, role: 'assistant', status: 'pending', content: '', reply_to: question.questionId,
    created_at: new Date(1_800_000_000_001),
  })
})

test('a new row comes after the newest row even if the clock of this machine is behind', () => {
  const newest = { created_at: new Date(5_000) }
  expect(nextCreatedAt([newest, { created_at: new Date(4_000) }], 1_000)).toEqual(new Date(5_001))
  expect(nextCreatedAt([newest], 9_000)).toEqual(new Date(9_000))
  expect(nextCreatedAt([], 9_000)).toEqual(new Date(9_000))
})

test.each([
  ['2026-11-22 10:00:13.601115+00', '2026-11-22T10:00:13.601Z'],
  ['2026-11-22 10:00:13+00', '2026-11-22T10:00:13.000Z'],
  ['2026-11-22 10:00:13.5+05:30', '2026-11-22T04:30:13.500Z'],
  ['2026-11-22 10:00:13-03', '2026-11-22T13:00:13.000Z'],
])('Postgres writes %s and means %s', (text, iso) => {
  expect(parseTimestamptz(text).toISOString()).toBe(iso)
})
