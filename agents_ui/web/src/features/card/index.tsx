export { CardPanel, type CardPanelProps } from './CardPanel';
export { CardsPage, type CardsPageProps } from './CardsPage';
