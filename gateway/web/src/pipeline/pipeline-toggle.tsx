import { togglePipeline, usePipelineOpen } from './pipeline-state'

export function PipelineToggle() {
  const open = usePipelineOpen()
  return (
    <button type="button" className="quiet" data-testid="pipeline-toggle" aria-expanded={open} onClick={togglePipeline}>
      Pipeline
    </button>
  )
}
