package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaunchTest {

    private static List<String> argv(String cli, String... words) {
        String line = "java\0-cp\0lib/*\0nextflow.cli.Launcher\0" + String.join("\0", words) + (words.length == 0 ? "" : "\0");
        return Launch.argv(line.getBytes(StandardCharsets.UTF_8), cli, null);
    }

    @Test
    void wordsAreTakenAsTheyWereTyped() {
        assertEquals(
            List.of("/opt/my tools/nextflow", "run", "main.nf", "--x", "a  'b' $c", "--e", "", "--f", "ü\n"),
            argv("/opt/my tools/nextflow run main.nf --x a  'b' $c --e  --f ü\n", "run", "main.nf", "--x", "a  'b' $c", "--e", "", "--f", "ü\n"));
    }

    @Test
    void theLauncherIsGuessedWhereItIsNotTold() {
        assertEquals(List.of("./nextflow", "run"), argv("./nextflow something else", "run"));
        assertEquals(List.of("nextflow"), argv(""));
    }

    @Test
    void aJavaWithoutALauncherIsStartedAsItWas() {
        assertEquals(List.of("java", "-cp", "lib/*", "nextflow.cli.Launcher", "run", "", "x"), argv(null, "run", "", "x"));
        // what heal put before the user's own options is heal's
        String line = "/bin/java\0--add-opens=java.base/java.lang=ALL-UNNAMED\0-javaagent:/h/agent.jar=/h/plugin.jar\0"
            + "-javaagent:/u/agent.jar\0-Xmx1g\0-jar\0nextflow.jar\0run\0";
        assertEquals(
            List.of("/bin/java", "-javaagent:/u/agent.jar", "-Xmx1g", "-jar", "nextflow.jar", "run"),
            Launch.argv(line.getBytes(StandardCharsets.UTF_8), null, "/h/plugin.jar"));
    }

    @Test
    void anotherProgramHasNoWordsOfNextflow() {
        assertEquals(List.of(), Launch.argv("java\0-cp\0lib/*\0other.Main\0run\0".getBytes(StandardCharsets.UTF_8), "nextflow run", null));
    }

    @Test
    void oneJarIsStartedWithoutAName() {
        byte[] line = "java\0-jar\0/opt/nextflow.jar\0run\0main.nf\0".getBytes(StandardCharsets.UTF_8);
        assertEquals(List.of("nextflow", "run", "main.nf"), Launch.argv(line, "nextflow run main.nf", null));
    }

    @Test
    void theEnvironmentIsKeptByteForByte() {
        byte[] environ = "A=1\0B=x=y\nz\0=odd\0NONE\0L=\u00ff\0".getBytes(StandardCharsets.ISO_8859_1);
        // as Python has what is no UTF-8
        assertEquals(Map.of("A", "1", "B", "x=y\nz", "L", "\udcff"), Launch.environment(environ));
        assertEquals(Map.of("U", "ü"), Launch.environment("U=ü\0".getBytes(StandardCharsets.UTF_8)));
    }
}
