/** A `ref` for what an agent just asked for: it takes the focus when it appears. */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}
