import { createMessagesCollection } from './collections'
import { questionDeliveries } from './deliveries'
import { newId } from './new-id'
import { writeOptimistically } from './optimistic-write'
import { createAnswerPlaceholder, createQuestionPlaceholder, type Question } from './placeholders'
import { postAgain } from './post-again'
import { nextCreatedAt } from './timestamps'

/** A new question with the ids that it keeps through every repeat. */
export const newQuestion = (conversationId: string, content: string): Question => ({
  conversationId,
  questionId: newId(),
  answerId: newId(),
  content,
})

/**
 * Puts a question and its answer-to-be on the page and sends it. What becomes of it is told by `questionDeliveries`;
 * the promise resolves when it is confirmed or has failed, which includes rows that could not be made.
 * Sending the same question again, with its ids, is safe at any time.
 */
export async function sendQuestionAction(question: Question): Promise<void> {
  const known = questionDeliveries.get(question.questionId)
  if (known && known.progress.state !== 'failed') return
  const collection = createMessagesCollection(question.conversationId)
  if (collection.has(question.questionId)) {
    // It was saved after all and has come back through the shape.
    questionDeliveries.delete(question.questionId)
    return
  }
  await writeOptimistically({
    collection,
    insert: () => {
      const createdAt = nextCreatedAt(collection.values())
      collection.insert([createQuestionPlaceholder(question, createdAt), createAnswerPlaceholder(question, createdAt)])
    },
    post: () => postAgain('/questions/send', question),
    report: (progress) => questionDeliveries.set(question.questionId, { command: question, progress }),
  })
}
