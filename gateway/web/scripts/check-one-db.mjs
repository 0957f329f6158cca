// Two copies of @tanstack/db install without a warning and break only in the browser: the library's own check never
// fires there, and a collection made by one copy is unreadable to the other. So the build looks before it builds.
import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const web = join(dirname(fileURLToPath(import.meta.url)), '..')

export function copiesOf(name, root = join(web, 'node_modules')) {
  if (!existsSync(root)) return []
  const packages = readdirSync(root).flatMap((entry) =>
    entry.startsWith('@') ? readdirSync(join(root, entry)).map((scoped) => join(entry, scoped)) : [entry],
  )
  return packages.flatMap((entry) => {
    const nested = copiesOf(name, join(root, entry, 'node_modules'))
    return entry === name ? [join(root, entry), ...nested] : nested
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const copies = copiesOf('@tanstack/db')
  if (copies.length !== 1) {
    const found = copies.map((path) => `${path} ${JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).version}`)
    console.error(`Expected one copy of @tanstack/db, found ${copies.length}: ${found.join(', ')}`)
    process.exit(1)
  }
}
