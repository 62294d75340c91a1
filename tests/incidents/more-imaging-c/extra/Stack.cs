using System; using System.Collections.Generic;
class S{ static void Main(string[] a){ var l=new List<byte[]>(); for(int i=0;i<int.Parse(a[0]);i++){ var b=new byte[30000000]; for(int j=0;j<b.Length;j+=4096) b[j]=1; l.Add(b); Console.WriteLine("plane "+i); } } }
