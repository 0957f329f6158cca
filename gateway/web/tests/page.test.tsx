import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newId } from '../src/new-id'
import { tokenOf } from './fake-gateway'
import { freshClient } from './setting'

const setting = freshClient({ signedIn: false })
configure({ asyncUtilTimeout: 5_000 })

beforeEach(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  history.replaceState(null, '', '/')
  const { App } = await import('../src/app')
  render(<App />)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const type = (testId: string, value: string) => fireEvent.change(screen.getByTestId(testId), { target: { value } })
const click = (testId: string) => fireEvent.click(screen.getByTestId(testId))

async function signInAndOpen() {
  type('login-name', 'alice')
  click('login')
  await openNew()
}

async function openNew() {
  fireEvent.click(await screen.findByTestId('new-conversation'))
  await waitFor(() => expect(screen.getByText('Ask the first question')).toBeTruthy())
}

function ask(content: string) {
  type('composer', content)
  fireEvent.keyDown(screen.getByTestId('composer'), { key: 'Enter' })
}

const row = (role: string) => document.querySelector<HTMLElement>(`li[data-role="${role}"]`)

test('a question and its placeholder are there before the POST has returned, then the answer arrives', async () => {
  await signInAndOpen()
  setting.gateway.postDelayMillis = 900
  setting.gateway.answerDelayMillis = 1_200
  ask('What is a penstock?')
  await waitFor(() => expect(row('user')?.textContent).toContain('What is a penstock?'), { timeout: 800 })
  expect(row('assistant')?.textContent).toContain('Generating answer…')
  expect(row('user')?.dataset).toMatchObject({ synced: 'false', delivery: 'sending' })
  await waitFor(() => expect(row('user')?.dataset['delivery']).toBe('confirmed'), { timeout: 5_000 })
  expect(row('user')?.dataset).toMatchObject({ synced: 'true', txid: expect.stringMatching(/^\d+$/) })
  expect(row('user')?.textContent).toMatch(/txid \d+ · \d+ ms/)
  await waitFor(() => expect(row('assistant')?.dataset['status']).toBe('completed'), { timeout: 8_000 })
  expect(row('assistant')?.textContent).toContain('from a gate to a turbine')
})

test('a failed send says why, keeps the text and can be sent again with its ids', async () => {
  await signInAndOpen()
  setting.gateway.refusals.push({ path: '/questions/send', how: 422 })
  ask('Refused at first')
  expect((await screen.findByTestId('send-error')).textContent).toBe('Not sent. Refused with 422.')
  expect(screen.getByTestId('unsent').textContent).toContain('Refused at first')
  expect(row('user')).toBeNull()
  click('send-again')
  await waitFor(() => expect(row('user')?.dataset['delivery']).toBe('confirmed'))
  expect(screen.queryByTestId('unsent')).toBeNull()
  const [first, second] = setting.gateway.calls('/questions/send').map(({ body }) => body)
  expect(second).toEqual(first)
})

test('what is late says so and stays', async () => {
  await signInAndOpen()
  setting.gateway.shapes.hold()
  ask('Held back')
  await waitFor(() => expect(row('user')?.dataset['delivery']).toBe('saved'))
  const [id, { command }] = [...setting.client.questionDeliveries.entries()].at(-1)! as [string, never]
  setting.client.questionDeliveries.set(id, { command, progress: { state: 'saved', txid: 9, late: true } })
  await waitFor(() => expect(row('user')?.textContent).toContain('Saved, not yet synced'))
  setting.gateway.shapes.release()
  await waitFor(() => expect(row('user')?.dataset['delivery']).toBe('confirmed'))
})

test('Shift + Enter, an unfinished word and an empty text do not send', async () => {
  await signInAndOpen()
  ask('   ')
  type('composer', 'kanji')
  fireEvent.keyDown(screen.getByTestId('composer'), { key: 'Enter', shiftKey: true })
  fireEvent.keyDown(screen.getByTestId('composer'), { key: 'Enter', isComposing: true })
  expect(setting.client.questionDeliveries.entries().size).toBe(0)
})

test('a conversation that could not be made says why', async () => {
  type('login-name', 'alice')
  click('login')
  await screen.findByTestId('new-conversation')
  setting.gateway.refusals.push({ path: '/conversations', how: 422 })
  type('conversation-title', 'Turbines')
  click('new-conversation')
  expect((await screen.findByTestId('create-error')).textContent).toBe('“Turbines” could not be made. Refused with 422.')
  expect(screen.queryByTestId('conversation')).toBeNull()
})

test('a question to a conversation that could not be loaded is kept and can be sent after coming back', async () => {
  type('login-name', 'alice')
  click('login')
  await screen.findByTestId('new-conversation')
  // The list has its token by then: the next one is for the messages.
  await screen.findByText('No conversations yet.')
  setting.gateway.refusals.push({ path: '/shapes/auth-token', how: 403 })
  click('new-conversation')
  expect((await screen.findByTestId('sync-trouble')).textContent).toContain('Refused with 403.')
  ask('Where did it go?')
  expect((await screen.findByTestId('send-error')).textContent).toBe('Not sent. Sync has stopped here.')
  expect(screen.getByTestId('unsent').textContent).toContain('Where did it go?')
  expect(setting.gateway.calls('/questions/send')).toEqual([])
  const address = location.hash
  const messages = setting.client.createMessagesCollection(address.replace('#/c/', ''))
  location.hash = ''
  await waitFor(() => expect(messages.status).toBe('cleaned-up'))
  location.hash = address
  await screen.findByTestId('unsent')
  await waitFor(() => expect(messages.status).toBe('ready'))
  click('send-again')
  await waitFor(() => expect(row('user')?.dataset['delivery']).toBe('confirmed'))
  expect(row('user')?.textContent).toContain('Where did it go?')
  expect(screen.queryByTestId('unsent')).toBeNull()
})

test('a conversation that is made while the list could not be loaded says why', async () => {
  setting.gateway.refusals.push({ path: '/shape', how: 400 })
  type('login-name', 'alice')
  click('login')
  await screen.findByTestId('sync-trouble')
  type('conversation-title', 'Turbines')
  click('new-conversation')
  expect((await screen.findByTestId('create-error')).textContent).toBe('“Turbines” could not be made. Sync has stopped here.')
  await waitFor(() => expect(location.hash).toBe(''))
  expect(setting.gateway.calls('/conversations')).toEqual([])
})

test('messages of a new conversation are asked for only once the server knows it', async () => {
  type('login-name', 'alice')
  click('login')
  await screen.findByTestId('new-conversation')
  setting.gateway.commitDelayMillis = 300
  click('new-conversation')
  expect((await screen.findByTestId('conversation')).dataset['synced']).toBe('false')
  await screen.findByText('Ask the first question')
  expect(screen.queryByTestId('sync-trouble')).toBeNull()
  expect(setting.gateway.calls('/shapes/auth-token')).toHaveLength(2)
})

test('a token that is refused at the first request of all is replaced and the list comes up', async () => {
  setting.gateway.refusals.push({ path: '/shape', how: 401 })
  type('login-name', 'alice')
  click('login')
  await screen.findByText('No conversations yet.', {}, { timeout: 5_000 })
  await openNew()
  ask('Still there?')
  await waitFor(() => expect(row('user')?.dataset['delivery']).toBe('confirmed'))
  expect(screen.queryByTestId('sync-trouble')).toBeNull()
})

test('the address of a conversation that is not the reader\'s asks for no messages', async () => {
  history.replaceState(null, '', `/#/c/${newId()}`)
  type('login-name', 'bob')
  click('login')
  await screen.findByText('This conversation is not here')
  const asked = setting.gateway.calls('/shapes/auth-token').map(({ body }) => body['table'])
  expect(new Set(asked)).toEqual(new Set(['conversations']))
})

test('where nobody can sign in by name a token is asked for', async () => {
  setting.gateway.hasDevLogin = false
  type('login-name', 'alice')
  click('login')
  await screen.findByTestId('login-token')
  type('login-token', tokenOf('bob'))
  click('login')
  await screen.findByText('No conversations yet.')
  expect(screen.getByText('bob')).toBeTruthy()
  expect(setting.gateway.calls('/shapes/auth-token').at(-1)?.authorization).toBe(`Bearer ${tokenOf('bob')}`)
})

/** The answer's row as the database has it. */
const answerRow = () => setting.gateway.shapes.rows('messages').find(({ role }) => role === 'assistant')!

async function askAndGrow() {
  await signInAndOpen()
  ask('What is a penstock?')
  await waitFor(() => expect(row('user')?.dataset['delivery']).toBe('confirmed'))
  setting.gateway.write({ ...answerRow(), status: 'generating', content: 'A penstock carries' })
  await screen.findByText('A penstock carries')
}

test('an answer grows in the same place, and says how long it took', async () => {
  await askAndGrow()
  const item = row('assistant')
  const text = item?.querySelector('.text')
  expect(item?.textContent).toContain('Writing…')
  setting.gateway.write({ ...answerRow(), content: 'A penstock carries water' })
  await waitFor(() => expect(text?.textContent).toBe('A penstock carries water'))
  setting.gateway.write({ ...answerRow(), status: 'completed', content: 'A penstock carries water.' })
  await waitFor(() => expect(row('assistant')?.textContent).toMatch(/water\.Answered in \d/))
  expect(row('assistant')).toBe(item)
  expect(item?.querySelector('.text')).toBe(text)
  expect(screen.queryByTestId('stop')).toBeNull()
})

test('a stopped answer keeps its text and is asked again under new ids', async () => {
  await askAndGrow()
  click('stop')
  await waitFor(() => expect(row('assistant')?.dataset['status']).toBe('cancelled'))
  expect(row('assistant')?.textContent).toContain('A penstock carriesStopped.')
  click('ask-again')
  await waitFor(() => expect(document.querySelectorAll('li[data-delivery="confirmed"]')).toHaveLength(2))
  const [first, second] = setting.gateway.calls('/questions/send').map(({ body }) => body)
  expect(second!['content']).toBe(first!['content'])
  expect(second!['questionId']).not.toBe(first!['questionId'])
  expect(second!['answerId']).not.toBe(first!['answerId'])
  expect(document.querySelectorAll('li[data-status="cancelled"]')).toHaveLength(1)
})

test('a stop that fails says why and can be tried again', async () => {
  await askAndGrow()
  const path = `/answers/${answerRow()['id']}/stop`
  setting.gateway.refusals.push({ path, how: 403 })
  click('stop')
  expect((await screen.findByTestId('stop-error')).textContent).toBe('Not stopped. Refused with 403.')
  click('stop')
  await waitFor(() => expect(row('assistant')?.dataset['status']).toBe('cancelled'))
  expect(setting.gateway.calls(path)).toHaveLength(2)
})

test('a failed answer says why and is asked again', async () => {
  await askAndGrow()
  setting.gateway.write({ ...answerRow(), status: 'failed', error: 'The model is overloaded.' })
  await waitFor(() => expect(row('assistant')?.textContent).toContain('The answer failed. The model is overloaded.'))
  click('ask-again')
  await waitFor(() => expect(document.querySelectorAll('li[data-delivery="confirmed"]')).toHaveLength(2))
  expect(document.querySelectorAll('li[data-status="failed"]')).toHaveLength(1)
})
