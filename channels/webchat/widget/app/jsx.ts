/** What compiled JSX calls: the runtime of Preact without what only it needs; 150 bytes less. */

import { createElement, Fragment, type ComponentType } from 'preact';

export const jsx = (type: string | ComponentType, props: object, key?: unknown) =>
  createElement(type as string, key === undefined ? props : { ...props, key: key as string });

export { Fragment, jsx as jsxs };
