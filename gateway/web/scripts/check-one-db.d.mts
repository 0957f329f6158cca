export function copiesOf(name: string, root?: string): string[]
