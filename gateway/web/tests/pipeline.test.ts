import { describe, expect, test } from 'vitest'
import { axis, barsOf, clockShift, median, millis, stationsOf } from '../src/pipeline/hops'
import type { Journey } from '../src/pipeline/journeys'
import { trailSchema, type Trail } from '../src/pipeline/trail'
import { newTraceParent } from '../src/trace-parent'

const SENT = Date.parse('2026-11-23T10:00:00.000Z')
const at = (millis: number): string => new Date(SENT + Math.floor(millis)).toISOString()

/** As the gateway answers, with every server's clock off by `skew`. */
function trail(skew = 0, change: object = {}): Trail {
  return trailSchema.parse({
    txid: 7,
    state: 'arrived',
    begun: at(4 + skew),
    steps: [
      { step: 'committed', status: 'done', at: at(8 + skew) },
      { step: 'in-log', status: 'done', at: at(11 + skew), topic: 'penstock.log', offset: 42 },
      {
        step: 'in-topics',
        status: 'done',
        at: at(16 + skew),
        records: [
          { topic: 'penstock.public.messages', partition: 3, offset: 9 },
          { topic: 'penstock.questions', partition: 3 },
        ],
      },
      { step: 'released', status: 'done', at: at(13 + skew) },
    ],
    ...change,
  })
}

const journey = (change: Partial<Journey> = {}): Journey => ({
  questionId: 'q',
  content: 'Where is it?',
  sent: SENT,
  answered: SENT + 10,
  txid: 7,
  seen: SENT + 20,
  trail: trail(),
  ...change,
})

const named = (journey: Journey) => Object.fromEntries(stationsOf(journey).map((station) => [station.name, station]))

test('each station says when it was reached and how long the hop to it took', () => {
  const stations = named(journey())
  expect(Object.values(stations).map(({ after }) => after)).toEqual([0, 8, 11, 13, 20, 16])
  expect(Object.values(stations).map(({ hop }) => hop)).toEqual([undefined, 8, 3, 2, 7, 5])
  expect(stations['in-log']?.where).toBe('offset 42')
  expect(stations['in-topics']?.where).toBe('penstock.public.messages 3:9')
})

test('a time keeps what is below its millisecond', () => {
  const [committed] = trail(0, { steps: [{ step: 'committed', status: 'done', at: '2026-11-23T10:00:00.008250Z' }] }).steps
  expect(committed!.at! - SENT).toBeCloseTo(8.25, 3)
})

test('the hops of a bar add up to the whole wait', () => {
  const [bar] = barsOf([journey()])
  expect(bar?.parts).toEqual([8, 3, 2, 7])
  expect(bar?.total).toBe(20)
})

test('a way that is not known to its end has no bar', () => {
  const released = trail().steps.map((step) => (step.step === 'released' ? { step: step.step, status: 'unknown' } : step))
  expect(barsOf([journey({ trail: { ...trail(), steps: released as Trail['steps'] } })])).toEqual([])
})

describe('clocks', () => {
  test('that agree are left alone', () => expect(clockShift(journey())).toBe(0))

  test.each([-5_000, -12, 15, 60_000])('that differ by %d ms are moved until the commit lies within its POST', (skew) => {
    const skewed = journey({ trail: trail(skew) })
    const stations = named(skewed)
    expect(stations['committed']!.after).toBeGreaterThanOrEqual(0)
    expect(stations['committed']!.after).toBeLessThanOrEqual(10)
    expect(stations['released']!.after).toBeLessThanOrEqual(20)
    expect(barsOf([skewed])[0]!.total).toBeCloseTo(20, 6)
  })
})

test('a journey that only begins waits at every station', () => {
  const begun = named({ questionId: 'q', content: '', sent: SENT })
  expect(Object.values(begun).map(({ status }) => status)).toEqual(['done', ...Array<string>(5).fill('pending')])
  const saved = named({ questionId: 'q', content: '', sent: SENT, answered: SENT + 10, txid: 7 })
  expect(saved['committed']?.status).toBe('done')
  expect(saved['in-log']?.status).toBe('pending')
})

test('what will not arrive is not waited for on the page', () => {
  const { seen: _, ...unseen } = journey({ trail: trail(0, { state: 'never-arrives' }) })
  expect(named(unseen)['seen']?.status).toBe('never')
})

test('an axis ends at a round number that holds the value, with few steps', () => {
  for (const value of [0, 0.3, 1, 7, 19.9, 20, 33, 101, 4_999]) {
    const { top, ticks } = axis(value)
    expect(top).toBeGreaterThanOrEqual(value)
    expect(ticks.at(-1)).toBe(top)
    expect(ticks.length).toBeLessThanOrEqual(4)
  }
})

test('numbers are short', () => {
  expect([0.04, 3.25, 9.96, 48.4, 1250].map(millis)).toEqual(['0.0', '3.3', '10.0', '48', '1\u202f250'])
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})

test('a trace parent is a new, sampled one each time', () => {
  expect(newTraceParent()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  expect(newTraceParent()).not.toBe(newTraceParent())
})
