include { SORT_BAM } from './modules/sort'
workflow { SORT_BAM() }
