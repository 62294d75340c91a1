using System;
class R{ static double T(string l){ return double.Parse(l.Split(',')[4]); }
 static void Main(){ string l; double s=0; int n=0; while((l=Console.ReadLine())!=null){ s+=T(l); n++; if(n%5==0) Console.WriteLine("read "+n); } Console.WriteLine(s/n); } }
