export { InboxList, type InboxListProps } from './InboxList';
export { ViewNav, type ViewNavProps } from './ViewNav';
