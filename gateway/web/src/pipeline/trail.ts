/** The answer of `GET /txids/{txid}`, as far as the page uses it. */
import { z } from 'zod'

const time = z.iso.datetime().transform((text) => Date.parse(text.replace(/(\.\d{3})\d*Z$/, '$1Z')) + fraction(text))

/** Below the millisecond, which `Date` drops. */
const fraction = (text: string): number => Number(`0.${/\.\d{3}(\d*)Z$/.exec(text)?.[1] || '0'}`)

const placeSchema = z.object({ topic: z.string(), partition: z.int(), offset: z.int().optional() })

const stepSchema = z.object({
  step: z.enum(['committed', 'in-log', 'in-topics', 'released']),
  status: z.enum(['done', 'pending', 'never', 'unknown']),
  at: time.optional(),
  detail: z.string().optional(),
  topic: z.string().optional(),
  offset: z.int().optional(),
  records: z.array(placeSchema).optional(),
})

export const trailSchema = z.object({
  txid: z.int(),
  state: z.enum(['in-progress', 'aborted', 'on-its-way', 'arrived', 'never-arrives', 'unknown']),
  detail: z.string().optional(),
  accepted: time.optional(),
  begun: time.optional(),
  steps: z.array(stepSchema),
})

export type Trail = z.infer<typeof trailSchema>
export type Step = z.infer<typeof stepSchema>
export type StepName = Step['step']
