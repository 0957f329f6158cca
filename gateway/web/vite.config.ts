import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const gateway = process.env['PENSTOCK_GATEWAY_URL'] ?? 'http://localhost:8080'
const routes = ['/dev', '/conversations', '/questions', '/shapes', '/shape', '/txids']

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing may be inlined as data: or script text, so that the page runs under `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // React, TanStack DB, Electric's client and zod are needed for the first paint of a signed-in page: one chunk.
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: Object.fromEntries(routes.map((route) => [route, gateway])) },
  test: { environment: 'jsdom', include: ['tests/**/*.test.{ts,tsx}'], testTimeout: 20_000 },
})
