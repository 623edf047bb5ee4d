/** Parts that not every conversation needs are fetched when one does. */

import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';

export function later<P extends object>(fetch: () => Promise<ComponentType<P>>): ComponentType<P> {
  let Part: ComponentType<P> | undefined;
  return (props) => {
    const [, draw] = useState(0);
    if (Part) return <Part {...props} />;
    void fetch().then((part) => draw((Part = part) && 1));
    return null;
  };
}
