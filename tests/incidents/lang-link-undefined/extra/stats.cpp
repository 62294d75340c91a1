double weighted_mean(const float* x, const float* w, int n){ double s=0,t=0; for(int i=0;i<n;i++){s+=x[i]*w[i];t+=w[i];} return s/t; }
