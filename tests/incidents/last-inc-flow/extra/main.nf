include { STAT } from './modules/stats.nf'
workflow { STAT(channel.fromPath('*.fa')) }
