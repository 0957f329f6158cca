import { useSyncExternalStore } from 'react'

const KEY = 'penstock.pipeline'
const listeners = new Set<() => void>()

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const read = (): boolean => sessionStorage.getItem(KEY) === 'open'

/** Whether the pipeline is shown, for this tab: it outlives a change of conversation and a reload. */
export const usePipelineOpen = (): boolean => useSyncExternalStore(subscribe, read)

export function togglePipeline(): void {
  sessionStorage.setItem(KEY, read() ? 'closed' : 'open')
  listeners.forEach((listener) => listener())
}
