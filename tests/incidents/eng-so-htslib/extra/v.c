int vd(void); int main(){return vd();}
