import { useLayoutEffect, useRef, type RefObject } from 'react'

const NEAR_END_PX = 120

/** Keeps the end in view while things are added, unless the reader has scrolled up to read. */
export function useStickToEnd(): RefObject<HTMLDivElement | null> {
  const scroller = useRef<HTMLDivElement>(null)
  const sticking = useRef(true)

  useLayoutEffect(() => {
    const element = scroller.current!
    const look = () => {
      sticking.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX
    }
    // A turned phone or its keyboard makes other lines of the same text.
    const follow = () => {
      if (sticking.current) element.scrollTop = element.scrollHeight
    }
    element.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', follow)
    return () => {
      element.removeEventListener('scroll', look)
      window.removeEventListener('resize', follow)
    }
  }, [])

  // After every render: any of them may have added something.
  useLayoutEffect(() => {
    if (sticking.current) scroller.current!.scrollTop = scroller.current!.scrollHeight
  })

  return scroller
}
