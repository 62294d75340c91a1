package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {

    @TempDir
    Path folder;

    private static List<Path> files(Path folder) throws IOException {
        try (var all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void anEventIsOneLineOfAsciiInAFileOfItsOwn() throws IOException {
        Spool spool = new Spool(folder.resolve("a/spool"), null);
        spool.event(Map.of("kind", "x", "text", "ü\n\"\udcff"));
        spool.event(Map.of("kind", "y"));
        List<Path> written = files(spool.folder());
        assertEquals(2, written.size());
        for (Path path : written) {
            assertTrue(path.getFileName().toString().matches("\\d{20}-" + ProcessHandle.current().pid() + "-\\d+\\.json"), path.toString());
            assertEquals("rw-------", mode(path));
        }
        assertEquals("rwx------", mode(spool.folder()));
        String line = Files.readString(written.get(0));
        assertTrue(line.toLowerCase(Locale.ROOT).contains("\"text\":\"\\u00fc\\n\\\"\\udcff\""), line);
        assertEquals(line.length() - 1, line.indexOf('\n'));
        assertEquals("{\"kind\":\"y\"}\n", Files.readString(written.get(1)));
    }

    @Test
    void theEnvironmentLiesBesideTheSpool() throws IOException {
        Path kept = new Spool(folder.resolve("spool"), null).environment("uuid.name", Map.of("A", "1"));
        assertEquals(folder.resolve("env/uuid.name.json"), kept);
        assertEquals("{\"A\":\"1\"}\n", Files.readString(kept));
        assertEquals("rw-------", mode(kept));
        assertEquals("rwx------", mode(kept.getParent()));
        // and in heal's folder where that is known
        assertEquals(
            folder.resolve("home/env/x.json"), new Spool(folder.resolve("spool"), folder.resolve("home")).environment("x", Map.of()));
    }

    @Test
    void aSpoolThatCannotBeIsAnError() throws IOException {
        Files.writeString(folder.resolve("spool"), "in the way");
        assertThrows(IOException.class, () -> new Spool(folder.resolve("spool"), null).event(Map.of()));
        assertEquals(List.of(folder.resolve("spool")), files(folder));
    }

    @Test
    void theEnvironmentNamesTheSpoolBeforeTheSetting() {
        assertEquals(Path.of("/s"), Spool.of(Map.of("HEAL_SPOOL", "/s", "HEAL_HOME", "/h"), "/set").folder());
        assertEquals(Path.of("/set"), Spool.of(Map.of("HEAL_SPOOL", "", "HEAL_HOME", "/h"), "/set").folder());
        assertEquals(Path.of("/h/spool"), Spool.of(Map.of("HEAL_HOME", "/h", "XDG_STATE_HOME", "/x"), null).folder());
        assertEquals(Path.of("/x/heal/spool"), Spool.of(Map.of("XDG_STATE_HOME", "/x", "HOME", "/u"), null).folder());
        assertEquals(Path.of("/u/.local/state/heal/spool"), Spool.of(Map.of("HOME", "/u"), null).folder());
    }
}
