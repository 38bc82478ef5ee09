// How many colours there are for what stands side by side: --series-1 to --series-8 of the style sheet.

export const SERIES_COLOURS = 8;
