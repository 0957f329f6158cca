import { afterEach, expect, test, vi } from 'vitest'
import { currentSession, endSession, startSession, subjectOf } from '../src/session'
import { tokenOf } from './fake-gateway'

afterEach(() => vi.unstubAllGlobals())

test('signing out forgets the token, what is known of shapes, the open conversation, and reloads', () => {
  const reload = vi.fn()
  vi.stubGlobal('location', { pathname: '/', reload })
  const replaced = vi.spyOn(history, 'replaceState')
  startSession({ user: 'alice', token: 't' })
  localStorage.setItem('electric_up_to_date_tracker', '{}')
  localStorage.setItem('electric_expired_shapes', '{}')
  localStorage.setItem('theirs', 'kept')
  sessionStorage.setItem('penstock.unsent', '[]')
  expect(currentSession()).toEqual({ user: 'alice', token: 't' })
  endSession()
  expect(currentSession()).toBeUndefined()
  expect(sessionStorage).toHaveLength(0)
  expect(Object.keys(localStorage)).toEqual(['theirs'])
  expect(replaced).toHaveBeenCalledExactlyOnceWith(null, '', '/')
  expect(reload).toHaveBeenCalledOnce()
})

test('the name in a token is read for showing', () => {
  expect(subjectOf(tokenOf('zoë'))).toBe('zoë')
  expect(subjectOf('no token')).toBeUndefined()
})
