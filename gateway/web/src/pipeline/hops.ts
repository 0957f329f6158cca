import type { Journey } from './journeys'
import type { Step, StepName } from './trail'

/** The way to the page, and beside it the topics, which hang off the log too. */
export const STATIONS = ['sent', 'committed', 'in-log', 'released', 'seen', 'in-topics'] as const
export type StationName = (typeof STATIONS)[number]

export interface Station {
  readonly name: StationName
  readonly status: Step['status']
  /** Milliseconds since the question was sent; absent where it is not known. */
  readonly after?: number
  /** Milliseconds since the station before: for topics and shapes that is the log, from which both read. */
  readonly hop?: number
  readonly where?: string
  readonly detail?: string
}

const BEFORE: Record<StationName, StationName | undefined> = {
  sent: undefined,
  committed: 'sent',
  'in-log': 'committed',
  'in-topics': 'in-log',
  released: 'in-log',
  seen: 'released',
}

/**
 * By how much the servers' times are moved to the browser's clock: as little as puts the commit between the POST and
 * its answer, and the release before the row's arrival. Zero where the clocks agree.
 */
export function clockShift({ sent, answered, seen, trail }: Journey): number {
  const time = (name: StepName): number | undefined => trail?.steps.find(({ step }) => step === name)?.at
  const committed = time('committed')
  const released = time('released')
  const first = trail?.accepted ?? trail?.begun ?? committed
  const least = first === undefined ? -Infinity : sent - first
  const most = Math.min(
    answered === undefined || committed === undefined ? Infinity : answered - committed,
    seen === undefined || released === undefined ? Infinity : seen - released,
  )
  return least > most ? (least + most) / 2 : Math.min(Math.max(0, least), most)
}

/** A question's way, station by station. */
export function stationsOf(journey: Journey): readonly Station[] {
  const shift = clockShift(journey)
  const after = new Map<StationName, number>([['sent', 0]])
  for (const { step, at } of journey.trail?.steps ?? []) {
    if (at !== undefined) after.set(step, Math.max(0, at + shift - journey.sent))
  }
  if (journey.seen !== undefined) after.set('seen', journey.seen - journey.sent)
  return STATIONS.map((name): Station => {
    const step = journey.trail?.steps.find((candidate) => candidate.step === name)
    const at = after.get(name)
    const before = BEFORE[name] && after.get(BEFORE[name])
    return {
      name,
      status: statusOf(name, journey, step),
      ...(at === undefined ? {} : { after: at }),
      ...(at === undefined || before === undefined ? {} : { hop: Math.max(0, at - before) }),
      ...(step && whereOf(step)),
      ...(step?.detail ? { detail: step.detail } : {}),
    }
  })
}

function statusOf(name: StationName, journey: Journey, step: Step | undefined): Step['status'] {
  if (name === 'sent') return 'done'
  if (name === 'seen') {
    if (journey.seen !== undefined) return 'done'
    return journey.trail?.state === 'never-arrives' ? 'never' : 'pending'
  }
  if (step) return step.status
  // The answer to the POST says so much.
  if (name === 'committed' && journey.txid !== undefined) return 'done'
  return journey.looked ? 'unknown' : 'pending'
}

function whereOf(step: Step): { where?: string } {
  if (step.offset !== undefined) return { where: `offset ${step.offset}` }
  const placed = step.records?.filter(({ offset }) => offset !== undefined) ?? []
  if (placed.length === 0) return {}
  return { where: placed.map(({ topic, partition, offset }) => `${topic} ${partition}:${offset}`).join('\n') }
}

/** What the bars of the plot are made of, from the bottom: their sum is the whole wait. */
export const SEGMENTS = ['committed', 'in-log', 'released', 'seen'] as const

export interface Bar {
  readonly journey: Journey
  /** Milliseconds of each of {@link SEGMENTS}. */
  readonly parts: readonly number[]
  readonly total: number
}

/** Of questions whose way is known to its end, the oldest first. */
export function barsOf(all: Iterable<Journey>): readonly Bar[] {
  return [...all].flatMap((journey) => {
    const stations = new Map(stationsOf(journey).map((station) => [station.name, station]))
    const parts = SEGMENTS.map((name) => stations.get(name)?.hop)
    if (!parts.every((part) => part !== undefined)) return []
    return [{ journey, parts, total: parts.reduce((sum, part) => sum + part, 0) }]
  })
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A round number for an axis, not below `value`, and its steps. */
export function axis(value: number): { readonly top: number; readonly ticks: readonly number[] } {
  const rough = Math.max(value, 1) / 3
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate * 3 >= Math.max(value, 1))!
  const count = Math.max(1, Math.ceil(value / step))
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) }
}

/** `0.4`, `3.2`, `48`, `1 250`: as many digits as are worth reading. */
export function millis(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en').replace(/,/g, '\u202f')
}
