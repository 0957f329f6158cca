import { millis, stationsOf, type Station, type StationName } from './hops'
import type { Journey } from './journeys'

const NAMES: Record<StationName, string> = {
  sent: 'Sent',
  committed: 'Committed',
  'in-log': 'In the log',
  'in-topics': 'In topics',
  released: 'Released',
  seen: 'On the page',
}
const PLACES: Record<StationName, string> = {
  sent: 'browser',
  committed: 'Postgres',
  'in-log': 'penstock.log',
  'in-topics': 'from the log',
  released: 'shape-server',
  seen: 'browser',
}

/** The stations of one question; what it has passed is filled. */
export function PipelineTrack({ journey }: { journey: Journey }) {
  return (
    <ol className="track">
      {stationsOf(journey).map((station) => (
        <Stop key={station.name} station={station} />
      ))}
    </ol>
  )
}

function Stop({ station }: { station: Station }) {
  const { name, status, after, hop, where, detail } = station
  return (
    <li className="stop" data-station={name} data-status={status} title={[where, detail].filter(Boolean).join('\n') || undefined}>
      <span className="stop-dot" aria-hidden="true" />
      <span className="stop-name">{NAMES[name]}</span>
      <span className="stop-place">{PLACES[name]}</span>
      <span className="stop-time">{timeOf(name, status, after)}</span>
      {hop !== undefined && name !== 'committed' && <span className="stop-hop">+{millis(hop)}</span>}
    </li>
  )
}

function timeOf(name: StationName, status: Station['status'], after: number | undefined): string {
  if (name === 'sent') return '0 ms'
  if (after !== undefined) return `${millis(after)} ms`
  switch (status) {
    case 'done':
      return 'done'
    case 'pending':
      return '…'
    case 'never':
      return 'never'
    case 'unknown':
      return 'unknown'
  }
}
