import { useEffect, useState } from 'react'
import { useEntries } from '../keyed-store'
import { barsOf, clockShift, millis } from './hops'
import { journeys, type Journey } from './journeys'
import { PipelinePlot } from './pipeline-plot'
import { usePipelineOpen } from './pipeline-state'
import { PipelineTrack } from './pipeline-track'
import { lookForJourneys } from './poll'

/** Where a sent question is, live, and how the last hundred went. */
export function PipelineView() {
  return usePipelineOpen() ? <OpenPipeline /> : null
}

function OpenPipeline() {
  useEffect(lookForJourneys, [])
  const all = useEntries(journeys)
  const [chosen, choose] = useState<string>()
  const journey = (chosen && all.get(chosen)) || [...all.values()].at(-1)
  const bars = barsOf(all.values())
  return (
    <section className="pipeline" data-testid="pipeline" aria-label="Pipeline">
      {journey ? (
        <>
          <Summary journey={journey} latest={!chosen || !all.has(chosen)} onLatest={() => choose(undefined)} />
          <PipelineTrack journey={journey} />
          {bars.length > 1 && <PipelinePlot bars={bars} chosen={journey.questionId} onChoose={choose} />}
        </>
      ) : (
        <p className="pipeline-empty muted">Ask something: its way through Postgres, Kafka and the sync is shown here.</p>
      )}
    </section>
  )
}

function Summary({ journey, latest, onLatest }: { journey: Journey; latest: boolean; onLatest: () => void }) {
  const shift = clockShift(journey)
  return (
    <header className="pipeline-summary">
      <p className="pipeline-question">{journey.content}</p>
      <p className="pipeline-facts" data-testid="pipeline-state" data-state={journey.trail?.state ?? 'sending'}>
        {journey.txid !== undefined && <span>txid {journey.txid}</span>}
        <span>{outcome(journey)}</span>
        {Math.abs(shift) >= 1 && (
          <span title="The servers' times are moved to this browser's clock">clocks differ by {millis(Math.abs(shift))} ms</span>
        )}
        {!latest && (
          <button type="button" className="link" onClick={onLatest}>
            Latest
          </button>
        )}
      </p>
    </header>
  )
}

function outcome({ trail, seen, sent, looked }: Journey): string {
  if (trail?.state === 'never-arrives') return trail.detail ?? 'It will not arrive.'
  if (seen !== undefined) return `there and back in ${millis(seen - sent)} ms`
  return looked ? 'on its way' : 'travelling…'
}
