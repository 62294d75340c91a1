int vd(void){return 0;}
