import { useEntry } from './keyed-store'
import { endSession } from './session'
import { shapeKey, type ShapeDefinition } from './shape-tokens'
import { syncTrouble } from './sync-health'

/** Says when a shape is not live. Its rows stay on the page: what is there is still true, only perhaps not all. */
export function SyncNotice({ shape }: { shape: ShapeDefinition }) {
  const trouble = useEntry(syncTrouble, shapeKey(shape))
  if (!trouble) return null
  if (trouble.kind === 'reconnecting') {
    return (
      <p className="sync-trouble" role="status" data-testid="sync-trouble" data-kind="reconnecting">
        Connection lost, reconnecting… What is here may be behind; a question that you send is kept.
      </p>
    )
  }
  return (
    <div className="sync-trouble stopped" role="alert" data-testid="sync-trouble" data-kind="stopped">
      <p>Not live any more. {trouble.reason}</p>
      {trouble.signedOut ? (
        <button type="button" className="quiet" onClick={endSession}>
          Sign in
        </button>
      ) : (
        <button type="button" className="quiet" onClick={() => location.reload()}>
          Reload
        </button>
      )}
    </div>
  )
}
