export { SearchPage, type SearchPageProps } from './SearchPage';
export { useSearchItems, type PaletteItem, type SearchTarget } from './useSearchItems';
