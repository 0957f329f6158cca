/**
 * The columns that the browser knows, by the names that Postgres gives them. The same contract is in
 * `infra/contracts` (the migrations); a column added here must exist there.
 *
 * The schemas check what this client writes. Synced rows are not run through them: the parser in shape-config.ts makes
 * the dates, and the two belong together.
 */
import { z } from 'zod'

// zod would probe for `new Function`, which a strict Content-Security-Policy reports as a violation.
z.config({ jitless: true })

// `guid`, not `uuid`: Postgres' type takes any 128 bits, and `uuid` refuses those without a version in them.

export const conversationSchema = z.object({
  id: z.guid(),
  owner: z.string(),
  title: z.string(),
  created_at: z.date(),
})

export const messageSchema = z.object({
  id: z.guid(),
  conversation_id: z.guid(),
  role: z.enum(['user', 'assistant']),
  status: z.enum(['pending', 'generating', 'completed', 'failed', 'cancelled']),
  content: z.string(),
  error: z.string().nullable(),
  reply_to: z.guid().nullable(),
  created_at: z.date(),
  updated_at: z.date(),
})

export type Conversation = z.infer<typeof conversationSchema>
export type Message = z.infer<typeof messageSchema>
