public class Wait { public static void main(String[] a) throws Exception { for (;;) { Thread.sleep(1000); System.out.println("round"); System.out.flush(); } } }
