import { z } from 'zod'
import { postAgain } from './post-again'

/** What a Shape Token is asked for: a table and the values that narrow it to what the user may see. */
export interface ShapeDefinition {
  readonly table: 'conversations' | 'messages'
  readonly params: Readonly<Record<string, string>>
}

const grantSchema = z.object({ token: z.string().min(1), expiresAt: z.number().positive() })
type Grant = z.infer<typeof grantSchema> & { readonly renewAt: number }

const LONGEST_MARGIN_MILLIS = 30_000
const MOST_TOKENS = 64

/**
 * Shape Tokens, one per shape definition. A token is renewed before it expires, so a live request never has to learn of
 * its expiry from a 401; requests that need the same token at the same time share one call.
 */
export class ShapeTokens {
  readonly #grants = new Map<string, Grant>()
  readonly #underway = new Map<string, Promise<string>>()
  readonly #ask: (definition: ShapeDefinition) => Promise<unknown>

  constructor(ask: (definition: ShapeDefinition) => Promise<unknown>) {
    this.#ask = ask
  }

  get(definition: ShapeDefinition): Promise<string> {
    const key = shapeKey(definition)
    const held = this.#grants.get(key)
    if (held && Date.now() < held.renewAt) return Promise.resolve(held.token)
    const underway = this.#underway.get(key) ?? this.#renew(key, definition)
    this.#underway.set(key, underway)
    return underway
  }

  /** Forgets a token that was refused; the next request asks for a new one. */
  drop(definition: ShapeDefinition): void {
    this.#grants.delete(shapeKey(definition))
  }

  async #renew(key: string, definition: ShapeDefinition): Promise<string> {
    try {
      const grant = readGrant(await this.#ask(definition))
      const lifetime = grant.expiresAt * 1000 - Date.now()
      // A short-lived token keeps most of its life; a long-lived one is renewed half a minute early.
      const margin = Math.min(LONGEST_MARGIN_MILLIS, lifetime / 5)
      this.#grants.delete(key)
      this.#grants.set(key, { ...grant, renewAt: Date.now() + lifetime - margin })
      const oldest = this.#grants.keys().next().value
      if (this.#grants.size > MOST_TOKENS && oldest !== undefined) this.#grants.delete(oldest)
      return grant.token
    } finally {
      this.#underway.delete(key)
    }
  }
}

function readGrant(answer: unknown): z.infer<typeof grantSchema> {
  const grant = grantSchema.safeParse(answer)
  if (!grant.success) throw new Error('The server answered without a Shape Token.')
  return grant.data
}

/** Two definitions with the same key are the same shape, in whatever order their parameters were written. */
export function shapeKey({ table, params }: ShapeDefinition): string {
  return JSON.stringify([table, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))])
}

export const shapeTokens = new ShapeTokens((definition) => postAgain('/shapes/auth-token', definition))
