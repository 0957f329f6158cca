import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { journeys, followDeliveries } from '../src/pipeline/journeys'
import { lookForJourneys } from '../src/pipeline/poll'
import { questionDeliveries } from '../src/deliveries'

const answers: (() => Response)[] = []
const asked: string[] = []
const ends: (() => void)[] = []

const reply = (state: string) => () => Response.json({ txid: 7, state, steps: [] })
const refuse = (status: number) => () => Response.json({ title: 'Refused' }, { status })

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async (input: URL) => {
    asked.push(input.pathname)
    return (answers.shift() ?? reply('on-its-way'))()
  })
})
afterEach(() => {
  ends.splice(0).forEach((end) => end())
  answers.length = asked.length = 0
  for (const id of journeys.entries().keys()) journeys.delete(id)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const begin = (id = 'q', txid = 7) => journeys.set(id, { questionId: id, content: '', sent: 0, answered: 1, txid })
const look = () => ends.push(lookForJourneys())

test('asks until it has arrived, and then no more', async () => {
  answers.push(reply('on-its-way'), reply('on-its-way'), reply('arrived'))
  begin()
  look()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual(['/txids/7', '/txids/7', '/txids/7'])
  expect(journeys.get('q')).toMatchObject({ looked: true, trail: { state: 'arrived' } })
})

test('gives up after a bounded number of requests', async () => {
  begin()
  look()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(asked).toHaveLength(8)
  expect(journeys.get('q')?.looked).toBe(true)
})

test('asks again after a busy server, and not after a refusal', async () => {
  answers.push(refuse(503), refuse(404))
  begin()
  look()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(2)
  expect(journeys.get('q')).toMatchObject({ looked: true })
})

test('asks for two at once, and for nothing once the view is closed', async () => {
  for (let i = 0; i < 5; i++) begin(`q${i}`, i)
  const close = lookForJourneys()
  await vi.advanceTimersByTimeAsync(70)
  expect(new Set(asked)).toEqual(new Set(['/txids/4', '/txids/3']))
  close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(2)
})

test('what becomes of a question is noted with its time', () => {
  vi.useRealTimers()
  ends.push(followDeliveries())
  const command = { conversationId: 'c', questionId: 'q', answerId: 'a', content: 'Where?' }
  questionDeliveries.set('q', { command, progress: { state: 'sending' } })
  questionDeliveries.set('q', { command, progress: { state: 'saved', txid: 7, late: false } })
  questionDeliveries.set('q', { command, progress: { state: 'confirmed', txid: 7, millis: 20 } })
  const { sent, answered, seen } = journeys.get('q')!
  expect(Math.abs(sent - Date.now())).toBeLessThan(60_000)
  expect(answered).toBeGreaterThanOrEqual(sent)
  expect(seen).toBeGreaterThanOrEqual(answered!)
  questionDeliveries.set('f', { command, progress: { state: 'sending' } })
  questionDeliveries.set('f', { command, progress: { state: 'failed', reason: '' } })
  expect(journeys.get('f')).toBeUndefined()
})
