import { useSyncExternalStore } from 'react'

const PREFIX = '#/c/'

/** The open conversation is in the address: a reload stays there, and back goes to the one before. */
export const conversationPath = (id: string): string => PREFIX + id

export const openConversation = (id: string | undefined): void => {
  location.hash = id === undefined ? '' : conversationPath(id)
}

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

const read = (): string | undefined =>
  location.hash.startsWith(PREFIX) ? location.hash.slice(PREFIX.length) : undefined

export const isOpen = (id: string): boolean => read() === id

export const useOpenConversation = (): string | undefined => useSyncExternalStore(subscribe, read)
