import type { Message } from './messages'

export interface Question {
  readonly conversationId: string
  readonly questionId: string
  readonly answerId: string
  readonly content: string
}

/** The row that the server will write for the question, as far as the client can know it. */
export function createQuestionPlaceholder(question: Question, createdAt: Date): Message {
  return {
    id: question.questionId,
    conversation_id: question.conversationId,
    role: 'user',
    status: 'completed',
    content: question.content,
    error: null,
    reply_to: null,
    created_at: createdAt,
    updated_at: createdAt,
  }
}

/** The answer-to-be, a millisecond later as on the server: a Date holds no less, and at equal times the ids would decide. */
export function createAnswerPlaceholder(question: Question, questionCreatedAt: Date): Message {
  const createdAt = new Date(questionCreatedAt.getTime() + 1)
  return {
    id: question.answerId,
    conversation_id: question.conversationId,
    role: 'assistant',
    status: 'pending',
    content: '',
    error: null,
    reply_to: question.questionId,
    created_at: createdAt,
    updated_at: createdAt,
  }
}
