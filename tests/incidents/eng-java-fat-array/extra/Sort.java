import java.util.*;
public class Sort { public static void main(String[] a) { Map<Integer,int[]> m = new HashMap<>(); for (int i = 0; i < 100000; i++) m.put(i, new int[2000]); System.out.println(m.size()); } }
