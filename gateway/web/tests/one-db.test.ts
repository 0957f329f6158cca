import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copiesOf } from '../scripts/check-one-db.mjs'

test('one copy of @tanstack/db is installed', () => {
  expect(copiesOf('@tanstack/db')).toHaveLength(1)
})

test('a second copy below another package is found', () => {
  const root = mkdtempSync(join(tmpdir(), 'penstock-'))
  mkdirSync(join(root, '@tanstack', 'db'), { recursive: true })
  mkdirSync(join(root, '@tanstack', 'react-db', 'node_modules', '@tanstack', 'db'), { recursive: true })
  expect(copiesOf('@tanstack/db', root)).toHaveLength(2)
  rmSync(root, { recursive: true })
})
