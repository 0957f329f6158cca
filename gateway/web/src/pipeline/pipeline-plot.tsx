import { axis, median, millis, SEGMENTS, type Bar } from './hops'
import { REMEMBERED } from './journeys'

const LABELS = ['to the commit', 'to the log', 'to the release', 'to the page']
const WIDTH = 760
const HEIGHT = 132
const LEFT = 64
const TOP = 12
const BOTTOM = 6
const SLOT = (WIDTH - LEFT) / REMEMBERED

interface Props {
  readonly bars: readonly Bar[]
  readonly chosen: string
  readonly onChoose: (questionId: string) => void
}

/** The last hundred as stacked bars, the newest at the right. */
export function PipelinePlot({ bars, chosen, onChoose }: Props) {
  const totals = bars.map(({ total }) => total)
  // A single slow one must not press all others flat; it is cut, and its number is in the text.
  const cap = median(totals) * 4
  const { top, ticks } = axis(Math.min(Math.max(...totals), cap))
  const height = HEIGHT - TOP - BOTTOM
  const y = (value: number): number => TOP + height * (1 - Math.min(value, top) / top)
  return (
    <figure className="plot">
      <figcaption className="plot-legend">
        {SEGMENTS.map((name, index) => (
          <span key={name} className={`key hop-${index}`}>
            {LABELS[index]} <b>{millis(median(bars.map(({ parts }) => parts[index]!)))} ms</b>
          </span>
        ))}
        <span className="plot-total">
          median of {bars.length}: <b>{millis(median(totals))} ms</b>
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Milliseconds of the last ${bars.length} questions by hop`}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line className="grid" x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} />
            <text className="tick" x={LEFT - 8} y={y(tick) + 3.5}>
              {tick === 0 ? '0 ms' : millis(tick).replace(/\.0$/, '')}
            </text>
          </g>
        ))}
        {bars.map((bar, index) => {
          const x = WIDTH - (bars.length - index) * SLOT
          let below = 0
          return (
            <g
              key={bar.journey.questionId}
              className="bar"
              data-chosen={bar.journey.questionId === chosen}
              onClick={() => onChoose(bar.journey.questionId)}
            >
              <title>{`txid ${bar.journey.txid}: ${millis(bar.total)} ms`}</title>
              <rect className="bar-hit" x={x} y={TOP} width={SLOT} height={height} />
              {bar.parts.map((part, segment) => {
                const from = below
                below += part
                const high = y(below)
                return <rect key={SEGMENTS[segment]} className={`hop-${segment}`} x={x + 0.8} y={high} width={SLOT - 1.6} height={Math.max(0, y(from) - high)} />
              })}
            </g>
          )
        })}
      </svg>
    </figure>
  )
}
