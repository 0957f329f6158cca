import { sleep } from './post-again'

export const LATE_AFTER_MILLIS = 30_000
const PAUSE_AFTER_LOST_WAIT_MILLIS = 250

/** The part of an Electric collection that waits for a transaction to arrive in its shape. */
export interface TxidWaiter {
  awaitTxId(txid: number, timeoutMillis?: number): Promise<boolean>
}

/**
 * Resolves when the shape has brought the transaction, however long that takes, and never rejects: the write is durable,
 * and either outcome takes the optimistic row away. A wait ends early when its conversation is left (the stream is
 * closed) or after its own timeout; in both cases it is begun again. `onLate` is called once, after 30 s.
 */
export async function awaitConfirmation(shape: TxidWaiter, txid: number, onLate: () => void): Promise<void> {
  const late = setTimeout(onLate, LATE_AFTER_MILLIS)
  try {
    while (!(await arrived(shape, txid))) await sleep(PAUSE_AFTER_LOST_WAIT_MILLIS)
  } finally {
    clearTimeout(late)
  }
}

const arrived = (shape: TxidWaiter, txid: number): Promise<boolean> =>
  shape.awaitTxId(txid, LATE_AFTER_MILLIS).catch(() => false)
