package heal.nextflow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What this process was started as. */
final class Launch {

    private static final String MAIN = "nextflow.cli.Launcher";

    private Launch() {}

    /**
     * The words a person typed: the launcher, and all that follows {@code nextflow.cli.Launcher}, or the jar of
     * {@code java -jar}, in {@code cmdline} (NUL separated, as in /proc/self/cmdline). Empty where neither is there.
     */
    static List<String> argv(byte[] cmdline, String nxfCli) {
        List<String> words = List.of(new String(cmdline, StandardCharsets.UTF_8).split("\0", -1));
        int jar = words.indexOf("-jar");
        int main = words.contains(MAIN) || jar < 0 ? words.indexOf(MAIN) : jar + 1;
        if (main < 0) {
            return List.of();
        }
        // each word ends with a NUL: the text after the last is no word
        List<String> rest = words.subList(main + 1, Math.max(main + 1, words.size() - 1));
        List<String> argv = new ArrayList<>();
        argv.add(launcher(nxfCli, rest));
        argv.addAll(rest);
        return argv;
    }

    /** {@code NXF_CLI} is the launcher's {@code "$0 $*"}: the words are known, what stands before them is the launcher. */
    private static String launcher(String nxfCli, List<String> words) {
        String cli = nxfCli == null ? "" : nxfCli.strip();
        String typed = String.join(" ", words).strip();
        if (!typed.isEmpty() && cli.endsWith(" " + typed)) {
            return cli.substring(0, cli.length() - typed.length()).strip();
        }
        return cli.isEmpty() ? "nextflow" : cli.split("\\s", 2)[0];
    }

    /** The command line of this process, as above. */
    static List<String> argv() {
        try {
            return argv(Files.readAllBytes(Path.of("/proc/self/cmdline")), System.getenv("NXF_CLI"));
        } catch (IOException notLinux) {
            return List.of();
        }
    }

    /** The environment this process was started with, byte for byte. */
    static Map<String, String> environment() {
        try {
            return environment(Files.readAllBytes(Path.of("/proc/self/environ")));
        } catch (IOException notLinux) {
            return System.getenv();
        }
    }

    static Map<String, String> environment(byte[] environ) {
        Map<String, String> env = new LinkedHashMap<>();
        int start = 0;
        for (int end = 0; end < environ.length; end++) {
            if (environ[end] == 0) {
                String line = text(environ, start, end);
                int equals = line.indexOf('=');
                if (equals > 0) {
                    env.put(line.substring(0, equals), line.substring(equals + 1));
                }
                start = end + 1;
            }
        }
        return env;
    }

    /** Bytes that are no UTF-8 as Python keeps them (PEP 383), so that heal gives the same bytes back. */
    private static String text(byte[] bytes, int start, int end) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start)).toString();
        } catch (CharacterCodingException notUtf8) {
            StringBuilder text = new StringBuilder();
            for (int at = start; at < end; at++) {
                text.append((char) (bytes[at] >= 0 ? bytes[at] : 0xDC00 | (bytes[at] & 0xFF)));
            }
            return text.toString();
        }
    }
}
