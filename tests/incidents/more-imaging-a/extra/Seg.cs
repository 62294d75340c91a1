using System;
using Emgu.CV;
class S{ static void Main(string[] a){ var m=new Mat(a[0]); Console.WriteLine(m); } }
