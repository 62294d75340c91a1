using System; class A{ static void Main(){ int unused=3; Console.WriteLine("cells 41"); } }
