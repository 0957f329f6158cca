import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ShapeTokens, shapeKey, type ShapeDefinition } from '../src/shape-tokens'

const one: ShapeDefinition = { table: 'messages', params: { conversationId: 'one' } }
const two: ShapeDefinition = { table: 'messages', params: { conversationId: 'two' } }

beforeEach(() => vi.useFakeTimers({ now: 1_000_000_000_000 }))
afterEach(() => vi.useRealTimers())

/** Tokens of the given life, numbered in the order in which they were asked for. */
function tokensOf(seconds: number) {
  const asked: ShapeDefinition[] = []
  const tokens = new ShapeTokens(async (definition) => {
    asked.push(definition)
    const token = `t${asked.length}`
    await Promise.resolve()
    return { token, expiresAt: Date.now() / 1000 + seconds }
  })
  return { asked, tokens }
}

test('a token is asked for once and used until shortly before it expires', async () => {
  const { asked, tokens } = tokensOf(300)
  expect(await tokens.get(one)).toBe('t1')
  vi.advanceTimersByTime(269_000)
  expect(await tokens.get(one)).toBe('t1')
  vi.advanceTimersByTime(2_000)
  expect(await tokens.get(one)).toBe('t2')
  expect(asked).toHaveLength(2)
})

test('a short-lived token keeps most of its life', async () => {
  const { tokens } = tokensOf(10)
  await tokens.get(one)
  vi.advanceTimersByTime(7_900)
  expect(await tokens.get(one)).toBe('t1')
  vi.advanceTimersByTime(200)
  expect(await tokens.get(one)).toBe('t2')
})

test('requests at the same time share one call', async () => {
  const { asked, tokens } = tokensOf(300)
  expect(await Promise.all([tokens.get(one), tokens.get(one), tokens.get(one)])).toEqual(['t1', 't1', 't1'])
  expect(asked).toHaveLength(1)
})

test('each shape has its own token', async () => {
  const { tokens } = tokensOf(300)
  expect(await tokens.get(one)).not.toBe(await tokens.get(two))
})

test('a dropped token is asked for anew, the others stay', async () => {
  const { asked, tokens } = tokensOf(300)
  await tokens.get(one)
  await tokens.get(two)
  tokens.drop(one)
  expect(await tokens.get(one)).toBe('t3')
  expect(await tokens.get(two)).toBe('t2')
  expect(asked).toEqual([one, two, one])
})

test('a failed call is not remembered', async () => {
  let calls = 0
  const tokens = new ShapeTokens(() => (++calls === 1 ? Promise.reject(new Error('away')) : Promise.resolve({ token: 't', expiresAt: 2e9 })))
  await expect(tokens.get(one)).rejects.toThrow('away')
  expect(await tokens.get(one)).toBe('t')
})

test('an answer without a token is refused', async () => {
  const tokens = new ShapeTokens(() => Promise.resolve({ token: '', expiresAt: 2e9 }))
  await expect(tokens.get(one)).rejects.toThrow('The server answered without a Shape Token.')
})

test('the oldest token gives way, so that the cache is bounded', async () => {
  const { asked, tokens } = tokensOf(300)
  for (let n = 0; n < 65; n++) await tokens.get({ table: 'messages', params: { conversationId: String(n) } })
  await tokens.get({ table: 'messages', params: { conversationId: '64' } })
  expect(asked).toHaveLength(65)
  await tokens.get({ table: 'messages', params: { conversationId: '0' } })
  expect(asked).toHaveLength(66)
})

test('the order of parameters does not make another shape', () => {
  expect(shapeKey({ table: 'messages', params: { a: '1', b: '2' } })).toBe(shapeKey({ table: 'messages', params: { b: '2', a: '1' } }))
})
