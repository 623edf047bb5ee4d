export { CallbacksPage } from './CallbacksPage';
