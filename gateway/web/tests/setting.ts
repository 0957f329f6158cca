import { afterEach, beforeEach, vi } from 'vitest'
import { FakeGateway, tokenOf } from './fake-gateway'
import { newId } from '../src/new-id'

/** The environment's window, which vitest provides. */
declare const jsdom: { reconfigure(settings: { url: string }): void }

/** A gateway on its own port and freshly loaded client modules, so that no test sees another's collections. */
export function freshClient({ signedIn } = { signedIn: true }) {
  const setting = {} as { gateway: FakeGateway; client: Awaited<ReturnType<typeof load>> }
  beforeEach(async () => {
    setting.gateway = new FakeGateway()
    const origin = await setting.gateway.start()
    vi.resetModules()
    jsdom.reconfigure({ url: origin })
    localStorage.clear()
    sessionStorage.clear()
    setting.client = await load()
    if (signedIn) setting.client.startSession({ user: 'alice', token: tokenOf('alice') })
  })
  afterEach(async () => {
    vi.useRealTimers()
    await setting.gateway.stop()
  })
  return setting
}

const load = async () => ({
  ...(await import('../src/collections')),
  ...(await import('../src/send-question')),
  ...(await import('../src/create-conversation')),
  ...(await import('../src/deliveries')),
  ...(await import('../src/sync-health')),
  ...(await import('../src/session')),
  ...(await import('../src/stop-answer')),
  ...(await import('../src/unsent-memory')),
})

/** A conversation of alice's that is already in the database. */
export function givenConversation(gateway: FakeGateway, title = 'Turbines'): string {
  const id = newId()
  const row = { id, owner: 'alice', title, created_at: '2026-11-22 10:00:13.601115+00' }
  gateway.shapes.commit([{ table: 'conversations', operation: 'insert', row }])
  return id
}
