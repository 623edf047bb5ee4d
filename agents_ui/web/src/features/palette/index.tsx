export { Palette, type PaletteAction, type PaletteHit } from './Palette';
