const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** A new W3C trace context, sampled: a command's way is one trace from here on. The page itself exports nothing. */
export const newTraceParent = (): string => `00-${hex(16)}-${hex(8)}-01`
