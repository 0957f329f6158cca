import { CollectionInErrorStateError, createTransaction, type Transaction } from '@tanstack/react-db'
import { z } from 'zod'
import { reasonOf } from './api'
import { awaitConfirmation, type TxidWaiter } from './confirmation'
import type { Progress } from './deliveries'

/** A txid is a JSON number; as a string it would never be found in the shape. */
const savedSchema = z.object({ txid: z.int().nonnegative() })

export interface SyncedCollection {
  readonly utils: TxidWaiter
  on(event: 'status:cleaned-up', callback: () => void): () => void
}

export interface OptimisticWrite {
  readonly collection: SyncedCollection
  /**
   * Makes the rows and inserts them, with ONE call: rows of a call before one that throws would stay on the page.
   * May throw, as it does when the stream has stopped before the collection was loaded.
   */
  readonly insert: () => void
  readonly post: () => Promise<unknown>
  readonly report: (progress: Progress) => void
}

/**
 * Shows rows at once, has them saved, and gives way to the synced rows in the same frame in which those arrive.
 *
 * While a transaction persists, its collection holds every synced change back. So the POST runs while the transaction is
 * still open, where a slow one delays nobody's answer, and only the wait for the txid is inside `commit()`.
 * Only a failed POST rolls back. Rows that cannot be made are reported as failed and not posted: nobody would see them.
 */
export async function writeOptimistically({ collection, insert, post, report }: OptimisticWrite): Promise<void> {
  const begun = performance.now()
  let txid = Number.NaN
  const transaction = createTransaction({
    autoCommit: false,
    mutationFn: () => awaitConfirmation(collection.utils, txid, () => report({ state: 'saved', txid, late: true })),
  })
  // A rollback rejects this promise; what went wrong is reported below.
  transaction.isPersisted.promise.catch(() => undefined)
  try {
    transaction.mutate(insert)
  } catch (error) {
    transaction.rollback()
    report({ state: 'failed', reason: reasonNotShown(error) })
    return
  }
  const settled = keepThroughCleanup(collection, transaction)
  report({ state: 'sending' })

  try {
    txid = readTxid(await post())
  } catch (error) {
    settled()
    transaction.rollback()
    report({ state: 'failed', reason: reasonOf(error) })
    return
  }
  report({ state: 'saved', txid, late: false })
  await transaction.commit()
  settled()
  report({ state: 'confirmed', txid, millis: Math.round(performance.now() - begun) })
}

/**
 * A conversation that is left gives its rows up, the optimistic ones too, although their transaction is still open.
 * Touching the transaction puts them back, so that they are there at once when the reader returns. The library drops
 * all listeners right after this event, hence the microtask. Ends when the returned function is called.
 */
function keepThroughCleanup(collection: SyncedCollection, transaction: Transaction): () => void {
  let open = true
  let forget = () => {}
  const watch = (): void => {
    forget = collection.on('status:cleaned-up', () =>
      queueMicrotask(() => {
        if (!open) return
        transaction.touchCollection()
        watch()
      }),
    )
  }
  watch()
  return () => {
    open = false
    forget()
  }
}

/** Not `reasonOf`: a TypeError here has nothing to do with the network, and the library's advice is for developers. */
function reasonNotShown(error: unknown): string {
  if (error instanceof CollectionInErrorStateError) return 'Sync has stopped here.'
  return `It could not be put on the page: ${error instanceof Error ? error.message : String(error)}`
}

function readTxid(answer: unknown): number {
  const saved = savedSchema.safeParse(answer)
  if (!saved.success) throw new Error('The server answered without a transaction number.')
  return saved.data.txid
}
