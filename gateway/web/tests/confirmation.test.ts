import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { awaitConfirmation, LATE_AFTER_MILLIS } from '../src/confirmation'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A shape in which the txid arrives when told to; until then every wait ends as the library's does. */
function shapeWithout() {
  let seen = false
  const waits: number[] = []
  const shape = {
    awaitTxId: (_: number, timeout = 0) => {
      waits.push(timeout)
      return new Promise<boolean>((resolve, reject) => {
        if (seen) resolve(true)
        setTimeout(() => (seen ? resolve(true) : reject(new Error('Timeout waiting for txId'))), timeout)
      })
    },
  }
  return { shape, waits, arrive: () => void (seen = true) }
}

test('after thirty seconds it is late, once, and the wait goes on until the row is there', async () => {
  const { shape, waits, arrive } = shapeWithout()
  const late = vi.fn()
  const settled = vi.fn()
  void awaitConfirmation(shape, 7, late).then(settled, settled)
  await vi.advanceTimersByTimeAsync(LATE_AFTER_MILLIS - 1)
  expect(late).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(late).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(10 * LATE_AFTER_MILLIS)
  expect(settled).not.toHaveBeenCalled()
  expect(late).toHaveBeenCalledTimes(1)
  expect(waits.length).toBeLessThan(13)
  arrive()
  await vi.advanceTimersByTimeAsync(LATE_AFTER_MILLIS + 1_000)
  expect(settled).toHaveBeenCalledExactlyOnceWith(undefined)
})

test('a wait that is cut off at once is begun again, not in a hot loop', async () => {
  const awaitTxId = vi.fn(() => Promise.reject(new Error('stream aborted')))
  void awaitConfirmation({ awaitTxId }, 7, () => undefined)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(awaitTxId.mock.calls.length).toBeGreaterThan(2)
  expect(awaitTxId.mock.calls.length).toBeLessThan(7)
})

test('nothing is late that was confirmed in time', async () => {
  const late = vi.fn()
  await awaitConfirmation({ awaitTxId: () => Promise.resolve(true) }, 7, late)
  await vi.advanceTimersByTimeAsync(2 * LATE_AFTER_MILLIS)
  expect(late).not.toHaveBeenCalled()
})
