import { useSyncExternalStore } from 'react'

/** Small observable state outside of React, so that it outlives the component that shows it. */
export class KeyedStore<T> {
  #entries: ReadonlyMap<string, T> = new Map()
  readonly #listeners = new Set<() => void>()
  readonly #limit: number
  readonly #mayForget: (value: T) => boolean

  /** Beyond `limit` entries the oldest one that `mayForget` allows is dropped. */
  constructor(limit: number, mayForget: (value: T) => boolean) {
    this.#limit = limit
    this.#mayForget = mayForget
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The same object until something changes. */
  readonly entries = (): ReadonlyMap<string, T> => this.#entries

  get(key: string): T | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: T): void {
    const entries = new Map(this.#entries).set(key, value)
    if (entries.size > this.#limit) {
      const oldest = [...entries].find(([candidate, held]) => candidate !== key && this.#mayForget(held))
      if (oldest) entries.delete(oldest[0])
    }
    this.#publish(entries)
  }

  delete(key: string): void {
    const entries = new Map(this.#entries)
    if (entries.delete(key)) this.#publish(entries)
  }

  #publish(entries: ReadonlyMap<string, T>): void {
    this.#entries = entries
    this.#listeners.forEach((listener) => listener())
  }
}

export const useEntry = <T>(store: KeyedStore<T>, key: string): T | undefined =>
  useSyncExternalStore(store.subscribe, () => store.get(key))

export const useEntries = <T>(store: KeyedStore<T>): ReadonlyMap<string, T> =>
  useSyncExternalStore(store.subscribe, store.entries)
