package heal.nextflow;

import heal.attach.Agent;
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
import java.util.stream.IntStream;

/** What this process was started as. */
final class Launch {

    private static final String MAIN = "nextflow.cli.Launcher";

    private Launch() {}

    /**
     * The words a person typed: the launcher, and all that follows {@code nextflow.cli.Launcher}, or the jar of
     * {@code java -jar}, in {@code cmdline} (NUL separated, as in /proc/self/cmdline). Empty where neither is there.
     *
     * <p>Without a launcher ({@code nxfCli} is null) it is the Java and its options, but for what hooks/nextflow_java.sh
     * put before the user's: all up to the agent that brought {@code attached}.
     */
    static List<String> argv(byte[] cmdline, String nxfCli, String attached) {
        List<String> words = List.of(new String(cmdline, StandardCharsets.UTF_8).split("\0", -1));
        int jar = words.indexOf("-jar");
        int main = words.contains(MAIN) || jar < 0 ? words.indexOf(MAIN) : jar + 1;
        if (main < 0) {
            return List.of();
        }
        // each word ends with a NUL: the text after the last is no word
        List<String> rest = words.subList(main + 1, Math.max(main + 1, words.size() - 1));
        List<String> argv = new ArrayList<>(nxfCli == null ? java(words.subList(0, main + 1), attached) : List.of(launcher(nxfCli, rest)));
        argv.addAll(rest);
        return argv;
    }

    private static List<String> java(List<String> words, String attached) {
        int agent = attached == null ? -1 : IntStream.range(0, words.size())
            .filter(at -> words.get(at).startsWith("-javaagent:") && words.get(at).endsWith("=" + attached))
            .findFirst().orElse(-1);
        List<String> own = new ArrayList<>(words.subList(0, 1));
        own.addAll(words.subList(Math.max(agent, 0) + 1, words.size()));
        return own;
    }

    /** {@code NXF_CLI} is the launcher's {@code "$0 $*"}: the words are known, what stands before them is the launcher. */
    private static String launcher(String nxfCli, List<String> words) {
        String cli = nxfCli.strip();
        String typed = String.join(" ", words).strip();
        if (!typed.isEmpty() && cli.endsWith(" " + typed)) {
            return cli.substring(0, cli.length() - typed.length()).strip();
        }
        return cli.isEmpty() ? "nextflow" : cli.split("\\s", 2)[0];
    }

    /** The command line of this process, as above. */
    static List<String> argv() {
        try {
            byte[] cmdline = Files.readAllBytes(Path.of("/proc/self/cmdline"));
            return argv(cmdline, System.getenv("NXF_CLI"), System.getProperty(Agent.ATTACHED));
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
